namespace Ganeti.Tests.Cluster;

/// <summary>A login on all nodes of the lab that is not root and takes the client's key; taken away when disposed.</summary>
internal sealed class LabUser : IDisposable
{
    private const string Add =
        """
        set -e
        useradd -m -s /bin/sh -p '*' ${2:+-G "$2"} "$1"
        install -d -m 700 -o "$1" -g "$1" "/home/$1/.ssh"
        install -m 600 -o "$1" -g "$1" /root/.ssh/authorized_keys "/home/$1/.ssh/authorized_keys"
        """;

    private static readonly string[] Nodes = (Environment.GetEnvironmentVariable("GANETI_LAB_NODES") ?? string.Empty).Split(' ', StringSplitOptions.RemoveEmptyEntries);

    /// <param name="name">The login's name.</param>
    /// <param name="sudoers">What sudo allows it: a line of sudoers after the name, or null for nothing.</param>
    /// <param name="group">A group that it is in, or null.</param>
    public LabUser(string name, string? sudoers = "ALL=(root) NOPASSWD: ALL", string? group = null)
    {
        Name = name;
        foreach (var node in Nodes)
        {
            Remove(node);
            Lab.Exec(node, "sh", "-c", Add, "sh", name, group ?? string.Empty);
            if (sudoers is not null)
            {
                Allow(node, $"{name} {sudoers}");
            }
        }
    }

    public string Name { get; }

    /// <summary>Replaces what sudo on a node knows of it.</summary>
    public void Allow(string node, params string[] lines) =>
        Lab.Exec(node, "sh", "-c", "umask 227; rm -f \"$1\"; printf %s \"$2\" >\"$1\"", "sh", Sudoers, string.Concat(lines.Select(line => $"{line}\n")));

    public void Dispose()
    {
        foreach (var node in Nodes)
        {
            Remove(node);
        }
    }

    private string Sudoers => $"/etc/sudoers.d/{Name}";

    private void Remove(string node) =>
        Lab.Exec(node, "sh", "-c", "rm -f \"$2\"; ! id \"$1\" >/dev/null 2>&1 || { pkill -KILL -u \"$1\"; userdel -rf \"$1\" 2>/dev/null; }; :", "sh", Name, Sudoers);
}
