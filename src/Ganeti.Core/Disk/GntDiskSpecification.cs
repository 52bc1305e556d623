namespace Ganeti;

/// <summary>
/// A disk as it is to be. In PowerShell a hashtable does: <c>@{ Size = 10GB; Name = 'data' }</c>, or a size alone. What is null is Ganeti's to decide.
/// </summary>
public sealed class GntDiskSpecification
{
    /// <summary>Creates an empty one.</summary>
    public GntDiskSpecification()
    {
    }

    /// <summary>Creates one of a size.</summary>
    /// <param name="size">Bytes.</param>
    public GntDiskSpecification(long size) => Size = size;

    /// <summary>Its size, bytes; a multiple of 1 MiB.</summary>
    public long? Size { get; set; }

    /// <summary>A logical volume that there is already, taken as it is: <c>volume</c> or <c>group/volume</c>.</summary>
    public string? Adopt { get; set; }

    /// <summary>Its name.</summary>
    public string? Name { get; set; }

    /// <summary>Whether the guest may only read it.</summary>
    public bool? ReadOnly { get; set; }

    /// <summary>The volume group that it is made in.</summary>
    public string? VolumeGroup { get; set; }

    /// <summary>The volume group that DRBD's metadata is made in.</summary>
    public string? MetadataVolumeGroup { get; set; }

    /// <summary>Spindles that it counts as, with exclusive storage.</summary>
    public int? Spindles { get; set; }

    /// <summary>The provider of external storage.</summary>
    public string? Provider { get; set; }

    /// <summary>Further parameters by Ganeti's names; those of external storage among them.</summary>
    public GntParameters? Parameters { get; set; }

    /// <summary>Ganeti's <c>IDISK_*</c> names; sizes in MiB.</summary>
    internal GntParameters ToParameters()
    {
        var parameters = new GntParameters(Parameters ?? []);
        // An adopted volume has the size that it has; Ganeti wants the parameter all the same.
        Set("size", Adopt is null ? InstanceParameters.Mebibytes(Size) : 0L);
        Set("adopt", Adopt);
        Set("name", Name);
        Set("mode", ReadOnly is { } readOnly ? readOnly ? "ro" : "rw" : null);
        Set("vg", VolumeGroup);
        Set("metavg", MetadataVolumeGroup);
        Set("spindles", Spindles);
        Set("provider", Provider);
        return parameters;

        void Set(string name, object? value)
        {
            if (value is not null)
            {
                parameters[name] = value;
            }
        }
    }
}
