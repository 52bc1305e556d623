using System.Management.Automation;

namespace Ganeti.Pipeline;

/// <summary>The one place where exceptions become error records.</summary>
internal static class ErrorRecords
{
    internal static ErrorRecord From(Exception exception, object? target = null)
    {
        var ganeti = exception as GanetiException ?? new GanetiException(GanetiError.Unexpected, exception.Message, exception)
        {
            RecommendedAction = "This is a fault of the module. Repeat it with -Debug and report what is shown.",
        };
        var category = Enum.TryParse<ErrorCategory>(ganeti.Error.Class.ToString(), out var known) ? known : ErrorCategory.InvalidOperation;
        var record = new ErrorRecord(ganeti, ganeti.Error.Id, category, target ?? ganeti.Target)
        {
            ErrorDetails = new ErrorDetails(ganeti.Message) { RecommendedAction = ganeti.RecommendedAction ?? string.Empty },
        };
        return record;
    }

    /// <summary>Whether an error makes the rest of the call pointless.</summary>
    internal static bool EndsTheCall(GanetiException exception) => exception.Error != GanetiError.ClusterNotConnected && exception.Error.Class
        is GanetiErrorClass.ConnectionError or GanetiErrorClass.AuthenticationError or GanetiErrorClass.SecurityError
        or GanetiErrorClass.NotInstalled or GanetiErrorClass.OperationTimeout;
}
