using System.Collections;
using System.Collections.Concurrent;
using System.Text;
using Ganeti.Tests.Engine;

namespace Ganeti.Tests.Cluster;

/// <summary>Where a secret must not be.</summary>
internal static class Leaks
{
    /// <summary>
    /// Run on a node, looks for what is in /tmp/gnt-look into the arguments and environments of all processes until that file is gone. Its own words are
    /// not in its arguments, and so not in what it finds.
    /// </summary>
    public const string Look =
        """
        while [ -e /tmp/gnt-look ]; do
            for process in $(grep -Fals -f /tmp/gnt-look /proc/[0-9]*/cmdline /proc/[0-9]*/environ 2>/dev/null); do
                echo "$process: $(tr '\0' ' ' <"${process%/*}/cmdline" 2>/dev/null | head -c 100)"
            done
            sleep "${1:-0}"
        done
        :
        """;

    /// <summary>The same once, here, into the arguments: for processes that this one has started.</summary>
    public static void LookHere(string secret, ConcurrentBag<string> seen)
    {
        foreach (var process in Directory.GetDirectories("/proc", "*").Where(name => char.IsAsciiDigit(Path.GetFileName(name)[0])))
        {
            try
            {
                var line = File.ReadAllText(Path.Combine(process, "cmdline"));
                if (line.Contains(secret, StringComparison.Ordinal))
                {
                    seen.Add(line.Replace('\0', ' '));
                }
            }
            catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
            {
                // It has ended.
            }
        }
    }

    /// <summary>Whether it is in nothing that was written, shown, refused or handed out.</summary>
    public static void AssertNone(string secret, Outcome outcome, string screen, IEnumerable<object>? more = null)
    {
        var shown = new StringBuilder(screen)
            .AppendJoin('\n', outcome.Verbose).AppendJoin('\n', outcome.Debug).AppendJoin('\n', outcome.Warnings).AppendJoin('\n', outcome.Information);
        foreach (var error in outcome.Errors)
        {
            shown.Append(error.Exception).Append(error).Append(error.ErrorDetails?.RecommendedAction).Append(error.TargetObject).Append(error.InvocationInfo?.PositionMessage).Append(error.InvocationInfo?.Line).Append(error.ScriptStackTrace);
        }

        Assert.DoesNotContain(secret, shown.ToString(), StringComparison.Ordinal);
        Assert.DoesNotContain(secret, string.Join('\n', outcome.Output.Select(item => item.BaseObject).Concat(more ?? []).SelectMany(item => Values(item, 4))), StringComparison.Ordinal);
    }

    /// <summary>All texts in an object, however deep.</summary>
    private static IEnumerable<string> Values(object? value, int depth)
    {
        switch (value)
        {
            case null:
                return [];
            case string text:
                return [text];
            case GntParameters members:
                return members.SelectMany(member => Values(member.Value, depth - 1).Append(member.Key));
            case IEnumerable items:
                return items.Cast<object?>().SelectMany(item => Values(item, depth - 1));
            default:
                return depth == 0 || value.GetType().Namespace != nameof(Ganeti)
                    ? [$"{value}"]
                    : value.GetType().GetProperties().Where(property => property.GetIndexParameters().Length == 0).SelectMany(property => Values(property.GetValue(value), depth - 1));
        }
    }
}
