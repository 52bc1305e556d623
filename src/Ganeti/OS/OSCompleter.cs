using System.Collections;
using System.Management.Automation;
using System.Management.Automation.Language;
using Ganeti.Connection;

namespace Ganeti.Commands;

/// <summary>
/// Completes names of operating system definitions from what was read of them last: Ganeti answers by a job only, which is nothing for a key press.
/// </summary>
internal sealed class OSCompleter : IArgumentCompleter
{
    public IEnumerable<CompletionResult> CompleteArgument(string commandName, string parameterName, string wordToComplete, CommandAst commandAst, IDictionary fakeBoundParameters)
    {
        var pattern = new NamePattern(wordToComplete.Trim('\'', '"') + "*");
        return RunspaceConnections.Current.Default is { IsOpen: true } connection
            ? connection.OperatingSystems.Known
                .SelectMany(os => os.FullNames.Select(name => (os, name)))
                .Where(pair => pattern.IsMatch(pair.name))
                .Select(pair => new CompletionResult(pair.name, pair.name, CompletionResultType.ParameterValue, RemoteText.Printable($"{pair.name}, {(pair.os.IsAvailable ? "available" : "not available")}")))
            : [];
    }
}
