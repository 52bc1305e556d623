using System.Globalization;

namespace Ganeti;

/// <summary>
/// Tells what is wrong with mirrors, from what two samples of both sides, the configuration, the jobs, the kernels' logs and the generations say. Nothing is asked or changed here.
/// </summary>
/// <remarks>
/// A state is a problem when it is in both samples. No problems are: a resync or verify that gets on, a stopped guest whose disks are down, both sides Primary while a migration
/// runs, what a job that has just begun leaves unfinished, a resync that waits for another one.
/// </remarks>
internal sealed partial class DrbdDiagnosis
{
    // A resync slower than this, with more than so long to go, will not end by itself in time to be of use.
    private const long CrawlingSpeed = 1 << 20;
    private static readonly TimeSpan LongToGo = TimeSpan.FromHours(1);

    private readonly DrbdCase _case;
    private readonly List<DrbdProblem> _problems = [];

    private DrbdDiagnosis(DrbdCase @case) => _case = @case;

    /// <summary>The mirrors with their sides, and on each side what is wrong with it, the worst first. Those of a stopped guest whose disks are down have no sides.</summary>
    internal static IReadOnlyList<GntMirror> Of(DrbdSituation situation) => [.. situation.Cases().Select(found => new DrbdDiagnosis(found).Mirror()).OfType<GntMirror>()];

    private GntMirror? Mirror()
    {
        Diagnose();
        foreach (var problem in _problems)
        {
            problem.InstanceName = _case.Mirror?.InstanceName;
            problem.DiskIndex = _case.Mirror?.DiskIndex;
        }

        var sides = _case.Sides.Where(side => side.Now is not null || _problems.Exists(problem => problem.Id == side.Id)).Select(DeviceOf).ToArray();
        return _case.Mirror is null && sides.Length == 0 ? null : new GntMirror
        {
            InstanceName = _case.Mirror?.InstanceName,
            DiskIndex = _case.Mirror?.DiskIndex,
            DiskUuid = _case.Mirror?.DiskUuid,
            Port = _case.Mirror?.Port ?? sides[0].Port,
            Sides = sides,
        };
    }

    // What is not there is told with what the configuration has of it.
    private DrbdDevice DeviceOf(DrbdSide side)
    {
        var device = side.Now ?? new DrbdDevice { Node = side.Node, Minor = side.Minor };
        if (side.Now is null)
        {
            DrbdMirror.Assign(_case.Situation.Mirrors ?? [], [device]);
        }

        device.Generation ??= side.Generation;
        device.Problems = [.. _problems.Where(problem => problem.Id == side.Id).OrderByDescending(problem => problem.Severity).ThenBy(problem => problem.Kind)];
        return device;
    }

    private void Diagnose()
    {
        if (_case.IsStranger)
        {
            foreach (var side in _case.Sides)
            {
                DiagnoseStranger(side);
            }

            return;
        }

        if (_case.Sides.All(side => !side.IsKnown))
        {
            if (_case.IsMeantToBeReady)
            {
                var side = _case.Sides[0];
                Add(side, DrbdProblemKind.OtherSideUnknown, DrbdSeverity.Error, $"Neither {side.Node} nor {_case.Sides[1].Node} was reached: nothing is known of this mirror.", $"Get-GntNode {side.Node}, {_case.Sides[1].Node}");
            }

            return;
        }

        if (!_case.IsMeantToBeReady)
        {
            foreach (var side in _case.Sides.Where(side => side.Is(_ => true) && _case.Job is null))
            {
                DiagnoseLeftOver(side);
            }

            return;
        }

        DiagnosePair();
        foreach (var side in _case.Sides)
        {
            DiagnoseSide(side, _case.OtherThan(side)!);
        }
    }

    private void DiagnoseSide(DrbdSide side, DrbdSide other)
    {
        if (side.IsMissing || side.Is(device => device.ConnectionState == DrbdConnectionState.Unconfigured))
        {
            // Without the configuration its number is not known, and what it is missed by tells enough.
            if (_case.Job is null && side.Minor is not null)
            {
                Add(side, DrbdProblemKind.MinorMissing, DrbdSeverity.Error, $"{Disk} has no {(side.IsMissing ? "minor" : "disk and no connection")} on {side.Node}: there is one copy at most that is written to.", DrbdRemedy.Guest(_case, side, "Enable-GntDisk", "Enable-DrbdDevice"));
            }

            return;
        }

        if (!side.IsKnown)
        {
            return;
        }

        DiagnoseConnection(side, other);
        DiagnoseDisk(side, other);
        DiagnoseProgress(side, other);
        DiagnoseConfiguration(side, other);
        DiagnoseHolders(side);
        if (!other.IsKnown && !_problems.Exists(problem => problem.Id == side.Id))
        {
            Add(side, DrbdProblemKind.OtherSideUnknown, DrbdSeverity.Warning, $"{other.Node} was not reached: how the other side is, is known from this one only.", $"Get-DrbdDevice {other.Node}");
        }
    }

    private string Disk => _case.Mirror is { } mirror ? string.Create(CultureInfo.InvariantCulture, $"Disk {mirror.DiskIndex} of {mirror.InstanceName}") : "The device";

    private void Add(DrbdSide side, DrbdProblemKind kind, DrbdSeverity severity, string message, string? remedy, params IEnumerable<string?> evidence) => _problems.Add(new DrbdProblem
    {
        Kind = kind,
        Severity = severity,
        Id = side.Id,
        Node = side.Node,
        Minor = side.Minor,
        Message = message,
        Remedy = remedy,
        Evidence = [side.Words(), .. _case.Sides.Where(other => !ReferenceEquals(other, side)).Select(other => other.Words()), .. evidence.OfType<string>(), .. JobWords()],
    });

    private IEnumerable<string> JobWords()
    {
        if (_case.Job is { } job)
        {
            yield return string.Create(CultureInfo.InvariantCulture, $"Job {job.Id} is running: {RemoteText.Printable(string.Join(", ", job.Summary ?? []))}");
        }
    }

    private static string Told(DrbdSide side, DrbdLogEvent happened) => $"{side.Node}'s kernel, {side.When(happened.Time)}: {RemoteText.Printable(happened.Text)}";

    private bool Has(DrbdSide side, DrbdProblemKind kind) => _problems.Exists(problem => problem.Kind == kind && problem.Id == side.Id);
}
