using System.Management.Automation;
using System.Reflection;

namespace Ganeti.Tests.Engine;

[Trait("Kind", "engine")]
public sealed class ModuleTests
{
    [Fact]
    public void The_types_of_the_imported_module_are_those_that_the_tests_see()
    {
        using var engine = new PowerShellEngine();

        var instance = engine.Run("[Ganeti.GntInstance]@{ Name = 'vm1' }").One<GntInstance>();

        Assert.Equal("vm1", instance.Name);
        var loaded = AppDomain.CurrentDomain.GetAssemblies().Select(assembly => assembly.GetName().Name).Where(name => name is "Ganeti" or "Ganeti.Core");
        Assert.Equal(2, loaded.Count());
        Assert.Equal(Repository.At("out", "Ganeti", "Ganeti.dll"), typeof(Commands.GntCommand).Assembly.Location);
    }
}
