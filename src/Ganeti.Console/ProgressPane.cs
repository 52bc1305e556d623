using System.Management.Automation;
using System.Text;

namespace Ganeti.Console;

/// <summary>
/// The running activities, one line each, below everything else on the terminal that standard error goes to.
/// Drawn at most ten times a second, and not at all for what is over sooner than a blink.
/// </summary>
internal sealed class ProgressPane : IDisposable
{
    private const int BarWidth = 20;
    private static readonly TimeSpan FirstDelay = TimeSpan.FromMilliseconds(200);
    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(100);

    // Taken inside the terminal's own lock, never the other way round.
    private readonly Lock gate = new();
    private readonly OrderedDictionary<(long Source, int Activity), ProgressRecord> records = [];
    private readonly Terminal terminal;
    private readonly Timer timer;
    private bool isDue;
    private int drawnLines;

    public ProgressPane(Terminal terminal)
    {
        this.terminal = terminal;
        timer = new Timer(_ => terminal.Draw(Picture));
    }

    public void Update(long source, ProgressRecord record)
    {
        if (!Terminal.IsErrorTerminal || terminal.IsDumb)
        {
            return;
        }

        bool isOver;
        lock (gate)
        {
            if (record.RecordType == ProgressRecordType.Completed)
            {
                records.Remove((source, record.ActivityId));
            }
            else
            {
                records[(source, record.ActivityId)] = record;
            }

            isOver = records.Count == 0;
            if (!isOver && !isDue)
            {
                isDue = true;
                timer.Change(drawnLines == 0 ? FirstDelay : Interval, Timeout.InfiniteTimeSpan);
            }
        }

        if (isOver)
        {
            terminal.Draw(Picture);
        }
    }

    /// <summary>Forgets what a pipeline left behind.</summary>
    public void Clear()
    {
        lock (gate)
        {
            records.Clear();
        }

        terminal.Draw(Picture);
    }

    /// <summary>What takes the pane off the screen, before something else is written there; it comes back by itself.</summary>
    public string Erase()
    {
        lock (gate)
        {
            if (drawnLines == 0)
            {
                return string.Empty;
            }

            var erase = $"\e[{drawnLines}A\r\e[J";
            drawnLines = 0;
            if (!isDue)
            {
                isDue = true;
                timer.Change(Interval, Timeout.InfiniteTimeSpan);
            }

            return erase;
        }
    }

    public void Dispose()
    {
        Clear();
        timer.Dispose();
    }

    /// <summary>What turns the lines drawn before into the present ones.</summary>
    private string Picture()
    {
        lock (gate)
        {
            isDue = false;
            var text = new StringBuilder();
            if (drawnLines > 0)
            {
                text.Append("\e[").Append(drawnLines).Append("A\r");
            }

            var room = Math.Max(1, Terminal.Height / 2);
            var shown = records.Count > room ? room - 1 : records.Count;
            foreach (var record in records.Values.Take(shown))
            {
                text.Append(Styled(Line(record, Terminal.Width - 1))).Append("\e[K\n");
            }

            if (shown < records.Count)
            {
                text.Append("… and ").Append(records.Count - shown).Append(" more\e[K\n");
                shown++;
            }

            if (shown < drawnLines)
            {
                text.Append("\e[J");
            }

            drawnLines = shown;
            return text.ToString();
        }
    }

    private string Styled(string line) => terminal.HasErrorColor ? PSStyle.Instance.Progress.Style + line + PSStyle.Instance.Reset : line;

    private static string Line(ProgressRecord record, int width)
    {
        var text = new StringBuilder(record.ParentActivityId >= 0 ? "  " : string.Empty).Append(record.Activity);
        foreach (var detail in new[] { record.StatusDescription, record.CurrentOperation })
        {
            if (!string.IsNullOrWhiteSpace(detail))
            {
                text.Append(text.ToString().Contains(": ", StringComparison.Ordinal) ? ", " : ": ").Append(detail);
            }
        }

        var measure = Measure(record);
        var room = Math.Max(0, width - measure.Length);
        var words = string.Concat(text.ToString().Select(character => char.IsControl(character) ? ' ' : character));
        words = words.Length <= room ? words : room > 1 ? words[..(room - 1)] + "…" : string.Empty;
        return (words + measure)[..Math.Min(width, words.Length + measure.Length)];
    }

    /// <summary>The bar, the percentage and the time left, as far as they are known.</summary>
    private static string Measure(ProgressRecord record)
    {
        var measure = new StringBuilder();
        if (record.PercentComplete >= 0)
        {
            var filled = Math.Min(100, record.PercentComplete) * BarWidth / 100;
            measure.Append(" [").Append('█', filled).Append(' ', BarWidth - filled).Append("] ").Append(record.PercentComplete).Append('%');
        }

        if (record.SecondsRemaining >= 0)
        {
            var left = TimeSpan.FromSeconds(record.SecondsRemaining);
            measure.Append(' ').Append((int)left.TotalHours > 0 ? $"{(int)left.TotalHours}:{left:mm\\:ss}" : $"{left:m\\:ss}").Append(" left");
        }

        return measure.ToString();
    }
}
