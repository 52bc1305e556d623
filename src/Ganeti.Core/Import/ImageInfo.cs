using System.Text.Json;

namespace Ganeti;

/// <summary>What <c>qemu-img info --output=json</c> says of an image.</summary>
/// <param name="VirtualSize">The disk's size.</param>
/// <param name="Refusal">Why it must not be used, or null.</param>
internal sealed record ImageInfo(long VirtualSize, string? Refusal)
{
    /// <summary>Reads it; null when it is not what is expected.</summary>
    /// <param name="json">What was printed.</param>
    /// <param name="path">The image: no other file may belong to it.</param>
    internal static ImageInfo? Read(string json, string path)
    {
        try
        {
            using var document = JsonDocument.Parse(json);
            var root = document.RootElement;
            if (!root.TryGetProperty("virtual-size", out var size) || !size.TryGetInt64(out var bytes) || bytes <= 0)
            {
                return null;
            }

            var data = root.TryGetProperty("format-specific", out var specific) && specific.TryGetProperty("data", out var found) ? found : default;
            return new ImageInfo(bytes, Text(root, "backing-filename") is { } backing || Text(root, "full-backing-filename") is { } full && (backing = full) is not null ? $"it has a backing file, {backing}"
                : Text(data, "data-file") is { } other ? $"its data is in another file, {other}"
                : Strange(root, data, path) is { } extent ? $"a part of it is in another file, {extent}"
                : Flag(root, "encrypted") ? "it is encrypted"
                : Flag(root, "dirty-flag") || Flag(data, "corrupt") ? "it was not closed properly, or is corrupt (qemu-img check -r all)" : null);
        }
        catch (JsonException)
        {
            return null;
        }
    }

    // The extents of a VMDK, and from qemu 8.0 on all files below it.
    private static string? Strange(JsonElement root, JsonElement data, string path)
    {
        var files = Items(data, "extents").Select(extent => Text(extent, "filename"))
            .Concat(Items(root, "children").Select(child => child.TryGetProperty("info", out var info) ? Text(info, "filename") : null));
        return files.FirstOrDefault(file => file is not null && file != path);
    }

    private static JsonElement.ArrayEnumerator Items(JsonElement element, string name) =>
        element.ValueKind == JsonValueKind.Object && element.TryGetProperty(name, out var items) && items.ValueKind == JsonValueKind.Array ? items.EnumerateArray() : default;

    private static string? Text(JsonElement element, string name) =>
        element.ValueKind == JsonValueKind.Object && element.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? RemoteText.Printable(value.GetString()!) : null;

    private static bool Flag(JsonElement element, string name) => element.ValueKind == JsonValueKind.Object && element.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.True;
}
