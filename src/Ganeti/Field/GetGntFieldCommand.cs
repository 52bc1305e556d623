using System.Management.Automation;

namespace Ganeti.Commands;

/// <summary>Gets the fields that <c>-Field</c> takes, as <c>gnt-instance list-fields</c> and its kind show them.</summary>
[Cmdlet(VerbsCommon.Get, "GntField")]
[OutputType(typeof(GntField))]
public sealed class GetGntFieldCommand : GntClusterCommand
{
    /// <summary>What the fields are of: instance, node, group, network, job, lock, export, filter; without it all of these.</summary>
    [Parameter(Position = 0, ValueFromPipeline = true)]
    [NameText]
    [ValidateSet("instance", "node", "group", "network", "job", "lock", "export", "filter")]
    [ValidateNotNullOrEmpty]
    public string[] Kind { get; set; } = GntFields.Kinds;

    /// <summary>Names or patterns, for example <c>be/*</c>; without it all.</summary>
    [Parameter(Position = 1)]
    [ValidateNotNullOrEmpty]
    public string[]? Name { get; set; }

    private protected override void Process()
    {
        var connection = ConnectionFor();
        var answers = Await(token => Task.WhenAll(Kind.Select(kind => connection.Fields.GetAsync(kind.ToLowerInvariant(), token))));
        var fields = answers.SelectMany(answer => answer).ToArray();
        if (Name is null)
        {
            WriteObject(fields, enumerateCollection: true);
            return;
        }

        foreach (var pattern in Name.Select(name => new NamePattern(name)))
        {
            var matches = fields.Where(field => pattern.IsWildcard ? pattern.IsMatch(field.Name) : pattern.IsExact(field.Name)).ToArray();
            if (matches.Length == 0 && !pattern.IsWildcard)
            {
                WriteError(new GanetiException(GanetiError.FieldUnknown, $"Ganeti has no field '{pattern}' of {string.Join(", ", Kind)}.")
                {
                    Target = pattern.Text,
                    RecommendedAction = "See what there is with Get-GntField.",
                });
            }

            WriteObject(matches, enumerateCollection: true);
        }
    }
}
