using System.Management.Automation;

namespace Ganeti.Commands;

/// <summary>
/// Lets guests go on that were started with <c>-Paused</c>, by the command to their machine's monitor that Ganeti gives itself when such a guest's
/// console is opened. There is no counterpart: Ganeti can't freeze a guest that runs (its one use of the monitor's <c>stop</c> is within a migration that is not live).
/// </summary>
[Cmdlet(VerbsLifecycle.Resume, "GntInstance", DefaultParameterSetName = "Name", SupportsShouldProcess = true, ConfirmImpact = ConfirmImpact.Medium)]
[OutputType(typeof(GntInstance))]
public sealed class ResumeGntInstanceCommand : GntClusterCommand
{
    /// <summary>Names (short or full) or patterns.</summary>
    [Parameter(Mandatory = true, Position = 0, ValueFromPipeline = true, ParameterSetName = "Name")]
    [ArgumentCompleter(typeof(InstanceCompleter))]
    [NameText]
    [ValidateNotNullOrEmpty]
    public string[] Name { get; set; } = [];

    /// <summary>Guests, from the pipeline.</summary>
    [Parameter(Mandatory = true, Position = 0, ValueFromPipeline = true, ParameterSetName = "Instance")]
    [ValidateNotNullOrEmpty]
    public GntInstance[] Instance { get; set; } = [];

    /// <summary>Write the guest as it is then.</summary>
    [Parameter]
    public SwitchParameter PassThru { get; set; }

    private protected override void Process()
    {
        ForEach(Instance, given =>
        {
            var connection = ConnectionFor(given);
            Resume(connection, connection.Instances.Table, given.ClusterUuid is null ? NamePattern.Escape(given.Name ?? string.Empty) : given.Name!, isExact: given.ClusterUuid is not null);
        });
        ForEach(Name, name =>
        {
            var connection = ConnectionFor();
            Resume(connection, connection.Instances.Table, name, isExact: false);
        });
    }

    // Where a guest runs may have changed since it was read.
    private void Resume(GntConnection connection, GntTable<GntInstance> table, string name, bool isExact)
    {
        var (rows, errors) = Await(token => table.ReadNamedAsync([new NamePattern(isExact ? NamePattern.Escape(name) : name)], GanetiError.InstanceNotFound, configurationOnly: true, [], token));
        foreach (var error in errors)
        {
            WriteError(error);
        }

        ForEach(rows.Where(row => !isExact || row.Name == name), instance => Resume(connection, instance));
    }

    private void Resume(GntConnection connection, GntInstance instance)
    {
        if (instance.Hypervisor != "kvm")
        {
            throw new GanetiException(GanetiError.StateWrong, $"{instance} is a guest of the hypervisor {instance.Hypervisor}; only those of kvm are let go on by this.")
            {
                RecommendedAction = "Open its console (Get-GntConsole): Ganeti lets it go on then.",
            };
        }

        RequireUnlocked(connection, instance);
        if (ShouldProcess(FrozenGuest.CommandLine(instance), $"Run '{FrozenGuest.CommandLine(instance)}'?", MyInvocation.MyCommand.Name))
        {
            Await(token => FrozenGuest.ResumeAsync(connection, instance, MyInvocation.MyCommand.Name, token));
            if (PassThru)
            {
                WriteObject(Await(token => connection.Instances.Table.ReadExactAsync(new HashSet<string> { instance.Name! }, configurationOnly: false, [], token)), enumerateCollection: true);
            }
        }
    }

    // A migration in progress has frozen machines of its own.
    private void RequireUnlocked(GntConnection connection, GntInstance instance)
    {
        var held = Await(token => connection.Locks.Table.ReadExactAsync(new HashSet<string> { $"instance/{instance.Name}" }, configurationOnly: true, [], token))
            .SelectMany(found => found.OwnerJobId ?? []).Distinct().ToArray();
        if (held.Length > 0)
        {
            throw new GanetiException(GanetiError.ResourcesTemporarilyUnavailable, $"{instance} is held by job {string.Join(", ", held)}.")
            {
                RecommendedAction = $"Wait for it: Wait-GntJob {string.Join(',', held)}.",
            };
        }
    }
}
