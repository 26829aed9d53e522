using System.Globalization;
using System.Reflection;
using System.Reflection.Emit;
using System.Security.Cryptography;
using System.Text;
using Advisory.Engine;
using Newtonsoft.Json.Linq;

namespace Advisory.Parity;

/// <summary>
/// The vocabulary as classes, which is how RulesEngine wants its inputs: one class a root (<c>us</c>, <c>ru</c>, <c>mission</c>,
/// <c>reading</c>, …) with <c>string</c>, <c>bool?</c>, <c>decimal?</c> and <c>List&lt;string&gt;</c> for facts and further classes for
/// what stands below, never null.
/// </summary>
internal sealed class TypedInputs
{
    private readonly Group top;
    private readonly Dictionary<string, Leaf> leaves;

    private TypedInputs(Group top, Dictionary<string, Leaf> leaves) => (this.top, this.leaves) = (top, leaves);

    /// <summary>The first words of all facts.</summary>
    public IReadOnlyCollection<string> Roots => top.Groups.Keys;

    /// <exception cref="NotSupportedException">A fact is also the beginning of another's name, which no class can say.</exception>
    public static TypedInputs Of(RuleBook book)
    {
        var top = new Group("");
        var leaves = new Dictionary<string, Leaf>(StringComparer.Ordinal);
        foreach (var fact in book.Facts)
        {
            var words = fact.Name.Split('.');
            var path = new List<Group>();
            var group = top;
            foreach (var word in words[..^1])
            {
                if (!group.Groups.TryGetValue(word, out var below))
                    group.Groups[word] = below = new(group.Path.Length == 0 ? word : group.Path + "_" + word);
                path.Add(group = below);
            }

            group.Facts.Add(words[^1], fact);
            leaves.Add(fact.Name, new(fact, words, path));
        }

        // RulesEngine caches compiled rules under the plain names of types, so two vocabularies must never share one.
        var vocabulary = string.Join('\n', book.Facts.Select(f => $"{f.Name}:{f.Type}"));
        var digest = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(vocabulary)))[..16];
        var assembly = AssemblyBuilder.DefineDynamicAssembly(new AssemblyName("Advisory.Parity.Inputs"), AssemblyBuilderAccess.Run);
        var module = assembly.DefineDynamicModule("inputs");
        var count = 0;
        foreach (var root in top.Groups.Values) Define(root);
        foreach (var leaf in leaves.Values) leaf.Property = leaf.Path[^1].Type.GetProperty(leaf.Words[^1])!;
        return new(top, leaves);

        void Define(Group group)
        {
            foreach (var (word, below) in group.Groups)
            {
                if (group.Facts.TryGetValue(word, out var fact))
                    throw new NotSupportedException($"`{fact}` is a fact and the beginning of another's name, which no class can say");
                Define(below);
            }

            // The number keeps `a_b.c` and `a.b_c` apart.
            var name = FormattableString.Invariant($"Input{++count}_{group.Path}_{digest}");
            var type = module.DefineType(name, TypeAttributes.Public | TypeAttributes.Class | TypeAttributes.Sealed);
            foreach (var (word, fact) in group.Facts) Property(type, word, TypeOf(fact));
            foreach (var (word, below) in group.Groups) Property(type, word, below.Type);
            type.DefineDefaultConstructor(MethodAttributes.Public);
            group.Type = type.CreateType();
            foreach (var (word, below) in group.Groups) below.Property = group.Type.GetProperty(word)!;
        }
    }

    /// <summary>New objects that hold the facts given; every other fact is null.</summary>
    /// <param name="facts">Values as JSON by the name of the fact; those that Advisory knows.</param>
    public IReadOnlyList<KeyValuePair<string, object>> Fill(IReadOnlyDictionary<string, JToken> facts)
    {
        var roots = top.Groups.ToDictionary(root => root.Key, root => New(root.Value), StringComparer.Ordinal);
        foreach (var (name, value) in facts)
        {
            var leaf = leaves[name];
            var target = roots[leaf.Words[0]];
            foreach (var group in leaf.Path.Skip(1)) target = group.Property.GetValue(target)!;
            leaf.Property.SetValue(target, Value(leaf.Fact, value));
        }

        return [.. roots];
    }

    private static object New(Group group)
    {
        var made = Activator.CreateInstance(group.Type)!;
        foreach (var below in group.Groups.Values) below.Property.SetValue(made, New(below));
        return made;
    }

    private static Type TypeOf(Fact fact) => fact switch
    {
        { IsNumber: true } => typeof(decimal?),
        { Type: FactType.Boolean } => typeof(bool?),
        { Type: FactType.List } => typeof(List<string>),
        _ => typeof(string),
    };

    private static object Value(Fact fact, JToken value) => fact switch
    {
        { IsNumber: true } => Number(value),
        { Type: FactType.Boolean } => (bool)value,
        { Type: FactType.List } => value.Select(item => (string)item!).ToList(),
        _ => (string)value!,
    };

    /// <summary>A number as the engine writes it: whole ones as JSON numbers, others as text.</summary>
    private static decimal Number(JToken value) =>
        value.Type == JTokenType.String ? decimal.Parse((string)value!, CultureInfo.InvariantCulture) : (decimal)value;

    private static void Property(TypeBuilder type, string name, Type of)
    {
        const MethodAttributes Accessor = MethodAttributes.Public | MethodAttributes.SpecialName | MethodAttributes.HideBySig;
        var field = type.DefineField("_" + name, of, FieldAttributes.Private);
        var property = type.DefineProperty(name, PropertyAttributes.None, of, null);

        var getter = type.DefineMethod("get_" + name, Accessor, of, Type.EmptyTypes);
        var code = getter.GetILGenerator();
        code.Emit(OpCodes.Ldarg_0);
        code.Emit(OpCodes.Ldfld, field);
        code.Emit(OpCodes.Ret);
        property.SetGetMethod(getter);

        var setter = type.DefineMethod("set_" + name, Accessor, null, [of]);
        code = setter.GetILGenerator();
        code.Emit(OpCodes.Ldarg_0);
        code.Emit(OpCodes.Ldarg_1);
        code.Emit(OpCodes.Stfld, field);
        code.Emit(OpCodes.Ret);
        property.SetSetMethod(setter);
    }

    /// <summary>A word of fact names that others follow: a class.</summary>
    private sealed class Group(string path)
    {
        public string Path { get; } = path;

        public Dictionary<string, Group> Groups { get; } = new(StringComparer.Ordinal);

        public Dictionary<string, Fact> Facts { get; } = new(StringComparer.Ordinal);

        public Type Type { get; set; } = null!;

        /// <summary>Where its parent holds it; null for a root.</summary>
        public PropertyInfo Property { get; set; } = null!;
    }

    private sealed class Leaf(Fact fact, string[] words, List<Group> path)
    {
        public Fact Fact { get; } = fact;

        public string[] Words { get; } = words;

        public List<Group> Path { get; } = path;

        public PropertyInfo Property { get; set; } = null!;
    }
}
