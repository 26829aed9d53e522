namespace Advisory.Ledgers;

/// <summary>The ledger could not do what was asked; the message says what is the matter and what to do next.</summary>
public abstract class LedgerException : Exception
{
    private protected LedgerException(string message, Exception? inner = null) : base(message, inner) { }

    /// <summary>Whether the same call may succeed later without anybody mending anything.</summary>
    public virtual bool IsTransient => false;
}

/// <summary>A key file is missing, is another ledger's, or can be read by others; or there is no library to sign with.</summary>
public sealed class LedgerKeyException : LedgerException
{
    internal LedgerKeyException(string message, Exception? inner = null) : base(message, inner) { }
}

/// <summary>The ledger is shorter than a checkpoint that it signed: it was put back to an earlier state.</summary>
public sealed class LedgerRolledBackException : LedgerException
{
    internal LedgerRolledBackException(string message) : base(message) { }
}

/// <summary>The ledger contradicts a checkpoint that it signed: entries were rewritten, or it is another copy that went its own way.</summary>
public sealed class LedgerForkedException : LedgerException
{
    internal LedgerForkedException(string message) : base(message) { }
}

/// <summary>What is on disk is no ledger, or no whole one.</summary>
public sealed class LedgerDamagedException : LedgerException
{
    internal LedgerDamagedException(string message, Exception? inner = null) : base(message, inner) { }
}

/// <summary>A newer version of this program wrote the ledger.</summary>
public sealed class LedgerVersionException : LedgerException
{
    internal LedgerVersionException(string message) : base(message) { }
}

/// <summary>The store cannot be written now: disk full, read-only, an error of the disk, or another writer that does not let go.</summary>
/// <remarks>
/// The entries at hand were not acknowledged. After an error of the disk they may still be found later: append again with the same
/// <see cref="NewEntry.Key"/>, which gives the receipt of the entry that is there or makes it.
/// </remarks>
public sealed class LedgerNotWritableException : LedgerException
{
    internal LedgerNotWritableException(string message, bool isTransient, Exception? inner = null) : base(message, inner) => IsTransient = isTransient;

    /// <inheritdoc/>
    public override bool IsTransient { get; }
}

/// <summary>An entry, a label, an attachment or an act that this ledger does not take; nothing was written.</summary>
public sealed class LedgerRefusedException : LedgerException
{
    internal LedgerRefusedException(string message) : base(message) { }
}

/// <summary>The idempotency key was used before, for another input; nothing was written.</summary>
public sealed class LedgerKeyReusedException : LedgerException
{
    internal LedgerKeyReusedException(long index)
        : base(FormattableString.Invariant($"the idempotency key was used before, for another input (entry {index}); take a new key for a new request")) => Index = index;

    /// <summary>Of the entry that has the key.</summary>
    public long Index { get; }
}

/// <summary>A receipt, a checkpoint, a key or an export that is not in its format.</summary>
public sealed class LedgerFormatException : LedgerException
{
    internal LedgerFormatException(string message) : base(message) { }
}

/// <summary>Something found wrong while verifying: a result, not an error of the machinery.</summary>
/// <param name="Index">Of the first entry that it concerns, where there is one.</param>
/// <param name="Text">What is wrong: lower case, no full stop.</param>
public sealed record Fault(long? Index, string Text)
{
    /// <summary><c>entry 17: what is wrong</c>, or only what is wrong.</summary>
    public override string ToString() => Index is { } index ? FormattableString.Invariant($"entry {index}: {Text}") : Text;
}
