using Ganeti.Luxi;

namespace Ganeti.Commands;

/// <summary>The base of the cmdlets that change guests or their parts.</summary>
public abstract class GntInstanceJobCommand : GntSubmitCommand
{
    private readonly Dictionary<GntConnection, IReadOnlyList<GntOs>> _definitions = [];

    /// <summary>
    /// The guest as its configuration is now. One that was changed since the operator's object was read is said: the change was decided on what
    /// is no longer so.
    /// </summary>
    /// <param name="connection">Its cluster.</param>
    /// <param name="name">Its name, as an object has it or as somebody wrote it.</param>
    /// <param name="isWritten">Whether somebody wrote it, perhaps without the domain.</param>
    /// <param name="known">The guest as the operator read it, or null.</param>
    /// <param name="live">Whether its node is asked what runs.</param>
    private protected GntInstance CurrentInstance(GntConnection connection, string? name, bool isWritten, GntInstance? known, bool live)
    {
        var table = connection.Instances.Table;
        var pattern = new NamePattern(NamePattern.Escape(name ?? string.Empty));
        var (rows, errors) = Await(token => table.ReadNamedAsync([pattern], GanetiError.InstanceNotFound, configurationOnly: !live, [], token));
        if (rows is not [var instance] || (!isWritten && instance.Name != name) || (known?.Uuid is { } uuid && instance.Uuid != uuid))
        {
            throw errors is [var error, ..] ? error : new GanetiException(GanetiError.InstanceNotFound, $"There is no instance '{name}' any more.")
            {
                Target = name,
                RecommendedAction = "It was removed or renamed since it was read, perhaps another made under its name; see what there is with Get-GntInstance.",
            };
        }

        if (known?.SerialNumber is { } serial && instance.SerialNumber is { } now && now != serial)
        {
            WriteWarning($"{instance} has been changed since it was read{(known.ReadAt is { } time ? $" at {Views.ViewFormat.Time(time)}" : string.Empty)} (serial number {serial}, now {now}).");
        }

        return instance;
    }

    /// <summary>The change alone, or for a guest that should run with its stop before and its start after, whatever becomes of the change.</summary>
    private protected JobChain Restarting(GntInstance instance, LuxiOpcode change, bool restart, TimeSpan? shutdownTimeout)
    {
        // A check of the change would be one of a guest that still runs.
        return restart && !DryRun && instance.AdminState == GntAdminState.up
            ? new JobChain(new InstanceShutdown { InstanceName = instance.Name!, Timeout = Seconds(shutdownTimeout) })
                .Then(change)
                .Finally(new InstanceStartup { InstanceName = instance.Name! })
            : new JobChain(change);
    }

    /// <summary>Refuses a guest that a mount of its disk keeps offline: two that write to one file system destroy it.</summary>
    private protected static void RequireNotMounted(GntInstance instance)
    {
        if (MountTag.Of(instance).Any())
        {
            throw new GanetiException(GanetiError.StorageInUse, $"{instance} is kept offline by somebody who has its disk mounted on a node.")
            {
                Target = instance,
                RecommendedAction = $"See who has, and since when: Get-GntMount -Instance {instance}. Undo it: Dismount-GntDisk {instance}; then it is as it was before.",
            };
        }
    }

    /// <summary>
    /// Refuses an OS definition that no node has. The nodes are asked by a job, once in a call, and not at all when nothing is to be submitted.
    /// </summary>
    private protected void RequireOS(GntConnection connection, string os, bool forceVariant, object target)
    {
        if (IsWhatIf)
        {
            return;
        }

        if (!_definitions.TryGetValue(connection, out var known))
        {
            _definitions[connection] = known = Await(token => connection.OperatingSystems.GetAsync(token));
        }

        var name = GntOs.NameOnly(os);
        if (known.FirstOrDefault(definition => definition.Name == name) is not { } found)
        {
            throw new GanetiException(GanetiError.EntityUnknown, $"No node has an OS definition '{name}'.")
            {
                Target = target,
                RecommendedAction = $"There are: {string.Join(", ", known.SelectMany(definition => definition.FullNames).Take(20))}. See Get-GntOs.",
            };
        }

        if (!forceVariant && !found.FullNames.Contains(os, StringComparer.Ordinal))
        {
            throw new GanetiException(GanetiError.InputInvalid, os == name ? $"The OS definition '{name}' needs a variant." : $"The OS definition '{name}' has no variant '{os[(name.Length + 1)..]}'.")
            {
                Target = target,
                RecommendedAction = $"There are: {string.Join(", ", found.FullNames)}; -ForceVariant takes one that is not listed.",
            };
        }
    }

    /// <summary>Writes guests as they are now, in the order of their names here; one that is gone is left out.</summary>
    private protected void WriteAsTheyAre(GntConnection connection, IReadOnlyList<string> names)
    {
        if (names.Count == 0)
        {
            return;
        }

        var rows = Await(token => connection.Instances.Table.ReadExactAsync(names.ToHashSet(StringComparer.Ordinal), configurationOnly: false, [], token))
            .ToDictionary(row => row.Name!, StringComparer.Ordinal);
        foreach (var name in names.Distinct(StringComparer.Ordinal))
        {
            if (rows.TryGetValue(name, out var row))
            {
                WriteObject(row);
            }
        }
    }

    /// <summary>What changes a guest.</summary>
    private protected sealed record Change(JobChain Chain, Risk Risk = Risk.None, string? Warning = null)
    {
        internal Change(LuxiOpcode opcode, Risk risk = Risk.None, string? warning = null)
            : this(new JobChain(opcode), risk, warning)
        {
        }
    }
}
