using System.Collections;
using System.Globalization;
using System.Management.Automation;
using System.Net;
using System.Security;

namespace Ganeti.Commands;

/// <summary>Takes a hashtable for named parameters, with the engine's wrapping taken off, and text like <c>a=1,b=2</c> as CSV files have it.</summary>
[AttributeUsage(AttributeTargets.Property)]
internal sealed class ParametersAttribute : ArgumentTransformationAttribute
{
    public override object? Transform(EngineIntrinsics engineIntrinsics, object? inputData) => Plain(inputData) switch
    {
        IDictionary entries => FromEntries(entries),
        string text when string.IsNullOrWhiteSpace(text) => null,
        string text => FromText(text),
        _ => inputData,
    };

    private static GntParameters FromEntries(IDictionary entries)
    {
        var parameters = new GntParameters();
        foreach (DictionaryEntry entry in entries)
        {
            parameters[Convert.ToString(Plain(entry.Key), CultureInfo.InvariantCulture) ?? string.Empty] = Value(entry.Value);
        }

        return parameters;
    }

    private static GntParameters FromText(string text)
    {
        var parameters = new GntParameters();
        foreach (var entry in text.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries))
        {
            if (entry.Split('=', 2) is not [{ Length: > 0 } name, var value])
            {
                throw new ArgumentTransformationMetadataException($"'{entry}' is no parameter: write name=value.");
            }

            parameters[name] = value;
        }

        return parameters;
    }

    private static object? Value(object? value) => Plain(value) switch
    {
        SecureString secret => new NetworkCredential(string.Empty, secret).Password,
        IDictionary nested => FromEntries(nested),
        SwitchParameter flag => (bool)flag,
        IList list => list.Cast<object?>().Select(Value).ToArray(),
        var plain => plain,
    };

    private static object? Plain(object? value) => value is PSObject wrapped ? wrapped.BaseObject : value;
}
