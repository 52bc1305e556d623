using System.Collections;
using System.Reflection;

namespace Ganeti.Tests.Engine;

/// <summary>The module's model classes, and filled samples of them.</summary>
internal static class Models
{
    /// <summary>What can be piped: the nouns.</summary>
    public static readonly Type[] Nouns = [.. typeof(GntObject).Assembly.GetExportedTypes().Where(type => type.IsSubclassOf(typeof(GntObject)) && !type.IsAbstract)];

    /// <summary>The nouns and all classes of ours that their properties hold.</summary>
    public static readonly Type[] All = [.. Reachable(Nouns)];

    public static readonly Type[] Cmdlets = [.. typeof(Commands.GntCommand).Assembly.GetExportedTypes()
        .Where(type => type.IsSubclassOf(typeof(System.Management.Automation.Cmdlet)) && !type.IsAbstract)];

    /// <summary>An object with a value in every property that can be set.</summary>
    public static object Sample(Type type, string text = "x1", int depth = 0)
    {
        var sample = Activator.CreateInstance(type)!;
        foreach (var property in type.GetProperties().Where(property => property.SetMethod?.IsPublic == true))
        {
            property.SetValue(sample, Value(property.PropertyType, text, depth));
        }

        return sample;
    }

    /// <summary>Whether two samples hold the same; objects of the engine are looked into.</summary>
    public static void AssertSame(object? expected, object? actual, string path)
    {
        switch (expected)
        {
            case null:
                Assert.True(actual is null, $"{path}: {actual}");
                break;
            case string or ValueType:
                Assert.True(expected.Equals(actual), $"{path}: {expected} became {actual} ({actual?.GetType()})");
                break;
            case GntParameters parameters:
                var others = Assert.IsType<GntParameters>(actual);
                Assert.Equal(parameters.Keys.Order(StringComparer.Ordinal), others.Keys.Order(StringComparer.Ordinal));
                Assert.All(parameters, entry => AssertSame(entry.Value, others[entry.Key], $"{path}.{entry.Key}"));
                break;
            case IList items:
                var list = Assert.IsType<IList>(actual, exactMatch: false);
                Assert.Equal(items.Count, list.Count);
                for (var i = 0; i < items.Count; i++)
                {
                    AssertSame(items[i], list[i], $"{path}[{i}]");
                }

                break;
            default:
                Assert.True(expected.GetType() == actual?.GetType(), $"{path}: {expected.GetType()} became {actual?.GetType()}");
                foreach (var property in expected.GetType().GetProperties())
                {
                    AssertSame(property.GetValue(expected), property.GetValue(actual), $"{path}.{property.Name}");
                }

                break;
        }
    }

    private static object? Value(Type type, string text, int depth)
    {
        type = Nullable.GetUnderlyingType(type) ?? type;
        return type switch
        {
            _ when type == typeof(string) => text,
            _ when type == typeof(object) => text,
            _ when type == typeof(bool) => true,
            _ when type == typeof(int) => 3,
            _ when type == typeof(long) => 5L << 30,
            _ when type == typeof(double) => 1.5,
            _ when type == typeof(DateTimeOffset) => new DateTimeOffset(2026, 11, 24, 3, 4, 5, TimeSpan.FromHours(1)).AddTicks(1234567),
            _ when type == typeof(GntParameters) => new GntParameters { ["name"] = text, ["number"] = 7L, ["flag"] = true, ["list"] = new object?[] { 1L, text }, ["nested"] = new GntParameters { ["a"] = text } },
            _ when type.IsEnum => Enum.ToObject(type, 2),
            _ when type.IsArray => Filled(type.GetElementType()!, text, depth),
            _ => depth > 3 ? null : Sample(type, text, depth + 1),
        };
    }

    private static Array Filled(Type element, string text, int depth)
    {
        var array = Array.CreateInstance(element, 2);
        array.SetValue(Value(element, text, depth), 0);
        array.SetValue(Value(element, text, depth), 1);
        return array;
    }

    private static HashSet<Type> Reachable(IEnumerable<Type> roots)
    {
        var found = new HashSet<Type>();
        var open = new Stack<Type>(roots);
        while (open.TryPop(out var type))
        {
            if (found.Add(type))
            {
                foreach (var property in type.GetProperties(BindingFlags.Instance | BindingFlags.Public).Select(property => property.PropertyType))
                {
                    var inner = property.IsArray ? property.GetElementType()! : property;
                    if (inner.Assembly == typeof(GntObject).Assembly && inner.IsClass && inner != typeof(GntParameters))
                    {
                        open.Push(inner);
                    }
                }
            }
        }

        return found;
    }
}
