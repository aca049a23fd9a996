"""Channel partner: the seventeen questions to somebody who will sell what we make (domain.md 3)."""

from django.utils.translation import gettext_noop as _

from scoring.models import BuyerRole, Question
from scoring.packs import wording
from scoring.packs.shape import QuestionData, QuestionSetData

BUDGET = (
    QuestionData(
        code="expected_sales",
        criterion="budget",
        kind=Question.Kind.AMOUNT,
        key=True,
        concepts=("expected_sales",),
        text=_("How much do you expect to sell in all?"),
        hint=_("Their figure, not ours; a year's worth."),
        choices=wording.SALES,
    ),
    QuestionData(
        code="target_path",
        criterion="budget",
        kind=Question.Kind.TEXT,
        concepts=("target_path",),
        text=_("How will you reach that figure?"),
        hint=_("Customers they have today, people they put on it, regions."),
        choices=wording.PROCESS,
    ),
    QuestionData(
        code="target_counting",
        criterion="budget",
        kind=Question.Kind.TEXT,
        concepts=("target_counting",),
        text=_("Which orders should count toward the target?"),
        hint=_("Agreed now, it is not argued over at the end of the year."),
        choices=wording.PROCESS,
    ),
)

AUTHORITY = (
    QuestionData(
        code="sells_to_users",
        criterion="authority",
        kind=Question.Kind.CONTACT,
        concepts=("sells_on",),
        text=_("Who on your side sells to the organisations that use the product?"),
        hint=_("Marked as selling on to users; not a buyer role."),
        choices=wording.PERSON,
    ),
    QuestionData(
        code="portfolio_evaluator",
        criterion="authority",
        kind=Question.Kind.CONTACT,
        role=BuyerRole.INFLUENCER,
        concepts=("influence",),
        text=_("Who judges the product and whether it fits your portfolio?"),
        hint=_("Sways the decision, for us or against us."),
        choices=wording.PERSON,
    ),
    QuestionData(
        code="order_placer",
        criterion="authority",
        kind=Question.Kind.CONTACT,
        role=BuyerRole.BUYER,
        concepts=("purchase",),
        text=_("Who places the purchase orders?"),
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
        text=_("Who takes the final decision on a partnership?"),
        hint=_("Ask who else has to agree: one name is seldom the whole committee."),
        choices=wording.PERSON,
    ),
)

NEED = (
    QuestionData(
        code="specification_gap",
        criterion="need",
        kind=Question.Kind.TEXT,
        key=True,
        concepts=("pain", "portfolio_gap"),
        text=_("What do you miss in specification and quality in what you sell today?"),
        hint=_("The gap in their portfolio is our place in it."),
        choices=wording.GAP,
    ),
    QuestionData(
        code="service_gap",
        criterion="need",
        kind=Question.Kind.TEXT,
        concepts=("pain", "portfolio_gap"),
        text=_("And what do you miss in the support that you get from your suppliers?"),
        hint=_("Spare parts, repair, answers, training."),
        choices=wording.GAP,
    ),
    QuestionData(
        code="promotion_gap",
        criterion="need",
        kind=Question.Kind.TEXT,
        concepts=("pain", "portfolio_gap"),
        text=_("How well do they help you with promotion and marketing?"),
        hint=_("What is missing counts as need: material, fairs, leads passed on."),
        choices=wording.GAP,
    ),
    QuestionData(
        code="pain_felt_by",
        criterion="need",
        kind=Question.Kind.CONTACTS,
        concepts=("pain_owner",),
        text=_("Who feels that most, and in which department?"),
        hint=_("Names with their departments."),
        choices=wording.PEOPLE,
    ),
    QuestionData(
        code="tried",
        criterion="need",
        kind=Question.Kind.TEXT,
        concepts=("alternatives",),
        text=_("What have you tried so far to fill the gap?"),
        hint=_("Other suppliers they talked to, products they took in and dropped."),
        choices=wording.TRIED,
    ),
)

TIMELINE = (
    QuestionData(
        code="signing_date",
        criterion="timeline",
        kind=Question.Kind.DATE,
        key=True,
        concepts=("decision",),
        text=_("When will you decide to sign?"),
        hint=_("Ask what the date hangs on."),
        choices=wording.DATE,
    ),
    QuestionData(
        code="briefing_date",
        criterion="timeline",
        kind=Question.Kind.DATE,
        concepts=("enablement",),
        text=_("When can we brief your sales people?"),
        hint=_("An hour with everybody who will sell it."),
        choices=wording.DATE,
    ),
    QuestionData(
        code="training_date",
        criterion="timeline",
        kind=Question.Kind.DATE,
        concepts=("enablement",),
        text=_("When shall the sales training take place?"),
        hint=_("After the briefing, with the product on the table."),
        choices=wording.DATE,
    ),
    QuestionData(
        code="test_machine_date",
        criterion="timeline",
        kind=Question.Kind.DATE,
        concepts=("go_live",),
        text=_("When will you buy test machines?"),
        hint=_("A partner without a machine to show does not sell."),
        choices=wording.DATE,
    ),
    QuestionData(
        code="first_order_date",
        criterion="timeline",
        kind=Question.Kind.DATE,
        concepts=("order",),
        text=_("When do you see the first order coming?"),
        hint=_("Not before they have a machine to show."),
        choices=wording.DATE,
    ),
)

QUESTION_SET = QuestionSetData(name=_("Channel partner"), questions=(*BUDGET, *AUTHORITY, *NEED, *TIMELINE))
