namespace Advisory.Tests.Laws;

/// <summary>One value of a JSON text: where it stands, and where its name does if it is a member.</summary>
internal sealed class JsonSpot
{
    /// <summary>The value is the text from here,</summary>
    public int Start { get; init; }

    /// <summary>to here.</summary>
    public int End { get; set; }

    /// <summary>Where its name stands with its quotes; -1 where the value is an item or the whole.</summary>
    public int NameStart { get; init; } = -1;

    public int NameEnd { get; init; } = -1;

    public JsonSpot? Parent { get; init; }

    public List<JsonSpot> Children { get; } = [];

    /// <summary>The start of the member or item.</summary>
    public int From => NameStart >= 0 ? NameStart : Start;
}

/// <summary>The values of a JSON text that has no fault, outermost first.</summary>
internal sealed class JsonSpots
{
    private readonly string text;
    private int at;

    public JsonSpots(string text)
    {
        this.text = text;
        Value(null, -1, -1);
        Expressions = [.. All.Where(spot => text[spot.Start] == '"' && spot.NameStart >= 0 && text[(spot.NameStart + 1)..(spot.NameEnd - 1)] is "Expression" or "derive" or "When")];
        Texts = [.. All.Where(spot => text[spot.Start] == '"')];
        Members = [.. All.Where(spot => spot.NameStart >= 0)];
        Entries = [.. All.Where(spot => spot.Parent is not null)];
    }

    public List<JsonSpot> All { get; } = [];

    /// <summary>Those that hold an expression of the condition language.</summary>
    public List<JsonSpot> Expressions { get; }

    public List<JsonSpot> Texts { get; }

    public List<JsonSpot> Members { get; }

    public List<JsonSpot> Entries { get; }

    private void Value(JsonSpot? parent, int nameStart, int nameEnd)
    {
        Space();
        var spot = new JsonSpot { Start = at, Parent = parent, NameStart = nameStart, NameEnd = nameEnd };
        All.Add(spot);
        parent?.Children.Add(spot);
        switch (text[at])
        {
            case '{' or '[':
                var close = text[at++] == '{' ? '}' : ']';
                for (Space(); text[at] != close; Space())
                {
                    if (text[at] == ',')
                    {
                        at++;
                        continue;
                    }

                    if (close == ']')
                    {
                        Value(spot, -1, -1);
                        continue;
                    }

                    var name = at;
                    Text();
                    var end = at;
                    Space();
                    at++; // the colon
                    Value(spot, name, end);
                }

                at++;
                break;
            case '"':
                Text();
                break;
            default:
                while (at < text.Length && text[at] is not (',' or '}' or ']' or ' ' or '\n' or '\r')) at++;
                break;
        }

        spot.End = at;
    }

    private void Text()
    {
        for (at++; text[at] != '"'; at++)
            if (text[at] == '\\')
                at++;
        at++;
    }

    private void Space()
    {
        while (at < text.Length && text[at] is ' ' or '\n' or '\r' or '\t') at++;
    }
}
