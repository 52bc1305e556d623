using Ganeti.Views;

namespace Ganeti.Tests.Views;

[Trait("Kind", "unit")]
public sealed class ViewFormatTests
{
    [Theory]
    [InlineData(null, "")]
    [InlineData(0L, "0 B")]
    [InlineData(1023L, "1023 B")]
    [InlineData(1024L, "1 KiB")]
    [InlineData(1536L, "1.5 KiB")]
    [InlineData(64L << 20, "64 MiB")]
    [InlineData((10L << 30) + 1, "10 GiB")]
    [InlineData(-(1L << 30), "-1 GiB")]
    [InlineData(long.MaxValue, "8 EiB")]
    [InlineData((1L << 20) - 1, "1 MiB")]
    public void Sizes_are_in_the_largest_unit_that_leaves_at_least_one(long? bytes, string text) => Assert.Equal(text, ViewFormat.Size(bytes));

    [Theory]
    [InlineData(null, "")]
    [InlineData("h1.lab.example", "h1")]
    [InlineData("192.0.2.1", "192.0.2.1")]
    [InlineData("2001:db8::1", "2001:db8::1")]
    [InlineData("\u001b[2Jh1.lab.example", "␛[2Jh1")]
    public void A_node_is_shown_without_its_domain(string? name, string text) => Assert.Equal(text, ViewFormat.ShortName(name));

    [Theory]
    [InlineData(null, "")]
    [InlineData(0.04, "0.0s")]
    [InlineData(1.23, "1.2s")]
    [InlineData(59.96, "1m 00s")]
    [InlineData(185.0, "3m 05s")]
    [InlineData(7800.0, "2h 10m")]
    [InlineData(273600.0, "3d 4h")]
    [InlineData(-5.0, "-5.0s")]
    public void Durations_are_said_as_a_person_says_them(double? seconds, string text) =>
        Assert.Equal(text, ViewFormat.Duration(seconds is { } number ? TimeSpan.FromSeconds(number) : null));

    [Theory]
    [InlineData(GntNodeRole.M, "M", "master")]
    [InlineData(GntNodeRole.O, "O", "offline")]
    [InlineData(GntNodeRole.Unrecognized, "X", "X")]
    [InlineData(null, null, "")]
    public void A_role_is_a_word_and_an_unknown_one_what_Ganeti_printed(GntNodeRole? role, string? text, string shown) =>
        Assert.Equal(shown, ViewFormat.RoleName(role, text));

    [Fact]
    public void Text_from_the_cluster_is_one_line_without_control_characters() => Assert.Equal("a b␛c ", ViewFormat.Safe("a\nb\u001bc\n"));

    [Theory]
    [InlineData(GntInstanceStatus.running, "Good")]
    [InlineData(GntInstanceStatus.ADMIN_down, "Idle")]
    [InlineData(GntInstanceStatus.ERROR_down, "Bad")]
    [InlineData(GntInstanceStatus.Unrecognized, "Bad")]
    [InlineData(GntJobStatus.error, "Bad")]
    [InlineData(GntJobStatus.running, "Busy")]
    [InlineData(GntNodeRole.R, "")]
    [InlineData(DrbdConnectionState.Connected, "Good")]
    [InlineData(DrbdConnectionState.SyncTarget, "Busy")]
    [InlineData(DrbdConnectionState.WFConnection, "Bad")]
    [InlineData(DrbdConnectionState.Unrecognized, "Bad")]
    [InlineData(DrbdDiskState.Inconsistent, "Busy")]
    [InlineData(DrbdDiskState.DUnknown, "Idle")]
    [InlineData(DrbdDiskState.Diskless, "Bad")]
    [InlineData(DrbdSeverity.Critical, "Bad")]
    [InlineData(DrbdSeverity.Warning, "Busy")]
    [InlineData(null, "")]
    public void A_state_has_a_mood_for_its_colour(object? state, string mood) => Assert.Equal(mood, ViewFormat.Mood(state));

    [Fact]
    public void A_mirrors_state_is_a_word()
    {
        DrbdDevice Of(DrbdReplicationState state, params DrbdProblem[] problems) => new()
        {
            Node = "h1.lab.example",
            Minor = 3,
            ConnectionState = DrbdConnectionState.Connected,
            ReplicationState = state,
            DiskState = DrbdDiskState.UpToDate,
            PeerDiskState = DrbdDiskState.UpToDate,
            ResyncPercent = state == DrbdReplicationState.SyncTarget ? 12.34 : null,
            Problems = problems,
        };
        string State(params DrbdDevice[] sides) => ViewFormat.MirrorState(new GntMirror { Sides = sides });

        Assert.Equal("down", State());
        Assert.Equal("in sync", State(Of(DrbdReplicationState.Established)));
        Assert.Equal("resync 12.3 %", State(Of(DrbdReplicationState.SyncTarget)));
        Assert.Equal("Stalled", State(Of(DrbdReplicationState.Established, new DrbdProblem { Kind = DrbdProblemKind.HeldOpen, Severity = DrbdSeverity.Warning }, new DrbdProblem { Kind = DrbdProblemKind.Stalled, Severity = DrbdSeverity.Critical })));
        Assert.Equal("h1/3", ViewFormat.Sides(new GntMirror { Sides = [Of(DrbdReplicationState.Established)] }));
        Assert.Equal("h1.lab.example/drbd3  no guest's", ViewFormat.Side(new DrbdDevice { Node = "h1.lab.example", Minor = 3 }));
    }
}
