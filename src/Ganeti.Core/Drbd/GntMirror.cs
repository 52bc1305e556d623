using System.Globalization;

namespace Ganeti;

/// <summary>A mirrored disk as a whole: both its sides, and what is wrong with them.</summary>
public sealed class GntMirror : GntObject
{
    /// <summary>The guest whose disk it is; null for minors that are no guest's.</summary>
    public string? InstanceName { get; set; }

    /// <summary>The disk's place among the guest's disks, from 0.</summary>
    public int? DiskIndex { get; set; }

    /// <summary>Ganeti's UUID of that disk.</summary>
    public string? DiskUuid { get; set; }

    /// <summary>The TCP port that both sides use.</summary>
    public int? Port { get; set; }

    /// <summary>The sides, the configuration's primary first. One that is not there, or whose node was not reached, is here with node and minor only.</summary>
    public DrbdDevice[]? Sides { get; set; }

    /// <summary>Derived: what is wrong with its sides, the worst first.</summary>
    public DrbdProblem[] Problems => [.. (Sides ?? []).SelectMany(side => side.Problems ?? []).OrderByDescending(problem => problem.Severity).ThenBy(problem => problem.Kind)];

    /// <summary>Derived: how bad the worst of it is; null when nothing is wrong.</summary>
    public DrbdSeverity? Severity => Problems.FirstOrDefault()?.Severity;

    /// <summary>Derived: whether nothing is wrong. A resync that gets on is not wrong: see <see cref="IsInSync"/>.</summary>
    public bool IsHealthy => Problems.Length == 0;

    /// <summary>
    /// Derived: whether both sides are connected and have the same data, so that one of them can be lost now. A stopped guest's sides that are down are in sync when nothing is
    /// wrong with them.
    /// </summary>
    public bool IsInSync => IsHealthy && (Sides ?? []).All(side => side.ConnectionState is null || side is { IsDegraded: false, IsInResync: false });

    /// <summary>Guest and disk, or the sides of minors that are no guest's.</summary>
    public override string ToString() => Key ?? nameof(GntMirror);

    internal override string? Key => InstanceName is not null
        ? string.Create(CultureInfo.InvariantCulture, $"{InstanceName}/disk/{DiskIndex}")
        : Sides is { Length: > 0 } sides ? string.Join('+', sides.Select(side => side.Id)) : null;
}
