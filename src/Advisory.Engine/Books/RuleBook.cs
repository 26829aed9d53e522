using System.Collections.Concurrent;
using System.Collections.Frozen;
using System.Collections.Immutable;
using Advisory.Engine.Books;
using Advisory.Engine.Evaluating;
using Advisory.Engine.Expressions;

namespace Advisory.Engine;

/// <summary>A rule book, checked and compiled: immutable, shared by all threads, known by its digest.</summary>
public sealed class RuleBook
{
    /// <summary>The fact that the engine sets to the mission under evaluation.</summary>
    public const string MissionFact = "mission.type";

    /// <summary>The mission of a question that is not about one.</summary>
    public const string AnyMission = "any";

    /// <summary>The outcome of a question that could not be asked.</summary>
    public const string NotAssessed = "NOT_ASSESSED";

    /// <summary>
    /// The number of the evaluation's meaning. Raised by any change that can alter a truth, an outcome or a canonical byte; a decision
    /// names the number under which it was made.
    /// </summary>
    public const int Semantics = 1;

    internal RuleBook()
    {
    }

    /// <summary>Loads a book from its files, or names all that is wrong with it.</summary>
    /// <param name="files">
    /// Every JSON file of the folder: <c>book.json</c>, <c>vocabulary.json</c>, one file for each question, and, where there are any,
    /// <c>readings.json</c> and <c>statements.json</c>. Files under <c>cases/</c> are not part of the book and are passed over.
    /// </param>
    /// <returns>The book, or null and at least one error.</returns>
    public static Loaded<RuleBook> Load(IEnumerable<InputFile> files) => BookReader.Read([.. files]);

    /// <summary>Loads a book from its <see cref="Content"/>, such as a ledger keeps; it has the same digest, and the same evaluations follow from it.</summary>
    public static Loaded<RuleBook> Load(ReadOnlyMemory<byte> content) => BookReader.Read(content);

    /// <summary>Whether a text can be the name of a book: safe as a part of a path and of an address.</summary>
    public static bool IsName(string text) => Names.IsFileName(text);

    /// <summary>The short name, such as <c>ukraine</c>.</summary>
    public required string Name { get; init; }

    /// <summary>The version that the author gave it (semantic versioning).</summary>
    public required string Version { get; init; }

    /// <summary>What people call the book.</summary>
    public required LocalText Title { get; init; }

    /// <summary>What the book is about, in a few sentences.</summary>
    public required LocalText? Description { get; init; }

    /// <summary>Who answers for it.</summary>
    public required string Owner { get; init; }

    /// <summary>The whole book in one canonical JSON object (RFC 8785): each file's content by its name. Layout and cases are not part of it.</summary>
    public required ReadOnlyMemory<byte> Content { get; init; }

    /// <summary>SHA-256 over <see cref="Content"/>.</summary>
    public required string Digest { get; init; }

    /// <summary>The same without texts for people: two books that differ only in wording have the same.</summary>
    public required string RulesDigest { get; init; }

    /// <summary>The missions in book order.</summary>
    public required ImmutableArray<Mission> Missions { get; init; }

    /// <summary>The questions in the order in which people ask them.</summary>
    public required ImmutableArray<RuleSet> Questions { get; init; }

    /// <summary>The facts in vocabulary order, then the readings.</summary>
    public required ImmutableArray<Fact> Facts { get; init; }

    /// <summary>The kinds of record that a scenario may list.</summary>
    public required ImmutableArray<RecordKind> Records { get; init; }

    /// <summary>The documents that it encodes.</summary>
    public required ImmutableArray<SourceDocument> Documents { get; init; }

    /// <summary>The groups under which people look for facts, in order.</summary>
    public required ImmutableArray<Titled> Groups { get; init; }

    /// <summary>Who can supply facts.</summary>
    public required ImmutableArray<Titled> Suppliers { get; init; }

    /// <summary>Other routes into the same facts.</summary>
    public required ImmutableArray<Questionnaire> Questionnaires { get; init; }

    /// <summary>The documents' own figures.</summary>
    public required ImmutableArray<FigureTable> Figures { get; init; }

    /// <summary>The register of their statements.</summary>
    public required FrozenDictionary<string, Statement> Statements { get; init; }

    /// <summary>What the book does not assess.</summary>
    public required ImmutableArray<Gap> Gaps { get; init; }

    /// <summary>What people call each outcome.</summary>
    public required FrozenDictionary<string, LocalText> OutcomeLabels { get; init; }

    /// <summary>The fact of that name, or null.</summary>
    public Fact? Fact(string name) => FactsByName.GetValueOrDefault(name);

    /// <summary>The rule of that name, or null.</summary>
    public Rule? Rule(string name) => RulesByName.GetValueOrDefault(name);

    /// <summary>The question of that id, or null.</summary>
    public RuleSet? Question(string id) => Questions.FirstOrDefault(question => question.Id == id);

    internal FrozenDictionary<string, Fact> FactsByName
    {
        get;
        init
        {
            field = value;
            MissionSlot = value.GetValueOrDefault(MissionFact);
        }
    } = null!;

    internal FrozenDictionary<string, Rule> RulesByName { get; init; } = null!;

    internal Derivations Derivations { get; init; } = null!;

    internal Fact? MissionSlot { get; private init; }

    /// <summary>What can be worked out before any scenario is known.</summary>
    internal Plan Plan => field ??= new(this);

    /// <summary>Memory to evaluate on, kept from one scenario to the next; as many as there ever were threads that evaluated at the same time.</summary>
    internal ConcurrentBag<Evaluator> SpareEvaluators { get; } = [];

    internal int IndexOfMission(string id)
    {
        for (var i = 0; i < Missions.Length; i++)
            if (Missions[i].Id == id)
                return i;
        throw new InvalidOperationException($"no mission {id}");
    }
}

/// <summary>The derived facts, each before those that rest on it.</summary>
internal sealed record Derivations(Program Program, ImmutableArray<Derivation> InOrder)
{
    public static readonly Derivations None = new(new([], [], new(0), 0), []);
}

/// <summary>How one derived fact is worked out: instructions [Start, End) leave its value in a register.</summary>
internal sealed record Derivation(Fact Fact, int Start, int End, int Register, ImmutableArray<int> Reads, ImmutableArray<int> ReadsDeeply);
