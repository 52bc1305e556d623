using System.Text;
using CsCheck;
using Ganeti.Luxi;
using Ganeti.Remote;
using Ganeti.Tests.Engine;

namespace Ganeti.Tests.Luxi;

[Trait("Kind", "unit")]
public sealed class LuxiClientTests
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    private static Task<object?> AskAsync(ReplayedMaster master) => master.Client().AskAsync("QueryClusterInfo", _ => { }, LuxiJson.ReadValue, Stop);

    [Fact]
    public async Task A_request_is_one_JSON_object_with_method_arguments_and_version_and_ends_with_byte_3()
    {
        // The byte itself is checked by the pipe.
        var master = ReplayedMaster.Saying("""{"success": true, "result": 7}""");

        await master.Client().AskAsync("SubmitJob", writer => writer.WriteValue("ä\u0003\""), LuxiJson.ReadValue, Stop);

        Assert.Equal("""{"method":"SubmitJob","args":["ä\u0003\""],"version":3000000}""", Assert.Single(master.Requests));
    }

    [Theory]
    [InlineData("""{"success": true, "result": {"a": [1, 2.5, null, true, "x"]}}""")]
    [InlineData("""{"result": {"a": [1, 2.5, null, true, "x"]}, "success": true}""")]
    [InlineData("""{"version": 3000000, "success": true, "result": {"a": [1, 2.5, null, true, "x"]}, "more": [{}]}""")]
    public async Task A_successful_reply_gives_its_result_whatever_the_order_of_members(string reply)
    {
        var result = Assert.IsType<GntParameters>(await AskAsync(ReplayedMaster.Saying(reply)));

        Assert.Equal([1L, 2.5, null, true, "x"], LuxiFixture.Items(result["a"]));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(7)]
    [InlineData(4096)]
    public async Task A_reply_may_arrive_in_pieces(int size)
    {
        var master = new ReplayedMaster(_ => ReplayedMaster.Reply(LuxiFixture.Reply("luxi-cluster-info.json"))) { ChunkSize = size };

        var result = Assert.IsType<GntParameters>(await AskAsync(master));

        Assert.Equal("gcl.lab.example", result["name"]);
    }

    [Fact]
    public async Task One_pipe_serves_one_call_after_the_other_and_several_serve_calls_side_by_side()
    {
        var master = ReplayedMaster.Saying("""{"success": true, "result": 1}""");
        var client = master.Client();
        for (var i = 0; i < 20; i++)
        {
            await client.AskAsync("X", _ => { }, LuxiJson.ReadValue, Stop);
        }

        Assert.Equal(1, master.Pipes);

        await Task.WhenAll(Enumerable.Range(0, 50).Select(_ => Task.Run(() => client.AskAsync("X", _ => { }, LuxiJson.ReadValue, Stop))));

        Assert.InRange(master.Pipes, 1, 5);
    }

    [Theory]
    [InlineData("""{"success": false, "result": "Failed to parse request: x"}""", "LuxiRequestRefused", "Failed to parse request: x", null, null)]
    [InlineData("""{"success": false, "result": ["OpPrereqError", ["Instance name vm999 not found", "unknown_entity"]]}""", "EntityUnknown", "Instance name vm999 not found", "OpPrereqError", "unknown_entity")]
    [InlineData("""{"success": false, "result": ["OpPrereqError", ["x", "wrong_state"]]}""", "StateWrong", "x", "OpPrereqError", "wrong_state")]
    [InlineData("""{"success": false, "result": ["OpPrereqError", ["x", "already_exists"]]}""", "EntityExists", "x", "OpPrereqError", "already_exists")]
    [InlineData("""{"success": false, "result": ["OpPrereqError", ["x", "insufficient_resources"]]}""", "ResourcesInsufficient", "x", "OpPrereqError", "insufficient_resources")]
    [InlineData("""{"success": false, "result": ["OpPrereqError", ["x", "a_new_code"]]}""", "LuxiRequestRefused", "x", "OpPrereqError", "a_new_code")]
    [InlineData("""{"success": false, "result": ["JobQueueFull", []]}""", "JobQueueFull", "JobQueueFull", "JobQueueFull", null)]
    [InlineData("""{"success": false, "result": ["GenericError", ["only text"]]}""", "LuxiRequestRefused", "only text", "GenericError", null)]
    [InlineData("""{"success": false, "result": ["GenericError", "bare text"]}""", "LuxiRequestRefused", "bare text", "GenericError", null)]
    [InlineData("""{"success": false, "result": ["GenericError"]}""", "LuxiRequestRefused", "GenericError", "GenericError", null)]
    [InlineData("""{"success": false, "result": null}""", "LuxiRequestRefused", "null", null, null)]
    [InlineData("""{"success": false, "result": {"odd": 1}}""", "LuxiRequestRefused", """{"odd":1}""", null, null)]
    public async Task A_failure_keeps_the_class_the_code_and_the_text(string reply, string id, string message, string? errorClass, string? code)
    {
        var error = await Assert.ThrowsAsync<LuxiException>(() => AskAsync(ReplayedMaster.Saying(reply)));

        Assert.Equal((id, message, errorClass, code), (error.Error.Id, error.Message, error.ErrorClass, error.ErrorCode));
    }

    [Theory]
    [InlineData("")]
    [InlineData("null")]
    [InlineData("[]")]
    [InlineData("{}")]
    [InlineData("""{"success": true}""")]
    [InlineData("""{"result": 1}""")]
    [InlineData("""{"success": true, "result": [1,""")]
    [InlineData("<html>")]
    public async Task A_reply_that_is_none_is_a_protocol_error_with_advice(string reply)
    {
        var error = await Assert.ThrowsAsync<GanetiException>(() => AskAsync(ReplayedMaster.Saying(reply)));

        Assert.Equal("LuxiProtocolError", error.Error.Id);
        Assert.NotEmpty(error.RecommendedAction!);
    }

    [Fact]
    public async Task A_question_is_asked_once_more_on_a_new_pipe_when_the_first_was_closed()
    {
        var calls = 0;
        var master = new ReplayedMaster(_ => ++calls == 2 ? null : ReplayedMaster.Reply(new GntParameters { ["success"] = true, ["result"] = (long)calls }));
        var client = master.Client();
        await client.AskAsync("X", _ => { }, LuxiJson.ReadValue, Stop);

        Assert.Equal(3L, await client.AskAsync("X", _ => { }, LuxiJson.ReadValue, Stop));
        Assert.Equal(2, master.Pipes);
    }

    [Theory]
    [InlineData("", "MasterDaemonNotRunning")]
    [InlineData("socat[3] E connect(5, AF=1 \"/run/ganeti/socket/ganeti-query\", 35): Permission denied", "MasterSocketDenied")]
    [InlineData("sh: 1: socat: not found", "SocatMissing")]
    [InlineData("env: ‘socat’: No such file or directory", "SocatMissing")]
    [InlineData("env: 'socat': No such file or directory", "SocatMissing")]
    [InlineData("socat[3] E connect(5, AF=1 \"/run/ganeti/socket/ganeti-query\", 35): Connection refused", "MasterDaemonNotRunning")]
    public async Task When_it_is_closed_again_the_error_says_what_socat_said(string said, string id)
    {
        var master = new ReplayedMaster(_ => null) { ErrorText = said };

        var error = await Assert.ThrowsAsync<RemoteException>(() => AskAsync(master));

        Assert.Equal(id, error.Error.Id);
        Assert.Equal(2, master.Requests.Count);
        Assert.NotEmpty(error.RecommendedAction!);
    }

    [Fact]
    public async Task What_changes_something_is_never_sent_twice()
    {
        var master = new ReplayedMaster(_ => null);

        await Assert.ThrowsAsync<LuxiConnectionLostException>(() => master.Client().TellAsync("SubmitJob", _ => { }, LuxiJson.ReadValue, Stop));

        Assert.Single(master.Requests);
    }

    [Fact]
    public async Task A_cancelled_call_ends_at_once_and_its_pipe_is_not_used_again()
    {
        var isSilent = true;
        var master = new ReplayedMaster(_ => isSilent ? [] : ReplayedMaster.Reply(new GntParameters { ["success"] = true, ["result"] = "second" }));
        var client = master.Client();
        using var cancel = new CancellationTokenSource();
        var call = client.AskAsync("X", _ => { }, LuxiJson.ReadValue, cancel.Token);
        await cancel.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => call);

        isSilent = false;
        Assert.Equal("second", await client.AskAsync("X", _ => { }, LuxiJson.ReadValue, Stop));
        Assert.Equal(2, master.Pipes);
    }

    [Fact]
    public void Random_bytes_are_never_anything_but_a_reported_error() =>
        Gen.Byte.Array[0, 200].Sample(bytes => IsReported([.. bytes.Where(b => b != 3), 3]), iter: Soak.Times(200), threads: 1);

    [Fact]
    public void Random_JSON_is_never_anything_but_an_answer_or_a_reported_error() =>
        Json(4).Sample(
            json => IsReported(json)
                && IsReported(Answered("true", json))
                && IsReported(Answered("false", json))
                && IsReported(Answered("true", Queried(json)))
                && IsReported(Answered("true", Queried($"[[[0, {json}], {json}, [0, {json}]]]")))
                && IsReported(Answered("true", Queried($"[{json}, {json}, [[0, \"vm1\"]], [[0, \"vm1\"]]]"))),
            iter: Soak.Times(200),
            threads: 1);

    private static string Answered(string success, string result) => $"{{\"success\": {success}, \"result\": {result}}}";

    private static string Queried(string data) => $"{{\"fields\": [], \"data\": {data}}}";

    private static bool IsReported(string reply) => IsReported(Encoding.UTF8.GetBytes(reply.Replace("\u0003", string.Empty, StringComparison.Ordinal) + "\u0003"));

    private static bool IsReported(byte[] reply)
    {
        var master = new ReplayedMaster(_ => reply);
        var connection = master.Connection();
        foreach (var read in new Func<Task>[]
        {
            () => AskAsync(master),
            () => connection.GetClusterAsync(Stop),
            () => connection.Instances.GetAsync(null, configurationOnly: false, Stop),
            () => connection.Instances.Table.ReadAsync(null, configurationOnly: true, ["disk.count"], Stop),
            () => connection.Jobs.GetAsync(null, Stop),
            () => connection.Locks.GetAsync(null, Stop),
            () => connection.Networks.GetAsync(null, Stop),
        })
        {
            try
            {
                read().WaitAsync(TimeSpan.FromSeconds(10), Stop).GetAwaiter().GetResult();
            }
            catch (GanetiException exception)
            {
                Assert.NotEqual("Unexpected", exception.Error.Id);
            }
        }

        return true;
    }

    private static Gen<string> Json(int depth)
    {
        var text = Gen.String[0, 8].Select(value => Newtonsoft.Json.JsonConvert.ToString(value));
        var scalar = Gen.OneOf(
            Gen.OneOf("null", "true", "false", "0", "1", "-0.0", "1e400", "-1e-400", "123456789012345678901234567890", "NaN", "\"vm1\"", "\"running\"", "2014-01-01", "1795460246.7271416"),
            Gen.Int.Select(value => value.ToString(System.Globalization.CultureInfo.InvariantCulture)),
            text);
        if (depth == 0)
        {
            return scalar;
        }

        return Gen.OneOf(
            scalar,
            Json(depth - 1).Array[0, 4].Select(items => $"[{string.Join(',', items)}]"),
            Gen.Select(text, Json(depth - 1)).Array[0, 3].Select(members => $"{{{string.Join(',', members.Select(member => $"{member.Item1}:{member.Item2}"))}}}"));
    }

    [Fact]
    public void A_program_that_has_ended_before_it_was_written_to_is_a_daemon_that_does_not_answer()
    {
        const string Said = "2026/11/25 17:17:21 socat[1302] E connect(, AF=1 \"/run/ganeti/socket/ganeti-query\", 33): No such file or directory";
        var ended = new RemoteException(GanetiError.RemoteCommandFailed, "h1", "'socat …' on h1 has ended with exit status 1");

        var error = Assert.IsType<RemoteException>(new LuxiConnectionLostException(Said, ended).Explain(new RemoteEndpoint { Host = "h1" }));

        Assert.Equal((GanetiError.MasterDaemonNotRunning, Said), (error.Error, error.StandardError));
    }
}
