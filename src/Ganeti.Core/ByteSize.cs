using System.Globalization;

namespace Ganeti;

/// <summary>Amounts of bytes, for people.</summary>
internal static class ByteSize
{
    /// <summary>As <c>512 KiB</c>, <c>1.5 MiB</c>, <c>20 GiB</c>.</summary>
    internal static string Of(long bytes) => bytes switch
    {
        < 1 << 20 => string.Create(CultureInfo.InvariantCulture, $"{bytes / 1024} KiB"),
        < 1 << 30 => string.Create(CultureInfo.InvariantCulture, $"{bytes / 1048576.0:0.#} MiB"),
        _ => string.Create(CultureInfo.InvariantCulture, $"{bytes / 1073741824.0:0.#} GiB"),
    };
}
