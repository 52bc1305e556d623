namespace Ganeti.Remote;

/// <summary>What sudo says when it does not run a command.</summary>
/// <remarks>Its words in the C locale (sudo 1.9, plugins/sudoers), those of coreutils' env where there is no sudo.</remarks>
internal static class Sudo
{
    private const string File = "/etc/sudoers.d/ganeti";

    private static readonly string[] Refusals =
    [
        "sudo: a password is required",
        "sudo: sorry, you must have a tty to run sudo",
        " is not in the sudoers file",
        " is not allowed to run sudo on ",
        " is not allowed to execute '",
    ];

    /// <summary>Whether that is why a command was not run.</summary>
    internal static bool HasRefused(string errorText) => errorText.Split('\n').Any(line => IsNotInstalled(line) || IsRefusal(line));

    /// <summary>Why sudo did not run a command, for the operator; null when the command ran, whatever became of it.</summary>
    /// <param name="endpoint">The login.</param>
    /// <param name="result">How the command ended.</param>
    internal static RemoteException? Refusal(RemoteEndpoint endpoint, RemoteResult result) =>
        result.ExitStatus is 1 or 126 or 127 && result.Output.IsEmpty ? Refusal(endpoint, result.ErrorText) : null;

    /// <summary>The same for a command that says no more than this.</summary>
    internal static RemoteException? Refusal(RemoteEndpoint endpoint, string errorText)
    {
        var (host, user, line) = (endpoint.Host, endpoint.User, $"{endpoint.User} ALL=(root) NOPASSWD: ALL");
        var lines = errorText.Split('\n');
        if (lines.Any(IsNotInstalled))
        {
            return Make(
                $"{host} has no sudo, which is to make {user} root there.",
                $"Install it there ('apt-get install sudo') and put the line '{line}' into {File}; or log in as root, without -Sudo.");
        }

        if (lines.FirstOrDefault(IsRefusal) is not { } reason)
        {
            return null;
        }

        return Make(
            $"sudo on {host} does not let {user} run commands as root: {RemoteText.Printable(reason.Trim().TrimEnd('.'))}.",
            reason.Contains("tty", StringComparison.Ordinal)
                ? $"Add the line 'Defaults:{user} !requiretty' there, by 'visudo -f {File}'."
                : $"Add the line '{line}' there, by 'visudo -f {File}'. All commands: what is run are scripts for env and sh.");

        RemoteException Make(string message, string action) => new(GanetiError.SudoRefused, host, message)
        {
            StandardError = errorText,
            RecommendedAction = action,
        };
    }

    private static bool IsNotInstalled(string line) =>
        line.StartsWith("env: ", StringComparison.Ordinal) && line.Contains("sudo'", StringComparison.Ordinal) && line.Contains("No such file", StringComparison.Ordinal);

    private static bool IsRefusal(string line) => Array.Exists(Refusals, refusal => line.Contains(refusal, StringComparison.Ordinal));
}
