using System.Reflection;
using System.Runtime.Loader;
using Ganeti.Remote;

namespace Ganeti.Connection;

/// <summary>
/// Where the SSH library and its dependencies live: they are found in the module's <c>ssh</c> folder only, so another module
/// with another version of them disturbs nobody. What is shared with the module comes from the module's own context.
/// </summary>
internal sealed class SshLoadContext : AssemblyLoadContext
{
    private static readonly Lazy<IRemoteTransport> Loaded = new(Load);

    private readonly AssemblyDependencyResolver _resolver;

    private SshLoadContext(string path)
        : base("Ganeti.Ssh") => _resolver = new AssemblyDependencyResolver(path);

    /// <summary>The transport; loaded when first used, so that importing the module costs nothing.</summary>
    internal static IRemoteTransport Transport => Loaded.Value;

    protected override Assembly? Load(AssemblyName assemblyName)
    {
        if (assemblyName.Name == typeof(IRemoteTransport).Assembly.GetName().Name)
        {
            return typeof(IRemoteTransport).Assembly;
        }

        return _resolver.ResolveAssemblyToPath(assemblyName) is { } path ? LoadFromAssemblyPath(path) : null;
    }

    private static IRemoteTransport Load()
    {
        var folder = Path.GetDirectoryName(typeof(SshLoadContext).Assembly.Location)!;
        var path = Path.Combine(folder, "ssh", "Ganeti.Ssh.dll");
        var assembly = new SshLoadContext(path).LoadFromAssemblyPath(path);
        return (IRemoteTransport)Activator.CreateInstance(assembly.GetType("Ganeti.Ssh.SshTransport", throwOnError: true)!)!;
    }
}
