using Ganeti.Remote;

namespace Ganeti.Ssh;

/// <summary>A person to ask, while the time to connect stands still.</summary>
internal sealed class Questions(IRemotePrompt prompt, ConnectLimit limit)
{
    internal string? AskSecret(string question) => limit.Pause(() => prompt.AskSecret(question));

    internal string? Ask(string question) => limit.Pause(() => prompt.Ask(question));

    internal void Tell(string message) => prompt.Tell(message);

    /// <summary>Waits for something that a person may have to do elsewhere: touch a key, answer an agent.</summary>
    internal T WaitFor<T>(Func<T> what) => limit.Pause(what);
}
