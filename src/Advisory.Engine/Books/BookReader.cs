using System.Collections.Frozen;
using System.Collections.Immutable;
using Advisory.Engine.Json;

namespace Advisory.Engine.Books;

/// <summary>Reads a book from its files, collecting every problem on the way; a book is built only where there is no error.</summary>
internal sealed class BookReader
{
    private const int MaxFileBytes = 64 << 20;
    private const int MaxMissions = 64;

    private readonly List<Problem> problems;
    private readonly SortedDictionary<string, JsonNode> files = new(StringComparer.Ordinal);
    private readonly Dictionary<string, Fact> facts = new(StringComparer.Ordinal);
    private readonly List<Fact> slots = [];

    private BookReader(List<Problem> problems) => this.problems = problems;

    public static Loaded<RuleBook> Read(ImmutableArray<InputFile> input) => Loaded<RuleBook>.From(problems => new BookReader(problems).Book(input));

    /// <summary>Reads a book from the one object that holds its files by name.</summary>
    public static Loaded<RuleBook> Read(ReadOnlyMemory<byte> content) => Loaded<RuleBook>.From(problems =>
        SourceFile.Open(new("content", content), MaxFileBytes, problems) is { } source && JsonNode.Read(source) is { } whole
            ? new BookReader(problems).Book([.. whole.Members.Select(file => new InputFile(file.Name, CanonicalJson.Bytes(file.Value)))])
            : null);

    private RuleBook? Book(ImmutableArray<InputFile> input)
    {
        var display = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var file in input.Where(f => !f.Name.StartsWith("cases/", StringComparison.Ordinal)))
        {
            display[file.Name] = file.Path ?? file.Name;
            if (SourceFile.Open(file, MaxFileBytes, problems) is { } source && JsonNode.Read(source) is { } node) files[file.Name] = node;
        }

        // Where the other files stand, a missing one is missed.
        var folder = display.Where(f => f.Value.EndsWith("/" + f.Key, StringComparison.Ordinal)).Select(f => f.Value[..^f.Key.Length]).FirstOrDefault() ?? "";
        if (Open("book.json") is not { } header) return null;
        var name = header.Text("name") ?? "";
        if (!Names.IsFileName(name)) header.At("name")?.Problem("name", $"`{JsonNode.Shorten(name)}` is not a name for a book", "lower case letters, digits, `-`, `_` and `.`");
        var missions = Missions(header);
        var documents = header.List("documents").Select(node => Item(node, "documents", Document)).OfType<SourceDocument>().ToImmutableArray();
        var groups = Titles(header, "groups");
        var suppliers = Titles(header, "suppliers");
        var records = Records(header);
        var questionnaires = Questionnaires(header);

        var vocabulary = new VocabularyReader(missions, groups, suppliers, questionnaires);
        if (Open("vocabulary.json") is { } vocabularyFile) vocabulary.Facts(vocabularyFile, slots, facts);
        if (files.ContainsKey("readings.json") && Open("readings.json") is { } readings) vocabulary.Readings(readings, slots, facts);
        var derivations = vocabulary.Derive(facts);

        var statements = files.ContainsKey("statements.json") && Open("statements.json") is { } register
            ? Statements(register, documents)
            : FrozenDictionary<string, Statement>.Empty;
        var rules = new RuleReader(facts, [.. slots], derivations, missions, statements, files);
        var questions = Questions(header, rules, missions, records);
        vocabulary.CheckStatements(statements);

        var outcomes = OutcomeLabels(header, questions);
        var gaps = header.List("notAssessed").Select(node => Item(node, "notAssessed", o => new Gap(o.Text("id") ?? "", o.Local("text"), o.OptionalTexts("statements")))).OfType<Gap>().ToImmutableArray();
        var figures = FigureTables(header, missions, statements);

        var isRefused = problems.Any(p => p.Severity == Severity.Error); // then nobody sees the book, and its digest would be for nothing
        ReadOnlyMemory<byte> content = isRefused ? default : Content(withoutTexts: false);
        var book = new RuleBook
        {
            Name = name,
            Version = header.Text("version") ?? "",
            Title = header.Local("title"),
            Description = header.OptionalLocal("description"),
            Owner = header.Text("owner") ?? "",
            Content = content,
            Digest = CanonicalJson.Digest(content.Span),
            RulesDigest = isRefused ? "" : CanonicalJson.Digest(Content(withoutTexts: true)),
            Missions = missions,
            Questions = questions,
            Facts = [.. slots],
            Records = records,
            Documents = documents,
            Groups = groups,
            Suppliers = suppliers,
            Questionnaires = questionnaires,
            Figures = figures,
            Statements = statements,
            Gaps = gaps,
            OutcomeLabels = outcomes,
            FactsByName = facts.ToFrozenDictionary(StringComparer.Ordinal),
            RulesByName = questions.SelectMany(q => q.Rules).DistinctBy(r => r.Name).ToFrozenDictionary(r => r.Name, StringComparer.Ordinal),
            Derivations = derivations,
        };
        header.NoOthers();

        var expected = questions.Select(q => q.Id + ".json").Concat(["book.json", "vocabulary.json", "readings.json", "statements.json"]).ToHashSet(StringComparer.Ordinal);
        foreach (var (file, node) in files)
            if (!expected.Contains(file) && !rules.Injected.Contains(file))
                node.Problem("unknown-file", $"no question of `book.json` is called `{JsonNode.Shorten(Names.WithoutEnding(file))}`", Suggestion.For(file, expected));
        return book;

        JsonObject? Open(string file)
        {
            if (files.TryGetValue(file, out var node))
            {
                var opened = JsonObject.From(node, file);
                opened?.OptionalText("$schema");
                return opened;
            }

            if (!display.ContainsKey(file)) problems.Add(new(folder + file, 1, 1, "missing-file", $"the book has no `{file}`"));
            return null;
        }
    }

    private byte[] Content(bool withoutTexts)
    {
        var writer = new CanonicalWriter().Open('{');
        foreach (var (name, node) in files) writer.Name(name).Raw(CanonicalJson.Bytes(node, withoutTexts)); // sorted by ordinal, as RFC 8785 sorts members
        return writer.Close('}').Finish();
    }

    private static SourceDocument Document(JsonObject item) => new(item.Text("id") ?? "", item.Local("title"))
    {
        Kind = item.OptionalText("kind"),
        Language = item.OptionalText("language"),
        Date = item.OptionalDate("date"),
        Remark = item.OptionalLocal("remark"),
    };

    private static T? Item<T>(JsonNode node, string what, Func<JsonObject, T> read) where T : class
    {
        if (JsonObject.From(node, what) is not { } item) return null;
        var value = read(item);
        item.NoOthers();
        return value;
    }

    private static ImmutableArray<Mission> Missions(JsonObject header)
    {
        var nodes = header.List("missions");
        if (nodes.Length > MaxMissions) nodes[MaxMissions].Problem("too-many", FormattableString.Invariant($"a book has at most {MaxMissions} missions"));
        var ids = new HashSet<string>(StringComparer.Ordinal);
        return [.. nodes.Take(MaxMissions).Select(node => Item(node, "missions", o => new Mission(Id(o, ids), o.Local("title"), o.OptionalLocal("help")))).OfType<Mission>()];

        static string Id(JsonObject mission, HashSet<string> ids)
        {
            var id = UniqueId(mission, ids);
            if (mission.At("id") is { Kind: JsonKind.Text } at && (id == RuleBook.AnyMission || !Names.IsWord(id)))
                at.Problem("name", $"`{JsonNode.Shorten(id)}` is not a name for a mission", "lower snake_case, and not `any`");
            return id;
        }
    }

    /// <summary>The id of an item; a problem where another item has it already.</summary>
    private static string UniqueId(JsonObject item, HashSet<string> ids)
    {
        if (item.Text("id") is not { } id) return "";
        if (!ids.Add(id)) item.At("id")!.Problem("duplicate-id", $"`{JsonNode.Shorten(id)}` is listed twice");
        return id;
    }

    private static ImmutableArray<Titled> Titles(JsonObject header, string member)
    {
        var ids = new HashSet<string>(StringComparer.Ordinal);
        return [.. header.OptionalList(member).Select(node => Item(node, member, o => new Titled(UniqueId(o, ids), o.Local("title")))).OfType<Titled>()];
    }

    private static ImmutableArray<RecordKind> Records(JsonObject header)
    {
        if (header.Optional("records") is not { } node || JsonObject.From(node, "records") is not { } kinds) return [];
        return
        [
            .. kinds.All().Select(kind => Item(kind.Value, kind.Name, o => new RecordKind(kind.Name, o.Text("prefix") ?? "", o.Text("key") ?? "", o.Local("title")))).OfType<RecordKind>(),
        ];
    }

    private static ImmutableArray<Questionnaire> Questionnaires(JsonObject header) =>
    [
        .. header.OptionalList("questionnaires").Select(node => Item(node, "questionnaires", o => new Questionnaire(
            o.Text("id") ?? "",
            o.Local("title"),
            [.. o.List("items").Select(item => Item(item, "items", i => new QuestionnaireItem(i.Required("number") is { } number ? JsonObject.AsCount(number, "number") : 0, i.Local("title"), i.OptionalTexts("statements")))).OfType<QuestionnaireItem>()])))
            .OfType<Questionnaire>(),
    ];

    private static FrozenDictionary<string, Statement> Statements(JsonObject register, ImmutableArray<SourceDocument> documents)
    {
        var statements = new Dictionary<string, Statement>(StringComparer.Ordinal);
        var known = documents.Select(d => d.Id).ToHashSet(StringComparer.Ordinal);
        foreach (var node in register.List("statements"))
        {
            if (JsonObject.From(node, "statements") is not { } item) continue;
            var statement = new Statement(item.Text("id") ?? "", item.Text("document") ?? "", item.Local("section"), item.Text("item") ?? "", item.Local("text"))
            {
                At = (item.At("id") ?? node).Place,
                Kind = item.Text("kind") ?? "",
                Lines = [.. item.OptionalList("lines").Select(line => JsonObject.AsCount(line, "lines"))],
                Sha256 = item.Text("sha256") ?? "",
                Rules = item.OptionalTexts("rules"),
                Facts = item.OptionalTexts("facts"),
                Unencoded = item.Optional("none") is { } none && JsonObject.From(none, "none") is { } reason ? Unencoded(reason) : null,
            };
            item.NoOthers();
            if (!known.Contains(statement.Document)) (item.At("document") ?? node).Problem("unknown-document", $"the book has no document `{JsonNode.Shorten(statement.Document)}`", Suggestion.For(statement.Document, documents.Select(d => d.Id)));
            if (!statements.TryAdd(statement.Id, statement)) (item.At("id") ?? node).Problem("duplicate-id", $"the statement `{JsonNode.Shorten(statement.Id)}` is registered twice");
        }

        register.NoOthers();
        return statements.ToFrozenDictionary(StringComparer.Ordinal);

        static Unencoded Unencoded(JsonObject reason)
        {
            var unencoded = new Unencoded(reason.Text("reason") ?? "", reason.Local("why"));
            if (!Engine.Unencoded.Reasons.Contains(unencoded.Reason)) reason.At("reason")?.Problem("unknown-value", $"`{JsonNode.Shorten(unencoded.Reason)}` is not a reason", Suggestion.OneOf(unencoded.Reason, Engine.Unencoded.Reasons));
            reason.NoOthers();
            return unencoded;
        }
    }

    private static ImmutableArray<RuleSet> Questions(JsonObject header, RuleReader rules, ImmutableArray<Mission> missions, ImmutableArray<RecordKind> records)
    {
        var questions = ImmutableArray.CreateBuilder<RuleSet>();
        var ids = new HashSet<string>(StringComparer.Ordinal);
        foreach (var node in header.List("questions"))
        {
            if (JsonObject.From(node, "questions") is not { } item) continue;
            var isTwice = item.At("id") is { Kind: JsonKind.Text } given && ids.Contains(given.Text);
            var id = UniqueId(item, ids);
            var title = item.Local("title");
            var help = item.OptionalLocal("help");
            var perMission = item.OptionalBoolean("perMission", true);
            foreach (var mission in item.OptionalList("notFor").Where(m => m.Kind == JsonKind.Text && !missions.Any(known => known.Id == m.Text)))
                mission.Problem("unknown-mission", $"unknown mission `{JsonNode.Shorten(mission.Text)}`", Suggestion.For(mission.Text, missions.Select(m => m.Id)));
            var notFor = item.OptionalTexts("notFor");
            item.NoOthers();
            if (isTwice) continue; // its file is read once, however often it is asked for
            if (rules.Read(id, questions.Count, title, help, perMission, notFor, records, item.At("id") ?? node) is { } question) questions.Add(question);
        }

        return questions.ToImmutable();
    }

    private static FrozenDictionary<string, LocalText> OutcomeLabels(JsonObject header, ImmutableArray<RuleSet> questions)
    {
        var labels = new Dictionary<string, LocalText>(StringComparer.Ordinal);
        if (header.Required("outcomes") is { } node && JsonObject.From(node, "outcomes") is { } all)
        {
            foreach (var label in all.All()) labels[label.Name] = LocalText.Read(label.Value, label.Name);
            foreach (var outcome in questions.SelectMany(q => q.Outcomes).Append(RuleBook.NotAssessed).Distinct())
                if (!labels.ContainsKey(outcome))
                    node.Problem("missing-member", $"`{JsonNode.Shorten(outcome)}` has no label here");
        }

        return labels.ToFrozenDictionary(StringComparer.Ordinal);
    }

    private ImmutableArray<FigureTable> FigureTables(JsonObject header, ImmutableArray<Mission> missions, FrozenDictionary<string, Statement> statements) =>
    [
        .. header.OptionalList("figures").Select(node => Item(node, "figures", o => new FigureTable(
            o.Text("id") ?? "",
            o.Local("title"),
            o.OptionalLocal("remark"),
            [.. o.List("rows").Select(row => Item(row, "rows", r => FigureRow(row, r, missions, statements))).OfType<FigureRow>()])))
            .OfType<FigureTable>(),
    ];

    private FigureRow FigureRow(JsonNode node, JsonObject row, ImmutableArray<Mission> missions, FrozenDictionary<string, Statement> statements)
    {
        var mission = row.Text("mission") ?? "";
        if (mission.Length > 0 && !missions.Any(m => m.Id == mission)) row.At("mission")!.Problem("unknown-mission", $"unknown mission `{JsonNode.Shorten(mission)}`", Suggestion.For(mission, missions.Select(m => m.Id)));
        var cited = row.OptionalTexts("statements");
        foreach (var statement in cited.Where(s => !statements.ContainsKey(s))) node.Problem("unknown-statement", $"unknown statement `{JsonNode.Shorten(statement)}`", Suggestion.For(statement, statements.Keys));
        return new(mission, Values("where"), Values("states"), cited, row.OptionalLocal("remark"));

        ImmutableDictionary<string, Newtonsoft.Json.Linq.JToken> Values(string member)
        {
            var values = ImmutableDictionary.CreateBuilder<string, Newtonsoft.Json.Linq.JToken>(StringComparer.Ordinal);
            if (row.Required(member) is { } object_ && JsonObject.From(object_, member) is { } all)
            {
                foreach (var value in all.All())
                {
                    if (!facts.TryGetValue(value.Name, out var fact)) object_.Source.Add(value.Offset, "unknown-fact", $"unknown fact `{JsonNode.Shorten(value.Name)}`", Suggestion.For(value.Name, facts.Keys));
                    else if (FactValue.Read(fact, value.Value) is { } read) values[value.Name] = read.Json;
                }
            }

            return values.ToImmutable();
        }
    }
}

/// <summary>The shapes of names: what a person may type into a path, an address or an expression.</summary>
internal static class Names
{
    /// <summary>A file's name without <c>.json</c>.</summary>
    public static string WithoutEnding(string file) => file.EndsWith(".json", StringComparison.Ordinal) ? file[..^".json".Length] : file;

    /// <summary>A lower snake_case word, such as <c>air_policing</c>.</summary>
    public static bool IsWord(string name) =>
        name.Length is > 0 and <= 64 && char.IsAsciiLetterLower(name[0]) && name.All(c => char.IsAsciiLetterLower(c) || char.IsAsciiDigit(c) || c == '_');

    /// <summary>Words joined by dots, such as <c>us.c4isr.support</c>.</summary>
    public static bool IsFact(string name) => name.Length <= 100 && name.Contains('.', StringComparison.Ordinal) && name.Split('.').All(IsWord);

    /// <summary>A name that is safe as a part of a path: starts with a letter or digit, no separators.</summary>
    public static bool IsFileName(string name) =>
        name.Length is > 0 and <= 64 && (char.IsAsciiLetterLower(name[0]) || char.IsAsciiDigit(name[0]))
        && name.All(c => char.IsAsciiLetterLower(c) || char.IsAsciiDigit(c) || c is '.' or '_' or '-');
}
