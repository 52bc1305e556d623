namespace Ganeti;

/// <summary>What a repair of a migration does next.</summary>
/// <param name="Action">What.</param>
/// <param name="Reason">Why, for people.</param>
/// <param name="Failure">The error that ends it, or null.</param>
internal sealed record MigrationDecision(GntRepairAction Action, string Reason, GanetiException? Failure = null)
{
    private const int MostCleanups = 3;
    private const int MostResets = 2;

    /// <summary>
    /// How long a job may stand still with nothing stalled that could be cured. Longer than the master takes to see by itself that a job's process is dead: it looks
    /// every 307 seconds (Ganeti's <c>LUXID_JOBQUEUE_POLL_INTERVAL</c>), after a restart too.
    /// </summary>
    internal static readonly TimeSpan Patience = TimeSpan.FromMinutes(6);

    /// <summary>Decides by what is seen, and by what was done already. Nothing but this knows the order of a repair.</summary>
    /// <param name="scene">What is seen.</param>
    /// <param name="done">The steps made so far.</param>
    internal static MigrationDecision Of(MigrationScene scene, IReadOnlyList<GntRepairAction> done)
    {
        var last = done.Count > 0 ? done[^1] : GntRepairAction.Look;
        var toCut = scene.Stalled.Except(scene.Held).ToArray();
        if (toCut.Length > 0)
        {
            if (done.Count(action => action == GntRepairAction.ResetConnection) >= MostResets)
            {
                var why = $"the replication on port {string.Join(", ", toCut)} stalls again after each reset, so the connection is not what is wrong: what is sent gets lost on the way ({scene})";
                return new(GntRepairAction.Look, why, Wrong(scene, why, "Small packets pass and large ones do not: look at the MTU and at packet filters between the nodes; then Repair-GntMigration again."));
            }

            var isDual = scene.Disks.Any(pair => pair.IsDualPrimary && toCut.Contains(pair.Side.Port ?? 0));
            return isDual
                ? new(GntRepairAction.HoldConnection, $"the replication on port {string.Join(", ", toCut)} does not move, and both sides are Primary: connected again now they would be split")
                : new(GntRepairAction.ResetConnection, $"the replication on port {string.Join(", ", toCut)} does not move");
        }

        // What is left of a hold when its clean-up has ended has served its time.
        if (scene.Held.Count > 0 && (scene.Releasable.Count > 0 || (scene.Job is null && last is GntRepairAction.Cleanup or GntRepairAction.Reconnect)))
        {
            return new(GntRepairAction.ReleaseConnection, scene.Releasable.Count > 0 ? "one side is Secondary now" : "the clean-up has ended");
        }

        if (scene.Job is not null)
        {
            return OfJob(scene, done);
        }

        if (scene.MayStall)
        {
            return new(GntRepairAction.WaitForJob, "looking whether the replication moves");
        }

        if (scene.IsAllRight)
        {
            return new(GntRepairAction.Done, "guest, configuration and mirrors agree");
        }

        if (Obstacle(scene) is { } obstacle)
        {
            return new(GntRepairAction.Look, obstacle.Message, obstacle);
        }

        if (done.LastOrDefault(action => action is GntRepairAction.Cleanup or GntRepairAction.Reconnect) == GntRepairAction.Cleanup && scene.HasStandAlone)
        {
            return new(GntRepairAction.Reconnect, "the clean-up has left a side StandAlone");
        }

        return done.Count(action => action == GntRepairAction.Cleanup) < MostCleanups
            ? new(GntRepairAction.Cleanup, scene.RunsOn is { } node ? $"the guest runs on {node}" : "the guest is on both nodes: the migration was broken off in its middle")
            : new(GntRepairAction.Look, "it could not be put right", NotRepaired(scene));
    }

    private static MigrationDecision OfJob(MigrationScene scene, IReadOnlyList<GntRepairAction> done)
    {
        if (scene.Transfer is { IsDiverging: true } transfer && !done.Contains(GntRepairAction.CancelTransfer))
        {
            return new(GntRepairAction.CancelTransfer, $"the guest writes its memory as fast as it is transferred ({transfer}); before the next try allow it a longer downtime (Set-GntInstance {scene.Guest.Name} -HypervisorParameter @{{ migration_downtime = … }}, ms) or the cluster more bandwidth (gnt-cluster modify -H kvm:migration_bandwidth=…, MiB/s)");
        }

        if (scene.StillFor < Patience || scene.Job!.Status != GntJobStatus.running)
        {
            return new(GntRepairAction.WaitForJob, scene.StillFor > TimeSpan.FromSeconds(20) ? "nothing moves, it may come to its own end" : "it goes on");
        }

        return !done.Contains(GntRepairAction.KillJob) ? new(GntRepairAction.KillJob, $"nothing has moved for {scene.StillFor.TotalMinutes:0.#} minutes")
            : !done.Contains(GntRepairAction.RestartDaemons) ? new(GntRepairAction.RestartDaemons, "the killed job is still in the queue")
            : new(GntRepairAction.Look, "the job does not end", NotRepaired(scene));
    }

    private static GanetiException? Obstacle(MigrationScene scene)
    {
        if (scene.Places.FirstOrDefault(place => place.IsPresent is null) is { } unknown)
        {
            return Wrong(scene, $"whether it runs on {unknown.Node} can't be seen{(unknown.Failure is null ? string.Empty : $": {unknown.Failure}")}", $"It must run once only: make sure, then Repair-GntMigration {scene.Guest.Name} again.");
        }

        return scene.Locations.Count == 0
            ? Wrong(scene, "it runs on neither of its nodes", $"Stop-GntInstance {scene.Guest.Name} puts its disks away, Start-GntInstance starts it again.")
            : null;
    }

    private static GanetiException NotRepaired(MigrationScene scene) => scene is { HasStandAlone: true, Demoted: { } loser }
        ? new GanetiException(GanetiError.DrbdSplitBrain, $"{scene.Guest.Name} runs on {scene.RunsOn}, and its mirrors do not connect again: {scene}.")
        {
            Target = scene.Guest,
            RecommendedAction = $"See what each side would lose, and keep the side that it runs on: Resolve-DrbdSplitBrain {scene.Guest.Name} -DiscardNode {loser}.",
        }
        : Wrong(scene, $"it could not be put right: {scene}", "See Get-DrbdDevice -Problem and the jobs' messages (Get-GntJob).");

    private static GanetiException Wrong(MigrationScene scene, string why, string next) => new(GanetiError.MigrationNotRepaired, $"{scene.Guest.Name}: {why}.")
    {
        Target = scene.Guest,
        RecommendedAction = next,
    };
}
