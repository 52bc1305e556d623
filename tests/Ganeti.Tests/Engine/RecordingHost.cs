using System.Collections.ObjectModel;
using System.Globalization;
using System.Management.Automation;
using System.Management.Automation.Host;
using System.Security;
using System.Text;

namespace Ganeti.Tests.Engine;

/// <summary>A host that keeps what it is told to show, and answers questions as it was told to; by default it can't ask.</summary>
internal sealed class RecordingHost(int width = 120) : PSHost
{
    private readonly RecordingUI _ui = new(width);

    /// <summary>Everything written to the screen, as it was written.</summary>
    public string Text => _ui.Text;

    /// <summary>The questions that were asked.</summary>
    public IReadOnlyList<string> Questions => _ui.Questions;

    /// <summary>The label of the choice to take, for example <c>No</c>; null for a host that can't ask.</summary>
    public string? Answer
    {
        get => _ui.Answer;
        set => _ui.Answer = value;
    }

    /// <summary>What is typed where a secret is asked for; null for a host that can't ask.</summary>
    public string? Secret
    {
        get => _ui.Secret;
        set => _ui.Secret = value;
    }

    public override CultureInfo CurrentCulture => CultureInfo.InvariantCulture;

    public override CultureInfo CurrentUICulture => CultureInfo.InvariantCulture;

    public override Guid InstanceId { get; } = Guid.NewGuid();

    public override string Name => nameof(RecordingHost);

    public override PSHostUserInterface UI => _ui;

    public override Version Version { get; } = new(1, 0);

    public override void EnterNestedPrompt() => throw new NotSupportedException();

    public override void ExitNestedPrompt() => throw new NotSupportedException();

    public override void NotifyBeginApplication()
    {
    }

    public override void NotifyEndApplication()
    {
    }

    public override void SetShouldExit(int exitCode)
    {
    }

    private sealed class RecordingUI(int width) : PSHostUserInterface
    {
        private readonly StringBuilder _text = new();
        private readonly List<string> _questions = [];

        public string? Answer { get; set; }

        public string? Secret { get; set; }

        public string Text
        {
            get
            {
                lock (_text)
                {
                    return _text.ToString();
                }
            }
        }

        public IReadOnlyList<string> Questions => _questions;

        public override PSHostRawUserInterface RawUI { get; } = new RecordingRawUI(width);

        public override void Write(string value)
        {
            lock (_text)
            {
                _text.Append(value);
            }
        }

        public override void Write(ConsoleColor foregroundColor, ConsoleColor backgroundColor, string value) => Write(value);

        public override void WriteLine(string value) => Write(value + "\n");

        public override void WriteErrorLine(string value) => WriteLine(value);

        public override void WriteDebugLine(string message) => WriteLine(message);

        public override void WriteVerboseLine(string message) => WriteLine(message);

        public override void WriteWarningLine(string message) => WriteLine(message);

        public override void WriteProgress(long sourceId, ProgressRecord record)
        {
        }

        public override int PromptForChoice(string caption, string message, Collection<ChoiceDescription> choices, int defaultChoice)
        {
            _questions.Add(message);
            return Answer is null
                ? throw new HostException("This host has nobody to ask.")
                : choices.ToList().FindIndex(choice => choice.Label.Replace("&", string.Empty, StringComparison.Ordinal) == Answer);
        }

        public override Dictionary<string, PSObject> Prompt(string caption, string message, Collection<FieldDescription> descriptions) => throw new HostException("Nobody to ask.");

        public override PSCredential PromptForCredential(string caption, string message, string userName, string targetName) => throw new HostException("Nobody to ask.");

        public override PSCredential PromptForCredential(string caption, string message, string userName, string targetName, PSCredentialTypes allowedCredentialTypes, PSCredentialUIOptions options) =>
            throw new HostException("Nobody to ask.");

        public override string ReadLine() => throw new HostException("Nobody to ask.");

        public override SecureString ReadLineAsSecureString()
        {
            var secret = new SecureString();
            (Secret ?? throw new HostException("Nobody to ask.")).ToList().ForEach(secret.AppendChar);
            return secret;
        }
    }

    private sealed class RecordingRawUI(int width) : PSHostRawUserInterface
    {
        public override ConsoleColor BackgroundColor { get; set; } = ConsoleColor.Black;

        public override Size BufferSize { get; set; } = new(width, 1000);

        public override Coordinates CursorPosition { get; set; }

        public override int CursorSize { get; set; }

        public override ConsoleColor ForegroundColor { get; set; } = ConsoleColor.White;

        public override bool KeyAvailable => false;

        public override Size MaxPhysicalWindowSize => new(width, 1000);

        public override Size MaxWindowSize => new(width, 1000);

        public override Coordinates WindowPosition { get; set; }

        public override Size WindowSize { get; set; } = new(width, 1000);

        public override string WindowTitle { get; set; } = string.Empty;

        public override void FlushInputBuffer()
        {
        }

        public override BufferCell[,] GetBufferContents(Rectangle rectangle) => new BufferCell[0, 0];

        public override KeyInfo ReadKey(ReadKeyOptions options) => throw new HostException("Nobody to ask.");

        public override void ScrollBufferContents(Rectangle source, Coordinates destination, Rectangle clip, BufferCell fill)
        {
        }

        public override void SetBufferContents(Coordinates origin, BufferCell[,] contents)
        {
        }

        public override void SetBufferContents(Rectangle rectangle, BufferCell fill)
        {
        }
    }
}
