"""Direct sale: the fourteen questions to an organisation that will use what it buys (domain.md 3)."""

from django.utils.translation import gettext_noop as _

from scoring.models import BuyerRole, Question
from scoring.packs import wording
from scoring.packs.shape import QuestionData, QuestionSetData

BUDGET = (
    QuestionData(
        code="budget",
        criterion="budget",
        kind=Question.Kind.BUDGET,
        key=True,
        text=_("Is there money set aside for this?"),
        hint=_("Setting the money aside is not the only yes: it can be found from what the problem costs them today."),
        choices=wording.BUDGET,
    ),
    QuestionData(
        code="budget_spent",
        criterion="budget",
        kind=Question.Kind.TEXT,
        concepts=("spending_process",),
        text=_("How does money get spent at your place: who approves, in which steps, and from when can it be used?"),
        hint=_("Process, approvals, the first day on which it can be used."),
        choices=wording.PROCESS,
    ),
    QuestionData(
        code="budget_drawn_up",
        criterion="budget",
        kind=Question.Kind.TEXT,
        concepts=("budget_cycle",),
        text=_("How is the budget drawn up: when in the year, and by whom?"),
        hint=_("The next budget round is when a lead without money wakes up."),
        choices=wording.PROCESS,
    ),
)

AUTHORITY = (
    QuestionData(
        code="budget_author",
        criterion="authority",
        kind=Question.Kind.CONTACT,
        concepts=("budget_author",),
        text=_("Which unit, and who there, draws up the budget?"),
        hint=_("A name and a unit; any role."),
        choices=wording.PERSON,
    ),
    QuestionData(
        code="evaluator",
        criterion="authority",
        kind=Question.Kind.CONTACT,
        role=BuyerRole.INFLUENCER,
        concepts=("influence",),
        text=_("Who will try the product out and judge it?"),
        hint=_("Sways the decision, for us or against us. Ask what they would look at first."),
        choices=wording.PERSON,
    ),
    QuestionData(
        code="procurement",
        criterion="authority",
        kind=Question.Kind.CONTACT,
        role=BuyerRole.BUYER,
        concepts=("purchase",),
        text=_("Who handles the purchase once it is decided?"),
        hint=_("The last one who can stop it."),
        choices=wording.PERSON,
    ),
    QuestionData(
        code="decision_maker",
        criterion="authority",
        kind=Question.Kind.CONTACT,
        key=True,
        role=BuyerRole.DECISION_MAKER,
        concepts=("final_decision",),
        text=_("Who takes the final decision?"),
        hint=_("Ask who else has to agree: one name is seldom the whole committee."),
        choices=wording.PERSON,
    ),
)

NEED = (
    QuestionData(
        code="pain",
        criterion="need",
        kind=Question.Kind.PAIN,
        key=True,
        concepts=("pain",),
        text=_("What is the problem that you would like to be rid of?"),
        hint=_("Their words first, then pick from the list. Can we solve it: specifically, in general, or not?"),
        choices=wording.PAIN,
    ),
    QuestionData(
        code="pain_felt_by",
        criterion="need",
        kind=Question.Kind.CONTACTS,
        role=BuyerRole.USER,
        concepts=("pain_owner",),
        text=_("Who feels it most in the day's work?"),
        hint=_("Several names are welcome."),
        choices=wording.PEOPLE,
    ),
    QuestionData(
        code="tried",
        criterion="need",
        kind=Question.Kind.TEXT,
        concepts=("alternatives",),
        text=_("What have you tried so far to end it?"),
        hint=_("Whoever has tried something needs it more."),
        choices=wording.TRIED,
    ),
)

TIMELINE = (
    QuestionData(
        code="decision_date",
        criterion="timeline",
        kind=Question.Kind.DECISION_DATE,
        key=True,
        concepts=("decision",),
        text=_("When will you decide, and why then?"),
        hint=_("The cause behind the date is worth more than the date. How long do they take to decide?"),
        choices=wording.DATE,
    ),
    QuestionData(
        code="order_date",
        criterion="timeline",
        kind=Question.Kind.DATE,
        concepts=("order",),
        text=_("When would the order come?"),
        hint=_("Not before the decision."),
        choices=wording.DATE,
    ),
    QuestionData(
        code="go_live_date",
        criterion="timeline",
        kind=Question.Kind.DATE,
        concepts=("go_live",),
        text=_("When does it have to be in use?"),
        hint=_("Count back from here: often the decision is later than it can be."),
        choices=wording.DATE,
    ),
    QuestionData(
        code="acceptance_date",
        criterion="timeline",
        kind=Question.Kind.DATE,
        concepts=("acceptance",),
        text=_("When will you have tested and accepted it?"),
        hint=_("Acceptance is when they say that it works."),
        choices=wording.DATE,
    ),
)

QUESTION_SET = QuestionSetData(name=_("Direct sale"), questions=(*BUDGET, *AUTHORITY, *NEED, *TIMELINE))
