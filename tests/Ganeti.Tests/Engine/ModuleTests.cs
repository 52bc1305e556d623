using System.Management.Automation;
using System.Reflection;

namespace Ganeti.Tests.Engine;

[Trait("Kind", "engine")]
public sealed class ModuleTests
{
    private static readonly string[] Changing = ["Move", "Set", "New", "Remove", "Start", "Stop", "Restart", "Reset", "Add", "Update", "Repair", "Rename", "Resize", "Install", "Clear", "Suspend", "Resume", "Enable", "Disable", "Convert", "Export", "Import", "Copy", "Save", "Mount", "Dismount", "Resolve", "Checkpoint"];

    public static TheoryData<string> Cmdlets => [.. Models.Cmdlets.Select(type => type.Name)];

    [Fact]
    public void The_tests_and_the_engine_use_the_assemblies_of_the_built_module()
    {
        using var engine = new PowerShellEngine();

        Assert.Equal("vm1", engine.Run("[Ganeti.GntInstance]@{ Name = 'vm1' }").One<GntInstance>().Name);
        Assert.Equal(Repository.At("out", "Ganeti", "Ganeti.dll"), typeof(Commands.GntCommand).Assembly.Location);
        Assert.Equal(2, AppDomain.CurrentDomain.GetAssemblies().Count(assembly => assembly.GetName().Name is "Ganeti" or "Ganeti.Core"));
    }

    [Fact]
    public void The_module_can_be_imported_again_and_removed_and_imported_once_more()
    {
        using var engine = new PowerShellEngine();

        engine.Run($"Import-Module '{Repository.Manifest}'; Import-Module '{Repository.Manifest}' -Force").Succeeded();
        engine.Run("Remove-Module Ganeti").Succeeded();
        Assert.Empty(engine.Run("Get-Command -Module Ganeti").Output);
        engine.Run($"Import-Module '{Repository.Manifest}'").Succeeded();

        Assert.NotEmpty(engine.Run("Get-Command -Module Ganeti").Output);
    }

    [Fact]
    public void The_manifest_exports_exactly_the_cmdlets_that_there_are()
    {
        using var engine = new PowerShellEngine();

        var exported = engine.Run("(Get-Command -Module Ganeti).Name").Of<string>().Order(StringComparer.Ordinal);

        Assert.Equal(Models.Cmdlets.Select(NameOf).Order(StringComparer.Ordinal), exported);
    }

    [Theory]
    [MemberData(nameof(Cmdlets))]
    public void A_cmdlet_has_an_approved_verb_a_singular_noun_of_ours_and_a_file_of_its_own(string name)
    {
        var type = Models.Cmdlets.Single(type => type.Name == name);
        var cmdlet = type.GetCustomAttribute<CmdletAttribute>()!;
        var verbs = new[] { typeof(VerbsCommon), typeof(VerbsCommunications), typeof(VerbsData), typeof(VerbsDiagnostic), typeof(VerbsLifecycle), typeof(VerbsOther), typeof(VerbsSecurity) }
            .SelectMany(verbs => verbs.GetFields()).Select(field => (string)field.GetValue(null)!);

        Assert.Contains(cmdlet.VerbName, verbs);
        Assert.Matches("^((Gnt|Drbd|Lvm|Block)[A-Z][A-Za-z]*[^s]|GntOs)$", cmdlet.NounName);
        Assert.Equal($"{cmdlet.VerbName}{cmdlet.NounName}Command", type.Name);
        Assert.True(type.IsSealed);
        Assert.Single(Directory.GetFiles(Repository.At("src", "Ganeti"), $"{type.Name}.cs", SearchOption.AllDirectories));
        Assert.NotEmpty(type.GetCustomAttributes<OutputTypeAttribute>().SelectMany(output => output.Type).Concat(cmdlet.VerbName is "Disconnect" ? [new PSTypeName(typeof(void))] : []));
    }

    [Theory]
    [MemberData(nameof(Cmdlets))]
    public void A_cmdlet_that_changes_something_can_say_what_it_would_do(string name)
    {
        var cmdlet = Models.Cmdlets.Single(type => type.Name == name).GetCustomAttribute<CmdletAttribute>()!;

        // A connection to a cluster changes nothing there; one between two sides of a mirror does.
        Assert.Equal(Changing.Contains(cmdlet.VerbName) || (cmdlet.NounName == "DrbdDevice" && cmdlet.VerbName is ("Connect" or "Disconnect")), cmdlet.SupportsShouldProcess);
    }

    [Theory]
    [MemberData(nameof(Cmdlets))]
    public void Nothing_binds_by_property_name_but_on_New_cmdlets_and_durations_are_seconds(string name)
    {
        var type = Models.Cmdlets.Single(type => type.Name == name);

        Assert.All(type.GetProperties().Where(property => property.IsDefined(typeof(ParameterAttribute))), property =>
        {
            Assert.True(name.StartsWith("New", StringComparison.Ordinal) || !property.GetCustomAttributes<ParameterAttribute>().Any(parameter => parameter.ValueFromPipelineByPropertyName), property.Name);
            Assert.Equal((Nullable.GetUnderlyingType(property.PropertyType) ?? property.PropertyType) == typeof(TimeSpan), property.IsDefined(typeof(Commands.DurationAttribute)));
        });
    }

    [Theory]
    [InlineData(5, 5.0)]
    [InlineData(0.5, 0.5)]
    [InlineData("30", 30.0)]
    [InlineData("1.5", 1.5)]
    [InlineData("00:01:00", 60.0)]
    [InlineData("90s", 90.0)]
    [InlineData("1.5h", 5400.0)]
    [InlineData("1d", 86400.0)]
    [InlineData("2 W", 1209600.0)]
    public void A_duration_without_a_unit_is_seconds(object given, double seconds)
    {
        var transformed = new Commands.DurationAttribute().Transform(null!, PSObject.AsPSObject(given));

        Assert.Equal(TimeSpan.FromSeconds(seconds), LanguagePrimitives.ConvertTo<TimeSpan>(transformed));
    }

    [Theory]
    [InlineData("1d", 86400.0)]
    [InlineData("90s", 90.0)]
    public void A_duration_with_a_unit_is_not_taken_for_a_number_of_PowerShell(string written, double seconds)
    {
        using var engine = new PowerShellEngine();

        // As an argument is handed over: a number that knows how it was written.
        var argument = Assert.Single(engine.Run($"& {{ $args }} {written}").Succeeded().Output);

        Assert.IsNotType<string>(argument.BaseObject);
        Assert.Equal(TimeSpan.FromSeconds(seconds), new Commands.DurationAttribute().Transform(null!, argument));
    }

    [Theory]
    [InlineData("-5")]
    [InlineData("(-5)")]
    [InlineData("-00:00:05")]
    [InlineData("([TimeSpan]'-00:00:05')")]
    [InlineData("soon")]
    public void A_duration_that_is_negative_or_none_is_refused(string duration)
    {
        using var engine = new PowerShellEngine();

        engine.Run($"Wait-GntJob 1 -Timeout {duration}").FailedWith(duration == "soon" ? "CannotConvertArgumentNoMessage" : "ParameterArgumentTransformationError");
    }

    [Fact]
    public void Error_ids_are_unique_words_with_a_category_of_PowerShell()
    {
        var fields = typeof(GanetiError).GetFields(BindingFlags.Static | BindingFlags.NonPublic).Where(field => field.FieldType == typeof(GanetiError)).ToArray();

        Assert.Equal(fields.Length, GanetiError.All.Count);
        Assert.All(fields, field => Assert.Equal(field.Name, ((GanetiError)field.GetValue(null)!).Id));
        Assert.All(GanetiError.All.Values, error =>
        {
            Assert.Matches("^[A-Z][A-Za-z]+$", error.Id);
            Assert.NotEqual(ErrorCategory.NotSpecified, Pipeline.ErrorRecords.From(new GanetiException(error, "x")).CategoryInfo.Category);
            Assert.True(error.Class == GanetiErrorClass.Unrecognized || Enum.IsDefined(Enum.Parse<ErrorCategory>(error.Class.ToString())));
        });
    }

    internal static string NameOf(Type cmdlet)
    {
        var attribute = cmdlet.GetCustomAttribute<CmdletAttribute>()!;
        return $"{attribute.VerbName}-{attribute.NounName}";
    }
}
