namespace Ganeti;

/// <summary>Why a job failed, as an error for the operator: Ganeti's own class, code and text.</summary>
internal static class JobFailure
{
    internal static GanetiException Of(GntJob job, object? subject)
    {
        var summary = string.Join(", ", job.Summary ?? []);
        var failed = job.Operations?.FirstOrDefault(operation => operation.Status is GntJobStatus.error or GntJobStatus.canceled);
        if (job.Status == GntJobStatus.canceled || failed?.Error is null)
        {
            var wasCanceled = job.Status == GntJobStatus.canceled;
            return new GanetiException(wasCanceled ? GanetiError.JobCanceled : GanetiError.JobFailed, $"Job {job.Id} ({summary}) {(wasCanceled ? "was canceled" : "failed and does not say why")}.")
            {
                Target = subject ?? job,
                RecommendedAction = $"See its log: (Get-GntJob {job.Id}).Log",
            };
        }

        // What was wrong before anything was done is the request's fault; what comes later has left traces worth reading.
        var error = Luxi.LuxiException.Decode(new object?[] { failed.Error.ErrorClass ?? "OpExecError", new object?[] { failed.Error.Message, failed.Error.Code } }, GanetiError.JobFailed);
        return new GntJobException(error.Error, $"Job {job.Id} ({failed.Summary}) failed: {failed.Error.Message}", job, failed.Error)
        {
            Target = subject ?? job,
            RecommendedAction = Next(job, failed),
        };
    }

    private static string Next(GntJob job, GntJobOperation failed)
    {
        // Ganeti checks before it begins: its log is empty then.
        if (failed.Error?.ErrorClass == "OpPrereqError" && failed.Log is not { Length: > 0 })
        {
            return $"Nothing was changed. What was asked for: (Get-GntJob {job.Id}).Operations.Parameters";
        }

        if (failed.Log is not { Length: > 0 })
        {
            return $"It has logged nothing. What was asked for: (Get-GntJob {job.Id}).Operations.Parameters";
        }

        return failed.OpId == "OP_INSTANCE_MIGRATE" && failed.Error?.ErrorClass == "OpExecError"
            ? $"See its log: (Get-GntJob {job.Id}).Log. When the guest's state is uncertain: Move-GntInstance -Cleanup."
            : $"See its log: (Get-GntJob {job.Id}).Log";
    }
}

/// <summary>A job has failed; the job and Ganeti's own error are kept.</summary>
public sealed class GntJobException : GanetiException
{
    /// <summary>Creates an empty exception.</summary>
    public GntJobException()
    {
    }

    /// <summary>Creates an exception with a message only.</summary>
    /// <param name="message">What happened, to what, and why.</param>
    public GntJobException(string message)
        : base(message)
    {
    }

    /// <summary>Creates an exception with a message and its cause.</summary>
    /// <param name="message">What happened, to what, and why.</param>
    /// <param name="innerException">The cause.</param>
    public GntJobException(string message, Exception? innerException)
        : base(message, innerException)
    {
    }

    internal GntJobException(GanetiError error, string message, GntJob job, GntJobError jobError)
        : base(error, message)
    {
        Job = job;
        JobError = jobError;
    }

    /// <summary>The job.</summary>
    public GntJob? Job { get; }

    /// <summary>What Ganeti said.</summary>
    public GntJobError? JobError { get; }
}
