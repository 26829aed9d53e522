namespace Advisory.Parity;

/// <summary>What RulesEngine says of a rule: true, false, or the message of an error.</summary>
/// <remarks>The default is an error without a message: an answer that nobody gave agrees with nothing.</remarks>
internal readonly record struct Answer(bool? Holds, string? Error)
{
    public static readonly Answer True = new(true, null);

    public static readonly Answer False = new(false, null);

    public static Answer Failed(string message) => new(null, message);
}
