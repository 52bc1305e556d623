namespace Ganeti;

/// <summary>How a guest is restarted.</summary>
/// <remarks>Ganeti's <c>INSTANCE_REBOOT_*</c> constants.</remarks>
public enum GntRestartType
{
    /// <summary>A new virtual machine, with the values that are configured now; its disks stay as they are.</summary>
    Hard = 0,

    /// <summary>Inside the same virtual machine, as by its reset button.</summary>
    Soft = 1,

    /// <summary>A stop and a start, of the disks too.</summary>
    Full = 2,
}
