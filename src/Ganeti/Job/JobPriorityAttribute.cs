using System.Collections;
using System.Management.Automation;
using System.Management.Automation.Language;

namespace Ganeti.Commands;

/// <summary>Takes the words of <see cref="GntJobPriority"/> for their numbers.</summary>
[AttributeUsage(AttributeTargets.Property)]
internal sealed class JobPriorityAttribute : ArgumentTransformationAttribute
{
    public override object? Transform(EngineIntrinsics engineIntrinsics, object? inputData) =>
        (inputData is PSObject wrapped ? wrapped.BaseObject : inputData) switch
        {
            GntJobPriority word => (int)word,
            string text when Enum.TryParse<GntJobPriority>(text, ignoreCase: true, out var word) && Enum.IsDefined(word) => (int)word,
            _ => inputData,
        };
}

internal sealed class JobPriorityCompleter : IArgumentCompleter
{
    public IEnumerable<CompletionResult> CompleteArgument(string commandName, string parameterName, string wordToComplete, CommandAst commandAst, IDictionary fakeBoundParameters) =>
        Enum.GetValues<GntJobPriority>()
            .Order()
            .Where(word => word.ToString().StartsWith(wordToComplete, StringComparison.OrdinalIgnoreCase))
            .Select(word => new CompletionResult(word.ToString(), word.ToString(), CompletionResultType.ParameterValue, $"{word} ({(int)word})"));
}
