using System.Globalization;
using System.Security.Cryptography;
using Ganeti.Remote;

namespace Ganeti;

/// <summary>
/// Brings an export's files to a folder of this machine. What is not whole yet is called <c>….part</c> and is continued at its length, in this
/// run after a broken link and in a later one after anything; <c>config.ini</c> comes last, so that a folder that has it is whole.
/// </summary>
internal sealed class ExportFetch
{
    internal const string DescriptionName = "config.ini";
    internal const string SumsName = "SHA256SUMS";

    // A chunk is all that can pile up here while the disk is slower than the link.
    private const long ChunkLength = 64L << 20;
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(5);

    private readonly GntConnection _connection;
    private readonly GntExport _export;

    internal ExportFetch(GntConnection connection, GntExport export, string folder)
    {
        _connection = connection;
        _export = export;
        Folder = folder;
    }

    /// <summary>Where the files go.</summary>
    internal string Folder { get; }

    /// <summary>Bytes of the dumps in all.</summary>
    internal long Total => Disks.Sum(disk => disk.DumpSize!.Value);

    /// <summary>Called as bytes come: the file, bytes of all files that are here, and how many of them came just now.</summary>
    internal Action<string, long, long>? OnProgress { get; init; }

    /// <summary>Called when the link is broken and the transfer is about to go on.</summary>
    internal Action<GanetiException>? OnBroken { get; init; }

    private GntExportDisk[] Disks => _export.Disks ?? [];

    private string Description => Path.Combine(Folder, DescriptionName);

    private string Begun => $"{Description}.part";

    /// <summary>Fetches what is missing.</summary>
    /// <param name="replace">Whether a whole copy of another export in the folder is given up.</param>
    /// <param name="cancellationToken">Ends the wait at once; what has come stays and is continued.</param>
    /// <returns>Whether anything was missing.</returns>
    internal async Task<bool> RunAsync(bool replace, CancellationToken cancellationToken)
    {
        RequireWhole();
        var host = await _connection.OpenNodeAsync(_export.Node!, cancellationToken).ConfigureAwait(false);
        var description = await ReadDescriptionAsync(host, cancellationToken).ConfigureAwait(false);
        try
        {
            Directory.CreateDirectory(Folder);
            if (File.Exists(Description))
            {
                if (IsSame(Description, description) && Array.TrueForAll(Disks, IsHere))
                {
                    return false;
                }

                GiveUp(replace, IsSame(Description, description));
            }

            Begin(description);
            RequireSpace();
            var here = Disks.Where(IsHere).Sum(disk => disk.DumpSize!.Value);
            foreach (var disk in Disks.Where(disk => !IsHere(disk)))
            {
                await FetchAsync(host, disk, here, cancellationToken).ConfigureAwait(false);
                here += disk.DumpSize!.Value;
            }

            // A dump may have the same name in the next export of the guest.
            if (!(await ReadDescriptionAsync(host, cancellationToken).ConfigureAwait(false)).AsSpan().SequenceEqual(description))
            {
                throw Anew();
            }

            File.Move(Begun, Description, overwrite: true);
            return true;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new GanetiException(GanetiError.FileNotWritten, $"{_export.Name} can't be saved in {Folder}: {exception.Message}", exception)
            {
                Target = _export,
                RecommendedAction = "Check the folder, its owner and the space there; what has come so far is kept and continued.",
            };
        }
    }

    private void RequireWhole()
    {
        if (_export.IsComplete != true || !Array.TrueForAll(Disks, disk => IsPlainName(disk.FileName)))
        {
            throw new GanetiException(GanetiError.ExportIncomplete, $"The export {_export} is not whole: {(_export.Disks is null ? "it has no description" : "not all dumps that it names are there")}.")
            {
                Target = _export,
                RecommendedAction = "It may still be written (see Get-GntJob), or be left from one that failed: export the guest again.",
            };
        }
    }

    // What a node says never leads out of the folder.
    private static bool IsPlainName(string? name) => name is { Length: > 0 } && name[0] != '.' && name.All(static c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_' or '.')
        && name is not (DescriptionName or SumsName) && !name.EndsWith(".part", StringComparison.Ordinal);

    private async Task<byte[]> ReadDescriptionAsync(IRemoteHost host, CancellationToken cancellationToken)
    {
        var result = await GntConnection.RunAsync(host, new RemoteCommand("cat", "--", $"{_export.Path}/{DescriptionName}"), cancellationToken).ConfigureAwait(false);
        return result.ExitStatus == 0 ? result.Output.ToArray() : throw Failed(host, result.ExitStatus, result.ErrorText);
    }

    private bool IsHere(GntExportDisk disk) => new FileInfo(FileOf(disk)) is { Exists: true } file && file.Length == disk.DumpSize;

    private string FileOf(GntExportDisk disk) => Path.Combine(Folder, disk.FileName!);

    private static bool IsSame(string file, byte[] content) => File.ReadAllBytes(file).AsSpan().SequenceEqual(content);

    // The description goes first: from here on the folder is not whole.
    private void GiveUp(bool replace, bool isSame)
    {
        if (!replace && !isSame)
        {
            throw new GanetiException(GanetiError.SavedCopyExists, $"{Folder} has another export of {_export.Name} already.")
            {
                Target = _export,
                RecommendedAction = "Save it in another folder, or give that one up with -Force.",
            };
        }

        File.Move(Description, Begun, overwrite: true);
    }

    // What there is of another export can't be continued, nor told from this one's: Ganeti names the dumps of a stopped guest alike each time, and their length is its disks'.
    private void Begin(byte[] description)
    {
        if (!File.Exists(Begun) || !IsSame(Begun, description))
        {
            var old = new GntExport();
            if (File.Exists(Begun))
            {
                ExportDescription.Parse(File.ReadAllLines(Begun)).Fill(old);
            }

            var dumps = (old.Disks ?? []).Concat(Disks).Where(disk => IsPlainName(disk.FileName)).Select(FileOf);
            foreach (var file in Directory.GetFiles(Folder, "*.part").Concat(dumps).Append(Path.Combine(Folder, SumsName)))
            {
                File.Delete(file);
            }

            using var begun = Create(Begun, FileMode.Create);
            begun.Write(description);
        }
    }

    private void RequireSpace()
    {
        // Of a share on Windows there is no drive to ask.
        if (Path.GetFullPath(Folder).StartsWith(@"\\", StringComparison.Ordinal))
        {
            return;
        }

        var missing = Disks.Where(disk => !IsHere(disk)).Sum(disk => disk.DumpSize!.Value - (new FileInfo($"{FileOf(disk)}.part") is { Exists: true } part ? part.Length : 0));
        var free = new DriveInfo(Path.GetFullPath(Folder)).AvailableFreeSpace;
        if (missing > free)
        {
            throw new GanetiException(GanetiError.SpaceInsufficient, string.Create(CultureInfo.InvariantCulture, $"{Folder} has {free} bytes free, and {missing} more of {_export} are to come."))
            {
                Target = _export,
                RecommendedAction = "Name a folder with more space with -Path.",
            };
        }
    }

    // An export has the guest's data, and perhaps its secrets.
    private static FileStream Create(string file, FileMode mode)
    {
        var options = new FileStreamOptions { Mode = mode, Access = FileAccess.ReadWrite, Share = FileShare.None, BufferSize = 1 << 20, Options = FileOptions.Asynchronous };
        if (!OperatingSystem.IsWindows())
        {
            options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        }

        return new FileStream(file, options);
    }

    private async Task FetchAsync(IRemoteHost host, GntExportDisk disk, long before, CancellationToken cancellationToken)
    {
        var partName = $"{FileOf(disk)}.part";
        using var over = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        // What comes meanwhile tells of an outage.
        var sum = BrokenLink.SurviveAsync(() => SumAsync(host, disk, over.Token), static () => 0, Patience, static _ => { }, over.Token);
        string received;
        var part = Create(partName, FileMode.OpenOrCreate);
        await using (part.ConfigureAwait(false))
        {
            if (part.Length > disk.DumpSize)
            {
                part.SetLength(0);
            }

            try
            {
                received = await ReceiveAsync(host, disk, part, before, cancellationToken).ConfigureAwait(false);
                part.Flush(flushToDisk: true);
            }
            catch
            {
                // The node need not read on for nobody.
                await over.CancelAsync().ConfigureAwait(false);
                await ((Task)sum).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
                throw;
            }
        }

        if (await sum.ConfigureAwait(false) != received)
        {
            File.Delete(partName);
            throw new GanetiException(GanetiError.ChecksumMismatch, $"What was received of {disk.FileName} is not what {_export.Node} has: the checksums differ.")
            {
                Target = _export,
                RecommendedAction = "Save it again; when that does not help, the file on the node changes or its disk is faulty.",
            };
        }

        File.Move(partName, FileOf(disk), overwrite: true);
        WriteSum(disk.FileName!, received);
    }

    private async Task<string> ReceiveAsync(IRemoteHost host, GntExportDisk disk, FileStream part, long before, CancellationToken cancellationToken)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        var buffer = new byte[1 << 18];
        for (int length; (length = await part.ReadAsync(buffer, cancellationToken).ConfigureAwait(false)) > 0;)
        {
            hash.AppendData(buffer.AsSpan(0, length));
        }

        OnProgress?.Invoke(disk.FileName!, before + part.Length, 0);
        while (part.Position < disk.DumpSize)
        {
            var start = part.Position;
            await BrokenLink.SurviveAsync(() => ReceiveChunkAsync(host, disk, part, hash, buffer, before, cancellationToken), () => part.Position, Patience, exception => OnBroken?.Invoke(exception), cancellationToken).ConfigureAwait(false);
            if (part.Position == start)
            {
                throw Anew();
            }
        }

        return Convert.ToHexString(hash.GetHashAndReset()).ToLowerInvariant();
    }

    private GanetiException Anew() => new(GanetiError.ExportIncomplete, $"{_export} is not what it was when this began: the guest was exported anew meanwhile.")
    {
        Target = _export,
        RecommendedAction = "Save that export: the same command begins anew.",
    };

    private async Task<long> ReceiveChunkAsync(IRemoteHost host, GntExportDisk disk, FileStream part, IncrementalHash hash, byte[] buffer, long before, CancellationToken cancellationToken)
    {
        var count = Math.Min(ChunkLength, disk.DumpSize!.Value - part.Position);
        var command = new RemoteCommand("dd", $"if={_export.Path}/{disk.FileName}", "iflag=skip_bytes,count_bytes", string.Create(CultureInfo.InvariantCulture, $"skip={part.Position}"), string.Create(CultureInfo.InvariantCulture, $"count={count}"), "bs=1M", "status=none");
        var pipe = await host.OpenPipeAsync(command, cancellationToken).ConfigureAwait(false);
        await using (pipe.ConfigureAwait(false))
        {
            for (int length; (length = await pipe.ReadAsync(buffer, cancellationToken).ConfigureAwait(false)) > 0;)
            {
                await part.WriteAsync(buffer.AsMemory(0, length), CancellationToken.None).ConfigureAwait(false);
                hash.AppendData(buffer.AsSpan(0, length));
                OnProgress?.Invoke(disk.FileName!, before + part.Position, length);
            }

            if (pipe.ExitStatus is not (0 or null))
            {
                throw Failed(host, pipe.ExitStatus, pipe.ErrorText);
            }
        }

        return part.Position;
    }

    private async Task<string> SumAsync(IRemoteHost host, GntExportDisk disk, CancellationToken cancellationToken)
    {
        var result = await GntConnection.RunAsync(host, new RemoteCommand("sha256sum", "--", $"{_export.Path}/{disk.FileName}"), cancellationToken).ConfigureAwait(false);
        return result.ExitStatus == 0 ? result.OutputText.Split(' ', 2)[0].TrimStart('\\') : throw Failed(host, result.ExitStatus, result.ErrorText);
    }

    private void WriteSum(string name, string sum)
    {
        var file = Path.Combine(Folder, SumsName);
        var others = File.Exists(file) ? File.ReadAllLines(file).Where(line => !line.EndsWith($"  {name}", StringComparison.Ordinal) && Array.Exists(Disks, disk => line.EndsWith($"  {disk.FileName}", StringComparison.Ordinal))) : [];
        File.WriteAllLines(file, [.. others, $"{sum}  {name}"]);
    }

    private RemoteException Failed(IRemoteHost host, int? exitStatus, string error) => new(GanetiError.RemoteCommandFailed, host.Name, $"{host.Name} could not read the export {_export}: {error.Trim()} (exit status {exitStatus}).")
    {
        ExitStatus = exitStatus,
        StandardError = error,
        RecommendedAction = "See with Get-GntExport whether it is still there, and whether the login may read its files.",
    };
}
