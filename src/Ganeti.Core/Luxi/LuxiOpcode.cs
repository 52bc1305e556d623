using System.Collections.Concurrent;
using System.Reflection;
using System.Text;
using Newtonsoft.Json;

namespace Ganeti.Luxi;

/// <summary>
/// An operation that the master carries out as (part of) a job: a small record in its room, whose properties are Ganeti's
/// parameters in Pascal case. What is null is left out, so that the server's own defaults rule.
/// </summary>
internal abstract record LuxiOpcode
{
    private static readonly ConcurrentDictionary<Type, (string Name, PropertyInfo Property)[]> Parameters = new();

    /// <summary>Ganeti's id of it, for example <c>OP_INSTANCE_MIGRATE</c>.</summary>
    internal abstract string OpId { get; }

    /// <summary>Before or after others: -10 (high), 0, 10 (low).</summary>
    public int? Priority { get; init; }

    /// <summary>Whether Ganeti only checks whether it could be done.</summary>
    public bool? DryRun { get; init; }

    /// <summary>
    /// Jobs that must have ended before this one begins: <c>[number, [states]]</c>; a negative number counts back from this job among those
    /// submitted together.
    /// </summary>
    public object[]? Depends { get; init; }

    /// <summary>The command line without the options that all of them have.</summary>
    internal abstract GntCommandLine Command { get; }

    /// <summary>The <c>gnt-…</c> command line that it stands for.</summary>
    internal string CommandLine => Command
        .Flag("--dry-run", DryRun)
        .Option("--priority", Priority switch { null or 0 => null, < 0 => "high", _ => "low" })
        .ToString();

    internal void Write(JsonTextWriter writer, LuxiReason reason)
    {
        writer.WriteStartObject();
        writer.WritePropertyName("OP_ID");
        writer.WriteValue(OpId);
        foreach (var (name, property) in Parameters.GetOrAdd(GetType(), ParametersOf))
        {
            if (property.GetValue(this) is { } value)
            {
                writer.WritePropertyName(name);
                WriteValue(writer, value, reason);
            }
        }

        writer.WritePropertyName("reason");
        LuxiJson.WriteValue(writer, new object[] { new object[] { reason.Source, reason.Text, reason.Nanoseconds } });
        writer.WriteEndObject();
    }

    private static void WriteValue(JsonTextWriter writer, object value, LuxiReason reason)
    {
        if (value is LuxiOpcode[] nested)
        {
            writer.WriteStartArray();
            foreach (var opcode in nested)
            {
                opcode.Write(writer, reason);
            }

            writer.WriteEndArray();
        }
        else
        {
            LuxiJson.WriteValue(writer, value is Enum word ? word.ToString().Replace('_', '-') : value);
        }
    }

    private static (string Name, PropertyInfo Property)[] ParametersOf(Type type) => type
        .GetProperties(BindingFlags.Instance | BindingFlags.Public)
        .Where(property => property.Name != "EqualityContract")
        .Select(property => (SnakeCase(property.Name), property))
        .ToArray();

    private static string SnakeCase(string name)
    {
        var snake = new StringBuilder(name.Length + 4);
        for (var i = 0; i < name.Length; i++)
        {
            if (i > 0 && char.IsUpper(name[i]))
            {
                snake.Append('_');
            }

            snake.Append(char.ToLowerInvariant(name[i]));
        }

        return snake.ToString();
    }
}

/// <summary>Why a job was submitted: the first entry of its reason trail. Its id finds the job again when the answer got lost.</summary>
internal sealed record LuxiReason(string Source, string Text, long Nanoseconds, Guid Id)
{
    internal static LuxiReason For(string cmdlet)
    {
        var id = Guid.NewGuid();
        return new LuxiReason(
            $"powershell:{cmdlet}",
            $"{ThisOperator.Name} {id:D}",
            (DateTimeOffset.UtcNow - DateTimeOffset.UnixEpoch).Ticks * 100,
            id);
    }
}
