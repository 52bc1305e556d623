using System.Collections.Concurrent;
using Ganeti.Luxi;

namespace Ganeti;

/// <summary>
/// Walks the whole procedure for a disk that fails or has failed, from the moment that its guests are moved away to the moment that their mirrors are in sync again. It looks before each step, and
/// begins from what it sees: one that was broken off is begun again.
/// </summary>
internal sealed class DiskRepair(GntConnection connection, DiskRepairOrder order, int throttleLimit, IProcedureView view)
{
    private const string Cmdlet = "Repair-GntDisk";

    private readonly DiskRepairOrder _order = order;
    private readonly HashSet<string> _rebuilt = new(StringComparer.Ordinal);
    private readonly HashSet<string> _moved = new(StringComparer.Ordinal);
    private readonly SortedSet<string> _lost = new(StringComparer.Ordinal);
    private readonly List<long> _jobs = [];
    private NodeStorage? _storage;
    private int _steps;

    private string Activity => $"Repairing {_order}";

    /// <summary>Looks how it stands.</summary>
    internal Task<DiskScene> LookAsync(CancellationToken cancellationToken) => LookAsync(null, cancellationToken);

    private Task<DiskScene> LookAsync(DiskScene? before, CancellationToken cancellationToken) => DiskScene.ReadAsync(connection, _order.Node, _order.Find, before, cancellationToken);

    /// <summary>What is to be repaired, as the operator named it, bound to the very disks that have those names now.</summary>
    /// <exception cref="GanetiException">There is nothing of Ganeti's on the disk, or nothing is lost on the node.</exception>
    internal static async Task<DiskRepairOrder> BindAsync(GntConnection connection, DiskRepairOrder order, CancellationToken cancellationToken)
    {
        var scene = await DiskScene.ReadAsync(connection, order.Node, storage => order.Name is null ? null : order.Serial is null ? storage.Named(order.Name) : order.Find(storage), null, cancellationToken, withHealth: true).ConfigureAwait(false);
        var missing = scene.Storage.Groups.Where(group => group.IsPartial).Select(group => group.Name).ToArray();
        if (order.Name is not null && scene.Device is { State: not BlockDeviceState.offline, Problems: null or [], FileSystem: not "LVM2_member" } && !scene.Storage.VolumesOn(scene.Device).Any() && !scene.Storage.PhysicalVolumesOn(scene.Device).Any())
        {
            throw new GanetiException(GanetiError.StorageStateWrong, $"{scene.Device.Id}, serial number {scene.Device.Serial ?? "unknown"}, has no volume group on it: it is not the disk that failed.")
            {
                Target = scene.Device,
                RecommendedAction = missing.Length > 0 || scene.Losses.Count > 0
                    ? $"The one that failed is gone already: Repair-GntDisk {order.Node}{(scene.Device is { FileSystem: null, Problems: null or [], State: null or BlockDeviceState.running or BlockDeviceState.live } ? $" -NewDisk {scene.Device.Serial ?? scene.Device.Name}" : string.Empty)}."
                    : $"See Get-BlockDevice {order.Node} -Problem.",
            };
        }

        if (order.Name is not null && scene.Device is null && missing.Length == 0 && scene.Losses.Count == 0)
        {
            throw new GanetiException(GanetiError.BlockDeviceNotFound, $"{order.Node} has no disk {order.Name}, and misses none.") { Target = order.Name, RecommendedAction = $"See Get-BlockDevice {order.Node}." };
        }

        if (scene.Device is { } named && order.NewDisks.Any(disk => scene.Storage.Named(disk) == named))
        {
            throw new GanetiException(GanetiError.ParameterInvalid, $"{named.Id}, serial number {named.Serial ?? "unknown"}, can't be both the disk that failed and the new one.") { Target = named, RecommendedAction = $"Name the new one alone: Repair-GntDisk {order.Node} -NewDisk {named.Serial ?? named.Name}." };
        }

        var isSound = scene.Device is { Problems: null or [], State: null or BlockDeviceState.running or BlockDeviceState.live };
        if (isSound && order.Serial is null && order.Name != scene.Device!.Serial && scene.Losses.FirstOrDefault(loss => loss.IsGone) is { } gone)
        {
            throw new GanetiException(GanetiError.StorageStateWrong, $"Nothing speaks against {scene.Device.Id}, serial number {scene.Device.Serial ?? "unknown"}, and {order.Node} has lost {gone} already: the disk may have got the name of the one that failed.")
            {
                Target = scene.Device,
                RecommendedAction = $"What is lost: Repair-GntDisk {order.Node}.{(scene.Device.Serial is null ? string.Empty : $" If this one is meant, name it by its serial number: Repair-GntDisk {order.Node} {scene.Device.Serial}.")}",
            };
        }

        var unknown = order.NewDisks.FirstOrDefault(disk => scene.Storage.Named(disk) is null);
        if (unknown is not null)
        {
            throw new GanetiException(GanetiError.BlockDeviceNotFound, $"{order.Node} has no new disk {unknown}.") { Target = unknown, RecommendedAction = $"Have it found: Update-BlockDevice {order.Node} -Serial <its number>. What is there: Get-BlockDevice {order.Node}." };
        }

        return order with
        {
            Name = scene.Device?.Name ?? order.Name,
            Serial = scene.Device?.Serial ?? order.Serial,
            IsSound = isSound,
            NewDisks = [.. order.NewDisks.Select(disk => scene.Storage.Named(disk) is { Serial: { } serial } && scene.Storage.DisksOf(serial).Length == 1 ? serial : disk)],
        };
    }

    /// <summary>What is lost for good: disks without another side.</summary>
    internal static IEnumerable<string> Hopeless(DiskScene scene) => scene.Losses.Where(loss => !loss.IsMirrored).Select(loss => $"{loss} ({loss.Guest.DiskTemplateText})");

    /// <summary>Repairs it.</summary>
    /// <exception cref="GanetiException">It can't be brought to its end; what was seen is said, and what to do next.</exception>
    internal async Task RunAsync(CancellationToken cancellationToken)
    {
        try
        {
            await WalkAsync(cancellationToken).ConfigureAwait(false);
        }
        catch (GanetiException)
        {
            TellWhatIsOtherwise();
            throw;
        }
    }

    private async Task WalkAsync(CancellationToken cancellationToken)
    {
        var scene = await LookAsync(cancellationToken).ConfigureAwait(false);
        _lost.UnionWith(Hopeless(scene));
        var plan = DiskRepairPlan.Of(scene, _order);
        Made(GntRepairAction.Look, null, null, plan is { Steps.Count: 0, Obstacle: null } ? "nothing is lost here" : $"{scene.Losses.Count} disks of guests on it or lost; {plan.Steps.Count} steps", null);
        // Ganeti's watcher "repairs" what is Diskless: kept quiet until the rebuilding, which is all jobs.
        var session = plan.Steps.Any(step => step.Action != GntRepairAction.ReplaceDisks)
            ? await RepairSession.BeginAsync(connection, new RepairOrder { Cmdlet = Cmdlet, Subject = $"{_order.Node} disk", CommandLine = $"Repair-GntDisk {_order.Node} {_order.Name}".Trim(), Nodes = [_order.Node] }, cancellationToken).ConfigureAwait(false)
            : null;
        try
        {
            for (var last = default(DiskRepairStep); plan.Steps is [var step, ..] && step.Action != GntRepairAction.ReplaceDisks; last = step)
            {
                if (last is not null && (last.Action, last.CommandLine) == (step.Action, step.CommandLine))
                {
                    throw NotRepaired($"'{step.CommandLine}' ended well, and yet it is still to be done.");
                }

                _storage = scene.Storage;
                // Those of a kind do not change what the others are about.
                var kind = plan.Steps.TakeWhile(each => each.Action == step.Action).ToArray();
                session?.Made(step.CommandLine);
                if (!await MakeAsync(kind, atOnce: 1, cancellationToken).ConfigureAwait(false))
                {
                    return;
                }

                scene = await LookAsync(Array.Exists(kind, each => each.Job is not null || each.Awaited.Count > 0) ? null : scene, cancellationToken).ConfigureAwait(false);
                _lost.UnionWith(Hopeless(scene));
                plan = DiskRepairPlan.Of(scene, _order);
            }

            if (session is not null)
            {
                await session.DoneAsync(plan.Obstacle?.Message ?? $"the node's part is done; {plan.Steps.Count} guests are left to be rebuilt by jobs", cancellationToken).ConfigureAwait(false);
            }
        }
        finally
        {
            if (session is not null)
            {
                await session.DisposeAsync().ConfigureAwait(false);
            }
        }

        if (plan.Obstacle is { } obstacle)
        {
            throw obstacle;
        }

        if (plan.Steps.Count > 0 && !await MakeAsync(plan.Steps, throttleLimit, cancellationToken).ConfigureAwait(false))
        {
            return;
        }

        await FinishAsync(cancellationToken).ConfigureAwait(false);
    }

    // False when one of them is not wanted.
    private async Task<bool> MakeAsync(IReadOnlyList<DiskRepairStep> steps, int atOnce, CancellationToken cancellationToken)
    {
        var wanted = new List<DiskRepairStep>();
        foreach (var step in steps)
        {
            if (step.Awaited.Count > 0 || await view.ApproveAsync(step.CommandLine, step.Warning, losesData: true).ConfigureAwait(false))
            {
                wanted.Add(step);
            }
            else
            {
                Made(step, "not wanted");
            }
        }

        using var throttle = new SemaphoreSlim(atOnce);
        var failures = new ConcurrentQueue<GanetiException>();
        await Task.WhenAll(wanted.Select(async step =>
        {
            await throttle.WaitAsync(cancellationToken).ConfigureAwait(false);
            try
            {
                // A guest that can't be rebuilt does not keep the others from it; any other step does.
                if (failures.IsEmpty || step.Action == GntRepairAction.ReplaceDisks)
                {
                    view.Progress(Activity, step.Description);
                    Made(step, await RunAsync(step, cancellationToken).ConfigureAwait(false));
                }
            }
            catch (GanetiException exception)
            {
                Made(step, exception.Message);
                failures.Enqueue(exception);
            }
            finally
            {
                throttle.Release();
            }
        })).ConfigureAwait(false);
        return failures.TryDequeue(out var failure) ? throw failure : wanted.Count == steps.Count;
    }

    private async Task<string> RunAsync(DiskRepairStep step, CancellationToken cancellationToken)
    {
        if (step.Awaited.Count > 0)
        {
            view.GoesOn([.. step.Awaited]);
            await connection.Jobs.WaitAsync(step.Awaited, new JobEnd(view, ActivityOf(step)), cancellationToken).ConfigureAwait(false);
            view.GoesOn();
            return "ended";
        }

        if (step.Side is { } pair)
        {
            var side = await new DrbdRepair(connection, Cmdlet).RunAsync(new DrbdDetach { Force = _order.Force }, pair, cancellationToken).ConfigureAwait(false);
            return DrbdWords.StateOf(side);
        }

        if (step.Change is { } change)
        {
            _storage = await new StorageRepair(connection, Cmdlet, withSides: true).RunAsync(change.Bound(_storage!), _storage!, view, cancellationToken).ConfigureAwait(false);
            return "done, and seen";
        }

        if (step.Action == GntRepairAction.RepairGroup)
        {
            await RequireSameAsync(step, cancellationToken).ConfigureAwait(false);
        }

        var job = await JobAsync(step, cancellationToken).ConfigureAwait(false);
        switch (step.Action)
        {
            case GntRepairAction.ReplaceDisks:
                lock (_rebuilt)
                {
                    _rebuilt.Add(step.InstanceName!);
                }

                break;
            case GntRepairAction.MoveGuest:
                _moved.Add(step.InstanceName!);
                break;
        }

        return $"job {job.Id} succeeded";
    }

    // Another disk may have gone while the operator was asked.
    private async Task RequireSameAsync(DiskRepairStep step, CancellationToken cancellationToken)
    {
        var plan = DiskRepairPlan.Of(await LookAsync(cancellationToken).ConfigureAwait(false), _order);
        var now = plan.Steps.FirstOrDefault(each => each.Action == step.Action && each.CommandLine == step.CommandLine);
        if (now?.Warning != step.Warning)
        {
            throw NotRepaired($"what the group would give up is not what was asked about any more ({now?.Warning ?? plan.Obstacle?.Message ?? "nothing is lost any more"})");
        }
    }

    private async Task<GntJob> JobAsync(DiskRepairStep step, CancellationToken cancellationToken)
    {
        var submitted = new List<long>();
        GntJob job;
        try
        {
            job = await connection.Jobs.RunAsync(step.Job!, Cmdlet, step.InstanceName, Submitted, new JobEnd(view, ActivityOf(step)), cancellationToken).ConfigureAwait(false);
        }
        catch (GanetiException)
        {
            Ended();
            throw;
        }

        Ended();
        return job;

        void Submitted(long id)
        {
            submitted.Add(id);
            GoesOn(jobs => jobs.Add(id));
        }

        // Not where the operator leaves: they go on then.
        void Ended() => GoesOn(jobs => jobs.RemoveAll(submitted.Contains));
    }

    private void GoesOn(Action<List<long>> change)
    {
        lock (_jobs)
        {
            change(_jobs);
            view.GoesOn([.. _jobs]);
        }
    }

    private async Task FinishAsync(CancellationToken cancellationToken)
    {
        var sides = await connection.Drbd.GetAsync(_order.Node, cancellationToken).ConfigureAwait(false);
        DrbdMirror.Assign(_rebuilt.Count == 0 ? [] : await connection.Drbd.MirrorsAsync(_rebuilt, cancellationToken).ConfigureAwait(false), sides);
        foreach (var side in sides.Where(side => side.InstanceName is not null))
        {
            await DrbdWatch.UntilInSyncAsync(connection, new DrbdPair(side, null), view, cancellationToken).ConfigureAwait(false);
        }

        TellWhatIsOtherwise();
        var ill = sides.Where(side => side.InstanceName is null && (!side.IsConnected || side.DiskState != DrbdDiskState.UpToDate)).Select(side => side.Id).ToArray();
        Made(GntRepairAction.Done, null, null, $"{(_rebuilt.Count == 0 ? "nothing was to be rebuilt" : $"rebuilt and in sync: {string.Join(", ", _rebuilt.Order(StringComparer.Ordinal))}")}{(ill.Length == 0 ? string.Empty : $"; not in sync, but not lost by this: {string.Join(", ", ill)} (Get-DrbdDevice {_order.Node} -Problem)")}", null);
    }

    private void TellWhatIsOtherwise()
    {
        if (_lost.Count > 0)
        {
            view.Warn($"Lost, or lost with the disk, for they have no other side: {string.Join("; ", _lost)}. What can't be read any more is restored from a backup (Import-GntInstance).");
        }

        if (_moved.Count > 0)
        {
            view.Say($"Moved away from {_order.Node}, and still there: {string.Join(", ", _moved)}. Move-GntInstance takes them back.");
        }
    }

    private string ActivityOf(DiskRepairStep step) => step.InstanceName is { } guest ? $"{Activity}: {guest}" : Activity;

    private GanetiException NotRepaired(string what) => new(GanetiError.DiskNotRepaired, $"{_order}: {what}")
    {
        Target = _order.Node,
        RecommendedAction = $"See how it is: Get-BlockDevice {_order.Node}, Get-LvmVolume {_order.Node}, Get-DrbdDevice {_order.Node} -Problem. Repair-GntDisk goes on from there.",
    };

    private void Made(DiskRepairStep step, string outcome) => Made(step.Action, step.CommandLine, step.InstanceName, outcome, step.Description);

    private void Made(GntRepairAction action, string? commandLine, string? guest, string outcome, string? reason)
    {
        var made = new GntRepairStep { InstanceName = guest, Node = _order.Node, Step = Interlocked.Increment(ref _steps), Action = action, Reason = reason, CommandLine = commandLine, Outcome = outcome, Time = DateTimeOffset.Now };
        made.From(connection.Identity, DateTimeOffset.Now);
        view.Made(made);
    }
}
