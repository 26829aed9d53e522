using Advisory.Engine;
using Advisory.Engine.Analysis;
using Advisory.Tests.Laws;

namespace Advisory.Tests.Analysis;

/// <summary>The diagrams say of every state of the facts what the evaluator says.</summary>
public sealed class ModelTests
{
    [Theory]
    [InlineData(Basis.Stated)]
    [InlineData(Basis.Assumed)]
    public void The_diagram_and_the_evaluator_give_one_outcome_for_every_state_of_the_facts(Basis basis)
    {
        var (tried, subjects, refused) = (0, 0, 0);
        for (var seed = 0UL; seed < 50; seed++)
        {
            var sample = Sample.Of(seed, seed + 1_000);
            var altered = new Altered(sample.Book, sample.Scenario, basis);
            foreach (var verdict in sample.Evaluation.Verdicts)
            {
                var subject = new Subject(verdict.Question.Id, verdict.Mission, verdict.Record);
                subjects++;
                Model model;
                try
                {
                    model = new(sample.Book, sample.Scenario, basis, [subject], (_, _) => true, NullTests.Evaluated, 300_000);
                }
                catch (NotExactException)
                {
                    refused++;
                    continue;
                }

                var chance = new Chance(seed);
                Assert.Equal(verdict.On(basis).Outcome, Named(model, model.Present));
                for (var i = 0; i < 6; i++)
                {
                    var indexes = model.Variables.Select(v => chance.Percent(40) ? v.PresentIndex : chance.Percent(15) ? 0 : chance.From(1, v.Values)).ToArray();
                    var settings = model.Variables.Where(v => indexes[v.Level] != v.PresentIndex).Select(v => new Setting(v.Fact.Name, v.Record, v.ValueAt(indexes[v.Level]))).ToList();
                    if (settings.Any(s => s.Fact == RuleBook.MissionFact)) continue;
                    if (model.Diagrams.Follow(model.Outcomes[0], indexes).AsCode == Model.Contradiction)
                    {
                        Assert.NotEmpty(Altered.Contested(sample.Book, altered.With(settings), subject, basis));
                        continue;
                    }

                    var expected = altered.Outcome(subject, settings);
                    Assert.True(expected == Named(model, indexes), $"seed {seed} {subject} {string.Join(", ", settings.Select(s => s.ToString()))}: {expected} not {Named(model, indexes)}");
                    tried++;
                }

                string Named(Model model, int[] indexes) => Model.NameOf(verdict.Question, model.Diagrams.Follow(model.Outcomes[0], indexes).AsCode);
            }
        }

        Assert.True(tried > 800 && refused * 15 < subjects, $"{tried} states of {subjects} verdicts, {refused} of them refused");
    }
}
