using System.Globalization;
using System.Management.Automation;

namespace Ganeti.Commands;

/// <summary>The base of the cmdlets that change disks or network cards: given as objects, or as guests and places.</summary>
public abstract class GntPartChangeCommand<T> : GntInstanceJobCommand
    where T : GntInstancePart, new()
{
    // By submission: each has read its guest anew.
    private readonly Dictionary<GntInstance, HashSet<string?>> _changed = new(ReferenceEqualityComparer.Instance);

    /// <summary>Guests by name (short or full), pattern, or as objects.</summary>
    [Parameter(Mandatory = true, Position = 0, ValueFromPipeline = true, ParameterSetName = "Instance")]
    [ArgumentCompleter(typeof(InstanceCompleter))]
    [Reference(typeof(GntInstance))]
    [ValidateNotNullOrEmpty]
    public GntInstance[] Instance { get; set; } = [];

    /// <summary>Whether the parts are written as they are after the change.</summary>
    private protected virtual bool IsPassThru => false;

    /// <summary>The parts that were given as objects.</summary>
    private protected abstract T[] Parts { get; }

    /// <summary>The places of the parts that are meant of a guest, or null for all.</summary>
    private protected abstract int[]? Places { get; }

    private protected abstract IReadOnlyList<T> PartsOf(GntInstance instance);

    /// <summary>The jobs that change parts of one guest.</summary>
    private protected abstract Change ChangeOf(GntInstance instance, IReadOnlyList<T> parts);

    private protected override void Begin() => RefuseTogether(NoWait && IsPassThru, "-NoWait", "-PassThru", "nothing has changed yet when the job is written");

    private protected sealed override void Process()
    {
        if (ParameterSetName == "Instance")
        {
            Each(Instance, given =>
            {
                var connection = ConnectionFor(given);
                Each(GuestsOf(connection, given), instance => Submit(connection, instance, PartsAt(instance)));
            });
            return;
        }

        // What comes together of one guest is changed together, by one job.
        foreach (var parts in Parts.GroupBy(part => (part.ClusterUuid, part.InstanceName)))
        {
            try
            {
                var connection = ConnectionFor(parts.First());
                var instance = CurrentInstance(connection, parts.Key.InstanceName, parts.Key.ClusterUuid is null, null, live: false);
                Submit(connection, instance, [.. parts.Select(part => AsItIsNow(instance, part))]);
            }
            catch (GanetiException exception)
            {
                WriteError(exception, exception.Target is GntInstance or null ? parts.First() : exception.Target);
            }
        }
    }

    private protected override void WriteChanged(GntConnection connection, IReadOnlyList<object> subjects)
    {
        if (!IsPassThru)
        {
            return;
        }

        var changed = subjects.Cast<GntInstance>().SelectMany(instance => _changed[instance]).ToHashSet();
        var names = subjects.Cast<GntInstance>().Select(instance => instance.Name!).ToHashSet(StringComparer.Ordinal);
        foreach (var instance in Await(token => connection.Instances.Table.ReadExactAsync(names, configurationOnly: true, [], token)))
        {
            foreach (var part in PartsOf(instance).Where(part => changed.Contains(part.Uuid)))
            {
                WriteObject(Completed(part));
            }
        }
    }

    /// <summary>What to write for a part, with what the change has told about it.</summary>
    private protected virtual object Completed(T part) => part;

    private void Submit(GntConnection connection, GntInstance instance, IReadOnlyList<T> parts)
    {
        parts = [.. parts.Distinct()];
        var change = ChangeOf(instance, parts);
        _changed[instance] = [.. parts.Select(part => part.Uuid)];
        Submit(connection, instance, change.Chain.For(instance), change.Risk, change.Warning);
    }

    private IReadOnlyList<GntInstance> GuestsOf(GntConnection connection, GntInstance given)
    {
        if (given.ClusterUuid is not null)
        {
            return [CurrentInstance(connection, given.Name, isWritten: false, given, live: false)];
        }

        var (rows, errors) = Await(token => connection.Instances.Table.ReadNamedAsync([new NamePattern(given.Name ?? string.Empty)], GanetiError.InstanceNotFound, configurationOnly: true, [], token));
        return errors is [var error, ..] ? throw error : rows;
    }

    private IReadOnlyList<T> PartsAt(GntInstance instance)
    {
        var parts = PartsOf(instance);
        return Places is null ? parts : [.. Places.Select(place => parts.FirstOrDefault(part => part.Index == place) ?? throw Missing(instance, place.ToString(CultureInfo.InvariantCulture)))];
    }

    // Places move when another part is removed; the UUID tells which it is.
    private T AsItIsNow(GntInstance instance, T given) =>
        PartsOf(instance).FirstOrDefault(part => given.Uuid is null ? part.Index == given.Index : part.Uuid == given.Uuid) ?? throw Missing(instance, given.Id);

    private static GanetiException Missing(GntInstance instance, string which)
    {
        var kind = new T().Kind;
        return new GanetiException(GanetiError.PartNotFound, $"{instance} has no {(kind == "nic" ? "network card" : kind)} {which} (any more).")
        {
            Target = instance,
            RecommendedAction = $"See what it has with {(kind == "disk" ? "Get-GntDisk" : "Get-GntNic")} {instance}.",
        };
    }
}
