using System.ComponentModel;
using System.Diagnostics;

namespace Ganeti.Ssh;

/// <summary>A file of revoked keys (ssh_config(5), RevokedHostKeys): public keys, one a line, or a binary list that only ssh-keygen reads.</summary>
internal static class RevokedKeys
{
    private static ReadOnlySpan<byte> BinaryMagic => "SSHKRL\n\0"u8;

    /// <exception cref="InvalidDataException">It is a binary list, and there is no ssh-keygen that understands it.</exception>
    internal static bool Contain(string file, byte[] key)
    {
        var bytes = File.ReadAllBytes(file);
        return bytes.AsSpan().StartsWith(BinaryMagic)
            ? ListContains(file, key)
            : PublicKey.ReadAll(System.Text.Encoding.UTF8.GetString(bytes)).Any(known => known.Blob.AsSpan().SequenceEqual(key));
    }

    private static bool ListContains(string list, byte[] key)
    {
        var file = Path.GetTempFileName();
        try
        {
            File.WriteAllText(file, $"{KnownHosts.TypeOf(key)} {Convert.ToBase64String(key)}\n");
            using var tool = Process.Start(new ProcessStartInfo("ssh-keygen", ["-Q", "-f", list, file]) { RedirectStandardOutput = true, RedirectStandardError = true, RedirectStandardInput = true })!;
            tool.StandardInput.Close();
            var error = tool.StandardError.ReadToEndAsync();
            var output = tool.StandardOutput.ReadToEnd();
            tool.WaitForExit();
            return tool.ExitCode switch
            {
                0 => false,
                1 when output.Contains("REVOKED", StringComparison.Ordinal) => true,
                _ => throw new InvalidDataException($"ssh-keygen says: {error.GetAwaiter().GetResult().Trim()}"),
            };
        }
        catch (Win32Exception e)
        {
            throw new InvalidDataException($"it is a key revocation list, and there is no ssh-keygen to read it ({e.Message})", e);
        }
        finally
        {
            File.Delete(file);
        }
    }
}
