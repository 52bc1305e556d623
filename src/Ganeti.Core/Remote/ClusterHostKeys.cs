namespace Ganeti.Remote;

/// <summary>
/// The host keys that a cluster vouches for: its own known_hosts file, in which all nodes go by the cluster's name. It counts only where the
/// operator's files do not know the host.
/// </summary>
/// <param name="ClusterName">The name that the file knows the nodes by.</param>
/// <param name="Source">Where the text was read, for errors: host and file.</param>
/// <param name="Text">The known_hosts text.</param>
public sealed record ClusterHostKeys(string ClusterName, string Source, string Text);
