using System.Reflection;
using System.Runtime.InteropServices;

namespace Advisory.Ledgers.Notes;

/// <summary>Ed25519 (RFC 8032) by the machine's OpenSSL: the framework has none, and one written here would need an audit of its own.</summary>
internal static partial class Ed25519
{
    /// <summary>Of a private key (the seed of RFC 8032) and of a public key, in bytes.</summary>
    public const int KeyLength = 32;

    /// <summary>In bytes.</summary>
    public const int SignatureLength = 64;

    private const int EvpPkeyEd25519 = 1087; // NID_ED25519 in obj_mac.h; fixed since OpenSSL 1.1.1
    private const string Library = "advisory-libcrypto";

    // macOS: the plain name libcrypto.dylib is Apple's own, and loading it ends the process.
    private static readonly string[] Names = OperatingSystem.IsWindows()
        ? ["libcrypto-3-x64.dll", "libcrypto-3-arm64.dll", "libcrypto-3.dll", "libcrypto-1_1-x64.dll"]
        : OperatingSystem.IsMacOS()
            ? ["libcrypto.3.dylib", "/opt/homebrew/opt/openssl@3/lib/libcrypto.3.dylib", "/usr/local/opt/openssl@3/lib/libcrypto.3.dylib"]
            : ["libcrypto.so.3", "libcrypto.so.1.1", "libcrypto.so"];

    private static readonly Lazy<IntPtr> Loaded = new(() => Load(Names));

    static Ed25519() => NativeLibrary.SetDllImportResolver(typeof(Ed25519).Assembly, static (name, _, _) => name == Library ? Loaded.Value : IntPtr.Zero);

    /// <exception cref="LedgerKeyException">None of the names can be loaded.</exception>
    internal static IntPtr Load(IReadOnlyList<string> names)
    {
        foreach (var name in names)
            if (NativeLibrary.TryLoad(name, Assembly.GetExecutingAssembly(), null, out var library) && NativeLibrary.TryGetExport(library, "EVP_DigestSign", out _)) return library;
        throw new LedgerKeyException(
            $"OpenSSL's libcrypto, which signs and verifies checkpoints, was not found (looked for {string.Join(", ", names.Select(name => $"`{name}`"))}); "
            + "install OpenSSL 3: `libssl3` on Debian and Ubuntu, `openssl-libs` on Fedora, `libcrypto3` on Alpine, `brew install openssl@3` on macOS, "
            + "`winget install ShiningLight.OpenSSL.Light` on Windows");
    }

    /// <summary>A private key that OpenSSL holds; its memory is wiped when it is disposed.</summary>
    internal sealed class PrivateKey : SafeHandle
    {
        private PrivateKey(IntPtr handle) : base(IntPtr.Zero, ownsHandle: true) => SetHandle(handle);

        public override bool IsInvalid => handle == IntPtr.Zero;

        public static PrivateKey From(ReadOnlySpan<byte> seed)
        {
            var key = EVP_PKEY_new_raw_private_key(EvpPkeyEd25519, IntPtr.Zero, seed, (nuint)seed.Length);
            return key != IntPtr.Zero ? new(key) : throw new LedgerKeyException("OpenSSL took no Ed25519 private key; is it an OpenSSL from 1.1.1 on?");
        }

        public byte[] PublicKey()
        {
            var bytes = new byte[KeyLength];
            var length = (nuint)bytes.Length;
            return EVP_PKEY_get_raw_public_key(this, bytes, ref length) == 1 && length == KeyLength ? bytes : throw Failed("give the public key");
        }

        public byte[] Sign(ReadOnlySpan<byte> message)
        {
            var signature = new byte[SignatureLength];
            var length = (nuint)signature.Length;
            var context = EVP_MD_CTX_new();
            try
            {
                var signed = EVP_DigestSignInit(context, IntPtr.Zero, IntPtr.Zero, IntPtr.Zero, this) == 1
                    && EVP_DigestSign(context, signature, ref length, message, (nuint)message.Length) == 1 && length == SignatureLength;
                return signed ? signature : throw Failed("sign");
            }
            finally
            {
                EVP_MD_CTX_free(context);
            }
        }

        protected override bool ReleaseHandle()
        {
            EVP_PKEY_free(handle);
            return true;
        }
    }

    /// <summary>Whether the signature is that of the key over the message; a malformed key or signature is simply not.</summary>
    public static bool Verify(ReadOnlySpan<byte> publicKey, ReadOnlySpan<byte> message, ReadOnlySpan<byte> signature)
    {
        if (publicKey.Length != KeyLength || signature.Length != SignatureLength) return false;
        var key = EVP_PKEY_new_raw_public_key(EvpPkeyEd25519, IntPtr.Zero, publicKey, KeyLength);
        if (key == IntPtr.Zero) return false;
        var context = EVP_MD_CTX_new();
        try
        {
            return EVP_DigestVerifyInit(context, IntPtr.Zero, IntPtr.Zero, IntPtr.Zero, key) == 1
                && EVP_DigestVerify(context, signature, SignatureLength, message, (nuint)message.Length) == 1;
        }
        finally
        {
            EVP_MD_CTX_free(context);
            EVP_PKEY_free(key);
        }
    }

    private static InvalidOperationException Failed(string act) => new($"OpenSSL could not {act} with an Ed25519 key");

    [LibraryImport(Library)]
    private static partial IntPtr EVP_PKEY_new_raw_private_key(int type, IntPtr engine, ReadOnlySpan<byte> key, nuint length);

    [LibraryImport(Library)]
    private static partial IntPtr EVP_PKEY_new_raw_public_key(int type, IntPtr engine, ReadOnlySpan<byte> key, nuint length);

    [LibraryImport(Library)]
    private static partial int EVP_PKEY_get_raw_public_key(PrivateKey key, Span<byte> bytes, ref nuint length);

    [LibraryImport(Library)]
    private static partial void EVP_PKEY_free(IntPtr key);

    [LibraryImport(Library)]
    private static partial IntPtr EVP_MD_CTX_new();

    [LibraryImport(Library)]
    private static partial void EVP_MD_CTX_free(IntPtr context);

    [LibraryImport(Library)]
    private static partial int EVP_DigestSignInit(IntPtr context, IntPtr keyContext, IntPtr type, IntPtr engine, PrivateKey key);

    [LibraryImport(Library)]
    private static partial int EVP_DigestSign(IntPtr context, Span<byte> signature, ref nuint signatureLength, ReadOnlySpan<byte> message, nuint length);

    [LibraryImport(Library)]
    private static partial int EVP_DigestVerifyInit(IntPtr context, IntPtr keyContext, IntPtr type, IntPtr engine, IntPtr key);

    [LibraryImport(Library)]
    private static partial int EVP_DigestVerify(IntPtr context, ReadOnlySpan<byte> signature, nuint signatureLength, ReadOnlySpan<byte> message, nuint length);
}
