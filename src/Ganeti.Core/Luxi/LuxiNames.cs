using Newtonsoft.Json;

namespace Ganeti.Luxi;

/// <summary>The property names of replies, kept once: a thousand guests repeat the same sixty parameter names.</summary>
internal sealed class LuxiNames : JsonNameTable
{
    internal static readonly LuxiNames Shared = new();

    // Names are few, but come from a remote side: the table does not grow without limit.
    private const int MaxNames = 4096;

    private readonly System.Collections.Concurrent.ConcurrentDictionary<int, string[]> _byHash = new();

    public override string? Get(char[] key, int start, int length)
    {
        var name = key.AsSpan(start, length);
        var hash = string.GetHashCode(name);
        if (_byHash.TryGetValue(hash, out var known))
        {
            foreach (var candidate in known)
            {
                if (name.SequenceEqual(candidate))
                {
                    return candidate;
                }
            }
        }

        if (_byHash.Count >= MaxNames)
        {
            return null;
        }

        var added = name.ToString();
        _byHash[hash] = [.. known ?? [], added];
        return added;
    }
}
