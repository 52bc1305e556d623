using System.Diagnostics;
using System.Net.Sockets;

namespace Ganeti.Ssh;

/// <summary>A program of this machine whose input and output are the connection (ssh_config(5), ProxyCommand), given to SSH.NET as a socket.</summary>
internal sealed class ProxyProcess
{
    private static readonly TimeSpan TimeToEnd = TimeSpan.FromSeconds(1);

    private readonly Process _process;
    private readonly ErrorTail _error = new();
    private readonly Task _ended;

    private ProxyProcess(Process process, Socket far)
    {
        _process = process;
        _ended = RunAsync(far);
    }

    internal int? ExitStatus { get; private set; }

    internal string ErrorText => _error.ToString();

    /// <summary>Starts a command; it ends with the socket, and the socket with it.</summary>
    internal static async Task<(Socket Socket, ProxyProcess Process)> StartAsync(string command, CancellationToken cancellationToken)
    {
        var (ours, far) = await SocketPair.ConnectAsync(cancellationToken);
        try
        {
            return (ours, new ProxyProcess(Process.Start(InShell(command))!, far));
        }
        catch
        {
            ours.Dispose();
            far.Dispose();
            throw;
        }
    }

    /// <summary>Whether the command has ended by itself, or does within a moment.</summary>
    internal async Task<bool> HasEndedAsync()
    {
        await Task.WhenAny(_ended, Task.Delay(TimeToEnd));
        return _ended.IsCompleted && ExitStatus is not null;
    }

    // The shell is the user's own, as in ssh, unless that is PowerShell, which has no exec. A Ctrl+C at the terminal is for the cmdlet that runs,
    // not for the connection that others use, too.
    private static ProcessStartInfo InShell(string command)
    {
        var shell = Environment.GetEnvironmentVariable("SHELL") is { Length: > 0 } own && !Path.GetFileName(own).StartsWith("pwsh", StringComparison.Ordinal) ? own : "/bin/sh";
        return OperatingSystem.IsWindows()
            ? Redirected(new ProcessStartInfo("cmd.exe") { Arguments = $"/d /s /c \"{command}\"" })
            : Redirected(new ProcessStartInfo("/bin/sh", ["-c", "trap '' INT QUIT; exec \"$1\" -c \"exec $2\"", "sh", shell, command]));
    }

    private static ProcessStartInfo Redirected(ProcessStartInfo start)
    {
        start.RedirectStandardInput = true;
        start.RedirectStandardOutput = true;
        start.RedirectStandardError = true;
        start.UseShellExecute = false;
        return start;
    }

    private async Task RunAsync(Socket far)
    {
        using var process = _process;
        await using var stream = new NetworkStream(far, ownsSocket: true);
        var (input, output, error) = (process.StandardInput.BaseStream, process.StandardOutput.BaseStream, process.StandardError.BaseStream);
        var incoming = CopyAsync(output, stream);
        var outgoing = CopyAsync(stream, input);
        var complaints = KeepAsync(error);
        if (await Task.WhenAny(incoming, outgoing) == outgoing)
        {
            // Our side has closed the connection.
            Kill(process);
            await incoming;
            return;
        }

        // Its output has ended, and so it is about to.
        await Task.WhenAny(process.WaitForExitAsync(), Task.Delay(TimeToEnd));
        Kill(process);
        await process.WaitForExitAsync();
        await Task.WhenAny(complaints, Task.Delay(TimeToEnd));
        ExitStatus = process.ExitCode;
    }

    private static void Kill(Process process)
    {
        try
        {
            process.Kill(entireProcessTree: true);
        }
        catch (InvalidOperationException)
        {
            // It has ended.
        }
    }

    private static async Task CopyAsync(Stream from, Stream to)
    {
        try
        {
            var buffer = new byte[32 * 1024];
            int length;
            while ((length = await from.ReadAsync(buffer)) > 0)
            {
                await to.WriteAsync(buffer.AsMemory(0, length));
                await to.FlushAsync();
            }
        }
        catch (Exception e) when (e is IOException or ObjectDisposedException)
        {
            // One end is gone, which ends the other.
        }
    }

    private async Task KeepAsync(Stream error)
    {
        try
        {
            var buffer = new byte[4096];
            int length;
            while ((length = await error.ReadAsync(buffer)) > 0)
            {
                _error.Add(buffer.AsSpan(0, length));
            }
        }
        catch (Exception e) when (e is IOException or ObjectDisposedException)
        {
            // It was killed.
        }
    }
}
