using System.Diagnostics;
using System.Globalization;
using System.Security.Cryptography;
using Ganeti.Luxi;
using Ganeti.Remote;

namespace Ganeti;

/// <summary>Where an image goes.</summary>
internal sealed record ImageOrder
{
    /// <summary>The guest that is to be made.</summary>
    internal required string InstanceName { get; init; }

    internal required string Node { get; init; }

    internal required string VolumeGroup { get; init; }

    /// <summary>The folder on the node for an image that can't be written as it comes.</summary>
    internal required string Scratch { get; init; }

    /// <summary>The volume, until Ganeti gives it a name.</summary>
    internal string Volume => $"import.{InstanceName}";

    internal string FullName => $"{VolumeGroup}/{Volume}";

    internal string Device => $"/dev/{FullName}";
}

/// <summary>
/// Makes a volume of an image: what is not yet known to be whole is marked, is removed by the node when the client dies, and never has the name of a guest's disk.
/// </summary>
internal sealed class ImageImport(GntConnection connection, string cmdlet, ImageFile image, ImageHeader header, ImageOrder order, IRepairView view)
{
    /// <summary>A volume with this and an id is half.</summary>
    internal const string HalfTag = "ganeti.import=";

    /// <summary>A volume with this and an id is whole, and Ganeti's only once it has another name.</summary>
    internal const string WholeTag = "ganeti.imported=";

    private const string DigestTag = "ganeti.sha256=";

    // A link may be broken for minutes; what a dead client leaves is in nobody's way.
    private static readonly TimeSpan Deadline = TimeSpan.FromMinutes(5);

    // As the scripts say that the deadline has passed.
    private const int DeadlinePassed = 75;

    private static readonly TimeSpan Renewal = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan Farewell = TimeSpan.FromSeconds(60);

    private const long ChunkLength = 64L << 20;

    // The folder may be on the node's root file system.
    private const long Headroom = 256L << 20;

    private static readonly NodeScript Script = new("Import", "image");

    private RepairSession? _session;
    private string? _digest;

    /// <summary>Whether the image is on the node already.</summary>
    private bool IsThere => image.Node == order.Node;

    /// <summary>Whether it has to lie on the node before it can be read.</summary>
    private bool NeedsScratch => header.Format != GntImageFormat.raw && !IsThere;

    /// <summary>Whether its bytes are the disk's, and are written as they come.</summary>
    private bool IsStreamed => header.Format == GntImageFormat.raw && !IsThere;

    private string Activity => $"Importing {image.Name} as {order.InstanceName}";

    // In the volume's tag.
    private string Id { get; set; } = string.Empty;

    // What it was made of, and how that was read: another format's volume has other bytes.
    private string Origin => $"{DigestTag}{(header.Format == GntImageFormat.raw ? string.Empty : $"{header.Format}:")}{_digest}";

    /// <summary>The steps on the node, as a person would type them.</summary>
    internal IReadOnlyList<(string Description, string CommandLine)> Steps
    {
        get
        {
            var steps = new List<(string, string)>();
            var file = NeedsScratch ? $"{order.Scratch}/ganeti-import.ID/image" : image.Path;
            if (NeedsScratch)
            {
                steps.Add(($"Send it to scratch space on {order.Node}, {ByteSize.Of(image.Length)}", $"scp {ShellQuote.Display([image.Node is null ? image.Path : image.Name])} {order.Node}:{file}"));
            }

            if (header.Format != GntImageFormat.raw)
            {
                steps.Add(("Read its size, and refuse it when it is encrypted or other files belong to it", $"{order.Node}: {Display("qemu-img", "info", "--output=json", "-f", header.Format.ToString(), file)}"));
            }

            steps.Add((
                $"Make the volume{(header.VirtualSize is { } size ? $", {ByteSize.Of(size)}" : string.Empty)}, marked as half: {order.Node} removes it by itself when the client is gone",
                $"{order.Node}: {Creation(header.VirtualSize ?? 0, "ID").Commands(null!)[0]}"));
            steps.Add(IsStreamed
                ? ("Write the image to it as it is", $"ssh {order.Node} dd of={order.Device} bs=1M conv=fsync,nocreat < {ShellQuote.Display([image.Node is null ? image.Path : image.Name])}")
                : ("Convert the image onto it", $"{order.Node}: {Display("qemu-img", "convert", "-n", "-f", header.Format.ToString(), "-O", "raw", file, order.Device)}"));
            steps.Add(header.Format == GntImageFormat.raw
                ? ("Read it back: its checksum must be that of the image", $"{order.Node}: head -c {image.Length} {order.Device} | sha256sum")
                : ("Read it back: it must be what the image has", $"{order.Node}: {Display("qemu-img", "compare", "-f", header.Format.ToString(), "-F", "raw", file, order.Device)}"));
            steps.Add(("Take the mark away", $"{order.Node}: lvchange --deltag {HalfTag}ID {order.FullName}"));
            return steps;
        }
    }

    /// <summary>Refuses what can be seen to be wrong before anything is done.</summary>
    /// <exception cref="GanetiException">It can't be imported.</exception>
    internal async Task CheckAsync(CancellationToken cancellationToken)
    {
        if (image.Length == 0)
        {
            throw Refused("it is empty");
        }

        if (header.Refusal is { } why)
        {
            throw Refused(why);
        }

        Judge(await ReadNodeAsync(cancellationToken).ConfigureAwait(false), header.VirtualSize ?? 0);
    }

    /// <summary>Makes the volume; when it returns, it is whole.</summary>
    /// <exception cref="GanetiException">It could not be made, and nothing is left of it; where that is not known, it is said.</exception>
    internal async Task RunAsync(CancellationToken cancellationToken)
    {
        var line = string.Join("; ", Steps.Select(step => step.CommandLine));
        _session = await RepairSession.BeginAsync(
            connection,
            new RepairOrder { Cmdlet = cmdlet, Subject = $"{order.Node}/{order.FullName}", CommandLine = line, InstanceName = order.InstanceName, Nodes = [order.Node], PausesWatcher = false },
            cancellationToken).ConfigureAwait(false);
        await using var ending = _session.ConfigureAwait(false);
        Id = _session.Id;
        if (Judge(await ReadNodeAsync(cancellationToken).ConfigureAwait(false), header.VirtualSize ?? 0) is { } old)
        {
            if (await IsThisAsync(old, cancellationToken).ConfigureAwait(false))
            {
                Id = IdOf(old)!;
                view.Say($"{order.Node}/{order.FullName} has {image.Name} already, whole, from an import that was broken off.");
                await _session.DoneAsync($"{order.FullName} has {image.Name} already, sha256 {_digest}", cancellationToken).ConfigureAwait(false);
                return;
            }

            await RemoveLeftoverAsync(old, cancellationToken).ConfigureAwait(false);
        }

        using var over = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        Task renewing = Task.CompletedTask;
        try
        {
            var scratch = await BeginAsync(cancellationToken).ConfigureAwait(false);
            renewing = RenewAsync(over.Token);
            await FillAsync(scratch, cancellationToken).ConfigureAwait(false);
            await StepAsync($"lvchange --deltag {HalfTag}{Id} {order.FullName}", "the mark could not be taken away", cancellationToken, "whole", Id, order.VolumeGroup, order.Volume, Origin).ConfigureAwait(false);
        }
        catch (Exception exception)
        {
            await DropAsync(exception).ConfigureAwait(false);
            throw;
        }
        finally
        {
            await over.CancelAsync().ConfigureAwait(false);
            await renewing.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }

        view.Progress(Activity, "whole", 100);
        await _session.DoneAsync($"{order.FullName} has {image.Name}, sha256 {_digest}", cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Takes the last tag away when Ganeti has the volume. Nothing hangs on it.</summary>
    internal async Task AdoptedAsync(CancellationToken cancellationToken)
    {
        try
        {
            await RunAsync(["adopted", order.VolumeGroup], cancellationToken).ConfigureAwait(false);
        }
        catch (GanetiException)
        {
        }
    }

    private async Task FillAsync(string? scratch, CancellationToken cancellationToken)
    {
        var source = image.Path;
        if (NeedsScratch)
        {
            source = $"{scratch}/image";
            _digest = await SendAsync(source, "sent to scratch space", cancellationToken).ConfigureAwait(false);
            await RequireSameAsync(source, cancellationToken).ConfigureAwait(false);
        }

        var size = header.Format == GntImageFormat.raw ? ImageHeader.RoundedUp(image.Length, 512) : await InspectAsync(source, cancellationToken).ConfigureAwait(false);
        await MakeVolumeAsync(size, cancellationToken).ConfigureAwait(false);
        if (IsStreamed)
        {
            _digest = await SendAsync(order.Device, "written", cancellationToken).ConfigureAwait(false);
        }
        else
        {
            // From the beginning, since qemu-img can't go on where it was.
            await SurviveAsync(() => ConvertAsync(source, cancellationToken), static () => 0, cancellationToken).ConfigureAwait(false);
        }

        await VerifyAsync(source, cancellationToken).ConfigureAwait(false);
    }

    private async Task<string?> BeginAsync(CancellationToken cancellationToken)
    {
        var about = LuxiJson.ToText(new GntParameters { ["Kind"] = nameof(ImageImport), ["Id"] = Id, ["Volume"] = order.FullName });
        var result = await RunAsync(["begin", Id, Seconds(Deadline), about, order.VolumeGroup, order.Volume, NeedsScratch ? order.Scratch : string.Empty, Number(image.Length + Headroom)], cancellationToken).ConfigureAwait(false);
        return result.ExitStatus switch
        {
            0 => NeedsScratch ? result.OutputText.Trim() : null,
            5 => throw NoTool(),
            6 => throw new GanetiException(GanetiError.ParameterInvalid, $"{order.Node} has no folder {order.Scratch}.") { Target = order.Scratch, RecommendedAction = "Name one that there is with -Scratch." },
            7 => throw new GanetiException(GanetiError.SpaceInsufficient, $"{order.Node} has {ByteSize.Of(long.TryParse(result.ErrorText.Trim(), CultureInfo.InvariantCulture, out var free) ? free : 0)} free in {order.Scratch}; the image is {ByteSize.Of(image.Length)}, and {ByteSize.Of(Headroom)} are left to the node.")
            {
                Target = order.Scratch,
                RecommendedAction = "Name a folder with more space with -Scratch; or convert it to raw here (qemu-img convert), which is written to the volume as it comes.",
            },
            _ => throw RepairSession.Failure(order.Node, "the import could not begin", result),
        };
    }

    private async Task<long> InspectAsync(string source, CancellationToken cancellationToken)
    {
        var result = await ReadAsync(["info", header.Format.ToString(), source], cancellationToken).ConfigureAwait(false);
        if (result.ExitStatus == 5)
        {
            throw NoTool();
        }

        if (result.ExitStatus != 0 || ImageInfo.Read(result.OutputText, source) is not { } info)
        {
            throw Refused($"qemu-img can't read it as {header.Format}: {RemoteText.Printable(result.ErrorText.Trim().ReplaceLineEndings("; "))}");
        }

        return info.Refusal is { } why ? throw Refused(why) : info.VirtualSize;
    }

    private async Task MakeVolumeAsync(long size, CancellationToken cancellationToken)
    {
        // What speaks against it may have come up meanwhile, and the size is known for certain only now.
        var creation = Creation(size, Id);
        if (creation.Refusal(await ReadNodeAsync(cancellationToken).ConfigureAwait(false)) is { } refusal)
        {
            throw refusal;
        }

        var command = creation.Commands(null!)[0];
        var from = header.Format == GntImageFormat.raw ? image.Length / 512 * 512 : ImageHeader.RoundedUp(size, 512);
        await StepAsync(command.ToString(), "the volume could not be made", cancellationToken, ["volume", Id, Number(from), order.Device, .. command.Argv]).ConfigureAwait(false);
    }

    private async Task<bool> ConvertAsync(string source, CancellationToken cancellationToken)
    {
        var host = await connection.OpenNodeAsync(order.Node, cancellationToken).ConfigureAwait(false);
        var pipe = await host.OpenPipeAsync(Script.With("convert", Id, header.Format.ToString(), source, order.Device), cancellationToken).ConfigureAwait(false);
        await using var ending = pipe.ConfigureAwait(false);
        var clock = Stopwatch.StartNew();
        var buffer = new byte[4096];
        for (int length; (length = await pipe.ReadAsync(buffer, cancellationToken).ConfigureAwait(false)) > 0;)
        {
            // "    (12.34/100%)" and a carriage return.
            var last = System.Text.Encoding.ASCII.GetString(buffer, 0, length).Split('(')[^1].Split('/')[0];
            if (double.TryParse(last, CultureInfo.InvariantCulture, out var percent) && percent < 100)
            {
                view.Progress(Activity, "converted onto the volume", percent, percent > 1 ? clock.Elapsed * ((100 - percent) / percent) : null);
            }
        }

        RequireInTime(pipe.ExitStatus);
        if (pipe.ExitStatus != 0)
        {
            throw new GanetiException(GanetiError.ImageRefused, $"{image.Name} could not be converted: {RemoteText.Printable(pipe.ErrorText.Trim().ReplaceLineEndings("; "))} (exit status {pipe.ExitStatus}).")
            {
                Target = image.Name,
                RecommendedAction = $"Check it with qemu-img check -f {header.Format}.",
            };
        }

        return true;
    }

    private async Task VerifyAsync(string source, CancellationToken cancellationToken)
    {
        view.Progress(Activity, "reading it back");
        if ((await image.AgainAsync(cancellationToken).ConfigureAwait(false)).State != image.State)
        {
            throw new GanetiException(GanetiError.ImageChanged, $"The image {image.Name} was changed while it was read.") { Target = image.Name, RecommendedAction = "Import it when nobody writes to it: a guest that runs from it has to be stopped." };
        }

        _digest ??= await SumAsync(source, image.Length, cancellationToken).ConfigureAwait(false);
        if (header.Format == GntImageFormat.raw)
        {
            await RequireSameAsync(order.Device, cancellationToken).ConfigureAwait(false);
            return;
        }

        var result = await ReadAsync(["compare", header.Format.ToString(), source, order.Device], cancellationToken).ConfigureAwait(false);
        switch (result.ExitStatus)
        {
            case 0:
                return;
            case 1:
                throw Differs(order.Device, RemoteText.Printable(result.OutputText.Trim().ReplaceLineEndings("; ")));
            default:
                throw RepairSession.Failure(order.Node, $"{order.Device} could not be compared with the image", result);
        }
    }

    private async Task RequireSameAsync(string file, CancellationToken cancellationToken)
    {
        var there = await SumAsync(file, image.Length, cancellationToken).ConfigureAwait(false);
        if (there != _digest)
        {
            throw Differs(file, $"sha256 {_digest} was read, and {there} is there");
        }
    }

    private GanetiException Differs(string file, string why) => new(GanetiError.ChecksumMismatch, $"What {order.Node} has in {file} is not what {image.Name} has: {why}.")
    {
        Target = image.Name,
        RecommendedAction = "It is thrown away; import it again. When that does not help, look at the node's disks: Get-BlockDevice -Problem.",
    };

    private async Task<string> SumAsync(string file, long length, CancellationToken cancellationToken)
    {
        var result = await ReadAsync(["sum", file, Number(length)], cancellationToken).ConfigureAwait(false);
        return result.ExitStatus == 0 ? result.OutputText.Split(' ', 2)[0].TrimStart('\\') : throw RepairSession.Failure(order.Node, $"{file} could not be read", result);
    }

    // In chunks, so that a broken link costs no more than one.
    private async Task<string> SendAsync(string file, string what, CancellationToken cancellationToken)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        var clock = Stopwatch.StartNew();
        long hashed = 0;
        for (long done = 0; done < image.Length;)
        {
            var count = Math.Min(ChunkLength, image.Length - done);
            done = await SurviveAsync(() => SendChunkAsync(done, count), () => hashed, cancellationToken).ConfigureAwait(false);
        }

        return Convert.ToHexString(hash.GetHashAndReset()).ToLowerInvariant();

        async Task<long> SendChunkAsync(long offset, long count)
        {
            var host = await connection.OpenNodeAsync(order.Node, cancellationToken).ConfigureAwait(false);
            var pipe = await host.OpenPipeAsync(Script.With("write", Id, file, Number(offset), Number(count)), cancellationToken).ConfigureAwait(false);
            await using var ending = pipe.ConfigureAwait(false);
            var position = offset;
            await image.ReadAsync(
                offset,
                count,
                async data =>
                {
                    var old = (int)Math.Clamp(hashed - position, 0, data.Length);
                    hash.AppendData(data.Span[old..]);
                    position += data.Length;
                    hashed = Math.Max(hashed, position);
                    await pipe.WriteAsync(data, cancellationToken).ConfigureAwait(false);
                    var percent = 100.0 * position / image.Length;
                    view.Progress(Activity, $"{ByteSize.Of(position)} of {ByteSize.Of(image.Length)} {what}, {ByteSize.Of((long)(position / Math.Max(0.001, clock.Elapsed.TotalSeconds)))}/s", Math.Min(percent, 99), percent > 0.5 ? clock.Elapsed * ((100 - percent) / percent) : null);
                },
                cancellationToken).ConfigureAwait(false);
            if (position != offset + count)
            {
                throw new GanetiException(GanetiError.ImageChanged, $"The image {image.Name} ended after {position} bytes of {image.Length}.") { Target = image.Name, RecommendedAction = "It was made shorter while it was read, or its disk is faulty; see that it is whole and import it again." };
            }

            while (await pipe.ReadAsync(new byte[256], cancellationToken).ConfigureAwait(false) > 0)
            {
            }

            RequireInTime(pipe.ExitStatus);
            return pipe.ExitStatus == 0 ? offset + count
                : throw new GanetiException(GanetiError.StorageChangeRefused, $"{order.Node} could not write {file}: {RemoteText.Printable(pipe.ErrorText.Trim())} (exit status {pipe.ExitStatus}).") { Target = image.Name, RecommendedAction = $"See its disks: Get-BlockDevice {order.Node} -Problem." };
        }
    }

    private Task<T> SurviveAsync<T>(Func<Task<T>> work, Func<long> progress, CancellationToken cancellationToken) => BrokenLink.SurviveAsync(
        work,
        progress,
        Deadline,
        exception => view.Warn($"The link was broken ({exception.Message.TrimEnd('.')}); it goes on where it was as soon as it can."),
        cancellationToken);

    // What changes nothing can be done again.
    private Task<RemoteResult> ReadAsync(string[] arguments, CancellationToken cancellationToken) => SurviveAsync(() => RunAsync(arguments, cancellationToken), static () => 0, cancellationToken);

    private void RequireInTime(int? exitStatus)
    {
        if (exitStatus == DeadlinePassed)
        {
            throw new GanetiException(GanetiError.StorageStateWrong, $"{order.Node} has heard nothing of this client for {Deadline.TotalMinutes:0} minutes and has removed what there was of {image.Name}.") { Target = image.Name, RecommendedAction = "Import it again when the link holds." };
        }
    }

    private async Task RenewAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            await Task.Delay(Renewal, cancellationToken).ConfigureAwait(false);
            try
            {
                await RunAsync(["renew", Id, Seconds(Deadline)], cancellationToken).ConfigureAwait(false);
            }
            catch (GanetiException)
            {
                // The node may be cut off for the moment; when it stays so, it removes what it has.
            }
        }
    }

    // Though the operator has left.
    private async Task DropAsync(Exception why)
    {
        using var limit = new CancellationTokenSource(Farewell);
        try
        {
            var result = await RunAsync(["drop", Id, order.VolumeGroup, order.Volume], limit.Token).ConfigureAwait(false);
            if (result.ExitStatus == 0)
            {
                return;
            }
        }
        catch (Exception exception) when (exception is GanetiException or OperationCanceledException or ObjectDisposedException)
        {
        }

        view.Warn($"{order.FullName} on {order.Node} is half and could not be removed now ({why.Message.TrimEnd('.')}); the node removes it by itself within {Deadline.TotalMinutes:0} minutes, or the next import of {order.InstanceName} does.");
    }

    /// <summary>The volume that an earlier import left; anything else of that name is in the way.</summary>
    private LvmVolume? Judge(NodeStorage storage, long size)
    {
        var old = storage.Volumes.FirstOrDefault(volume => volume.VolumeGroup == order.VolumeGroup && volume.Name == order.Volume);
        // What Ganeti has adopted has a name of Ganeti's.
        if (old is not null && IdOf(old) is not null)
        {
            return old.IsOpen == false ? old : throw new GanetiException(GanetiError.StorageInUse, $"{order.Node}/{order.FullName} is left from an import that was broken off, and somebody has it open.")
            {
                Target = old,
                RecommendedAction = $"An import may still be going on; see Get-GntHistory -UnderWay, Get-BlockHolder {order.Node} {order.Device}.",
            };
        }

        return Creation(size, "ID").Refusal(storage) is { } refusal ? throw refusal : null;
    }

    private static string? IdOf(LvmVolume volume) => (volume.Tags ?? []).Where(tag => tag.StartsWith(HalfTag, StringComparison.Ordinal) || tag.StartsWith(WholeTag, StringComparison.Ordinal)).Select(tag => tag[(tag.IndexOf('=', StringComparison.Ordinal) + 1)..]).FirstOrDefault();

    // One that is whole is told by what it was made of; raw, by what it has.
    private async Task<bool> IsThisAsync(LvmVolume old, CancellationToken cancellationToken)
    {
        if (Array.Find(old.Tags!, tag => tag.StartsWith(DigestTag, StringComparison.Ordinal)) is not { } tag || Array.Exists(old.Tags!, other => other.StartsWith(HalfTag, StringComparison.Ordinal)))
        {
            return false;
        }

        view.Progress(Activity, "reading the image");
        if (IsThere)
        {
            _digest = await SumAsync(image.Path, image.Length, cancellationToken).ConfigureAwait(false);
        }
        else
        {
            using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
            await image.ReadAsync(0, image.Length, data => { hash.AppendData(data.Span); return Task.CompletedTask; }, cancellationToken).ConfigureAwait(false);
            _digest = Convert.ToHexString(hash.GetHashAndReset()).ToLowerInvariant();
        }

        if (tag != Origin || (header.Format == GntImageFormat.raw && await SumAsync(order.Device, image.Length, cancellationToken).ConfigureAwait(false) != _digest))
        {
            _digest = null;
            return false;
        }

        return true;
    }

    private async Task RemoveLeftoverAsync(LvmVolume old, CancellationToken cancellationToken)
    {
        view.Say($"{order.Node}/{order.FullName} is left from an import that was broken off; it is removed.");
        var mark = old.Tags!.First(tag => tag.StartsWith(HalfTag, StringComparison.Ordinal) || tag.StartsWith(WholeTag, StringComparison.Ordinal));
        var result = await _session!.RunAsync(order.Node, $"lvremove {order.FullName}", Script.With("drop", IdOf(old)!, order.VolumeGroup, order.Volume, mark), cancellationToken).ConfigureAwait(false);
        if (result.ExitStatus != 0)
        {
            throw RepairSession.Failure(order.Node, $"{order.FullName}, left from an import that was broken off, could not be removed", result);
        }
    }

    private Task<NodeStorage> ReadNodeAsync(CancellationToken cancellationToken) => connection.Block.ReadAsync(order.Node, withHealth: false, cancellationToken);

    private LvmCreation Creation(long size, string id) => new() { Node = order.Node, Subject = order.FullName, VolumeGroup = order.VolumeGroup, Name = order.Volume, Size = size, Tags = [HalfTag + id] };

    private async Task StepAsync(string line, string what, CancellationToken cancellationToken, params string[] arguments)
    {
        var result = await _session!.RunAsync(order.Node, line, Script.With(arguments), cancellationToken).ConfigureAwait(false);
        RequireInTime(result.ExitStatus);
        if (result.ExitStatus != 0)
        {
            throw RepairSession.Failure(order.Node, what, result);
        }
    }

    private async Task<RemoteResult> RunAsync(string[] arguments, CancellationToken cancellationToken)
    {
        var host = await connection.OpenNodeAsync(order.Node, cancellationToken).ConfigureAwait(false);
        return await GntConnection.RunAsync(host, Script.With(arguments), cancellationToken).ConfigureAwait(false);
    }

    private GanetiException Refused(string why) => new(GanetiError.ImageRefused, $"The image {image.Name} ({header.Format}) is not imported: {why}.")
    {
        Target = image.Name,
        RecommendedAction = header.Format == GntImageFormat.raw ? "Unpack it first." : "Make one image of it where you trust it: qemu-img convert -O raw. Or say what it is with -ImageFormat.",
    };

    private GanetiException NoTool() => new(GanetiError.ImageToolMissing, $"{order.Node} has no qemu-img, which a {header.Format} image needs.")
    {
        Target = order.Node,
        RecommendedAction = "Install qemu-utils there; or convert it here (qemu-img convert -O raw) and import that.",
    };

    private static string Display(params string[] argv) => ShellQuote.Display(argv);

    private static string Number(long number) => number.ToString(CultureInfo.InvariantCulture);

    private static string Seconds(TimeSpan time) => Number((long)time.TotalSeconds);
}
