namespace Ganeti;

/// <summary>Wanted and actual state of a guest in one word, spelled as Ganeti prints it.</summary>
/// <remarks>The words are Ganeti's <c>INSTST_*</c> constants.</remarks>
public enum GntInstanceStatus
{
    /// <summary>A word that this version does not know; see the text beside it.</summary>
    Unrecognized = 0,

    /// <summary>It runs and should.</summary>
    running = 1,

    /// <summary>It is stopped and should be.</summary>
    ADMIN_down = 2,

    /// <summary>It is set offline: stopped, its resources not reserved.</summary>
    ADMIN_offline = 3,

    /// <summary>It runs and should not.</summary>
    ERROR_up = 4,

    /// <summary>It should run and does not.</summary>
    ERROR_down = 5,

    /// <summary>Its primary node does not answer.</summary>
    ERROR_nodedown = 6,

    /// <summary>Its primary node is marked offline.</summary>
    ERROR_nodeoffline = 7,

    /// <summary>It runs on a node that is not its primary.</summary>
    ERROR_wrongnode = 8,

    /// <summary>It was shut down from inside.</summary>
    USER_down = 9,
}

/// <summary>The state that the operator wants a guest in.</summary>
/// <remarks>The words are Ganeti's <c>ADMINST_*</c> constants.</remarks>
public enum GntAdminState
{
    /// <summary>A word that this version does not know; see the text beside it.</summary>
    Unrecognized = 0,

    /// <summary>Running.</summary>
    up = 1,

    /// <summary>Stopped.</summary>
    down = 2,

    /// <summary>Stopped, its resources not reserved.</summary>
    offline = 3,
}
