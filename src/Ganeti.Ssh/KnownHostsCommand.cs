using System.ComponentModel;
using System.Diagnostics;
using System.Globalization;
using System.Text;
using Ganeti.Remote;

namespace Ganeti.Ssh;

/// <summary>A program that says by which keys a host is known (ssh_config(5), KnownHostsCommand).</summary>
internal static class KnownHostsCommand
{
    private const string SaidLater = "%HIKtf";

    /// <summary>The program and its arguments, as ssh takes them apart; tokens that are known only while connecting stay.</summary>
    internal static IReadOnlyList<string> Split(string command, Tokens tokens)
    {
        var words = new List<string>();
        StringBuilder? word = null;
        char? quote = null;
        for (var i = 0; i < command.Length; i++)
        {
            var c = command[i];
            if (c == '\\' && i + 1 < command.Length && command[i + 1] is '\'' or '"' or '\\' or ' ')
            {
                (word ??= new StringBuilder()).Append(command[++i]);
            }
            else if (quote is null ? c is '\'' or '"' : c == quote)
            {
                word ??= new StringBuilder();
                quote = quote is null ? c : null;
            }
            else if (quote is null && c is ' ' or '\t')
            {
                Take();
            }
            else
            {
                (word ??= new StringBuilder()).Append(c);
            }
        }

        Take();
        return words;

        void Take()
        {
            if (word is not null)
            {
                words.Add(Tokens.Replaced(word.ToString(), token => SaidLater.Contains(token, StringComparison.Ordinal) ? null : tokens.Meaning(token)));
                word = null;
            }
        }
    }

    /// <summary>What the endpoint's program prints, or null where there is none.</summary>
    /// <param name="endpoint">The server.</param>
    /// <param name="reason">What it is asked for: ORDER or HOSTNAME.</param>
    /// <param name="key">The key that the server has shown, or null.</param>
    /// <param name="limit">The end of the attempt.</param>
    /// <exception cref="RemoteException">It does not say; as in ssh, that is the end of it.</exception>
    internal static async Task<string?> ReadAsync(RemoteEndpoint endpoint, string reason, byte[]? key, ConnectLimit limit)
    {
        if (endpoint.KnownHostsCommand is not { Count: > 0 } command)
        {
            return null;
        }

        string[] words = [.. command.Select(word => Tokens.Replaced(word, token => token switch
        {
            '%' => "%",
            // Before there is a key, ssh puts the bare host here.
            'H' => key is null ? endpoint.Host : endpoint.HostKeyAlias ?? KnownHosts.NameOf(endpoint.Host, endpoint.Port),
            'I' => reason,
            'K' => key is null ? "NONE" : Convert.ToBase64String(key),
            't' => key is null ? "NONE" : KnownHosts.TypeOf(key),
            'f' => key is null ? "NONE" : HostKeyErrors.Fingerprint(key),
            _ => null,
        }))];
        if (!File.Exists(words[0]) || !Path.IsPathFullyQualified(words[0]))
        {
            // As in ssh, what is not there says nothing; then its hosts are unknown, and refused.
            return null;
        }

        try
        {
            using var process = Process.Start(new ProcessStartInfo(words[0], words[1..])
            {
                RedirectStandardInput = true,
                RedirectStandardOutput = true,
                RedirectStandardError = true,
                UseShellExecute = false,
            })!;
            try
            {
                process.StandardInput.Close();
                var error = process.StandardError.ReadToEndAsync(limit.Token);
                var output = await process.StandardOutput.ReadToEndAsync(limit.Token).ConfigureAwait(false);
                await process.WaitForExitAsync(limit.Token).ConfigureAwait(false);
                var complaint = RemoteText.Printable((await error.ConfigureAwait(false)).Trim());
                return process.ExitCode == 0 ? output : throw Errors.KnownHostsCommandFailed(endpoint, string.Create(CultureInfo.InvariantCulture, $"has ended with exit status {process.ExitCode}: {complaint}"));
            }
            catch (OperationCanceledException)
            {
                process.Kill(entireProcessTree: true);
                throw;
            }
        }
        catch (Win32Exception e)
        {
            throw Errors.KnownHostsCommandFailed(endpoint, $"can't be run: {e.Message}", e);
        }
    }
}
