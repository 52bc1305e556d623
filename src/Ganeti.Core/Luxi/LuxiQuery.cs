using Newtonsoft.Json;

namespace Ganeti.Luxi;

/// <summary>Queries: a kind of object, fields, a filter; rows become models.</summary>
/// <remarks>
/// The answer is <c>{"fields": […], "data": [[[status, value], …], …]}</c>; the statuses are Ganeti's <c>RS_*</c> constants. One row that
/// holds something odd gives an object with nulls and never hides the others.
/// </remarks>
internal static class LuxiQuery
{
    private const long Normal = 0;
    private const long UnknownField = 1;

    // Ours, for what is no cell at all.
    private const long Odd = -1;

    /// <summary>
    /// Reads objects: configuration and live fields at the same time on two connections, joined by name.
    /// </summary>
    /// <param name="client">The connections.</param>
    /// <param name="kind">Ganeti's name of the kind: instance, node, group, network, job, lock.</param>
    /// <param name="fields">What to read of each.</param>
    /// <param name="filter">Which; null for all.</param>
    /// <param name="extraFields">Further fields by Ganeti's own names.</param>
    /// <param name="cancellationToken">Ends the wait at once.</param>
    internal static async Task<IReadOnlyList<T>> ReadAsync<T>(
        this LuxiClient client,
        string kind,
        LuxiFieldSet<T> fields,
        LuxiFilter? filter,
        IReadOnlyList<string> extraFields,
        CancellationToken cancellationToken)
        where T : GntObject, new()
    {
        var configuration = client.AskAsync<T>(kind, fields.Configuration, filter, extraFields, cancellationToken);
        if (fields.Live.Count == 0)
        {
            return await configuration.ConfigureAwait(false);
        }

        var live = client.AskLiveAsync(kind, fields.Key, fields.Live, filter, cancellationToken);
        var models = await configuration.ConfigureAwait(false);
        var values = await live.ConfigureAwait(false);
        foreach (var model in models)
        {
            // One that is gone between the two answers keeps nulls.
            if (model.Key is { } key && values.TryGetValue(key, out var row))
            {
                for (var i = 0; i < fields.Live.Count; i++)
                {
                    if (i + 1 < row.Length && row[i + 1] is { Status: Normal } cell)
                    {
                        fields.Live[i].Set(model, cell.Value);
                    }
                }
            }
        }

        return models;
    }

    private static Task<IReadOnlyList<T>> AskAsync<T>(
        this LuxiClient client,
        string kind,
        IReadOnlyList<LuxiField<T>> fields,
        LuxiFilter? filter,
        IReadOnlyList<string> extraFields,
        CancellationToken cancellationToken)
        where T : GntObject, new()
    {
        return client.AskAsync<IReadOnlyList<T>>(
            "Query",
            writer => WriteQuery(writer, kind, fields.Select(field => field.Name).Concat(extraFields), filter),
            reader => ReadRows(reader, row => ToModel(row, kind, fields, extraFields)),
            cancellationToken);
    }

    private static Task<Dictionary<string, LuxiCell[]>> AskLiveAsync<T>(
        this LuxiClient client,
        string kind,
        LuxiField<T> key,
        IReadOnlyList<LuxiField<T>> live,
        LuxiFilter? filter,
        CancellationToken cancellationToken)
    {
        return client.AskAsync(
            "Query",
            writer => WriteQuery(writer, kind, live.Select(field => field.Name).Prepend(key.Name), filter),
            reader => ReadRows(reader, row => row)
                .Where(row => row.Length > 0 && row[0].Value is string)
                .DistinctBy(row => (string)row[0].Value!, StringComparer.Ordinal)
                .ToDictionary(row => (string)row[0].Value!, StringComparer.Ordinal),
            cancellationToken);
    }

    private static T ToModel<T>(LuxiCell[] row, string kind, IReadOnlyList<LuxiField<T>> fields, IReadOnlyList<string> extraFields)
        where T : GntObject, new()
    {
        var model = new T();
        for (var i = 0; i < fields.Count && i < row.Length; i++)
        {
            if (row[i].Status == Normal)
            {
                fields[i].Set(model, row[i].Value);
            }
        }

        if (extraFields.Count > 0)
        {
            model.ExtraFields = ToExtraFields([.. row.Skip(fields.Count)], kind, extraFields);
        }

        return model;
    }

    private static Dictionary<string, object?> ToExtraFields(LuxiCell[] cells, string kind, IReadOnlyList<string> names)
    {
        var values = new Dictionary<string, object?>(StringComparer.Ordinal);
        for (var i = 0; i < names.Count; i++)
        {
            var cell = i < cells.Length ? cells[i] : new LuxiCell(Odd, null);
            if (cell.Status == UnknownField)
            {
                throw new GanetiException(GanetiError.FieldUnknown, $"Ganeti has no field '{names[i]}' for kind '{kind}'.")
                {
                    Target = names[i],
                    RecommendedAction = $"See what there is with Get-GntField {kind}.",
                };
            }

            values[names[i]] = cell.Status == Normal ? cell.Value : null;
        }

        return values;
    }

    private static void WriteQuery(JsonTextWriter writer, string kind, IEnumerable<string> fields, LuxiFilter? filter)
    {
        writer.WriteValue(kind);
        writer.WriteStartArray();
        foreach (var field in fields)
        {
            writer.WriteValue(field);
        }

        writer.WriteEndArray();
        if (filter is null)
        {
            writer.WriteNull();
        }
        else
        {
            filter.Write(writer);
        }
    }

    private static List<TRow> ReadRows<TRow>(JsonTextReader reader, Func<LuxiCell[], TRow> convert)
    {
        while (reader.Read() && reader.TokenType == JsonToken.PropertyName)
        {
            var isData = (string)reader.Value! == "data";
            reader.Read();
            if (!isData)
            {
                reader.Skip();
                continue;
            }

            var rows = new List<TRow>();
            if (reader.TokenType != JsonToken.StartArray)
            {
                break;
            }

            while (reader.Read() && reader.TokenType != JsonToken.EndArray)
            {
                rows.Add(convert(ReadRow(reader)));
            }

            LuxiJson.RequireEnd(reader, JsonToken.EndArray);
            return rows;
        }

        throw new JsonReaderException("The answer to the query has no data.");
    }

    // Stands on the row's first token, and leaves the reader on its last, whatever the row is.
    private static LuxiCell[] ReadRow(JsonTextReader reader)
    {
        if (reader.TokenType != JsonToken.StartArray)
        {
            reader.Skip();
            return [];
        }

        var cells = new List<LuxiCell>(48);
        while (reader.Read() && reader.TokenType != JsonToken.EndArray)
        {
            cells.Add(ReadCell(reader));
        }

        LuxiJson.RequireEnd(reader, JsonToken.EndArray);
        return [.. cells];
    }

    private static LuxiCell ReadCell(JsonTextReader reader)
    {
        if (reader.TokenType != JsonToken.StartArray)
        {
            reader.Skip();
            return new LuxiCell(Odd, null);
        }

        var status = reader.Read() ? reader.Value as long? ?? Odd : Odd;
        object? value = null;
        if (reader.TokenType != JsonToken.EndArray)
        {
            reader.Skip();
            if (reader.Read() && reader.TokenType != JsonToken.EndArray)
            {
                value = LuxiJson.ReadValue(reader);
                while (reader.Read() && reader.TokenType != JsonToken.EndArray)
                {
                    reader.Skip();
                }
            }
        }

        LuxiJson.RequireEnd(reader, JsonToken.EndArray);
        return new LuxiCell(status, value);
    }
}

/// <summary>A value of an answer and how much it can be trusted.</summary>
internal readonly record struct LuxiCell(long Status, object? Value);

/// <summary>Which fields of a model to read.</summary>
internal sealed record LuxiFieldSet<T>(LuxiField<T> Key, IReadOnlyList<LuxiField<T>> Configuration, IReadOnlyList<LuxiField<T>> Live);
