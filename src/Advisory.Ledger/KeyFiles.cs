using System.Text;
using Advisory.Ledgers.Notes;

namespace Advisory.Ledgers;

/// <summary>The private keys, one PKCS#8 file each, named by the id of the key: <c>keys/3f2a9c01.pem</c>. Never in the database.</summary>
internal sealed class KeyFiles(string folder)
{
    private string FileOf(VerifierKey key) => Path.Combine(folder, key.IdText + ".pem");

    public bool Any() => Directory.Exists(folder) && Directory.EnumerateFiles(folder, "*.pem").Any();

    /// <summary>Makes a key and its file, durable on return.</summary>
    public SigningKey Create(string name)
    {
        Files.CreateFolder(folder);
        RefuseShared(folder, "0700");
        var key = SigningKey.Generate(name);
        Files.Replace(FileOf(key.Verifier), Encoding.ASCII.GetBytes(key.ToPem()));
        return key;
    }

    /// <exception cref="LedgerKeyException">The file is missing, readable by others, or holds another key.</exception>
    public SigningKey Load(VerifierKey verifier)
    {
        var file = FileOf(verifier);
        if (!File.Exists(file))
            throw new LedgerKeyException($"the key file `{file}` is missing, with which the ledger signs; put it back from where its copy is kept");
        RefuseShared(folder, "0700");
        RefuseShared(file, "0600");

        string pem;
        try
        {
            pem = File.ReadAllText(file);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new LedgerKeyException($"the key file `{file}` cannot be read by the user who runs this program ({error.Message})", error);
        }

        SigningKey key;
        try
        {
            key = SigningKey.FromPem(verifier.Name, pem);
        }
        catch (LedgerFormatException error)
        {
            throw new LedgerKeyException($"the key file `{file}` holds {error.Message}; put it back from where its copy is kept", error);
        }

        if (key.Verifier.Equals(verifier)) return key;
        var other = key.Verifier.IdText;
        key.Dispose();
        throw new LedgerKeyException($"the key file `{file}` holds another key (`{other}`); put back the key of this ledger from where its copy is kept");
    }

    private static void RefuseShared(string path, string wanted)
    {
        if (Files.SharedMode(path) is { } mode)
            throw new LedgerKeyException($"others than its owner have rights on `{path}` (mode {mode}), and who reads the key can sign in the ledger's name; run `chmod {wanted} {path}`, and rotate the key if somebody may have read it");
    }
}
