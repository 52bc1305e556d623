namespace Ganeti.Tests.Names;

[Trait("Kind", "unit")]
public sealed class SecretsTests
{
    [Fact]
    public void Secret_parameters_are_masked_at_any_depth_and_all_else_is_kept()
    {
        var masked = Secrets.Masked(new GntParameters
        {
            ["osparams_secret"] = new GntParameters { ["key"] = "s3cret" },
            ["osparams_private"] = new GntParameters { ["token"] = "s3cret" },
            ["hvparams"] = new GntParameters { ["spice_password"] = "s3cret", ["spice_password_file"] = "/etc/spice", ["acpi"] = true },
            ["vnc_password_file"] = "/etc/vnc",
            ["rapi_secret"] = null,
            ["disks"] = new object?[] { new GntParameters { ["size"] = 64L, ["luks_passphrase"] = "s3cret" } },
            ["name"] = "vm1",
        });

        Assert.DoesNotContain("s3cret", masked.ToString(), StringComparison.Ordinal);
        Assert.Equal(("vm1", "/etc/vnc", null), (masked["name"], masked["vnc_password_file"], masked["rapi_secret"]));
        Assert.Equal(("/etc/spice", true), (((GntParameters)masked["hvparams"]!)["spice_password_file"], ((GntParameters)masked["hvparams"]!)["acpi"]));
        Assert.Equal(64L, ((GntParameters)((object?[])masked["disks"]!)[0]!)["size"]);
    }

    [Theory]
    [InlineData("""{"rapi_secret": "s3cret", "a": 1}""")]
    [InlineData("""{"Password":"s3\"s3cret", "a": 1}""")]
    [InlineData("""{"osparams_secret": {"x": "s3cret", "y": {"z": "s3cret"}}, "a": 1}""")]
    [InlineData("""{"osparams_private": ["s3cret", "s3cret"], "a": 1}""")]
    [InlineData("""{"drbd_secret": s3cret, "a": 1}""")]
    [InlineData("""{"deep": [{"passphrase": "s3cret"}], "a": 1}""")]
    [InlineData("""{"osparams_secret": {"x": {"y": {"z": "s3cret"}}}, "a": 1}""")]
    [InlineData("""{"osparams_secret": {"x": "}", "y": "s3cret"}, "a": 1}""")]
    [InlineData("""{"osparams_secret": [["]"], "s3cret"], "a": 1}""")]
    public void Debug_output_masks_the_values_of_secret_members(string json)
    {
        var masked = Secrets.Masked(json);

        Assert.DoesNotContain("s3cret", masked, StringComparison.Ordinal);
        Assert.EndsWith("\"a\":1}", masked.Replace(" ", string.Empty, StringComparison.Ordinal), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("""{"spice_password_file": "/etc/x", "name": "vm1"}""")]
    [InlineData("""{"name": "secret"}""")]
    public void What_is_no_secret_is_shown(string json) =>
        Assert.Equal(json.Replace(" ", string.Empty, StringComparison.Ordinal), Secrets.Masked(json));
}
