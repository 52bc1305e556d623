namespace Ganeti;

/// <summary>Whether and how a volume is active: the fifth letter of <c>lv_attr</c>, in the words of lvs(8).</summary>
public enum LvmVolumeState
{
    /// <summary>A letter that this version does not know; see the text beside it.</summary>
    Unrecognized = 0,

    /// <summary><c>-</c>: it has no device.</summary>
    inactive = 1,

    /// <summary><c>a</c>: it has a device and can be used.</summary>
    active = 2,

    /// <summary><c>s</c>: all I/O on it waits.</summary>
    suspended = 3,

    /// <summary><c>I</c>: a snapshot that overflowed.</summary>
    invalid = 4,

    /// <summary><c>S</c>: a snapshot that overflowed, and is suspended.</summary>
    suspended_invalid = 5,

    /// <summary><c>m</c>: merging the snapshot has failed.</summary>
    merge_failed = 6,

    /// <summary><c>M</c>: merging the snapshot has failed, and it is suspended.</summary>
    suspended_merge_failed = 7,

    /// <summary><c>d</c>: there is a device without any table.</summary>
    device_without_tables = 8,

    /// <summary><c>i</c>: there is a device with an inactive table.</summary>
    device_with_inactive_table = 9,

    /// <summary><c>h</c>: it is no longer there, LVM remembers its name only.</summary>
    historical = 10,

    /// <summary><c>c</c>: a thin pool that has to be checked.</summary>
    check_needed = 11,

    /// <summary><c>C</c>: a thin pool that has to be checked, and is suspended.</summary>
    suspended_check_needed = 12,

    /// <summary><c>X</c>: LVM does not know; the device has another table than LVM's.</summary>
    unknown = 13,
}

/// <summary>What a segment is, as LVM prints it (<c>segtype</c>; <c>-</c> is written <c>_</c>).</summary>
public enum LvmSegmentType
{
    /// <summary>A word that this version does not know; see the text beside it.</summary>
    Unrecognized = 0,

    /// <summary>One piece of one device.</summary>
    linear = 1,

    /// <summary>Spread over several devices.</summary>
    striped = 2,

    /// <summary>A snapshot with space of its own for what changes.</summary>
    snapshot = 3,

    /// <summary>A mirror of the old kind; a volume that is being moved has one.</summary>
    mirror = 4,

    /// <summary>A mirror.</summary>
    raid1 = 5,

    /// <summary>Stripes without redundancy.</summary>
    raid0 = 6,

    /// <summary>Stripes without redundancy, with metadata.</summary>
    raid0_meta = 7,

    /// <summary>Stripes with one parity device.</summary>
    raid4 = 8,

    /// <summary>Stripes with rotating parity.</summary>
    raid5 = 9,

    /// <summary>Stripes with two rotating parities.</summary>
    raid6 = 10,

    /// <summary>Striped mirrors.</summary>
    raid10 = 11,

    /// <summary>A volume whose blocks come from a thin pool.</summary>
    thin = 12,

    /// <summary>The pool that thin volumes take their blocks from.</summary>
    thin_pool = 13,

    /// <summary>A volume with a cache before it.</summary>
    cache = 14,

    /// <summary>The pool of a cache.</summary>
    cache_pool = 15,

    /// <summary>A volume with a cache for writes before it.</summary>
    writecache = 16,

    /// <summary>A deduplicated and compressed volume.</summary>
    vdo = 17,

    /// <summary>The pool of such volumes.</summary>
    vdo_pool = 18,

    /// <summary>Nothing is there: reading gives an I/O error. What a repair leaves for lost pieces.</summary>
    error = 19,

    /// <summary>Nothing is there: reading gives zeros.</summary>
    zero = 20,
}

/// <summary>What a volume holds of a guest's disk.</summary>
public enum LvmVolumeUse
{
    /// <summary>Something that this version does not know.</summary>
    Unrecognized = 0,

    /// <summary>The disk itself, without a mirror.</summary>
    Plain = 1,

    /// <summary>One side's data of a disk on DRBD.</summary>
    Data = 2,

    /// <summary>DRBD's own data about it.</summary>
    Meta = 3,
}
