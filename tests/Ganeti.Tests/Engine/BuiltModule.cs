using System.Runtime.CompilerServices;
using System.Runtime.Loader;

namespace Ganeti.Tests.Engine;

/// <summary>
/// The tests use the very assemblies that are laid out in out/Ganeti, not copies: a type is the same in a test and in the engine, and
/// the module finds what lies beside it.
/// </summary>
internal static class BuiltModule
{
    [ModuleInitializer]
    internal static void LoadFromModuleFolder() => AssemblyLoadContext.Default.Resolving += static (context, name) =>
        name.Name is "Ganeti" or "Ganeti.Core" ? context.LoadFromAssemblyPath(Repository.At("out", "Ganeti", $"{name.Name}.dll")) : null;
}
