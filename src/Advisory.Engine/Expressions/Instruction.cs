namespace Advisory.Engine.Expressions;

internal enum Op : byte
{
    // Truth-valued. Slots are facts, nodes are earlier instructions, registers are values computed by earlier instructions.
    Constant,       // A: the truth itself
    Test,           // slot A has one of the values in Mask
    IsKnown,        // slot A is known
    IsUnknown,      // slot A is unknown
    Less,           // slot A against constant B
    LessOrEqual,
    Greater,
    GreaterOrEqual,
    Equal,
    NotEqual,
    AmongNumbers,   // slot A equals one of the C constants from B on
    SameValue,      // slots A and B, discrete, hold the same value
    OtherValue,
    Compare,        // registers A and B, numbers, by the comparison (Op)C
    Not,            // node A
    And,            // nodes A and B
    Or,
    Choose,         // node A ? node B : node C

    // Number-valued, into register Target.
    Number,         // constant A
    LoadNumber,     // slot A
    Add,            // registers A and B
    Subtract,
    Multiply,
    Divide,
    Minimum,
    Maximum,
    Ceiling,        // register A
    Floor,
    Absolute,
    Round,          // half to even
    ChooseNumber,   // node A ? register B : register C

    // Discrete, into register Target.
    Value,          // Mask
    LoadValue,      // slot A
    FromTruth,      // node A as a boolean
    ChooseValue,    // node A ? register B : register C

    NoFigure,       // `null`: unknown, into register Target
}

/// <summary>One node of an expression; its operands stand before it, so one pass over an array evaluates a book without recursion.</summary>
/// <remarks>Fields, not properties: the evaluator's loop has so many reads that a compiler stops inlining them.</remarks>
internal readonly struct Instruction(Op op, int a, int b, int c, int target, ulong mask)
{
    public readonly ulong Mask = mask;
    public readonly int A = a;
    public readonly int B = b;
    public readonly int C = c;
    public readonly int Target = target;
    public readonly Op Op = op;

    /// <summary>Whether the node has a truth; else it has a value, and its mark in a trace says only whether that is known.</summary>
    public bool IsTruth => Op < Op.Number;
}

/// <summary>An expression's text and the string in a rule file that holds it.</summary>
/// <param name="Text">As written.</param>
/// <param name="Parameter">The name of the local or global parameter that it is, or null for a rule's own expression.</param>
internal sealed record ExpressionText(string Text, string? Parameter);

/// <summary>What an instruction was in the author's text: for traces.</summary>
internal readonly record struct NodeOrigin(ExpressionText Expression, int Start, int End)
{
    public string Text => Expression.Text[Start..End];
}

/// <summary>What arithmetic met on its way; the value is unknown then, and the trace says why.</summary>
internal enum FaultKind
{
    DivisionByZero,
    Overflow,
    OutsideRange,
}

/// <summary>A fault at an instruction of a program.</summary>
internal readonly record struct Fault(int Instruction, FaultKind Kind);
