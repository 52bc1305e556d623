using System.Reflection;
using System.Runtime.CompilerServices;
using Ganeti.Luxi;

namespace Ganeti.Tests.Luxi;

[Trait("Kind", "unit")]
public sealed class LuxiOpcodeTests
{
    private static readonly LuxiReason Reason = new("powershell:Move-GntInstance", "root@here 1", 17, Guid.Empty);

    public static TheoryData<string> Opcodes =>
        [.. typeof(LuxiOpcode).Assembly.GetTypes().Where(type => type.IsSubclassOf(typeof(LuxiOpcode)) && !type.IsAbstract).Select(type => type.FullName!)];

    [Theory]
    [MemberData(nameof(Opcodes))]
    public void Every_parameter_of_an_operation_is_one_that_Ganeti_has(string type)
    {
        var opcode = (LuxiOpcode)RuntimeHelpers.GetUninitializedObject(typeof(LuxiOpcode).Assembly.GetType(type)!);
        var properties = opcode.GetType().GetProperties(BindingFlags.Instance | BindingFlags.Public).Where(property => property.CanWrite).ToArray();
        foreach (var property in properties)
        {
            property.SetValue(opcode, SomeOf(Nullable.GetUnderlyingType(property.PropertyType) ?? property.PropertyType));
        }

        var known = (GntParameters)LuxiFixture.Read("luxi-opcodes-3.0.2.json")[opcode.OpId]!;
        var parameters = LuxiFixture.Items(known["params"]).Select(parameter => (string)((GntParameters)parameter!)["name"]!);
        var written = Written(opcode).Keys.Except(["OP_ID"]).ToArray();

        Assert.Equal(properties.Length + 1, written.Length);
        Assert.Empty(written.Except(parameters).Except(["reason"]));
    }

    [Fact]
    public void What_is_null_is_left_out_so_that_the_servers_defaults_rule()
    {
        var migrate = Written(new InstanceMigrate { InstanceName = "vm1", AllowFailover = false });
        var failover = Written(new InstanceFailover { InstanceName = "vm1", ShutdownTimeout = 30, TargetNode = "h2" });

        Assert.Equal(["OP_ID", "allow_failover", "instance_name", "reason"], migrate.Keys.Order(StringComparer.Ordinal));
        Assert.Equal(("OP_INSTANCE_MIGRATE", false), (migrate["OP_ID"], migrate["allow_failover"]));
        Assert.Equal(["OP_ID", "instance_name", "reason", "shutdown_timeout", "target_node"], failover.Keys.Order(StringComparer.Ordinal));
        Assert.Equal(30L, failover["shutdown_timeout"]);
    }

    [Fact]
    public void The_reason_trail_has_source_text_and_nanoseconds()
    {
        var trail = LuxiFixture.Items(Written(new InstanceMigrate { InstanceName = "vm1" })["reason"]);

        Assert.Equal(["powershell:Move-GntInstance", "root@here 1", 17L], LuxiFixture.Items(Assert.Single(trail)));
    }

    [Fact]
    public void A_fresh_reason_names_the_cmdlet_the_operator_and_a_mark_of_its_own()
    {
        var (one, two) = (LuxiReason.For("Move-GntInstance"), LuxiReason.For("Move-GntInstance"));

        Assert.Equal("powershell:Move-GntInstance", one.Source);
        Assert.Contains(Environment.UserName, one.Text, StringComparison.Ordinal);
        Assert.Contains(one.Id.ToString("D"), one.Text, StringComparison.Ordinal);
        Assert.NotEqual(one.Id, two.Id);
        Assert.Equal(DateTimeOffset.UtcNow.ToUnixTimeSeconds(), one.Nanoseconds / 1_000_000_000, 60.0);
    }

    private static object SomeOf(Type type) => type switch
    {
        _ when type == typeof(string) => "x",
        _ when type == typeof(bool) => true,
        _ when type == typeof(long) => 1L,
        _ when type == typeof(int) => 1,
        _ when type == typeof(LuxiOpcode[]) => Array.Empty<LuxiOpcode>(),
        _ when type.IsArray => Array.CreateInstance(type.GetElementType()!, 1),
        _ => Activator.CreateInstance(type)!,
    };

    private static GntParameters Written(LuxiOpcode opcode)
    {
        using var reader = LuxiJson.Reader(LuxiJson.Write(writer => opcode.Write(writer, Reason)));
        reader.Read();
        return Assert.IsType<GntParameters>(LuxiJson.ReadValue(reader));
    }
}
