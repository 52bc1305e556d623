using System.Globalization;
using System.Text;
using Ganeti.Remote;

namespace Ganeti;

/// <summary>An image where it lies: on this machine, or on a node.</summary>
internal abstract class ImageFile
{
    private protected static readonly NodeScript Script = new("Import", "image");

    /// <summary>The file, for people: <c>g1.example.com:/srv/disk.raw</c>.</summary>
    internal abstract string Name { get; }

    /// <summary>Its full path there.</summary>
    internal required string Path { get; init; }

    /// <summary>The node that has it; null for this machine.</summary>
    internal string? Node { get; init; }

    internal required long Length { get; init; }

    /// <summary>When it was changed, and which file it is: whoever changes it meanwhile makes half an image of it.</summary>
    internal required string State { get; init; }

    internal required byte[] Head { get; init; }

    internal required byte[] Tail { get; init; }

    /// <summary>Reads a part.</summary>
    /// <param name="offset">From where.</param>
    /// <param name="count">How much.</param>
    /// <param name="take">Takes what came.</param>
    /// <param name="cancellationToken">Ends it.</param>
    internal abstract Task ReadAsync(long offset, long count, Func<ReadOnlyMemory<byte>, Task> take, CancellationToken cancellationToken);

    /// <summary>Looks at it once more.</summary>
    internal abstract Task<ImageFile> AgainAsync(CancellationToken cancellationToken);

    /// <summary>Looks at an image.</summary>
    /// <param name="connection">The cluster.</param>
    /// <param name="node">The node that has it; null for this machine.</param>
    /// <param name="path">Its full path there.</param>
    /// <param name="cancellationToken">Ends the wait at once.</param>
    /// <exception cref="GanetiException">There is none, or it can't be read.</exception>
    internal static Task<ImageFile> OpenAsync(GntConnection connection, string? node, string path, CancellationToken cancellationToken) =>
        node is null ? LocalImage.LookAsync(path, cancellationToken) : RemoteImage.LookAsync(connection, node, path, cancellationToken);

    internal GanetiException Unreadable(string why, Exception? inner = null) => Unreadable(Name, why, inner);

    private protected static GanetiException Unreadable(string name, string why, Exception? inner = null) => new(GanetiError.ImageNotRead, $"The image {name} can't be read: {why}", inner)
    {
        Target = name,
        RecommendedAction = "Check the path; an image on a node is named as node:/path, and read as the login there may.",
    };

    private sealed class LocalImage : ImageFile
    {
        internal override string Name => Path;

        internal static async Task<ImageFile> LookAsync(string path, CancellationToken cancellationToken)
        {
            try
            {
                var info = new FileInfo(path);
                if (!info.Exists)
                {
                    throw Unreadable(path, Directory.Exists(path) ? "it is a folder." : "there is no such file.");
                }

                using var file = File.OpenHandle(path, options: FileOptions.Asynchronous);
                var length = RandomAccess.GetLength(file);
                var head = new byte[Math.Min(length, ImageHeader.HeadLength)];
                var tail = new byte[Math.Min(length, ImageHeader.TailLength)];
                var some = await RandomAccess.ReadAsync(file, head, 0, cancellationToken).ConfigureAwait(false);
                var last = await RandomAccess.ReadAsync(file, tail, length - tail.Length, cancellationToken).ConfigureAwait(false);
                return new LocalImage { Path = path, Length = length, State = string.Create(CultureInfo.InvariantCulture, $"{length} {File.GetLastWriteTimeUtc(file).Ticks}"), Head = head[..some], Tail = tail[..last] };
            }
            catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
            {
                throw Unreadable(path, exception.Message, exception);
            }
        }

        internal override Task<ImageFile> AgainAsync(CancellationToken cancellationToken) => LookAsync(Path, cancellationToken);

        internal override async Task ReadAsync(long offset, long count, Func<ReadOnlyMemory<byte>, Task> take, CancellationToken cancellationToken)
        {
            var buffer = new byte[1 << 18];
            try
            {
                using var file = File.OpenHandle(Path, options: FileOptions.Asynchronous | FileOptions.SequentialScan);
                for (int length; count > 0 && (length = await RandomAccess.ReadAsync(file, buffer.AsMemory(0, (int)Math.Min(buffer.Length, count)), offset, cancellationToken).ConfigureAwait(false)) > 0; offset += length, count -= length)
                {
                    await take(buffer.AsMemory(0, length)).ConfigureAwait(false);
                }
            }
            catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
            {
                throw Unreadable(exception.Message, exception);
            }
        }
    }

    private sealed class RemoteImage(GntConnection connection) : ImageFile
    {
        internal override string Name => $"{Node}:{Path}";

        internal static async Task<ImageFile> LookAsync(GntConnection connection, string node, string path, CancellationToken cancellationToken)
        {
            var host = await connection.OpenNodeAsync(node, cancellationToken).ConfigureAwait(false);
            var result = await GntConnection.RunAsync(host, Script.With("look", path), cancellationToken).ConfigureAwait(false);
            if (result.ExitStatus != 0)
            {
                throw Unreadable($"{node}:{path}", $"{RemoteText.Printable(result.ErrorText.Trim())}.");
            }

            var output = result.Output;
            var end = output.Span.IndexOf((byte)'\n');
            var state = end < 0 ? string.Empty : Encoding.ASCII.GetString(output.Span[..end]);
            if (!long.TryParse(state.Split(' ')[0], NumberStyles.None, CultureInfo.InvariantCulture, out var length))
            {
                throw Unreadable($"{node}:{path}", "the node's answer is none.");
            }

            // A file that ends early has the bytes of its end where more of its head should be.
            var bytes = output[(end + 1)..];
            var head = (int)Math.Min(bytes.Length, Math.Min(length, ImageHeader.HeadLength));
            return new RemoteImage(connection) { Node = node, Path = path, Length = length, State = state, Head = bytes[..head].ToArray(), Tail = bytes[head..].ToArray() };
        }

        internal override Task<ImageFile> AgainAsync(CancellationToken cancellationToken) => LookAsync(connection, Node!, Path, cancellationToken);

        internal override async Task ReadAsync(long offset, long count, Func<ReadOnlyMemory<byte>, Task> take, CancellationToken cancellationToken)
        {
            var host = await connection.OpenNodeAsync(Node!, cancellationToken).ConfigureAwait(false);
            var command = new RemoteCommand("dd", $"if={Path}", "iflag=skip_bytes,count_bytes", string.Create(CultureInfo.InvariantCulture, $"skip={offset}"), string.Create(CultureInfo.InvariantCulture, $"count={count}"), "bs=1M", "status=none");
            var buffer = new byte[1 << 18];
            var pipe = await host.OpenPipeAsync(command, cancellationToken).ConfigureAwait(false);
            await using (pipe.ConfigureAwait(false))
            {
                for (int length; (length = await pipe.ReadAsync(buffer, cancellationToken).ConfigureAwait(false)) > 0;)
                {
                    await take(buffer.AsMemory(0, length)).ConfigureAwait(false);
                }

                if (pipe.ExitStatus is not (0 or null))
                {
                    throw Unreadable(RemoteText.Printable(pipe.ErrorText.Trim()));
                }
            }
        }
    }
}
