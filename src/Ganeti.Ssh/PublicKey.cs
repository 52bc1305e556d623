namespace Ganeti.Ssh;

/// <summary>A public key or certificate as a line of text: type, base64, comment (sshd(8), AUTHORIZED_KEYS FILE FORMAT).</summary>
/// <param name="Type">The type that the key says it is.</param>
/// <param name="Blob">The key in wire format.</param>
/// <param name="Comment">What stands behind it.</param>
internal sealed record PublicKey(string Type, byte[] Blob, string Comment)
{
    /// <summary>The keys of a text; lines that hold none are passed over.</summary>
    internal static IEnumerable<PublicKey> ReadAll(string text)
    {
        foreach (var line in text.Split('\n', StringSplitOptions.TrimEntries))
        {
            var fields = line.Split([' ', '\t'], 3, StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
            var blob = new byte[line.Length];
            if (fields.Length >= 2 && Convert.TryFromBase64String(fields[1], blob, out var length) && KnownHosts.TypeOf(blob[..length]) == fields[0])
            {
                yield return new PublicKey(fields[0], blob[..length], fields.Length > 2 ? fields[2] : string.Empty);
            }
        }
    }
}
