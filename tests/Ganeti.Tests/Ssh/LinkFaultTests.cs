using System.Diagnostics;
using Ganeti.Remote;

namespace Ganeti.Tests.Ssh;

/// <summary>What was going on when the fault came.</summary>
public enum LinkActivity
{
    Connecting,

    /// <summary>A connection that is open and idle; then a command.</summary>
    Idle,

    /// <summary>A command that runs.</summary>
    Running,

    /// <summary>A program that is read from, as the master daemon's answers are.</summary>
    Reading,

    /// <summary>Nodes behind this host are about to be reached.</summary>
    Tunnelling,
}

/// <summary>The table of a network's faults: what a user sees of each, by what was going on, and that all works again when it is over.</summary>
[Trait("Kind", "server")]
public sealed class LinkFaultTests : IAsyncLifetime
{
    private const string Nothing = "";
    private const string Refused = nameof(GanetiError.ConnectionRefused);
    private const string TimedOut = nameof(GanetiError.ConnectionTimeout);
    private const string Lost = nameof(GanetiError.ConnectionLost);
    private const string NotSsh = nameof(GanetiError.NotAnSshServer);

    private static readonly TimeSpan AtMost = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan AMoment = TimeSpan.FromSeconds(1);

    private RealSshd _sshd = null!;
    private FaultyLink _link = null!;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        _sshd = await RealSshd.StartAsync();
        _link = new FaultyLink(_sshd.Port);
    }

    public async ValueTask DisposeAsync()
    {
        await (_link?.DisposeAsync() ?? ValueTask.CompletedTask);
        await (_sshd?.DisposeAsync() ?? ValueTask.CompletedTask);
    }

    [Theory]
    //         the fault             what was going on        what is seen
    [InlineData(LinkFault.Refused, LinkActivity.Connecting, Refused)]
    [InlineData(LinkFault.Refused, LinkActivity.Idle, Nothing)]
    [InlineData(LinkFault.Refused, LinkActivity.Tunnelling, Nothing)]
    [InlineData(LinkFault.Stalled, LinkActivity.Connecting, TimedOut)]
    [InlineData(LinkFault.Stalled, LinkActivity.Idle, TimedOut)]
    [InlineData(LinkFault.Stalled, LinkActivity.Running, Lost)]
    [InlineData(LinkFault.Stalled, LinkActivity.Reading, Lost)]
    [InlineData(LinkFault.Stalled, LinkActivity.Tunnelling, TimedOut)]
    [InlineData(LinkFault.Reset, LinkActivity.Connecting, Lost)]
    [InlineData(LinkFault.Reset, LinkActivity.Idle, Lost)]
    [InlineData(LinkFault.Reset, LinkActivity.Running, Lost)]
    [InlineData(LinkFault.Reset, LinkActivity.Reading, Lost)]
    [InlineData(LinkFault.Reset, LinkActivity.Tunnelling, Lost)]
    [InlineData(LinkFault.HalfClosed, LinkActivity.Connecting, NotSsh)]
    [InlineData(LinkFault.HalfClosed, LinkActivity.Idle, NotSsh)]
    [InlineData(LinkFault.HalfClosed, LinkActivity.Running, Lost)]
    [InlineData(LinkFault.HalfClosed, LinkActivity.Reading, Lost)]
    [InlineData(LinkFault.HalfClosed, LinkActivity.Tunnelling, NotSsh)]
    [InlineData(LinkFault.Garbage, LinkActivity.Connecting, NotSsh)]
    [InlineData(LinkFault.Garbage, LinkActivity.Idle, NotSsh)]
    [InlineData(LinkFault.Garbage, LinkActivity.Running, Lost)]
    [InlineData(LinkFault.Garbage, LinkActivity.Reading, Lost)]
    [InlineData(LinkFault.Garbage, LinkActivity.Tunnelling, NotSsh)]
    public async Task A_fault_of_the_network_is_told_and_all_works_when_it_is_over(LinkFault fault, LinkActivity activity, string seen)
    {
        await using var host = activity == LinkActivity.Connecting ? null : await ConnectAsync(Token);
        var error = await SeenAsync(host, fault, activity, Token);

        Assert.Equal(seen, error?.Error.Id ?? Nothing);
        Assert.True(error is null || error.RecommendedAction?.Length > 0);
        Assert.True(activity is not (LinkActivity.Running or LinkActivity.Reading) || error!.Message.Contains("not known", StringComparison.Ordinal), error?.Message);

        _link.Fault = LinkFault.None;
        await using var later = host ?? await ConnectAsync(Token);
        Assert.Equal(0, (await later.RunAsync(new RemoteCommand("true"), Token).WaitAsync(AtMost, Token)).ExitStatus);
        Assert.True(later.IsConnected);
    }

    [Theory]
    [CombinatorialFaults]
    public async Task Whatever_the_fault_who_gives_up_is_free_within_a_second(LinkFault fault, LinkActivity activity)
    {
        await using var host = activity == LinkActivity.Connecting ? null : await ConnectAsync(Token);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(Token);
        var working = SeenAsync(host, fault, activity, stop.Token);
        await Task.WhenAny(working, Task.Delay(200, Token));

        var stopped = Stopwatch.StartNew();
        await stop.CancelAsync();
        await ((Task)working).WaitAsync(AtMost, Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing | ConfigureAwaitOptions.ContinueOnCapturedContext);

        Assert.True(stopped.Elapsed < AMoment, $"{stopped.Elapsed}");
        if (host is not null)
        {
            await host.DisposeAsync().AsTask().WaitAsync(AtMost, Token);
        }
    }

    private Task<IRemoteHost> ConnectAsync(CancellationToken cancellationToken) => new Ganeti.Ssh.SshTransport().ConnectAsync(
        _sshd.Endpoint with
        {
            Port = _link.Port,
            HostKeyAlias = $"[127.0.0.1]:{_sshd.Port}",
            KeepAliveInterval = TimeSpan.FromMilliseconds(300),
            ConnectTimeout = TimeSpan.FromSeconds(2),
        },
        null,
        cancellationToken);

    /// <summary>Does something, has the fault come in the middle of it, and returns the error that is seen, if any.</summary>
    private async Task<RemoteException?> SeenAsync(IRemoteHost? host, LinkFault fault, LinkActivity activity, CancellationToken cancellationToken)
    {
        Task working = Task.CompletedTask;
        IRemotePipe? pipe = null;
        if (activity == LinkActivity.Running)
        {
            working = host!.RunAsync(new RemoteCommand("sleep", "600"), cancellationToken);
            await Task.Delay(100, cancellationToken);
        }
        else if (activity == LinkActivity.Reading)
        {
            pipe = await host!.OpenPipeAsync(new RemoteCommand("cat"), cancellationToken);
            working = pipe.ReadAsync(new byte[1], cancellationToken);
        }

        _link.Fault = fault;
        if (activity is LinkActivity.Idle or LinkActivity.Tunnelling)
        {
            // Long enough that what was open is known to be gone, or is asked whether it is.
            await Task.Delay(500, cancellationToken);
        }

        working = activity switch
        {
            LinkActivity.Connecting => ConnectAsync(cancellationToken),
            LinkActivity.Idle => host!.RunAsync(new RemoteCommand("true"), cancellationToken),
            LinkActivity.Tunnelling => new Ganeti.Ssh.SshTransport().ConnectAsync(_sshd.Endpoint, host, cancellationToken),
            _ => working,
        };
        try
        {
            await working.WaitAsync(AtMost, Token).WaitAsync(cancellationToken);
            return null;
        }
        catch (RemoteException error)
        {
            return error;
        }
        finally
        {
            await (pipe?.DisposeAsync() ?? ValueTask.CompletedTask);
        }
    }

    private sealed class CombinatorialFaultsAttribute : Xunit.v3.DataAttribute
    {
        public override bool SupportsDiscoveryEnumeration() => true;

        public override ValueTask<IReadOnlyCollection<ITheoryDataRow>> GetData(System.Reflection.MethodInfo testMethod, Xunit.Sdk.DisposalTracker disposalTracker) => new(
        [
            .. from fault in Enum.GetValues<LinkFault>() where fault != LinkFault.None
               from activity in Enum.GetValues<LinkActivity>()
               select new TheoryDataRow<LinkFault, LinkActivity>(fault, activity),
        ]);
    }
}
