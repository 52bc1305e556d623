using System.Buffers.Binary;
using System.Globalization;
using System.Text;
using Renci.SshNet.Security;

namespace Ganeti.Ssh;

/// <summary>Decides whether a host's certificate is good, as ssh does (PROTOCOL.certkeys).</summary>
/// <remarks>
/// SSH.NET could check validity and signature itself, but then a certificate that is not good would end the handshake, where ssh goes on with
/// the key that is in it.
/// </remarks>
internal static class HostCertificate
{
    private const string Suffix = "-cert-v01@openssh.com";

    internal static bool IsCertificate(string algorithm) => algorithm.EndsWith(Suffix, StringComparison.Ordinal);

    /// <summary>The algorithm or key type that a certificate's own is built on.</summary>
    internal static string PlainName(string algorithm) => IsCertificate(algorithm) ? algorithm[..^Suffix.Length] : algorithm;

    /// <summary>Why a certificate does not make its key the host's, or null.</summary>
    internal static string? WhyNot(CertificateHostAlgorithm certified, string host, IReadOnlyDictionary<string, Func<byte[], KeyHostAlgorithm>> algorithms)
    {
        var certificate = certified.Certificate;
        var now = (ulong)DateTimeOffset.UtcNow.ToUnixTimeSeconds();
        return certificate switch
        {
            { Type: not Certificate.CertificateType.Host } => "it is not for a host",
            _ when now < certificate.ValidAfterUnixSeconds => $"it is valid from {Time(certificate.ValidAfterUnixSeconds)} only",
            _ when now >= certificate.ValidBeforeUnixSeconds => $"it was valid until {Time(certificate.ValidBeforeUnixSeconds)}",
            { CriticalOptions.Count: > 0 } => $"it has an option that is not understood ({certificate.CriticalOptions.Keys.First()})",
            { ValidPrincipals: { Count: > 0 } names } when !names.Contains(host) =>
                $"it is for {string.Join(", ", names)}, not for {host}",
            _ => IsSigned(certified, algorithms) ? null : "the signature on it is not good",
        };
    }

    private static bool IsSigned(CertificateHostAlgorithm certified, IReadOnlyDictionary<string, Func<byte[], KeyHostAlgorithm>> algorithms)
    {
        var signature = certified.Certificate.Signature;
        var length = signature.Length >= 4 ? BinaryPrimitives.ReadUInt32BigEndian(signature) : uint.MaxValue;
        if (length > signature.Length - 4)
        {
            return false;
        }

        // The signature is the last field, over all that stands before it.
        var signed = certified.Data[..^(signature.Length + 4)];

        // SHA-1 signatures are not among the algorithms, nor are certificates: no authority is made by another.
        var name = Encoding.ASCII.GetString(signature, 4, (int)length);
        try
        {
            return !IsCertificate(name)
                && algorithms.TryGetValue(name, out var algorithm)
                && algorithm(certified.Certificate.CertificateAuthorityKey).VerifySignature(signed, signature);
        }
        catch (Exception)
        {
            // Bytes of a stranger that make no key or no signature.
            return false;
        }
    }

    private static string Time(ulong seconds) => seconds > int.MaxValue
        ? "for ever"
        : DateTimeOffset.FromUnixTimeSeconds((long)seconds).ToString("yyyy-MM-dd HH:mm:ss 'UTC'", CultureInfo.InvariantCulture);
}
