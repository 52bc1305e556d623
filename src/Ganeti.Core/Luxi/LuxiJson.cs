using System.Globalization;
using System.Text;
using Newtonsoft.Json;

namespace Ganeti.Luxi;

/// <summary>JSON as the master speaks it, read and written without the process-wide defaults of the host.</summary>
/// <remarks>
/// Values become plain .NET objects: string, bool, long, double, <c>object?[]</c> and <see cref="GntParameters"/>. Dates stay
/// text. No type of the JSON library leaves this folder.
/// </remarks>
internal static class LuxiJson
{
    private static readonly UTF8Encoding Utf8 = new(encoderShouldEmitUTF8Identifier: false);

    internal static JsonTextReader Reader(ReadOnlyMemory<byte> utf8, JsonNameTable? names = null)
    {
        var stream = System.Runtime.InteropServices.MemoryMarshal.TryGetArray(utf8, out var segment)
            ? new MemoryStream(segment.Array!, segment.Offset, segment.Count, writable: false)
            : new MemoryStream(utf8.ToArray(), writable: false);
        return new JsonTextReader(new StreamReader(stream, Utf8, detectEncodingFromByteOrderMarks: false, bufferSize: 32 * 1024))
        {
            DateParseHandling = DateParseHandling.None,
            FloatParseHandling = FloatParseHandling.Double,
            Culture = CultureInfo.InvariantCulture,
            MaxDepth = 128,
            PropertyNameTable = names,
        };
    }

    internal static byte[] Write(Action<JsonTextWriter> write)
    {
        var stream = new MemoryStream(256);
        using (var writer = new JsonTextWriter(new StreamWriter(stream, Utf8)) { Culture = CultureInfo.InvariantCulture })
        {
            write(writer);
        }

        return stream.ToArray();
    }

    /// <summary>Reads the value that the reader stands on.</summary>
    internal static object? ReadValue(JsonTextReader reader)
    {
        switch (reader.TokenType)
        {
            case JsonToken.StartObject:
                var members = new GntParameters();
                while (reader.Read() && reader.TokenType == JsonToken.PropertyName)
                {
                    var name = (string)reader.Value!;
                    reader.Read();
                    members[name] = ReadValue(reader);
                }

                RequireEnd(reader, JsonToken.EndObject);
                return members;

            case JsonToken.StartArray:
                var items = new List<object?>();
                while (reader.Read() && reader.TokenType != JsonToken.EndArray)
                {
                    items.Add(ReadValue(reader));
                }

                RequireEnd(reader, JsonToken.EndArray);
                return items.ToArray();

            case JsonToken.Integer:
                // Numbers beyond 64 bits come as BigInteger; they are no quantity of ours.
                return reader.Value is System.Numerics.BigInteger big ? (double)big : reader.Value;

            case JsonToken.Float:
            case JsonToken.String:
            case JsonToken.Boolean:
                return reader.Value;

            case JsonToken.Null:
                return null;

            default:
                throw new JsonReaderException($"Unexpected {reader.TokenType} at line {reader.LineNumber}, position {reader.LinePosition}.");
        }
    }

    /// <summary>Reads a whole text; false when it is no JSON, for example because it was cut off.</summary>
    internal static bool TryParse(string json, out object? value)
    {
        try
        {
            using var reader = Reader(Utf8.GetBytes(json));
            value = reader.Read() ? ReadValue(reader) : throw new JsonReaderException("There is nothing.");
            return !reader.Read();
        }
        catch (JsonException)
        {
            value = null;
            return false;
        }
    }

    /// <summary>The reader gives no error of its own for an object or list that is cut off.</summary>
    internal static void RequireEnd(JsonTextReader reader, JsonToken end)
    {
        if (reader.TokenType != end)
        {
            throw new JsonReaderException($"It ends within an {(end == JsonToken.EndArray ? "array" : "object")}, at line {reader.LineNumber}, position {reader.LinePosition}.");
        }
    }

    /// <summary>Writes what <see cref="ReadValue"/> can read, and the numbers and lists of .NET.</summary>
    internal static void WriteValue(JsonTextWriter writer, object? value)
    {
        switch (value)
        {
            case null:
                writer.WriteNull();
                break;
            case System.Collections.IDictionary members:
                writer.WriteStartObject();
                foreach (System.Collections.DictionaryEntry member in members)
                {
                    writer.WritePropertyName(Convert.ToString(member.Key, CultureInfo.InvariantCulture) ?? string.Empty);
                    WriteValue(writer, member.Value);
                }

                writer.WriteEndObject();
                break;
            case string text:
                writer.WriteValue(text);
                break;
            case System.Collections.IEnumerable items:
                writer.WriteStartArray();
                foreach (var item in items)
                {
                    WriteValue(writer, item);
                }

                writer.WriteEndArray();
                break;
            default:
                writer.WriteValue(value);
                break;
        }
    }

    /// <summary>Reads an object from text; null when it is none.</summary>
    internal static GntParameters? ParseObject(string text)
    {
        try
        {
            using var reader = Reader(Utf8.GetBytes(text));
            return reader.Read() ? ReadValue(reader) as GntParameters : null;
        }
        catch (Exception exception) when (exception is JsonException or FormatException or GanetiException)
        {
            return null;
        }
    }

    /// <summary>A value as text for a person: strings as they are, all else as JSON.</summary>
    internal static string ToText(object? value) => value as string ?? Utf8.GetString(Write(writer => WriteValue(writer, value)));
}
