using System.Text;
using SystemConsole = System.Console;

namespace Ganeti.Console;

/// <summary>
/// Reads the answer to a question key by key, so that Ctrl+C takes effect at once. Less than a line editor on
/// purpose: the question may be longer than the terminal is wide.
/// </summary>
internal sealed class AnswerReader(Interrupt interrupt)
{
    private static readonly TimeSpan Poll = TimeSpan.FromMilliseconds(10);

    public string Read(bool isSecret)
    {
        var answer = new StringBuilder();
        var cancellationToken = interrupt.Stopping;
        while (true)
        {
            while (!SystemConsole.KeyAvailable)
            {
                cancellationToken.WaitHandle.WaitOne(Poll);
                cancellationToken.ThrowIfCancellationRequested();
            }

            var key = SystemConsole.ReadKey(intercept: true);
            switch (key.Key)
            {
                case ConsoleKey.Enter:
                    Terminal.Prompts.WriteLine();
                    return answer.ToString();
                case ConsoleKey.Backspace when answer.Length > 0:
                    answer.Length--;
                    Terminal.Prompts.Write("\b \b");
                    break;
                case ConsoleKey.U when key.Modifiers == ConsoleModifiers.Control:
                    Terminal.Prompts.Write(string.Concat(Enumerable.Repeat("\b \b", answer.Length)));
                    answer.Clear();
                    break;
                default:
                    if (!char.IsControl(key.KeyChar))
                    {
                        answer.Append(key.KeyChar);
                        Terminal.Prompts.Write(isSecret ? '*' : key.KeyChar);
                    }

                    break;
            }
        }
    }
}
