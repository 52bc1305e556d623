using System.Management.Automation.Host;
using SystemConsole = System.Console;

namespace Ganeti.Console;

/// <summary>The screen as far as views and progress need it; there is no buffer to read back on a terminal.</summary>
internal sealed class ConsoleRawUI : PSHostRawUserInterface
{
    public override ConsoleColor ForegroundColor { get; set; } = ConsoleColor.Gray;

    public override ConsoleColor BackgroundColor { get; set; } = ConsoleColor.Black;

    public override Size BufferSize
    {
        get => WindowSize;
        set { }
    }

    public override Size WindowSize
    {
        get => new(Terminal.Width, Terminal.Height);
        set { }
    }

    public override Size MaxWindowSize => WindowSize;

    public override Size MaxPhysicalWindowSize => WindowSize;

    public override Coordinates WindowPosition { get; set; }

    public override Coordinates CursorPosition { get; set; }

    public override int CursorSize { get; set; } = 25;

    public override string WindowTitle
    {
        get => string.Empty;
        set
        {
            if (Terminal.IsOutputTerminal)
            {
                SystemConsole.Title = value;
            }
        }
    }

    public override bool KeyAvailable => Terminal.IsInputTerminal && SystemConsole.KeyAvailable;

    public override KeyInfo ReadKey(ReadKeyOptions options)
    {
        if (!Terminal.IsInputTerminal)
        {
            throw ConsoleUI.CannotAsk();
        }

        var key = SystemConsole.ReadKey(intercept: options.HasFlag(ReadKeyOptions.NoEcho));
        return new KeyInfo((int)key.Key, key.KeyChar, 0, keyDown: true);
    }

    public override void FlushInputBuffer()
    {
        while (KeyAvailable)
        {
            SystemConsole.ReadKey(intercept: true);
        }
    }

    public override BufferCell[,] GetBufferContents(Rectangle rectangle) => throw NoBuffer();

    public override void SetBufferContents(Coordinates origin, BufferCell[,] contents) => throw NoBuffer();

    // Clear-Host's way of saying "everything".
    public override void SetBufferContents(Rectangle rectangle, BufferCell fill)
    {
        if (Terminal.IsOutputTerminal)
        {
            SystemConsole.Clear();
        }
    }

    public override void ScrollBufferContents(Rectangle source, Coordinates destination, Rectangle clip, BufferCell fill) => throw NoBuffer();

    private static NotSupportedException NoBuffer() => new("A terminal's contents can't be read back or moved.");
}
