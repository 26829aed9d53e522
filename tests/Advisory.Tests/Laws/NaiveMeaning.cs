using System.Text;

namespace Advisory.Tests.Laws;

using Scope = Dictionary<string, NaiveExpression>;
using Values = Dictionary<string, object?>;

/// <summary>
/// What an expression means: section 7 of the normative README. A truth is a <c>bool?</c> and null is unknown, as it is for every other
/// value; the operators <c>&amp;</c>, <c>|</c> and <c>!</c> of C# on <c>bool?</c> are Kleene's.
/// </summary>
/// <param name="values">The situation: a value or null for each fact and reading.</param>
/// <param name="isNumber">Whether a fact is a number.</param>
/// <param name="letters">Where the letters of 12.6 go.</param>
/// <param name="isNullTestBlind">For 10.8: a null test of an unknown fact is unknown.</param>
internal sealed class NaiveMeaning(Values values, Predicate<string> isNumber, StringBuilder? letters = null, bool isNullTestBlind = false)
{
    public object? Of(NaiveExpression expression, Scope scope) => expression switch
    {
        // 12.6: a parameter has the nodes of its expression and none of its own.
        NaiveExpression.Name { IsFact: false } parameter => Of(scope[parameter.Text], scope),
        NaiveExpression.Name fact => Node(values[fact.Text]),
        NaiveExpression.Written written => Node(written.Value),
        NaiveExpression.Not not => Node(!(bool?)Of(not.Operand, scope)),
        NaiveExpression.In isIn => Node(values[isIn.Fact.Text] is { } value ? isIn.Values.Contains(value) : null),
        NaiveExpression.Choice choice => Chosen(Of(choice.If, scope), Of(choice.Then, scope), Of(choice.Else, scope)),
        NaiveExpression.Call call => Called(call, scope),
        NaiveExpression.Binary { Sign: "==" or "!=" or "<" or "<=" or ">" or ">=" } comparison => Compared(comparison, scope),
        NaiveExpression.Binary binary => Joined(binary.Sign, Of(binary.Left, scope), Of(binary.Right, scope)),
        _ => throw new InvalidOperationException($"{expression} has no meaning"),
    };

    /// <summary>7.9 and 12.6: nested rules have their nodes; then comes one for each that is joined to those before it.</summary>
    public bool? Joined(bool isAnd, List<bool?> truths) =>
        truths.Skip(1).Aggregate(truths[0], (before, truth) => (bool?)Node(isAnd ? before & truth : before | truth));

    /// <summary>8.8: the values that a derivation of a boolean or an enumeration can still take.</summary>
    public IEnumerable<object?> Possible(NaiveExpression derivation, IReadOnlyCollection<object?> domain) => derivation switch
    {
        NaiveExpression.Written { Value: null } => domain,
        NaiveExpression.Choice choice => Of(choice.If, []) switch
        {
            true => Possible(choice.Then, domain),
            false => Possible(choice.Else, domain),
            _ => Possible(choice.Then, domain).Union(Possible(choice.Else, domain)),
        },
        _ => Of(derivation, []) is { } value ? [value] : domain,
    };

    private object? Node(object? value)
    {
        letters?.Append(value switch { null => 'u', true => 't', false => 'f', _ => 'k' });
        return value;
    }

    /// <summary>7.6.</summary>
    private object? Chosen(object? condition, object? then, object? otherwise) => Node(condition switch
    {
        true => then,
        false => otherwise,
        _ => Equals(then, otherwise) ? then : null,
    });

    private object? Joined(string sign, object? left, object? right) => Node(sign switch
    {
        "&&" => (bool?)left & (bool?)right,
        "||" => (bool?)left | (bool?)right,
        _ => left is decimal a && right is decimal b ? NaiveArithmetic.Calculate(sign, a, b) : null,
    });

    private object? Called(NaiveExpression.Call call, Scope scope)
    {
        if (call.SetOf is { } fact) return Node(((List<object?>?)values[fact])?.Contains(((NaiveExpression.Written)call.Arguments[0]).Value));
        var arguments = call.Arguments.Select(argument => Of(argument, scope)).ToList();
        return Node(arguments.Contains(null) ? null : NaiveArithmetic.Call(call.Function, [.. arguments.Cast<decimal>()]));
    }

    /// <summary>6.7 says which comparison it is, 7.4 and 7.5 what it means, 12.6 whether its sides have nodes.</summary>
    private object? Compared(NaiveExpression.Binary comparison, Scope scope)
    {
        var (sign, left, right) = (comparison.Sign, comparison.Left, comparison.Right);
        if (left is NaiveExpression.Written && right is not NaiveExpression.Written)
        {
            (left, right) = (right, left);
            sign = sign.Replace('<', '#').Replace('>', '<').Replace('#', '>');
        }
        if (left is NaiveExpression.Name { IsFact: true } fact)
        {
            var value = values[fact.Text];
            if (right is NaiveExpression.Written { Value: null })
            {
                return Node(value is null && isNullTestBlind ? null : sign == "==" == value is null);
            }
            if (right is NaiveExpression.Written written) return Node(Holds(sign, value, written.Value));
            if (right is NaiveExpression.Name { IsFact: true } other && !isNumber(fact.Text)) return Node(Holds(sign, value, values[other.Text]));
        }
        return Node(Holds(sign, Of(left, scope), Of(right, scope)));
    }

    private static bool? Holds(string sign, object? left, object? right)
    {
        if (left is null || right is null) return null;
        return sign switch
        {
            "==" => Equals(left, right),
            "!=" => !Equals(left, right),
            "<" => (decimal)left < (decimal)right,
            "<=" => (decimal)left <= (decimal)right,
            ">" => (decimal)left > (decimal)right,
            _ => (decimal)left >= (decimal)right,
        };
    }
}
