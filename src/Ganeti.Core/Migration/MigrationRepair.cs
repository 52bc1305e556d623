using System.Diagnostics;
using Ganeti.Luxi;
using Ganeti.Remote;

namespace Ganeti;

/// <summary>
/// The page's whole procedure for a migration that hangs: looks, decides, does, and looks again until guest, configuration and mirrors agree. It begins from what
/// it sees, so that one that was broken off is begun again.
/// </summary>
internal sealed class MigrationRepair(GntConnection connection, GntInstance guest, IReadOnlyList<DrbdPair> disks, TimeSpan stallAfter, IProcedureView view)
{
    private const string Cmdlet = "Repair-GntMigration";

    // A hold that its client has left ends by itself; it has to last as long as a job and its clean-up.
    private static readonly TimeSpan Hold = TimeSpan.FromMinutes(15);
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan EndsWithin = TimeSpan.FromSeconds(60);

    private static readonly NodeScript Restart = new("Migration", "restart");
    private static readonly NodeScript Monitor = new("Migration", "monitor");

    private readonly Dictionary<int, DrbdConnectionReset> _held = [];
    private readonly Dictionary<string, (string Value, long Since, bool HasMoved)> _seen = new(StringComparer.Ordinal);
    private readonly List<GntRepairAction> _done = [];
    private readonly Dictionary<long, (MigrationDecision Decision, string CommandLine)> _own = [];
    private readonly HashSet<long> _told = [];
    private int _steps;

    private string Activity => $"Repairing the migration of {guest.Name}";

    /// <summary>Looks until it is known whether what waits for the replication moves.</summary>
    internal async Task<MigrationScene> LookAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            var scene = await SeeAsync(cancellationToken).ConfigureAwait(false);
            if (!scene.MayStall)
            {
                return scene;
            }

            view.Progress(Activity, "looking whether the replication moves");
            await Task.Delay(Pause, cancellationToken).ConfigureAwait(false);
        }
    }

    /// <summary>The command line of what would be done first, and of what comes after it.</summary>
    internal IReadOnlyList<GntPlanStep> Plan(MigrationScene scene)
    {
        var steps = new List<(string Text, string? Line)>();
        if (scene.Stalled.Count > 0)
        {
            steps.Add(($"Cut the connection on port {string.Join(", ", scene.Stalled)}{(scene.Disks.Any(pair => pair.IsDualPrimary) ? ", and hold it down until one side is Secondary" : string.Empty)}", $"Reset-DrbdConnection {guest.Name}"));
        }

        if (scene.Job is { } job)
        {
            steps.Add(($"Wait for job {job.Id}; ask before anything that ends it", $"Wait-GntJob {job.Id}"));
        }

        if (!scene.IsAllRight)
        {
            steps.Add(("Look on both nodes where the guest runs, and have Ganeti put configuration and disks to it", CleanupOf(guest).CommandLine));
            steps.Add(("Look at both sides of all disks; when one stays StandAlone, have Ganeti connect it and clean up once more", new InstanceActivateDisks { InstanceName = guest.Name! }.CommandLine));
        }

        return [.. steps.Select((step, index) => new GntPlanStep { Step = index + 1, Description = step.Text, CommandLine = step.Line })];
    }

    /// <summary>Repairs it.</summary>
    /// <exception cref="GanetiException">It can't be put right; what was seen is said, and what to do next.</exception>
    internal async Task RunAsync(MigrationScene scene, RepairSession session, CancellationToken cancellationToken)
    {
        await FindHoldsAsync(scene, cancellationToken).ConfigureAwait(false);
        scene = scene with { Held = _held.Keys.ToHashSet() };
        Made(GntRepairAction.Look, null, scene, scene.ToString());
        var declined = new HashSet<GntRepairAction>();
        while (true)
        {
            var decision = MigrationDecision.Of(scene, _done);
            if (decision.Failure is { } failure)
            {
                throw failure;
            }

            if (decision.Action == GntRepairAction.Done)
            {
                await FinishAsync(scene, decision, session, cancellationToken).ConfigureAwait(false);
                return;
            }

            if (decision.Action != GntRepairAction.WaitForJob && declined.Add(decision.Action))
            {
                switch (await MakeAsync(decision, scene, session, cancellationToken).ConfigureAwait(false))
                {
                    case true:
                        declined.Remove(decision.Action);
                        _done.Add(decision.Action);
                        break;
                    case false:
                        Made(decision.Action, null, scene, "not wanted", decision.Reason);
                        break;
                    default:
                        declined.Remove(decision.Action);
                        break;
                }
            }

            if (scene.Job is null && declined.Count > 0)
            {
                return;
            }

            GoesOn(scene.Job);
            view.Progress(Activity, scene.Job is { } job ? $"job {job.Id}: {job.Log.LastOrDefault()?.Message ?? job.StatusText} ({decision.Reason})" : decision.Reason);
            await Task.Delay(Pause, cancellationToken).ConfigureAwait(false);
            var before = scene.Job ?? await OwnJobAsync(cancellationToken).ConfigureAwait(false);
            scene = await SeeAsync(cancellationToken).ConfigureAwait(false);
            if (before is not null && scene.Job?.Id != before.Id)
            {
                GoesOn(scene.Job);
                await SayHowItEndedAsync(before, scene, cancellationToken).ConfigureAwait(false);
                _told.Add(before.Id ?? 0);
            }
        }
    }

    // A repair that was broken off may have left a connection held down.
    private async Task FindHoldsAsync(MigrationScene scene, CancellationToken cancellationToken)
    {
        foreach (var node in scene.Disks.SelectMany(pair => pair.Sides).Select(side => side.Node!).Distinct(StringComparer.Ordinal))
        {
            foreach (var cut in await DrbdResets.GetAsync(connection, node, cancellationToken).ConfigureAwait(false))
            {
                if (scene.Disks.Any(pair => pair.Side.Port == cut.Port) && cut.Port is { } port)
                {
                    _held[port] = cut;
                }
            }
        }
    }

    // One that came to its end between two looks.
    private async Task<GntJob?> OwnJobAsync(CancellationToken cancellationToken)
    {
        var untold = _own.Keys.Except(_told).ToArray();
        return untold.Length == 0 ? null : (await connection.Jobs.GetAsync(untold, cancellationToken).ConfigureAwait(false)) is [var job, ..] ? job : null;
    }

    // Whether it was made; null when there was no need any more, false when nobody wants it.
    private async Task<bool?> MakeAsync(MigrationDecision decision, MigrationScene scene, RepairSession session, CancellationToken cancellationToken)
    {
        switch (decision.Action)
        {
            case GntRepairAction.HoldConnection:
            case GntRepairAction.ResetConnection:
                return await CutAsync(decision, scene, session, cancellationToken).ConfigureAwait(false);
            case GntRepairAction.CancelTransfer:
                return await CancelTransferAsync(decision, scene, session, cancellationToken).ConfigureAwait(false);
            case GntRepairAction.KillJob:
                return await KillAsync(decision, scene, cancellationToken).ConfigureAwait(false);
            case GntRepairAction.RestartDaemons:
                return await RestartAsync(decision, scene, session, cancellationToken).ConfigureAwait(false);
            case GntRepairAction.ReleaseConnection:
                await ReleaseAsync(scene.Releasable.Count > 0 ? scene.Releasable : scene.Held, decision, scene, cancellationToken).ConfigureAwait(false);
                return true;
            case GntRepairAction.Cleanup:
                return await SubmitAsync(decision, CleanupOf(guest), session, cancellationToken).ConfigureAwait(false);
            default:
                return await SubmitAsync(decision, new InstanceActivateDisks { InstanceName = guest.Name!, InstanceUuid = guest.Uuid }, session, cancellationToken).ConfigureAwait(false);
        }
    }

    private async Task<bool> CutAsync(MigrationDecision decision, MigrationScene scene, RepairSession session, CancellationToken cancellationToken)
    {
        var hold = decision.Action == GntRepairAction.HoldConnection ? Hold : default(TimeSpan?);
        foreach (var pair in scene.Disks.Where(pair => scene.Stalled.Contains(pair.Side.Port ?? 0) && !scene.Held.Contains(pair.Side.Port ?? 0)))
        {
            var reset = await DrbdReset.PrepareAsync(connection, pair, DrbdResetMethod.Auto, hold, evenDualPrimary: true, cancellationToken).ConfigureAwait(false);
            if (!await view.ApproveAsync(reset.CommandLine, null).ConfigureAwait(false))
            {
                return false;
            }

            DrbdConnectionReset cut;
            try
            {
                cut = await reset.CutAsync(session, cancellationToken).ConfigureAwait(false);
            }
            catch (GanetiException exception) when (exception.Error == GanetiError.DrbdStateWrong || exception.Error == GanetiError.DrbdDualPrimary)
            {
                // It has come apart by itself meanwhile, or the job has gone on: the next look decides anew.
                Made(decision.Action, reset.CommandLine, scene, exception.Message, decision.Reason);
                continue;
            }

            foreach (var side in pair.Sides)
            {
                _seen.Remove($"{Name(pair)} {side.Node}");
            }

            if (hold is not null)
            {
                _held[pair.Side.Port!.Value] = cut;
            }

            Made(decision.Action, reset.CommandLine, scene, hold is null ? "cut; DRBD connects again by itself" : $"held down until one side is Secondary, at the longest until {cut.Deadline:HH:mm:ss}", decision.Reason);
        }

        return true;
    }

    private async Task<bool> CancelTransferAsync(MigrationDecision decision, MigrationScene scene, RepairSession session, CancellationToken cancellationToken)
    {
        var source = scene.Places.First(place => place.Transfer?.IsActive == true).Node;
        var line = $"ssh {source} \"echo migrate_cancel | socat - UNIX-CONNECT:/run/ganeti/kvm-hypervisor/ctrl/{guest.Name}.monitor\"";
        if (!await view.ApproveAsync(line, $"The migration of {guest.Name} is given up; it goes on running on {source}.").ConfigureAwait(false))
        {
            return false;
        }

        var result = await session.RunAsync(source, line, Monitor.With(guest.Name!, "migrate_cancel"), cancellationToken).ConfigureAwait(false);
        if (result.ExitStatus != 0)
        {
            throw RepairSession.Failure(source, $"the memory transfer of {guest.Name} could not be cancelled", result);
        }

        Made(decision.Action, line, scene, $"cancelled; {guest.Name} stays on {source}", decision.Reason);
        return true;
    }

    private async Task<bool?> KillAsync(MigrationDecision decision, MigrationScene scene, CancellationToken cancellationToken)
    {
        var stop = new JobStop(kill: true);
        var id = scene.Job!.Id ?? 0;
        if (!await view.ApproveAsync(stop.CommandLine(id), $"Job {id} is killed where it stands; what it leaves is put right afterwards.").ConfigureAwait(false))
        {
            return false;
        }

        // It may have come to life, or to its end, while that was being thought about.
        var now = await SeeAsync(cancellationToken).ConfigureAwait(false);
        if (now.Job?.Id != id || now.StillFor < MigrationDecision.Patience)
        {
            return null;
        }

        var outcome = (await stop.RunAsync(connection, [id], cancellationToken).ConfigureAwait(false))[0];
        _seen.Remove(string.Empty);
        Made(decision.Action, stop.CommandLine(id), scene, outcome.Error?.Message ?? "killed", decision.Reason);
        return true;
    }

    private async Task<bool> RestartAsync(MigrationDecision decision, MigrationScene scene, RepairSession session, CancellationToken cancellationToken)
    {
        await RequireNoOtherJobAsync(scene.Job!, cancellationToken).ConfigureAwait(false);
        var line = $"ssh {connection.Master} service ganeti restart";
        if (!await view.ApproveAsync(line, "Ganeti answers nobody for some seconds; guests go on.").ConfigureAwait(false))
        {
            return false;
        }

        await RequireNoOtherJobAsync(scene.Job!, cancellationToken).ConfigureAwait(false);
        var result = await session.RunAsync(connection.Master, line, Restart.With(), cancellationToken).ConfigureAwait(false);
        if (result.ExitStatus != 0)
        {
            throw RepairSession.Failure(connection.Master, "Ganeti's daemons could not be restarted", result);
        }

        for (var since = Stopwatch.GetTimestamp(); Stopwatch.GetElapsedTime(since) < EndsWithin && !await connection.AnswersAsync(cancellationToken).ConfigureAwait(false);)
        {
            await Task.Delay(Pause, cancellationToken).ConfigureAwait(false);
        }

        _seen.Remove(string.Empty);
        Made(decision.Action, line, scene, "restarted", decision.Reason);
        return true;
    }

    private async Task RequireNoOtherJobAsync(GntJob job, CancellationToken cancellationToken)
    {
        var jobs = await connection.Jobs.Table.ReadOnlyAsync(new JobSelection { States = [GntJobStatus.running, GntJobStatus.waiting, GntJobStatus.canceling] }.Filter, cancellationToken, nameof(GntJob.Id), nameof(GntJob.Status)).ConfigureAwait(false);
        if (jobs.Where(other => other.Id != job.Id).Select(other => other.Id).ToArray() is { Length: > 0 } others)
        {
            throw new GanetiException(GanetiError.MigrationNotRepaired, $"Job {job.Id} of {guest.Name} does not end, and Ganeti's daemons can't be restarted while others run ({string.Join(", ", others)}): they are processes that this may kill.")
            {
                Target = guest,
                RecommendedAction = $"Wait for them (Wait-GntJob {string.Join(",", others)}), then Repair-GntMigration {guest.Name} again.",
            };
        }
    }

    // The loop goes on looking while it runs: it may stall as the migration did.
    private async Task<bool> SubmitAsync(MigrationDecision decision, LuxiOpcode opcode, RepairSession session, CancellationToken cancellationToken)
    {
        if (!await view.ApproveAsync(opcode.CommandLine, null).ConfigureAwait(false))
        {
            return false;
        }

        var id = (await connection.Jobs.SubmitAsync(new JobChain(opcode), LuxiReason.For(Cmdlet), cancellationToken).ConfigureAwait(false))[0];
        session.Owns(id);
        view.GoesOn(id);
        _own.Add(id, (decision, opcode.CommandLine));
        return true;
    }

    private async Task ReleaseAsync(IReadOnlyCollection<int> ports, MigrationDecision decision, MigrationScene scene, CancellationToken cancellationToken)
    {
        foreach (var port in ports)
        {
            var cut = _held[port];
            await DrbdResets.RestoreAsync(connection, cut, cancellationToken).ConfigureAwait(false);
            _held.Remove(port);
            Made(decision.Action, $"Remove-DrbdConnectionReset -Node {cut.Node}", scene, $"port {port} is let go", decision.Reason);
        }
    }

    private async Task FinishAsync(MigrationScene scene, MigrationDecision decision, RepairSession session, CancellationToken cancellationToken)
    {
        var after = new List<DrbdPair>();
        foreach (var pair in scene.Disks)
        {
            after.Add(await DrbdWatch.UntilInSyncAsync(connection, pair, view, cancellationToken).ConfigureAwait(false));
        }

        var outcome = (scene with { Disks = after }).ToString();
        await session.DoneAsync(outcome, cancellationToken).ConfigureAwait(false);
        Made(GntRepairAction.Done, null, scene, outcome, decision.Reason);
    }

    private async Task SayHowItEndedAsync(GntJob job, MigrationScene scene, CancellationToken cancellationToken)
    {
        var ended = (await connection.Jobs.GetAsync([job.Id ?? 0], cancellationToken).ConfigureAwait(false)) is [var found, ..] ? found : job;
        var outcome = ended.Status == GntJobStatus.success ? $"job {job.Id} succeeded" : JobFailure.Of(ended, guest).Message;
        if (_own.TryGetValue(job.Id ?? 0, out var own))
        {
            if (JobRun.NeverBegan(ended))
            {
                // It counts for nothing, and is submitted again.
                _done.Remove(own.Decision.Action);
            }

            Made(own.Decision.Action, own.CommandLine, scene, outcome, own.Decision.Reason);
        }
        else
        {
            Made(GntRepairAction.WaitForJob, $"Wait-GntJob {job.Id}", scene, outcome);
        }
    }

    private async Task<MigrationScene> SeeAsync(CancellationToken cancellationToken)
    {
        var now = connection.Instances.Table.ReadExactAsync(new HashSet<string>(StringComparer.Ordinal) { guest.Name! }, configurationOnly: true, [], cancellationToken);
        var jobs = connection.Jobs.Table.ReadAsync(new JobSelection { States = [.. JobSelection.Pending, GntJobStatus.running] }.Filter, configurationOnly: true, [], cancellationToken);
        var pairs = ReadDisksAsync(cancellationToken);
        var nodes = disks.SelectMany(pair => new[] { pair.Side.Node, pair.Side.PeerNode }).OfType<string>().Append(guest.PrimaryNode!);
        var places = await GuestWhereabouts.ReadAsync(connection, guest, nodes, cancellationToken).ConfigureAwait(false);
        var job = (await jobs.ConfigureAwait(false)).FirstOrDefault(job => job.InstanceNames.Contains(guest.Name) && (_own.ContainsKey(job.Id ?? 0) || job.Operations?.Any(operation => operation.OpId is "OP_INSTANCE_MIGRATE" or "OP_INSTANCE_FAILOVER") == true));
        foreach (var (port, _) in _held.Where(held => held.Value.Deadline < DateTimeOffset.Now).ToArray())
        {
            // Its node has let it go.
            _held.Remove(port);
        }

        var scene = new MigrationScene
        {
            Guest = (await now.ConfigureAwait(false)) is [var current, ..] ? current : guest,
            Job = job,
            IsOwnJob = _own.ContainsKey(job?.Id ?? 0),
            Disks = await pairs.ConfigureAwait(false),
            Places = places,
            Held = _held.Keys.ToHashSet(),
        };
        var waiting = scene.Disks.Where(pair => pair.Side.Port is not null && IsWaiting(pair) && !_held.ContainsKey(pair.Side.Port.Value)).ToArray();
        var moved = waiting.Select(pair => (Pair: pair, State: Unmoved(pair))).ToArray();
        return scene with
        {
            Stalled = moved.Where(one => one.State.For >= stallAfter).Select(one => one.Pair.Side.Port!.Value).ToHashSet(),
            MayStall = Array.Exists(moved, one => !one.State.HasMoved && one.State.For < stallAfter),
            StillFor = Unmoved(string.Empty, string.Join('/', scene.Disks.SelectMany(pair => pair.Sides).Select(side => $"{side.ConnectionStateText} {side.RoleText} {side.NetworkSent} {side.ResyncLeft}")
                .Append($"{job?.Id} {job?.StatusText} {job?.Log.LastOrDefault()?.Message} {scene.Transfer?.Status} {scene.Transfer?.Transferred}"))).For,
        };
    }

    private async Task<IReadOnlyList<DrbdPair>> ReadDisksAsync(CancellationToken cancellationToken) =>
        await Task.WhenAll(disks.Select(pair => DrbdWatch.ReadAsync(connection, pair, cancellationToken))).ConfigureAwait(false);

    private static bool IsWaiting(DrbdPair pair) => pair.Sides.Any(side => side.IsConnected && (side.PeerPending > 0 || side.ApplicationPending > 0 || DrbdWatch.IsSyncing(side)));

    // Each side by itself: one whose node does not answer every time is not a side that moves.
    private (TimeSpan For, bool HasMoved) Unmoved(DrbdPair pair)
    {
        var sides = pair.Sides.Select(side => Unmoved($"{Name(pair)} {side.Node}", $"{side.ConnectionStateText} {side.NetworkSent} {side.NetworkReceived} {side.DiskWritten} {side.ResyncLeft}")).ToArray();
        return (sides.Min(state => state.For), Array.Exists(sides, state => state.HasMoved));
    }

    private (TimeSpan For, bool HasMoved) Unmoved(string name, string value)
    {
        if (!_seen.TryGetValue(name, out var seen) || seen.Value != value)
        {
            _seen[name] = seen = (value, Stopwatch.GetTimestamp(), seen.Value is not null);
        }

        return (Stopwatch.GetElapsedTime(seen.Since), seen.HasMoved);
    }

    private void GoesOn(GntJob? job) => view.GoesOn(job?.Id is { } id ? [id] : []);

    private static string Name(DrbdPair pair) => $"disk {pair.Side.Port}";

    private static InstanceMigrate CleanupOf(GntInstance guest) => new() { InstanceName = guest.Name!, InstanceUuid = guest.Uuid, Cleanup = true };

    private void Made(GntRepairAction action, string? commandLine, MigrationScene scene, string outcome, string? reason = null)
    {
        var step = new GntRepairStep
        {
            InstanceName = guest.Name,
            Step = ++_steps,
            Action = action,
            Reason = reason,
            CommandLine = commandLine,
            Outcome = outcome,
            Time = DateTimeOffset.Now,
            Transfer = scene.Transfer,
        };
        step.From(connection.Identity, DateTimeOffset.Now);
        view.Made(step);
    }
}
