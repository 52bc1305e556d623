using System.Globalization;
using Ganeti.Luxi;
using Ganeti.Remote;

namespace Ganeti;

/// <summary>Cuts connections of DRBD on nodes, and finds what earlier cuts left.</summary>
internal static class DrbdResets
{
    internal static readonly NodeScript Script = new("Drbd", "connection");

    /// <summary>How a node can cut, the least invasive first.</summary>
    internal static async Task<IReadOnlyList<DrbdResetMethod>> MethodsAsync(GntConnection connection, string node, CancellationToken cancellationToken)
    {
        var result = await RunAsync(connection, node, Script.With("probe"), cancellationToken).ConfigureAwait(false);
        if (result.ExitStatus != 0)
        {
            throw RepairSession.Failure(node, "what can cut a connection could not be found out", result);
        }

        return [.. Lines(result).Select(line => LuxiSetters.ToEnum<DrbdResetMethod>(line.Split(' ')[0]))];
    }

    /// <summary>What is cut on a node at the moment.</summary>
    internal static async Task<IReadOnlyList<DrbdConnectionReset>> GetAsync(GntConnection connection, string node, CancellationToken cancellationToken)
    {
        var result = await RunAsync(connection, node, Script.With("list"), cancellationToken).ConfigureAwait(false);
        if (result.ExitStatus != 0)
        {
            throw RepairSession.Failure(node, "what was cut could not be read", result);
        }

        return [.. Lines(result).Select(line => Parse(connection, node, line)).OfType<DrbdConnectionReset>()];
    }

    /// <summary>Undoes a cut that may be another operator's. That one holds the lease, so no lease is taken; the node's journal is told who it was.</summary>
    internal static async Task RemoveAsync(GntConnection connection, DrbdConnectionReset reset, string cmdlet, string commandLine, CancellationToken cancellationToken)
    {
        var entry = new GntHistoryEntry
        {
            Id = reset.Id,
            Operator = ThisOperator.Name,
            Cmdlet = cmdlet,
            InstanceName = reset.InstanceName,
            Subject = $"connection on port {reset.Port} of {reset.Node}",
            Event = GntHistoryEvent.Step,
            EventText = nameof(GntHistoryEvent.Step),
            Message = commandLine,
        };
        await connection.History.AddAsync(reset.Node!, entry, cancellationToken).ConfigureAwait(false);
        await RestoreAsync(connection, reset, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Undoes a cut now.</summary>
    internal static async Task RestoreAsync(GntConnection connection, DrbdConnectionReset reset, CancellationToken cancellationToken)
    {
        var result = await RunAsync(connection, reset.Node!, Script.With("restore", reset.Id!, reset.Method?.ToString() ?? string.Empty), cancellationToken).ConfigureAwait(false);
        if (result.ExitStatus != 0)
        {
            throw RepairSession.Failure(reset.Node!, $"the cut of port {reset.Port} could not be undone", result);
        }
    }

    private static async Task<RemoteResult> RunAsync(GntConnection connection, string node, RemoteCommand command, CancellationToken cancellationToken) =>
        await GntConnection.RunAsync(await connection.OpenNodeAsync(node, cancellationToken).ConfigureAwait(false), command, cancellationToken).ConfigureAwait(false);

    private static string[] Lines(RemoteResult result) => result.OutputText.Split('\n', StringSplitOptions.RemoveEmptyEntries);

    /// <summary>A line of <c>list</c>: seconds left (empty for rules that have no undo), about, what a failed undo said.</summary>
    private static DrbdConnectionReset? Parse(GntConnection connection, string node, string line)
    {
        if (line.Split('\t', 3) is not [var left, var json, var said] || LuxiJson.ParseObject(json) is not { } about)
        {
            return null;
        }

        var reset = new DrbdConnectionReset
        {
            Node = node,
            Id = about.GetValueOrDefault(nameof(DrbdConnectionReset.Id)) as string,
            Method = about.GetValueOrDefault(nameof(DrbdConnectionReset.Method)) is string method ? LuxiSetters.ToEnum<DrbdResetMethod>(method) : null,
            Minor = (int?)LuxiSetters.ToLong(about.GetValueOrDefault(nameof(DrbdConnectionReset.Minor))),
            Port = (int?)LuxiSetters.ToLong(about.GetValueOrDefault(nameof(DrbdConnectionReset.Port))),
            LocalAddress = about.GetValueOrDefault(nameof(DrbdConnectionReset.LocalAddress)) as string,
            PeerAddress = about.GetValueOrDefault(nameof(DrbdConnectionReset.PeerAddress)) as string,
            InstanceName = about.GetValueOrDefault(nameof(DrbdConnectionReset.InstanceName)) as string,
            Operator = about.GetValueOrDefault(nameof(DrbdConnectionReset.Operator)) as string,
            IsDualPrimary = about.GetValueOrDefault(nameof(DrbdConnectionReset.IsDualPrimary)) as bool?,
            Deadline = double.TryParse(left, CultureInfo.InvariantCulture, out var seconds) ? DateTimeOffset.Now.AddSeconds(seconds) : null,
            UndoError = said.Length > 0 ? RemoteText.Printable(said) : null,
        };
        reset.From(connection.Identity, DateTimeOffset.Now);
        return reset;
    }

    /// <summary>What the node keeps about a cut beside its undo.</summary>
    internal static string About(DrbdConnectionReset reset) => LuxiJson.ToText(new GntParameters
    {
        ["Kind"] = nameof(DrbdConnectionReset),
        [nameof(reset.Id)] = reset.Id,
        [nameof(reset.Method)] = reset.Method?.ToString(),
        [nameof(reset.Minor)] = reset.Minor,
        [nameof(reset.Port)] = reset.Port,
        [nameof(reset.LocalAddress)] = reset.LocalAddress,
        [nameof(reset.PeerAddress)] = reset.PeerAddress,
        [nameof(reset.InstanceName)] = reset.InstanceName,
        [nameof(reset.Operator)] = reset.Operator,
        [nameof(reset.IsDualPrimary)] = reset.IsDualPrimary,
    });
}
