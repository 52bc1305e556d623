using Ganeti.Remote;

namespace Ganeti.Tests.Ssh;

/// <summary>A person at the terminal, with the answers at hand.</summary>
internal sealed class Answers : IRemotePrompt
{
    private readonly List<string> _questions = [];

    public bool IsThere { get; set; } = true;

    /// <summary>What is typed where nothing is shown; by default nobody is there.</summary>
    public Func<string, string?> Secret { get; init; } = _ => null;

    public Func<string, string?> Text { get; init; } = _ => null;

    public Func<string, bool?> Choice { get; init; } = _ => null;

    /// <summary>All that was asked and told, in order.</summary>
    public IReadOnlyList<string> Seen
    {
        get
        {
            lock (_questions)
            {
                return [.. _questions];
            }
        }
    }

    public string? AskSecret(string question) => Secret(Note(question));

    public string? Ask(string question) => Text(Note(question));

    public bool? Confirm(string caption, string question) => Choice(Note(question));

    public void Tell(string message) => Note(message);

    private string Note(string question)
    {
        lock (_questions)
        {
            _questions.Add(question);
        }

        return question;
    }
}
