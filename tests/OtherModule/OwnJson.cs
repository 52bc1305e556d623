using System.Reflection;
using System.Runtime.Loader;

namespace OtherModule;

/// <summary>Another Newtonsoft.Json than the host's, as modules load it that need another.</summary>
internal static class OwnJson
{
    internal static Assembly Assembly { get; } = new AssemblyLoadContext("OtherModule").LoadFromAssemblyPath(
        Path.Combine(Path.GetDirectoryName(typeof(OwnJson).Assembly.Location)!, "own", "Newtonsoft.Json.dll"));

    internal static string Write(object value) => (string)Assembly.GetType("Newtonsoft.Json.JsonConvert", throwOnError: true)!
        .GetMethod("SerializeObject", [typeof(object)])!.Invoke(null, [value])!;
}
