namespace Advisory.Engine;

/// <summary>A truth value of Kleene's strong three-valued logic (S. C. Kleene, Introduction to Metamathematics, 1952, section 64).</summary>
/// <remarks>The values make <c>and</c> the minimum, <c>or</c> the maximum and <c>not</c> the negative; the default is unknown.</remarks>
public enum Truth : sbyte
{
    /// <summary>Known not to hold.</summary>
    False = -1,

    /// <summary>Not established; never read as false.</summary>
    Unknown = 0,

    /// <summary>Known to hold.</summary>
    True = 1,
}
