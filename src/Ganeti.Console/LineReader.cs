using RadLine;
using Spectre.Console;
using SystemConsole = System.Console;

namespace Ganeti.Console;

/// <summary>Reads one line at the prompt with RadLine: keys as PSReadLine has them, history, completion.</summary>
internal sealed class LineReader
{
    private readonly Interrupt interrupt;
    private readonly CommandHistory history;
    private readonly TabCompletion completion;
    private readonly LineEditor editor;
    private readonly PromptText prompt = new();
    private bool hasLeft;

    public LineReader(Terminal terminal, Interrupt interrupt, CommandHistory history, TabCompletion completion)
    {
        this.interrupt = interrupt;
        this.history = history;
        this.completion = completion;
        var console = AnsiConsole.Create(new AnsiConsoleSettings
        {
            Ansi = AnsiSupport.Yes,
            Interactive = InteractionSupport.Yes,
            ColorSystem = terminal.HasColor ? ColorSystemSupport.Detect : ColorSystemSupport.NoColors,
            Out = new Screen(),
        });
        editor = new LineEditor(console, new KeySource()) { Prompt = prompt };
        Bind(editor.KeyBindings);
    }

    /// <summary>
    /// The line, an empty one after Ctrl+C (with <paramref name="wasCancelled"/>), or null at the end; <paramref name="before"/>
    /// has the lines of the same command that have been entered already, <paramref name="promptText"/> stands before this one.
    /// </summary>
    public string? Read(string promptText, string before, out bool wasCancelled)
    {
        prompt.Text = promptText;
        completion.Before = before;
        hasLeft = false;
        SystemConsole.TreatControlCAsInput = true;
        try
        {
            var line = editor.ReadLine(interrupt.Quit).GetAwaiter().GetResult();
            wasCancelled = line is null;
            return hasLeft || interrupt.Quit.IsCancellationRequested ? null : CommandHistory.FromLine(line ?? string.Empty);
        }
        catch (OperationCanceledException)
        {
            wasCancelled = true;
            return null;
        }
        finally
        {
            SystemConsole.TreatControlCAsInput = false;
        }
    }

    private void Bind(KeyBindings keys)
    {
        // RadLine takes the first binding of a key for the plain key: plain ones come first.
        keys.Clear();
        keys.Add<BackspaceCommand>(ConsoleKey.Backspace);
        keys.Add<DeleteCommand>(ConsoleKey.Delete);
        keys.Add<MoveHomeCommand>(ConsoleKey.Home);
        keys.Add<MoveEndCommand>(ConsoleKey.End);
        keys.Add<MoveLeftCommand>(ConsoleKey.LeftArrow);
        keys.Add<MoveRightCommand>(ConsoleKey.RightArrow);
        keys.Add<SubmitCommand>(ConsoleKey.Enter);
        keys.Add(ConsoleKey.Tab, () => new EditCommand(context => completion.Complete(context.Buffer, forward: true)));
        keys.Add(ConsoleKey.UpArrow, () => new EditCommand(context => Replace(context.Buffer, history.Previous(context.Buffer.Content))));
        keys.Add(ConsoleKey.DownArrow, () => new EditCommand(context => Replace(context.Buffer, history.Next())));
        keys.Add(ConsoleKey.Escape, () => new EditCommand(context => Replace(context.Buffer, string.Empty)));

        keys.Add(ConsoleKey.Tab, ConsoleModifiers.Shift, () => new EditCommand(context => completion.Complete(context.Buffer, forward: false)));
        keys.Add<PreviousWordCommand>(ConsoleKey.LeftArrow, ConsoleModifiers.Control);
        keys.Add<NextWordCommand>(ConsoleKey.RightArrow, ConsoleModifiers.Control);
        keys.Add<MoveHomeCommand>(ConsoleKey.A, ConsoleModifiers.Control);
        keys.Add<MoveEndCommand>(ConsoleKey.E, ConsoleModifiers.Control);
        keys.Add(ConsoleKey.U, ConsoleModifiers.Control, () => new EditCommand(context => Cut(context.Buffer, 0, context.Buffer.Position)));
        keys.Add(ConsoleKey.K, ConsoleModifiers.Control, () => new EditCommand(context => Cut(context.Buffer, context.Buffer.Position, context.Buffer.Length)));
        keys.Add(ConsoleKey.W, ConsoleModifiers.Control, () => new EditCommand(context => CutWord(context.Buffer)));
        keys.Add(ConsoleKey.L, ConsoleModifiers.Control, () => new EditCommand(_ => SystemConsole.Out.Write("\e[H\e[2J")));
        keys.Add(ConsoleKey.C, ConsoleModifiers.Control, () => new EditCommand(context => context.Submit(SubmitAction.Cancel)));
        keys.Add(ConsoleKey.D, ConsoleModifiers.Control, () => new EditCommand(LeaveOrDelete));
    }

    private void LeaveOrDelete(LineEditorContext context)
    {
        if (context.Buffer.Length > 0)
        {
            context.Execute(new DeleteCommand());
            return;
        }

        hasLeft = true;
        context.Submit(SubmitAction.Cancel);
    }

    private static void Replace(LineBuffer buffer, string? text)
    {
        if (text is not null)
        {
            buffer.Clear(0, buffer.Length);
            buffer.Move(0);
            buffer.Insert(text);
            buffer.Move(buffer.Length);
        }
    }

    private static void Cut(LineBuffer buffer, int start, int end)
    {
        buffer.Clear(start, end - start);
        buffer.Move(start);
    }

    private static void CutWord(LineBuffer buffer)
    {
        var end = buffer.Position;
        buffer.MoveToPreviousWord();
        Cut(buffer, buffer.Position, end);
    }

    private sealed class EditCommand(Action<LineEditorContext> edit) : LineEditorCommand
    {
        public override void Execute(LineEditorContext context) => edit(context);
    }

    private sealed class PromptText : ILineEditorPrompt
    {
        public string Text { get; set; } = string.Empty;

        // RadLine pads with a margin of its own; a renderable may lose its trailing spaces.
        public (Markup Markup, int Margin) GetPrompt(ILineEditorState state, int line)
        {
            var words = Text.TrimEnd(' ');
            return (new Markup(Markup.Escape(words)), Text.Length - words.Length);
        }
    }

    /// <summary>One key at a time: keys typed ahead stay in the terminal for the program or question that comes next.</summary>
    private sealed class KeySource : IInputSource
    {
        private const int RestlessPolls = 200;
        private static readonly TimeSpan Rest = TimeSpan.FromMilliseconds(30);
        private bool hasJustRead;
        private int idlePolls;

        public bool ByPassProcessing => true;

        public bool IsKeyAvailable()
        {
            if (hasJustRead)
            {
                hasJustRead = false;
                return false;
            }

            if (SystemConsole.KeyAvailable)
            {
                idlePolls = 0;
                return true;
            }

            // RadLine asks every 5 ms: for a prompt that nobody types at, that is too dear.
            if (++idlePolls > RestlessPolls)
            {
                Thread.Sleep(Rest);
            }

            return false;
        }

        public ConsoleKeyInfo ReadKey()
        {
            hasJustRead = true;
            return SystemConsole.ReadKey(intercept: true);
        }
    }

    private sealed class Screen : IAnsiConsoleOutput
    {
        public TextWriter Writer => Terminal.Prompts;

        public bool IsTerminal => true;

        public int Width => Terminal.Width;

        public int Height => Terminal.Height;

        public void SetEncoding(System.Text.Encoding encoding)
        {
        }
    }
}
