using System.Collections.ObjectModel;
using System.Management.Automation;
using System.Management.Automation.Host;
using Ganeti.Remote;

namespace Ganeti.Connection;

/// <summary>Asks through the host's UI, on the pipeline's thread, whatever thread wants to know.</summary>
/// <param name="ui">The host's UI.</param>
/// <param name="post">Has something done on the pipeline's thread.</param>
/// <param name="stop">Ends the wait for an answer.</param>
internal sealed class HostPrompt(PSHostUserInterface ui, Action<Action> post, CancellationToken stop) : IRemotePrompt
{
    private volatile bool _isOver;

    /// <summary>A connection that is opened anew after the cmdlet has ended has nobody to ask.</summary>
    internal void Leave() => _isOver = true;

    public bool IsThere => !_isOver;

    public string? AskSecret(string question) => Answer(() =>
    {
        ui.Write(RemoteText.Printable(question));
        using var secret = ui.ReadLineAsSecureString();
        return secret is null ? null : new System.Net.NetworkCredential(string.Empty, secret).Password;
    });

    public string? Ask(string question) => Answer(() =>
    {
        ui.Write(RemoteText.Printable(question));
        return ui.ReadLine();
    });

    public bool? Confirm(string caption, string question) => Answer<bool?>(() => ui.PromptForChoice(
        RemoteText.Printable(caption),
        RemoteText.Printable(question),
        new Collection<ChoiceDescription> { new("&Yes", "Record it and go on."), new("&No", "Do not connect.") },
        1) == 0);

    public void Tell(string message)
    {
        if (!_isOver)
        {
            post(() => ui.WriteLine(RemoteText.Printable(message)));
        }
    }

    private T? Answer<T>(Func<T> ask)
    {
        if (_isOver)
        {
            return default;
        }

        var answer = new TaskCompletionSource<T?>(TaskCreationOptions.RunContinuationsAsynchronously);
        post(() =>
        {
            try
            {
                answer.SetResult(ask());
            }
            catch (Exception exception) when (exception is not PipelineStoppedException)
            {
                // A host that can't ask: nobody answers, and the error of what needed the answer says so.
                answer.SetResult(default);
            }
        });
        return answer.Task.WaitAsync(stop).GetAwaiter().GetResult();
    }
}
