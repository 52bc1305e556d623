using System.Management.Automation;
using Ganeti.Connection;

namespace Ganeti;

/// <summary>Ends this session's leases when the module is removed from it, so that no connection stays behind.</summary>
public sealed class ModuleLifetime : IModuleAssemblyCleanup
{
    /// <inheritdoc/>
    public void OnRemove(PSModuleInfo psModuleInfo) => Task.Run(RunspaceConnections.Current.ReleaseAllAsync).Wait(TimeSpan.FromSeconds(5));
}
