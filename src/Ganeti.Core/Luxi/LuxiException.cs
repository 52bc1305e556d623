namespace Ganeti.Luxi;

/// <summary>The master daemon (or a job) answered with an error; Ganeti's own class, code and text are kept.</summary>
/// <remarks>
/// An error on the wire is a string, or <c>[class, [message, code]]</c> as Ganeti's <c>lib/errors.py</c> encodes exceptions
/// (<c>EncodeException</c>); the codes are its <c>ECODE_*</c> constants.
/// </remarks>
public sealed class LuxiException : GanetiException
{
    private static readonly Dictionary<string, GanetiError> ByCode = new(StringComparer.Ordinal)
    {
        ["unknown_entity"] = GanetiError.EntityUnknown,
        ["already_exists"] = GanetiError.EntityExists,
        ["wrong_state"] = GanetiError.StateWrong,
        ["wrong_input"] = GanetiError.InputInvalid,
        ["insufficient_resources"] = GanetiError.ResourcesInsufficient,
        ["temp_insufficient_resources"] = GanetiError.ResourcesTemporarilyUnavailable,
        ["resolver_error"] = GanetiError.NameNotResolved,
        ["resource_not_unique"] = GanetiError.AddressNotUnique,
        ["environment_error"] = GanetiError.EnvironmentFaulty,
    };

    private static readonly Dictionary<string, GanetiError> ByClass = new(StringComparer.Ordinal)
    {
        ["JobQueueFull"] = GanetiError.JobQueueFull,
        ["JobQueueDrainError"] = GanetiError.JobQueueDrained,
        ["JobLost"] = GanetiError.JobNotFound,
        ["JobCanceled"] = GanetiError.JobCanceled,
        ["OpExecError"] = GanetiError.JobFailed,
    };

    /// <summary>Creates an empty exception.</summary>
    public LuxiException()
    {
    }

    /// <summary>Creates an exception with a message only.</summary>
    /// <param name="message">What happened, to what, and why.</param>
    public LuxiException(string message)
        : base(message)
    {
    }

    /// <summary>Creates an exception with a message and its cause.</summary>
    /// <param name="message">What happened, to what, and why.</param>
    /// <param name="innerException">The cause.</param>
    public LuxiException(string message, Exception? innerException)
        : base(message, innerException)
    {
    }

    private LuxiException(GanetiError error, string message, string? errorClass, string? code)
        : base(error, message)
    {
        ErrorClass = errorClass;
        ErrorCode = code;
    }

    /// <summary>Ganeti's exception class, for example <c>OpPrereqError</c>, or null when the answer was plain text.</summary>
    public string? ErrorClass { get; }

    /// <summary>Ganeti's error code, for example <c>unknown_entity</c>, or null when there was none.</summary>
    public string? ErrorCode { get; }

    /// <summary>Makes an exception from an encoded error.</summary>
    /// <param name="encoded">A string, or <c>[class, [message, code]]</c> with anything missing.</param>
    /// <param name="fallback">The error where neither code nor class is known.</param>
    internal static LuxiException Decode(object? encoded, GanetiError fallback)
    {
        if (encoded is not object?[] { Length: > 0 } pair || pair[0] is not string errorClass)
        {
            return new LuxiException(fallback, LuxiJson.ToText(encoded), null, null);
        }

        var arguments = pair.Length > 1 ? pair[1] as object?[] ?? [pair[1]] : [];
        var code = arguments.Length > 1 ? arguments[1] as string : null;
        var message = arguments.Length > 0 ? LuxiJson.ToText(arguments[0]) : errorClass;
        var error = (code is not null && ByCode.TryGetValue(code, out var byCode)) ? byCode
            : ByClass.TryGetValue(errorClass, out var byClass) ? byClass
            : fallback;
        return new LuxiException(error, message, errorClass, code);
    }
}
