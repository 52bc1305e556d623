using System.Management.Automation;

namespace Ganeti.Commands;

/// <summary>
/// Compares the two sides of mirrors block by block while they are in use, one mirror a node at a time, and writes what each has shown. Stands for
/// <c>drbdsetup verify</c>.
/// </summary>
[Cmdlet(VerbsLifecycle.Start, "DrbdVerify", DefaultParameterSetName = "Instance", SupportsShouldProcess = true, ConfirmImpact = ConfirmImpact.Medium)]
[OutputType(typeof(DrbdVerifyResult))]
public sealed class StartDrbdVerifyCommand : DrbdChangeCommand
{
    private readonly HashSet<string> _running = new(StringComparer.Ordinal);

    /// <summary>How blocks are compared, as the nodes' kernels call it; without it what is set, else md5.</summary>
    [Parameter]
    [ValidatePattern("^[a-z0-9][a-z0-9_-]*$")]
    public string? Algorithm { get; set; }

    /// <summary>How long from now new ones are begun. One that was begun is waited for.</summary>
    [Parameter]
    [Duration]
    public TimeSpan? Window { get; set; }

    /// <summary>Until when new ones are begun. One that was begun is waited for.</summary>
    [Parameter]
    public DateTimeOffset? Until { get; set; }

    private protected override void Begin()
    {
        base.Begin();
        RefuseTogether(Window is not null && Until is not null, "-Window", "-Until", "one of them says when the window ends");
    }

    private protected override void Change(GntConnection connection, IReadOnlyList<DrbdPair> pairs)
    {
        var campaign = new DrbdVerifyCampaign(new DrbdVerify(connection, MyInvocation.MyCommand.Name, RepairView), Window is { } window ? DateTimeOffset.Now + window : Until)
        {
            Algorithm = Algorithm,
            Began = pair => Note(pair, isRunning: true),
            Ended = (pair, result, exception) =>
            {
                Note(pair, isRunning: false);
                Post(() =>
                {
                    if (exception is not null)
                    {
                        WriteError(exception, pair.Side);
                    }

                    WriteObject(result);
                });
            },
        };
        var wanted = new List<DrbdPair>();
        ForEach(DrbdPair.Mirrors(pairs), pair =>
        {
            if (DrbdVerify.Refusal(pair) is { } refusal)
            {
                throw refusal;
            }

            if (IsApproved(DrbdVerify.CommandLine(pair, Algorithm)))
            {
                wanted.Add(pair);
            }
        });
        Await(token => campaign.RunAsync(wanted, token));
    }

    private protected override void Dispose(bool disposing)
    {
        base.Dispose(disposing);
        string[] running;
        lock (_running)
        {
            running = [.. _running];
            _running.Clear();
        }

        if (running.Length > 0)
        {
            SayToHost($"The verify of {string.Join(", ", running)} goes on without you; what it finds is counted as OutOfSync of Get-DrbdDevice and stands in the kernel's log. No other one is begun.");
        }
    }

    private void Note(DrbdPair pair, bool isRunning)
    {
        lock (_running)
        {
            _ = isRunning ? _running.Add(pair.Side.Id) : _running.Remove(pair.Side.Id);
        }
    }
}
