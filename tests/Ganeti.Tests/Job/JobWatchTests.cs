using Ganeti.Luxi;
using Ganeti.Tests.Luxi;

namespace Ganeti.Tests.Job;

/// <summary>What the watcher asks of the master: a queue that changes at each long poll, as no real one does on command.</summary>
[Trait("Kind", "unit")]
public sealed class JobWatchTests
{
    private static readonly string[] Light = ["id", "opstatus", "status"];

    // A job's states, one a step; each step it has logged one line more.
    private readonly Dictionary<long, string[]> _queue = [];
    private readonly List<(string Method, string[] Fields, long[] Ids)> _asked = [];
    private readonly List<object?> _timeouts = [];
    private readonly Observer _observer = new();
    private int _step;

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Of_many_jobs_only_those_that_have_changed_are_read_whole()
    {
        for (var id = 1L; id <= 50; id++)
        {
            _queue[id] = id <= 2 ? ["running", "running", "success"] : id <= 4 ? ["waiting", "running", "success"] : ["queued", "queued", "success"];
        }

        await Master().Connection().Jobs.WaitAsync(_queue.Keys, _observer, Stop);

        Assert.Equal(50, _observer.Ended.Count);
        var queries = _asked.Where(call => call.Method == "Query").ToArray();
        Assert.Equal(50, queries[0].Ids.Length);
        Assert.Contains(queries, query => query.Ids.Length == 50 && query.Fields.SequenceEqual(Light));
        Assert.Contains(queries, query => query.Ids.SequenceEqual([3L, 4L]) && query.Fields.Contains("ops"));
        Assert.Contains(queries, query => query.Ids.SequenceEqual([1L, 2L]) && query.Fields.SequenceEqual(["id", "oplog"]));
        Assert.Equal(2, queries.Count(query => query.Ids.Length == 50 && query.Fields.Contains("ops")));
    }

    [Fact]
    public async Task No_line_of_a_log_is_missed()
    {
        for (var id = 1L; id <= 6; id++)
        {
            _queue[id] = ["running", "running", "running", "success"];
        }

        await Master().Connection().Jobs.WaitAsync(_queue.Keys, _observer, Stop);

        Assert.All(_queue.Keys, id => Assert.Equal([1L, 2L, 3L, 4L], _observer.Serials[id].Distinct()));
    }

    [Fact]
    public async Task The_long_poll_is_asked_for_whole_seconds()
    {
        _queue[1] = ["running", "success"];
        _queue[2] = ["running", "running", "success"];

        await Master().Connection().Jobs.WaitAsync(_queue.Keys, _observer, Stop);

        Assert.NotEmpty(_timeouts);
        Assert.All(_timeouts, timeout => Assert.True(timeout is >= 1L, $"{timeout}"));
    }

    [Fact]
    public async Task A_job_that_is_gone_is_said_and_the_others_are_waited_for()
    {
        _queue[1] = ["running", "success"];

        await Master().Connection().Jobs.WaitAsync([1, 2], _observer, Stop);

        Assert.Equal([2L], _observer.Gone);
        Assert.Equal([1L], _observer.Ended);
    }

    private ReplayedMaster Master() => new(request =>
    {
        var arguments = LuxiFixture.Items(request["args"]);
        var method = (string)request["method"]!;
        if (method == "WaitForJobChange")
        {
            _step++;
            _timeouts.Add(arguments[4]);
            return ReplayedMaster.Reply(new GntParameters { ["success"] = true, ["result"] = "nochange" });
        }

        var fields = LuxiFixture.Items(arguments[1]).Cast<string>().ToArray();
        var filter = LuxiFixture.Items(arguments[2]);
        var ids = (filter[0] is "|" ? filter[1..].Select(LuxiFixture.Items) : [filter]).Select(equal => (long)equal[2]!).ToArray();
        _asked.Add((method, [.. fields.Order(StringComparer.Ordinal)], ids));
        var rows = ids.Select(id => fields.Select(object (field) => field == "id" ? new object?[] { 0L, id } : Value(id, field) is { } value ? [0L, value] : [3L, null]).ToArray());
        return ReplayedMaster.Reply(new GntParameters { ["success"] = true, ["result"] = new GntParameters { ["data"] = rows.ToArray() } });
    });

    private object? Value(long id, string field)
    {
        if (!_queue.TryGetValue(id, out var states))
        {
            return null;
        }

        var step = Math.Min(_step, states.Length - 1);
        return field switch
        {
            "status" => states[step],
            "opstatus" => new object[] { states[step] },
            "summary" => new object[] { "TEST_DELAY(1.0)" },
            "ops" => new object[] { new GntParameters { ["OP_ID"] = "OP_TEST_DELAY" } },
            "oplog" => new object[] { Enumerable.Range(1, step + 1).Select(serial => new object[] { (long)serial, new object[] { 1795460500L + serial, 0L }, "message", $"line {serial}" }).ToArray() },
            _ => null,
        };
    }

    private sealed class Observer : IJobObserver
    {
        internal List<long> Ended { get; } = [];

        internal List<long> Gone { get; } = [];

        internal Dictionary<long, List<long?>> Serials { get; } = [];

        public void Changed(GntJob job)
        {
            if (job.IsFinished)
            {
                Ended.Add(job.Id!.Value);
            }

            if (!Serials.TryGetValue(job.Id!.Value, out var serials))
            {
                Serials.Add(job.Id.Value, serials = []);
            }

            serials.AddRange(job.Log.Select(entry => entry.Serial));
        }

        public void Follows(long id, GntJob parent)
        {
        }

        public void Lost(long id) => Gone.Add(id);

        public void CutOff(GanetiException why)
        {
        }

        public void Reconnected()
        {
        }
    }
}
