namespace Advisory.Host.Web.Components;

// The compiler makes a class of each .razor file; here each is sealed and says what it is.

/// <summary>What an assessment is called and as of which day it is judged.</summary>
public sealed partial class AboutPart;

/// <summary>One A4 of advice.</summary>
public sealed partial class AdviceSheet;

/// <summary>A person's assessments, and ways to begin one.</summary>
public sealed partial class AssessList;

/// <summary>One part of an assessment, with the outcomes below it.</summary>
public sealed partial class AssessPage;

/// <summary>An outcome: word, sign and colour.</summary>
public sealed partial class Badge;

/// <summary>The rules of a question as a readable document.</summary>
public sealed partial class BookPage;

/// <summary>What is wrong with a book that is not taken up.</summary>
public sealed partial class BookProblemsPage;

/// <summary>The ways through the book.</summary>
public sealed partial class BookTabs;

/// <summary>Statements with where they stand in their documents.</summary>
public sealed partial class Citations;

/// <summary>Two or three scenarios: outcomes, what is given, and what makes the difference.</summary>
public sealed partial class ComparePage;

/// <summary>Decisions that fit what is asked for.</summary>
public sealed partial class DecisionList;

/// <summary>A decision with everything that is known of it.</summary>
public sealed partial class DecisionPage;

/// <summary>Decisions in a list.</summary>
public sealed partial class DecisionRows;

/// <summary>A fact as a part of a form.</summary>
public sealed partial class FactField;

/// <summary>What is the matter and where to go on.</summary>
public sealed partial class FaultPage;

/// <summary>What is wrong, in the reader's language where there is a sentence for it.</summary>
public sealed partial class FaultText;

/// <summary>The book's arithmetic, as a table and as charts.</summary>
public sealed partial class ForcePage;

/// <summary>The hidden field that says that a form is ours.</summary>
public sealed partial class FormToken;

/// <summary>The matrix in signs alone.</summary>
public sealed partial class Glance;

/// <summary>The front page.</summary>
public sealed partial class HomePage;

/// <summary>Gives out advice.</summary>
public sealed partial class IssuePage;

/// <summary>Offers to send what was typed before the session ended.</summary>
public sealed partial class KeptPage;

/// <summary>Missions by questions.</summary>
public sealed partial class Matrix;

/// <summary>The outcomes of an assessment and what the last change turned; also sent alone, while somebody types.</summary>
public sealed partial class Outcomes;

/// <summary>Problems with their places.</summary>
public sealed partial class ProblemList;

/// <summary>Asks whether to record.</summary>
public sealed partial class RecordPage;

/// <summary>Records as a table.</summary>
public sealed partial class RecordsPart;

/// <summary>One report of a fact.</summary>
public sealed partial class ReportField;

/// <summary>What every page has around it.</summary>
public sealed partial class Shell;

/// <summary>Verdicts of several scenarios beside one another.</summary>
public sealed partial class SideBySide;

/// <summary>Asks for a key.</summary>
public sealed partial class SignInPage;

/// <summary>The register of the documents' statements.</summary>
public sealed partial class StatementsPage;

/// <summary>How the service is.</summary>
public sealed partial class StatusPage;

/// <summary>An expression with what it came to, and the facts that it saw.</summary>
public sealed partial class TraceTree;

/// <summary>A truth as a sign and a word.</summary>
public sealed partial class TruthMark;

/// <summary>Waivers with their grounds.</summary>
public sealed partial class WaiversPart;

/// <summary>What another value of a fact would do.</summary>
public sealed partial class WhatIfPage;

/// <summary>What to find out first, what would change an outcome, and how firm it is.</summary>
public sealed partial class WhatNext;

/// <summary>Why one verdict came out as it did, in sentences and as a tree.</summary>
public sealed partial class WhyPage;
