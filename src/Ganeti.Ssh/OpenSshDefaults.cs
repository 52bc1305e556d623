namespace Ganeti.Ssh;

/// <summary>Where OpenSSH's client looks when nothing else is configured (ssh_config(5), IdentityFile, UserKnownHostsFile, IdentityAgent).</summary>
internal static class OpenSshDefaults
{
    internal static string Home => Environment.GetFolderPath(Environment.SpecialFolder.UserProfile, Environment.SpecialFolderOption.DoNotVerify);

    internal static string UserConfig => InHome("config");

    internal static string SystemConfig => OperatingSystem.IsWindows()
        ? Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.CommonApplicationData), "ssh", "ssh_config")
        : "/etc/ssh/ssh_config";

    internal static IReadOnlyList<string> IdentityFiles =>
        [InHome("id_rsa"), InHome("id_ecdsa"), InHome("id_ecdsa_sk"), InHome("id_ed25519"), InHome("id_ed25519_sk")];

    internal static IReadOnlyList<string> KnownHostsFiles =>
        [InHome("known_hosts"), InHome("known_hosts2"), "/etc/ssh/ssh_known_hosts", "/etc/ssh/ssh_known_hosts2"];

    /// <summary>The agent that the environment names; on Windows its service is always at the same place.</summary>
    internal static string? IdentityAgent =>
        Environment.GetEnvironmentVariable("SSH_AUTH_SOCK") is { Length: > 0 } named ? named
        : OperatingSystem.IsWindows() ? @"\\.\pipe\openssh-ssh-agent"
        : null;

    private static string InHome(string name) => Path.Combine(Home, ".ssh", name);
}
