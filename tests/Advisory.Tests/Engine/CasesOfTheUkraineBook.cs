using Advisory.Engine;

namespace Advisory.Tests.Engine;

public sealed class CasesOfTheUkraineBook
{
    public static TheoryData<string> Names => new(Books.CaseNames("rules", "ukraine"));

    [Theory]
    [MemberData(nameof(Names))]
    public void Each_case_ends_as_its_author_expects(string name)
    {
        var read = Books.Case(Books.Ukraine, name, "rules", "ukraine");
        Assert.NotEmpty(read.Expect);
        Assert.Empty(read.Differences(Evaluation.Of(Books.Ukraine, read.Scenario)));
    }
}
