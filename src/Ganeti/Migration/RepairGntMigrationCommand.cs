using System.Collections.Concurrent;
using System.Management.Automation;

namespace Ganeti.Commands;

/// <summary>
/// Puts a migration right that hangs or was broken off: finds its job, ports and minors, sees whether the replication or the memory transfer stalls, resets what is
/// stuck, waits, looks on both nodes where the guest really runs, and has Ganeti clean up (<c>gnt-instance migrate --cleanup</c>). Each step is written as an object. It goes by what it sees, so
/// that one that was broken off is run again.
/// </summary>
[Cmdlet(VerbsDiagnostic.Repair, "GntMigration", DefaultParameterSetName = "Instance", SupportsShouldProcess = true, ConfirmImpact = ConfirmImpact.Medium)]
[OutputType(typeof(GntRepairStep), typeof(GntPlanStep))]
public sealed class RepairGntMigrationCommand : GntProcedureCommand
{
    /// <summary>The guests.</summary>
    [Parameter(Mandatory = true, Position = 0, ValueFromPipeline = true, ParameterSetName = "Instance")]
    [ArgumentCompleter(typeof(InstanceCompleter))]
    [Reference(typeof(GntInstance))]
    [ValidateNotNullOrEmpty]
    public GntInstance[]? Instance { get; set; }

    /// <summary>The jobs that hang; their guests are meant.</summary>
    [Parameter(Mandatory = true, ValueFromPipeline = true, ParameterSetName = "Job")]
    [ValidateNotNullOrEmpty]
    public GntJob[]? Job { get; set; }

    /// <summary>How long a replication that is waited for may stand still before it counts as stalled; a number is seconds.</summary>
    [Parameter]
    [Duration]
    public TimeSpan StallAfter { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>Do not ask before the transfer is cancelled, the job is killed or daemons are restarted.</summary>
    [Parameter]
    public SwitchParameter Force { get; set; }

    private protected override bool IsForced => Force;

    private protected override string Farewell => "Repair-GntMigration goes on from where it is. A connection that is held down is let go by its node.";

    private protected override void Process()
    {
        if (ParameterSetName == "Job")
        {
            Each(Job!, job =>
            {
                var connection = ConnectionFor(job);
                var names = Await(token => connection.Jobs.GetAsync([job.Id ?? 0], token)).SelectMany(found => found.InstanceNames).Distinct(StringComparer.Ordinal).ToArray();
                var guests = names.Length == 0 ? [] : Await(token => connection.Instances.Table.ReadExactAsync(names.ToHashSet(StringComparer.Ordinal), configurationOnly: true, [], token));
                if (guests.Count == 0)
                {
                    throw new GanetiException(GanetiError.InstanceNotFound, $"Job {job.Id} is not about a guest that there is.") { Target = job, RecommendedAction = "Name the guest: Repair-GntMigration <guest>." };
                }

                Each(guests, guest => Repair(connection, guest));
            });
            return;
        }

        Each(Resolve(Instance!, Tables.Instances), guest => Repair(ConnectionFor(guest), guest));
    }

    private void Repair(GntConnection connection, GntInstance given)
    {
        var guest = Await(token => connection.Instances.Table.ReadExactAsync(new HashSet<string>(StringComparer.Ordinal) { given.Name! }, configurationOnly: true, [], token)) is [var found]
            ? found
            : throw new GanetiException(GanetiError.InstanceNotFound, $"There is no instance '{given.Name}' any more.") { Target = given, RecommendedAction = "See what there is with Get-GntInstance." };
        if (guest.DiskTemplate != GntDiskTemplate.drbd)
        {
            throw new GanetiException(GanetiError.StateWrong, $"{guest.Name} is on {guest.DiskTemplateText}, not on mirrors.") { Target = guest, RecommendedAction = $"Move-GntInstance {guest.Name} -Cleanup serves any guest that can migrate." };
        }

        var repair = new MigrationRepair(connection, guest, PairsOf(connection, guest), StallAfter, ViewFor(connection));
        var scene = Await(repair.LookAsync);
        if (IsPlanned(repair.Plan(scene)))
        {
            return;
        }

        var order = new RepairOrder
        {
            Cmdlet = MyInvocation.MyCommand.Name,
            Subject = $"migration of {guest.Name}",
            CommandLine = $"Repair-GntMigration {guest.Name}",
            InstanceName = guest.Name,
            Nodes = [.. scene.Disks.SelectMany(pair => pair.Sides).Select(side => side.Node!).Append(guest.PrimaryNode!).Distinct(StringComparer.Ordinal)],
            JobId = scene.Job?.Id,
        };
        Await(async token =>
        {
            await using var session = await RepairSession.BeginAsync(connection, order, token).ConfigureAwait(false);
            await repair.RunAsync(scene, session, token).ConfigureAwait(false);
        });
    }

    private IReadOnlyList<DrbdPair> PairsOf(GntConnection connection, GntInstance guest)
    {
        var selection = new DrbdSelection { WithPeers = true };
        selection.Instances.Add(guest.Name!);
        var all = new ConcurrentBag<DrbdDevice>();
        var reading = new DrbdReading(connection, selection, throttleLimit: 2)
        {
            Found = sides => Array.ForEach([.. sides], all.Add),
            Failed = (exception, target) => Post(() => WriteError(exception, target)),
        };
        Await(reading.RunAsync);
        var known = all.Distinct().OrderBy(side => side.DiskIndex).ThenBy(side => side.Node == guest.PrimaryNode ? 0 : 1).ToArray();
        return known.Length > 0 ? DrbdPair.Mirrors(DrbdPair.Of(known, known)) : throw new GanetiException(GanetiError.DrbdDeviceNotFound, $"{guest.Name} has no mirror on its nodes.")
        {
            Target = guest,
            RecommendedAction = $"Its disks are not active; Start-GntInstance or Enable-GntDisk makes them so.",
        };
    }
}
