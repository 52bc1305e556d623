using System.Globalization;
using System.Text;

namespace Ganeti;

/// <summary>Reads what holders.sh prints: lines of values with tabs between, the first being what the line tells.</summary>
internal static class HolderLines
{
    /// <summary>The holders of a device; those that stand highest come first, as they have to let go first.</summary>
    internal static IReadOnlyList<BlockHolder> Read(string node, string device, string? instance, string output)
    {
        var lines = output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => line.Split('\t')).ToArray();
        var devices = lines.Where(line => line is ["device", _, ..]).Select(line => new Held(line[1], line.ElementAtOrDefault(3) ?? string.Empty, line.ElementAtOrDefault(4) ?? string.Empty)).ToList();
        var found = new List<(int Height, BlockHolder Holder)>();
        foreach (var line in lines.Where(line => line.Length > 1))
        {
            var height = devices.FindIndex(held => held.Kernel == line[1]);
            if (height >= 0 && Of(line, devices, devices[height]) is { } holder)
            {
                holder.Node = node;
                holder.Device = device;
                holder.Through = height == 0 ? null : devices[height].File;
                holder.InstanceName ??= instance;
                found.Add((height, holder));
            }
        }

        return [.. found.OrderByDescending(pair => pair.Height).Select(pair => pair.Holder)];
    }

    private static BlockHolder? Of(string[] line, List<Held> devices, Held held) => line switch
    {
        ["process", _, var number, var name, var command, ..] => Process((int?)DrbdText.Number(number), name.Trim(), command.Trim()),
        ["mount", _, var point, ..] when Unescaped(point) is var where => new BlockHolder { Kind = BlockHolderKind.Mount, Name = where, MountPoint = where, Remedy = $"umount {Remote.ShellQuote.Quote(where)}" },
        ["swap", ..] => new BlockHolder { Kind = BlockHolderKind.Swap, Name = "swap", Remedy = $"swapoff {held.File}" },
        ["holder", _, var kernel, ..] when devices.Find(device => device.Kernel == kernel) is { } on => Standing(on, held),
        _ => null,
    };

    private static BlockHolder Process(int? number, string name, string command)
    {
        var holder = new BlockHolder { Kind = BlockHolderKind.Process, ProcessId = number, Name = RemoteText.Printable(name), Command = RemoteText.Printable(command), Remedy = string.Create(CultureInfo.InvariantCulture, $"kill {number}") };
        var words = command.Split(' ', StringSplitOptions.RemoveEmptyEntries);
        if (name.StartsWith("qemu", StringComparison.Ordinal) || name.StartsWith("kvm", StringComparison.Ordinal))
        {
            // Ganeti gives the guest's name alone; others write guest=NAME,….
            var given = Array.IndexOf(words, "-name") is >= 0 and var at && at + 1 < words.Length ? words[at + 1].Split(',')[0] : null;
            holder.Kind = BlockHolderKind.Qemu;
            holder.InstanceName = given?.StartsWith("guest=", StringComparison.Ordinal) == true ? given["guest=".Length..] : given;
            holder.Remedy = holder.InstanceName is null ? holder.Remedy : $"Stop-GntInstance {holder.InstanceName}";
        }

        return holder;
    }

    // What stands on a device: by its name, and a mapping by what its maker wrote into its UUID.
    private static BlockHolder Standing(Held on, Held held) => on switch
    {
        _ when on.Uuid.StartsWith("part", StringComparison.Ordinal) => new BlockHolder { Kind = BlockHolderKind.Partition, Name = on.Name, Remedy = $"kpartx -dv {held.File}" },
        // Mount-GntDisk has them look like a volume, so that the node's LVM leaves them alone.
        _ when on.Uuid.StartsWith("LVM-gntmount", StringComparison.Ordinal) => new BlockHolder { Kind = BlockHolderKind.Partition, Name = on.Name, Remedy = $"Get-GntMount | Where-Object Id -eq {RemoteText.Printable(on.Name["gntmount-".Length..].Split('p')[0])} | Dismount-GntDisk" },
        _ when on.Uuid.StartsWith("LVM-", StringComparison.Ordinal) && Volume(on.Name) is var (group, volume) => new BlockHolder { Kind = BlockHolderKind.LvmVolume, Name = $"{group}/{volume}", Remedy = $"lvchange -an {group}/{volume}" },
        _ when on.Name.Length > 0 => new BlockHolder { Kind = BlockHolderKind.DeviceMapper, Name = on.Name, Remedy = $"dmsetup remove {Remote.ShellQuote.Quote(RemoteText.Printable(on.Name))}" },
        _ when on.Kernel.StartsWith("drbd", StringComparison.Ordinal) => new BlockHolder { Kind = BlockHolderKind.Drbd, Name = on.Kernel, Remedy = $"drbdsetup down {on.Kernel.Replace("drbd", "resource", StringComparison.Ordinal)}" },
        _ when on.Kernel.StartsWith("loop", StringComparison.Ordinal) => new BlockHolder { Kind = BlockHolderKind.Loop, Name = on.Kernel, Remedy = $"losetup -d {on.File}" },
        _ when on.Kernel.StartsWith("md", StringComparison.Ordinal) => new BlockHolder { Kind = BlockHolderKind.Raid, Name = on.Kernel, Remedy = $"mdadm --stop {on.File}" },
        _ => new BlockHolder { Kind = BlockHolderKind.Unrecognized, Name = on.Kernel },
    };

    // Group and volume with one hyphen between, those in the names doubled (dm_build_dm_name in LVM's libdm-common).
    private static (string Group, string Volume) Volume(string name)
    {
        for (var i = 0; i < name.Length; i++)
        {
            if (name[i] != '-')
            {
                continue;
            }

            if (i + 1 < name.Length && name[i + 1] == '-')
            {
                i++;
                continue;
            }

            return (name[..i].Replace("--", "-", StringComparison.Ordinal), name[(i + 1)..].Replace("--", "-", StringComparison.Ordinal));
        }

        return (name, string.Empty);
    }

    // mountinfo writes blanks, tabs, newlines and backslashes as three octal digits.
    private static string Unescaped(string text)
    {
        var bytes = new List<byte>();
        var raw = Encoding.UTF8.GetBytes(text);
        for (var i = 0; i < raw.Length; i++)
        {
            if (raw[i] == '\\' && i + 3 < raw.Length && raw.AsSpan(i + 1, 3).IndexOfAnyExceptInRange((byte)'0', (byte)'7') < 0)
            {
                bytes.Add((byte)(((raw[i + 1] - '0') * 64) + ((raw[i + 2] - '0') * 8) + (raw[i + 3] - '0')));
                i += 3;
            }
            else
            {
                bytes.Add(raw[i]);
            }
        }

        return RemoteText.Printable(Encoding.UTF8.GetString([.. bytes]));
    }

    private sealed record Held(string Kernel, string Name, string Uuid)
    {
        internal string File => Name.Length > 0 ? $"/dev/mapper/{Name}" : $"/dev/{Kernel.Replace('!', '/')}";
    }
}
