using System.Management.Automation;

namespace Ganeti.Commands;

/// <summary>
/// Changes what the cluster has for operating system definitions: whether they are offered, and parameters that all guests of them get. Stands for
/// <c>gnt-os modify</c>.
/// </summary>
[Cmdlet(VerbsCommon.Set, "GntOs", DefaultParameterSetName = "Name", SupportsShouldProcess = true, ConfirmImpact = ConfirmImpact.Medium)]
[OutputType(typeof(GntOs), typeof(GntJob))]
public sealed class SetGntOsCommand : GntSubmitCommand
{
    private readonly Dictionary<GntConnection, IReadOnlyList<GntOs>> _known = [];

    /// <summary>Names or patterns. Parameters can be set for a variant (<c>debootstrap+default</c>) too.</summary>
    [Parameter(Mandatory = true, Position = 0, ValueFromPipeline = true, ParameterSetName = "Name")]
    [ArgumentCompleter(typeof(OSCompleter))]
    [NameText]
    [ValidateNotNullOrEmpty]
    public string[] Name { get; set; } = [];

    /// <summary>Definitions, from the pipeline.</summary>
    [Parameter(Mandatory = true, Position = 0, ValueFromPipeline = true, ParameterSetName = "OS")]
    [ValidateNotNullOrEmpty]
    public GntOs[] OS { get; set; } = [];

    /// <summary>Leave it out of lists; <c>-Hidden:$false</c> shows it again.</summary>
    [Parameter]
    public SwitchParameter Hidden { get; set; }

    /// <summary>Let no guest be made of it; <c>-Blacklisted:$false</c> allows it again.</summary>
    [Parameter]
    public SwitchParameter Blacklisted { get; set; }

    /// <summary>Hypervisor parameters by hypervisor: <c>@{ kvm = @{ acpi = $false } }</c>. <c>$null</c> for a hypervisor removes all that it has.</summary>
    [Parameter]
    [Parameters]
    [ValidateNotNull]
    public GntParameters? HypervisorParameter { get; set; }

    /// <summary>OS parameters, as a hashtable; <c>$null</c> removes one.</summary>
    [Parameter]
    [Parameters]
    [ValidateNotNull]
    public GntParameters? OSParameter { get; set; }

    /// <summary>
    /// OS parameters that are shown to nobody, as a hashtable; values may be secure strings. Ganeti can change such a one, but not remove it.
    /// </summary>
    [Parameter]
    [Parameters]
    [ValidateNotNull]
    public GntParameters? PrivateOSParameter { get; set; }

    /// <summary>Change it though no node has such a definition (any more).</summary>
    [Parameter]
    public SwitchParameter Force { get; set; }

    /// <summary>Write the definition as it is after the change.</summary>
    [Parameter]
    public SwitchParameter PassThru { get; set; }

    private protected override void Begin()
    {
        RefuseTogether(NoWait && PassThru, "-NoWait", "-PassThru", "the definition has not changed yet when the job is written");
        if (HypervisorParameter is not { Count: > 0 } && OSParameter is not { Count: > 0 } && PrivateOSParameter is not { Count: > 0 } && IsSaid(nameof(Hidden)) is null && IsSaid(nameof(Blacklisted)) is null)
        {
            Refuse("There is nothing to change.", "Say what to change");
        }

        if (PrivateOSParameter?.ContainsValue(null) == true)
        {
            // It takes the hidden nothing for a value, and its own check of that fails.
            Refuse("Ganeti can't remove a private parameter.", "Give it an empty text");
        }

        if (HypervisorParameter?.FirstOrDefault(entry => entry.Value is not (null or GntParameters)).Key is { } name)
        {
            Refuse($"'{name}' is no hypervisor with its parameters.", "Write -HypervisorParameter @{ kvm = @{ name = value } }");
        }
    }

    private protected override void Process()
    {
        Each(OS, os => Submit(ConnectionFor(os), os, os.Name!));
        Each(Name, name =>
        {
            var connection = ConnectionFor();
            if (Force && !new NamePattern(name).IsWildcard)
            {
                Submit(connection, new GntOs { Name = name }, name);
                return;
            }

            var (rows, errors) = NameResolution.Resolve([new NamePattern(GntOs.NameOnly(name))], KnownOn(connection), GanetiError.OsNotFound);
            errors.ToList().ForEach(error => WriteError(error));
            foreach (var os in rows)
            {
                Submit(connection, os, name.Split('+', 2) is [_, var variant] ? $"{os.Name}+{variant}" : os.Name!);
            }
        });
    }

    private protected override void WriteChanged(GntConnection connection, IReadOnlyList<object> subjects)
    {
        if (PassThru)
        {
            var names = subjects.Cast<GntOs>().Select(os => GntOs.NameOnly(os.Name!)).ToHashSet(StringComparer.Ordinal);
            WriteObject(Await(connection.OperatingSystems.GetAsync).Where(os => names.Contains(os.Name!)), enumerateCollection: true);
        }
    }

    private void Submit(GntConnection connection, GntOs os, string name) => Submit(
        connection,
        os,
        new JobChain(OsModify.For(name, HypervisorParameter, OSParameter, PrivateOSParameter, IsSaid(nameof(Hidden)), IsSaid(nameof(Blacklisted)))));

    private bool? IsSaid(string flag) => MyInvocation.BoundParameters.TryGetValue(flag, out var value) ? (bool)(SwitchParameter)value : null;

    private IReadOnlyList<GntOs> KnownOn(GntConnection connection)
    {
        if (!_known.TryGetValue(connection, out var known))
        {
            _known.Add(connection, known = Await(connection.OperatingSystems.GetAsync));
        }

        return known;
    }
}
