using System.Text;

namespace Advisory.Host.Cli;

internal static class Files
{
    /// <summary>Replaces a file in one step: whoever reads it sees the old text or the new, never half of one.</summary>
    public static void Replace(string path, string text)
    {
        var beside = path + ".new";
        File.WriteAllText(beside, text, new UTF8Encoding(encoderShouldEmitUTF8Identifier: false));
        File.Move(beside, path, overwrite: true);
    }
}
