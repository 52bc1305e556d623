using Ganeti.Luxi;

namespace Ganeti;

/// <summary>The fields that a cluster's queries know.</summary>
public sealed class GntFields
{
    /// <summary>The kinds of objects that have fields over LUXI.</summary>
    internal static readonly string[] Kinds = ["instance", "node", "group", "network", "job", "lock", "export", "filter"];

    private readonly GntConnection _connection;

    internal GntFields(GntConnection connection) => _connection = connection;

    /// <summary>Reads the fields of a kind of object.</summary>
    /// <param name="kind">Ganeti's name of the kind: instance, node, group, network, job, lock, export, filter.</param>
    /// <param name="cancellationToken">Ends the wait at once.</param>
    /// <exception cref="GanetiException">The master did not answer, or does not know the kind.</exception>
    public async Task<IReadOnlyList<GntField>> GetAsync(string kind, CancellationToken cancellationToken)
    {
        var answer = await _connection.Luxi.AskAsync(
            "QueryFields",
            writer =>
            {
                writer.WriteValue(kind);
                writer.WriteNull();
            },
            LuxiJson.ReadValue,
            cancellationToken).ConfigureAwait(false);
        var now = DateTimeOffset.Now;
        return [.. ((answer as GntParameters)?.GetValueOrDefault("fields") as object?[] ?? []).OfType<GntParameters>().Select(definition =>
        {
            var field = GntField.Of(kind, definition);
            field.From(_connection.Identity, now);
            return field;
        })];
    }
}
