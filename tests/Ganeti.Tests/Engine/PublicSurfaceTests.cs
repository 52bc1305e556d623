using System.Management.Automation;
using System.Text;
using PublicApiGenerator;

namespace Ganeti.Tests.Engine;

/// <summary>The public surface is a tracked file; whoever changes it sees in the diff what users will see.</summary>
[Trait("Kind", "engine")]
public sealed class PublicSurfaceTests
{
    private static readonly string[] Common =
        [.. System.Management.Automation.Cmdlet.CommonParameters, .. System.Management.Automation.Cmdlet.OptionalCommonParameters.Where(name => name is not ("WhatIf" or "Confirm"))];

    [Fact]
    public void The_types_of_Ganeti_Core_are_those_of_the_snapshot() => Compare("public-api-Ganeti.Core.txt", Types(typeof(GntObject)));

    [Fact]
    public void The_types_of_Ganeti_are_those_of_the_snapshot() => Compare("public-api-Ganeti.txt", Types(typeof(Commands.GntCommand)));

    [Fact]
    public void The_errors_are_those_of_the_snapshot() => Compare(
        "public-api-errors.txt",
        string.Join('\n', GanetiError.All.Values.OrderBy(error => error.Id, StringComparer.Ordinal).Select(error => $"{error.Id} {error.Class}")));

    [Fact]
    public void The_cmdlets_are_those_of_the_snapshot()
    {
        using var engine = new PowerShellEngine();
        var text = new StringBuilder();
        foreach (var cmdlet in engine.Run("Get-Command -Module Ganeti").Of<CmdletInfo>().OrderBy(cmdlet => cmdlet.Name, StringComparer.Ordinal))
        {
            text.Append(cmdlet.Name).Append(" -> ").AppendJoin(", ", cmdlet.OutputType.Select(type => type.Name)).Append('\n');
            foreach (var set in cmdlet.ParameterSets.OrderBy(set => set.Name, StringComparer.Ordinal))
            {
                text.Append("  ").Append(set.Name).Append(set.IsDefault ? " (default)" : string.Empty).Append('\n');
                foreach (var parameter in set.Parameters.Where(parameter => !Common.Contains(parameter.Name)).OrderBy(parameter => parameter.Name, StringComparer.Ordinal))
                {
                    string[] facts =
                    [
                        $"-{parameter.Name} <{parameter.ParameterType}>",
                        parameter.IsMandatory ? "mandatory" : string.Empty,
                        parameter.Position >= 0 ? $"position {parameter.Position}" : string.Empty,
                        parameter.ValueFromPipeline ? "pipeline" : string.Empty,
                        parameter.ValueFromPipelineByPropertyName ? "pipeline by name" : string.Empty,
                        parameter.Aliases.Count > 0 ? $"alias {string.Join(", ", parameter.Aliases)}" : string.Empty,
                    ];
                    text.Append("    ").AppendJoin("; ", facts.Where(fact => fact.Length > 0)).Append('\n');
                }
            }
        }

        Compare("public-api-cmdlets.txt", text.ToString());
    }

    private static string Types(Type any) => any.Assembly.GeneratePublicApi(new ApiGeneratorOptions { IncludeAssemblyAttributes = false });

    private static void Compare(string file, string actual)
    {
        actual = actual.ReplaceLineEndings("\n").TrimEnd() + "\n";
        var tracked = Repository.At("tests", "fixtures", file);
        var written = Path.Combine(AppContext.BaseDirectory, file);
        File.WriteAllText(written, actual);

        Assert.True(
            File.Exists(tracked) && File.ReadAllText(tracked).ReplaceLineEndings("\n") == actual,
            $"The public surface is no longer that of tests/fixtures/{file}. See what changed:\n  diff {tracked} {written}\nand when it is meant, accept it:\n  cp {written} {tracked}");
    }
}
