using Ganeti.Luxi;

namespace Ganeti;

/// <summary>A disk on LVM volumes as Ganeti's configuration has it.</summary>
/// <remarks>From the master's <c>config.data</c>, as <c>configured.sh</c> prints it: no query tells ports, minors and volumes.</remarks>
internal sealed record ConfiguredDisk
{
    private static readonly NodeScript Script = new("Disk", "configured");

    internal string? Uuid { get; init; }

    /// <summary>The guest; null for a disk that is attached to none.</summary>
    internal string? InstanceName { get; init; }

    /// <summary>Its place among the guest's disks; null where there is no guest.</summary>
    internal int? Index { get; init; }

    /// <summary>Whether it is on DRBD.</summary>
    internal bool IsMirrored { get; init; }

    /// <summary>Where it is, the primary side first, with the minor of DRBD.</summary>
    internal required IReadOnlyList<(string Node, int? Minor)> Sides { get; init; }

    internal int? Port { get; init; }

    /// <summary>Its volumes, the same on all sides; of a mirror data before meta data.</summary>
    internal required IReadOnlyList<(string Group, string Name)> Volumes { get; init; }

    /// <summary>Asks the master.</summary>
    /// <param name="connection">The cluster.</param>
    /// <param name="guests">Guests by full name, whose disks are meant; one that is gone is left out. None stands for all disks, attached or not.</param>
    /// <param name="cancellationToken">Ends the wait at once.</param>
    /// <exception cref="GanetiException">The master was not reached, or its configuration could not be read.</exception>
    internal static async Task<IReadOnlyList<ConfiguredDisk>> ReadAsync(GntConnection connection, IEnumerable<string> guests, CancellationToken cancellationToken)
    {
        var master = await connection.OpenMasterAsync(cancellationToken).ConfigureAwait(false);
        var result = await GntConnection.RunAsync(master, Script.With([.. guests]), cancellationToken).ConfigureAwait(false);
        return result.ExitStatus == 0 && Read(result.OutputText) is { } disks ? disks : throw RepairSession.Failure(connection.Master, "the disks in Ganeti's configuration could not be read", result);
    }

    /// <summary>Reads what the script printed; what is odd in it is left out. Null for what is no such list.</summary>
    internal static IReadOnlyList<ConfiguredDisk>? Read(string text) => !LuxiJson.TryParse(text, out var value) || value is not object?[] disks ? null :
    [
        .. from disk in disks.OfType<GntParameters>()
           let sides = Rows(disk, "sides").Where(side => side is [string, ..]).Select(side => ((string)side[0]!, (int?)LuxiSetters.ToLong(side.ElementAtOrDefault(1)))).ToArray()
           let volumes = Rows(disk, "volumes").Where(volume => volume is [string, string]).Select(volume => ((string)volume[0]!, (string)volume[1]!)).ToArray()
           where sides.Length > 0
           select new ConfiguredDisk
           {
               Uuid = disk.GetValueOrDefault("uuid") as string,
               InstanceName = disk.GetValueOrDefault("instance") as string,
               Index = (int?)LuxiSetters.ToLong(disk.GetValueOrDefault("index")),
               IsMirrored = disk.GetValueOrDefault("dev_type") as string == "drbd",
               Sides = sides,
               Port = (int?)LuxiSetters.ToLong(disk.GetValueOrDefault("port")),
               Volumes = volumes,
           },
    ];

    private static IEnumerable<object?[]> Rows(GntParameters disk, string name) => (disk.GetValueOrDefault(name) as object?[] ?? []).OfType<object?[]>();
}
