using System.Globalization;
using Ganeti.Luxi;

namespace Ganeti;

/// <summary>The jobs of a cluster: reading, submitting, waiting.</summary>
public sealed class GntJobs
{
    // How long a submission whose answer got lost is looked for while the master can't be reached, and how often once it can.
    private static readonly TimeSpan FindWithin = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan FindPause = TimeSpan.FromSeconds(1);
    private const int FindLooks = 3;

    private readonly GntConnection _connection;

    internal GntJobs(GntConnection connection)
    {
        _connection = connection;
        Table = new GntTable<GntJob>(connection, "job", nameof(GntJob.Id));
        WithArchive = new GntTable<GntJob>(connection, "job", nameof(GntJob.Id)) { OnDemand = [nameof(GntJob.IsArchived)] };
    }

    /// <summary>The queue; a job that is asked for by its number is found in the archive too.</summary>
    internal GntTable<GntJob> Table { get; }

    /// <summary>The queue and the archive. To read all of it is slow, to read jobs by their numbers is not.</summary>
    internal GntTable<GntJob> WithArchive { get; }

    /// <summary>Reads jobs.</summary>
    /// <param name="ids">Their numbers, archived or not; null for all that are not archived.</param>
    /// <param name="cancellationToken">Ends the wait at once.</param>
    /// <returns>Those that exist, by number.</returns>
    public async Task<IReadOnlyList<GntJob>> GetAsync(IReadOnlyCollection<long>? ids, CancellationToken cancellationToken)
    {
        var jobs = await Table.ReadAsync(ids is null ? null : FilterFor(ids), configurationOnly: true, [], cancellationToken).ConfigureAwait(false);
        return [.. jobs.Where(Exists)];
    }

    /// <summary>Whether a row is a job: for a number that it does not know the master answers a row without anything in it.</summary>
    internal static bool Exists(GntJob job) => job.StatusText is not null;

    /// <remarks>Nothing but numbers: with any other condition beside them the master would read the whole queue, and the archive not at all.</remarks>
    internal static LuxiFilter FilterFor(IEnumerable<long> ids) => LuxiFilter.Any(ids.Select(id => LuxiFilter.Equal("id", id)));

    /// <summary>Submits jobs once. When the answer gets lost they are searched for by their reason; nothing is ever submitted again.</summary>
    /// <param name="chain">The jobs.</param>
    /// <param name="reason">The first entry of their reason trail.</param>
    /// <param name="cancellationToken">Ends the wait at once; the jobs may have been submitted then.</param>
    /// <returns>The jobs' numbers, in the order of the chain.</returns>
    internal async Task<IReadOnlyList<long>> SubmitAsync(JobChain chain, LuxiReason reason, CancellationToken cancellationToken)
    {
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                return await SubmitOnceAsync(chain.Opcodes, reason, cancellationToken).ConfigureAwait(false);
            }
            catch (LuxiConnectionLostException lost) when (lost.NeverReachedTheMaster && attempt == 1)
            {
                // The server had closed the idle connection: nothing was asked, so a new one may ask.
            }
            catch (LuxiConnectionLostException lost) when (lost.NeverReachedTheMaster)
            {
                throw lost.Explain(_connection.MasterHost.Endpoint);
            }
            catch (LuxiConnectionLostException lost)
            {
                return await FindAsync(chain, reason, lost, cancellationToken).ConfigureAwait(false);
            }
        }
    }

    private async Task<IReadOnlyList<long>> SubmitOnceAsync(IReadOnlyList<LuxiOpcode> opcodes, LuxiReason reason, CancellationToken cancellationToken)
    {
        var answer = await _connection.Luxi.TellAsync(
            opcodes.Count == 1 ? "SubmitJob" : "SubmitManyJobs",
            writer =>
            {
                writer.WriteStartArray();
                foreach (var opcode in opcodes)
                {
                    if (opcodes.Count > 1)
                    {
                        writer.WriteStartArray();
                    }

                    opcode.Write(writer, reason);
                    if (opcodes.Count > 1)
                    {
                        writer.WriteEndArray();
                    }
                }

                writer.WriteEndArray();
            },
            LuxiJson.ReadValue,
            cancellationToken).ConfigureAwait(false);
        if (opcodes.Count == 1)
        {
            return [LuxiSetters.ToLong(answer) ?? throw Odd()];
        }

        // A number or a reason for each: [[true, 17], [false, "…"], …].
        var rows = answer as object?[] ?? throw Odd();
        return rows.Length != opcodes.Count ? throw Odd() : Array.ConvertAll(rows, row => row switch
        {
            object?[] { Length: 2 } accepted when accepted[0] is true => LuxiSetters.ToLong(accepted[1]) ?? throw Odd(),
            object?[] { Length: 2 } refused => throw new GanetiException(GanetiError.LuxiRequestRefused, $"The master daemon did not take the job: {LuxiJson.ToText(refused[1])}"),
            _ => throw Odd(),
        });

        static GanetiException Odd() => new(GanetiError.LuxiProtocolError, "The master daemon did not answer a submission with a job number.");
    }

    /// <summary>Waits until jobs have ended, well or badly.</summary>
    /// <param name="ids">Their numbers.</param>
    /// <param name="observer">Is told of changes as they come.</param>
    /// <param name="cancellationToken">Ends the wait at once; the jobs go on.</param>
    internal Task WaitAsync(IEnumerable<long> ids, IJobObserver observer, CancellationToken cancellationToken) =>
        new JobWatch(_connection, observer).RunAsync(ids, cancellationToken);

    private async Task<IReadOnlyList<long>> FindAsync(JobChain chain, LuxiReason reason, LuxiConnectionLostException lost, CancellationToken cancellationToken)
    {
        var mark = reason.Id.ToString("D", CultureInfo.InvariantCulture);
        var why = lost.Explain(_connection.MasterHost.Endpoint);
        var until = Environment.TickCount64 + (long)FindWithin.TotalMilliseconds;
        for (var looks = 0; looks < FindLooks && Environment.TickCount64 < until;)
        {
            try
            {
                var found = await MarkedAsync(mark, cancellationToken).ConfigureAwait(false);
                // Numbers are given in the order of the call.
                if (found.Count == chain.Opcodes.Count)
                {
                    return found;
                }

                // What was on its way may still be taken in.
                looks++;
            }
            catch (GanetiException exception)
            {
                why = exception;
            }

            await Task.Delay(FindPause, cancellationToken).ConfigureAwait(false);
        }

        throw new GanetiException(GanetiError.SubmissionUnknown, $"The answer to '{chain}' got lost; whether {(chain.Opcodes.Count == 1 ? "the job was" : "the jobs were")} submitted is not known. {why.Message}", why)
        {
            Target = chain.ToString(),
            RecommendedAction = $"Look with Get-GntJob for jobs whose reason has {mark}; only when there is none, submit again.",
        };
    }

    private async Task<IReadOnlyList<long>> MarkedAsync(string mark, CancellationToken cancellationToken)
    {
        var recent = await Table.ReadOnlyAsync(null, cancellationToken, nameof(GntJob.Id), nameof(GntJob.Summary), nameof(GntJob.RawOperations)).ConfigureAwait(false);
        return [.. recent
            .Where(job => job.Operations?.Any(operation => operation.Reason?.Any(entry => entry.Text?.Contains(mark, StringComparison.Ordinal) == true) == true) == true)
            .Select(job => job.Id ?? 0)
            .Order()];
    }
}
