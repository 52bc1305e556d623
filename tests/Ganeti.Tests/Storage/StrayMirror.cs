using System.Globalization;
using Ganeti.Tests.Cluster;

namespace Ganeti.Tests.Storage;

/// <summary>A mirror that Ganeti knows nothing of: minor 60 on g1, which is Primary, and 61 on g2, port 11990, 64 MiB each.</summary>
internal static class StrayMirror
{
    public const string Here = "-Node g1 -Minor 60";
    public const string There = "-Node g2 -Minor 61";
    public const string Data = "/dev/kvmvg/stray.data";
    public const string Meta = "/dev/kvmvg/stray.meta";

    private const string Make = """
        set -e
        lvcreate -q -y -Wn -L 64m -n stray.data kvmvg >/dev/null
        lvcreate -q -y -Wn -L 4m -n stray.meta kvmvg >/dev/null
        dd if=/dev/zero of=/dev/kvmvg/stray.data bs=1M count=64 oflag=direct 2>/dev/null
        dd if=/dev/zero of=/dev/kvmvg/stray.meta bs=1M count=4 oflag=direct 2>/dev/null
        drbdmeta --force "/dev/drbd$1" v08 /dev/kvmvg/stray.meta flex-external create-md >/dev/null 2>&1
        drbdsetup new-resource "resource$1"
        drbdsetup new-minor "resource$1" "$1" 0
        drbdsetup attach "$1" /dev/kvmvg/stray.data /dev/kvmvg/stray.meta flexible --on-io-error=detach
        """;

    // One that is connected says so.
    private const string Quietly = """
        drbdsetup connect "resource$1" "ipv4:$2:11990" "ipv4:$3:11990" --protocol C --cram-hmac-alg md5 --shared-secret stray 2>/dev/null
        :
        """;

    private const string Remove = """
        drbdsetup resume-sync "$1" >/dev/null 2>&1
        drbdsetup down "resource$1"
        # udev may look into them at that moment.
        for i in 1 2 3 4 5; do
          lvremove -q -y kvmvg/stray.data >/dev/null 2>&1
          lvremove -q -y kvmvg/stray.meta >/dev/null 2>&1
          lvs --noheadings -o name kvmvg | grep -q stray || break
          sleep 1
        done
        """;

    /// <summary>Makes it, in sync.</summary>
    public static void Up()
    {
        Down();
        On("g1", Make, "60");
        On("g2", Make, "61");
        Connect();
        // Both have nothing but zeros.
        On("g1", "for i in 1 2 3 4 5 6 7 8 9; do sleep 1; ! grep -q ' 60: cs:Connected' /proc/drbd || break; done; drbdsetup new-current-uuid --clear-bitmap 60 && drbdsetup primary 60");
    }

    /// <summary>Connects it anew.</summary>
    public static void Connect()
    {
        On("g1", Quietly, "60", "198.51.100.11", "198.51.100.12");
        On("g2", Quietly, "61", "198.51.100.12", "198.51.100.11");
    }

    /// <summary>Takes away what there is of it.</summary>
    public static void Down()
    {
        On("g1", Remove + "\n:", "60");
        On("g2", Remove + "\n:", "61");
    }

    /// <summary>What a script prints on a node.</summary>
    public static string On(string node, string script, params string[] arguments) => Lab.Exec(node, ["sh", "-c", script, "sh", .. arguments]);

    /// <summary>What /proc/drbd has of a minor.</summary>
    public static string State(string node, int minor) => On(node, $"sed -n '/^ *{minor.ToString(CultureInfo.InvariantCulture)}: cs:/p' /proc/drbd").Trim();
}
