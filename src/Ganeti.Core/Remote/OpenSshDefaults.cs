namespace Ganeti.Remote;

/// <summary>Where OpenSSH's client looks when nothing else is configured (ssh_config(5), IdentityFile and UserKnownHostsFile).</summary>
internal static class OpenSshDefaults
{
    internal static IReadOnlyList<string> IdentityFiles =>
        [InHome("id_rsa"), InHome("id_ecdsa"), InHome("id_ecdsa_sk"), InHome("id_ed25519"), InHome("id_ed25519_sk")];

    internal static IReadOnlyList<string> KnownHostsFiles =>
        [InHome("known_hosts"), InHome("known_hosts2"), "/etc/ssh/ssh_known_hosts", "/etc/ssh/ssh_known_hosts2"];

    private static string InHome(string name) =>
        Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile, Environment.SpecialFolderOption.DoNotVerify), ".ssh", name);
}
