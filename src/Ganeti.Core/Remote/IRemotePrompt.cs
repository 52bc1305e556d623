namespace Ganeti.Remote;

/// <summary>
/// The person who wants the connection. Called from any thread; a question blocks until it is answered, and what is asked for while
/// nobody is there has no answer.
/// </summary>
public interface IRemotePrompt
{
    /// <summary>Whether anybody is there; who has asked for a connection may be gone when it is opened anew.</summary>
    bool IsThere { get; }

    /// <summary>Asks for something that must not be shown while it is typed; null when nobody answers.</summary>
    /// <param name="question">What to show before the answer, with its colon and space.</param>
    string? AskSecret(string question);

    /// <summary>Asks for a line of text; null when nobody answers.</summary>
    /// <param name="question">What to show before the answer, with its colon and space.</param>
    string? Ask(string question);

    /// <summary>Asks whether to go on; null when nobody answers.</summary>
    /// <param name="caption">What it is about.</param>
    /// <param name="question">The facts and the question.</param>
    bool? Confirm(string caption, string question);

    /// <summary>Says something that needs no answer, for example that a key waits to be touched.</summary>
    /// <param name="message">The message.</param>
    void Tell(string message);
}
