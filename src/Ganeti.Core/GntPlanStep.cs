namespace Ganeti;

/// <summary>A step of a procedure, as <c>-Plan</c> writes it.</summary>
public sealed class GntPlanStep
{
    /// <summary>Its place, from 1.</summary>
    public int? Step { get; set; }

    /// <summary>What it does.</summary>
    public string? Description { get; set; }

    /// <summary>The command line that it stands for.</summary>
    public string? CommandLine { get; set; }

    /// <inheritdoc/>
    public override string ToString() => $"{Step}. {Description}";
}
