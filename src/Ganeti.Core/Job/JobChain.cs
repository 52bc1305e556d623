using Ganeti.Luxi;

namespace Ganeti;

/// <summary>
/// Jobs that are submitted in one call, in the order in which they are to run. They wait for each other on the master: a client that dies
/// after the call does not stop half-way.
/// </summary>
internal sealed class JobChain
{
    private static readonly string[] OnSuccess = [nameof(GntJobStatus.success)];
    private static readonly string[] InAnyCase = [nameof(GntJobStatus.success), nameof(GntJobStatus.error), nameof(GntJobStatus.canceled)];

    private readonly List<LuxiOpcode> _opcodes = [];

    internal JobChain(LuxiOpcode first) => _opcodes.Add(first);

    /// <summary>The operations, one a job.</summary>
    internal IReadOnlyList<LuxiOpcode> Opcodes => _opcodes;

    /// <summary>Jobs that each run when the one before has succeeded.</summary>
    internal static JobChain Of(IReadOnlyList<LuxiOpcode> opcodes)
    {
        var chain = new JobChain(opcodes[0]);
        foreach (var opcode in opcodes.Skip(1))
        {
            chain.Then(opcode);
        }

        return chain;
    }

    /// <summary>Adds a job that runs only when the one before it has succeeded.</summary>
    internal JobChain Then(LuxiOpcode opcode) => After(opcode, OnSuccess);

    /// <summary>Adds a job that runs when the one before it has ended, well or badly.</summary>
    internal JobChain Finally(LuxiOpcode opcode) => After(opcode, InAnyCase);

    /// <summary>Adds a job that runs only when the job so many places before it has succeeded.</summary>
    internal JobChain ThenAfter(int back, LuxiOpcode opcode) => After(opcode, OnSuccess, back);

    /// <summary>The same jobs with what an operator may ask of each of them.</summary>
    internal JobChain With(int? priority, bool? dryRun)
    {
        for (var i = 0; i < _opcodes.Count; i++)
        {
            _opcodes[i] = _opcodes[i] with { Priority = priority ?? _opcodes[i].Priority, DryRun = dryRun ?? _opcodes[i].DryRun };
        }

        return this;
    }

    /// <summary>The same jobs, for this very guest only.</summary>
    internal JobChain For(GntInstance instance)
    {
        for (var i = 0; i < _opcodes.Count; i++)
        {
            if (_opcodes[i] is InstanceOpcode opcode && opcode.InstanceName == instance.Name)
            {
                _opcodes[i] = opcode with { InstanceUuid = instance.Uuid };
            }
        }

        return this;
    }

    /// <summary>The command lines that it stands for, as a person would type them one after the other.</summary>
    public override string ToString() => string.Join("; ", _opcodes.Select(opcode => opcode.CommandLine));

    private JobChain After(LuxiOpcode opcode, string[] states, int back = 1)
    {
        _opcodes.Add(opcode with { Depends = [new object[] { -back, states }] });
        return this;
    }
}
