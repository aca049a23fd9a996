"""Each fact about a lead that a policy's rules may name, defined once.

The row `subject` is the lead as it was at `subject.moment`: one moment for all in the judging statement, each lead's own
where a rule is held against what came of it.
"""

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from psycopg2 import sql

from scoring.engine import FactKind
from scoring.facts import ANSWER, Fact
from scoring.models import Choice, Pain, Question
from scoring.packs.engagement import LABELS as EVENT_LABELS
from users.models import Attribute

DID = "did:"
# Answers of the lead that stood at the moment: known by then, and not replaced by then.
STANDING = """
    FROM leads_checklist held
    JOIN leads_answer said ON said.checklist_id = held.id
    {}
    WHERE held.lead_id = subject.id AND {}
      AND said.known_at <= subject.moment AND (said.occurred_at IS NULL OR said.occurred_at <= subject.moment)
      AND NOT EXISTS (
          SELECT FROM leads_answer later
          WHERE later.checklist_id = said.checklist_id AND later.replaces_id = said.id
            AND later.known_at <= subject.moment AND (later.occurred_at IS NULL OR later.occurred_at <= subject.moment))
"""


def _text(column: str, label: str | Promise) -> Fact:
    expression = sql.SQL("nullif(lower(subject.{}), '')").format(sql.Identifier(column))
    return Fact(column, FactKind.CHOICE, label, expression)


def _number(column: str, label: str | Promise) -> Fact:
    return Fact(column, FactKind.NUMBER, label, sql.SQL("subject.{}::numeric").format(sql.Identifier(column)))


def _code(name: str, table: str, label: str | Promise) -> Fact:
    expression = sql.SQL("(SELECT lower(named.code) FROM {} named WHERE named.id = subject.{})").format(
        sql.Identifier(table), sql.Identifier(f"{name}_id")
    )
    return Fact(name, FactKind.CHOICE, label, expression)


COLUMNS = (
    _text("company", _("Company")),
    _text("title", _("Title")),
    _text("seniority", _("Seniority")),
    _text("department", _("Department")),
    _text("industry", _("Industry")),
    _number("employees", _("Employees")),
    _number("revenue", _("Revenue")),
    _text("country", _("Country")),
    _text("city", _("City")),
    _text("preferred_channel", _("Preferred channel")),
    _code("source", "leads_leadsource", _("Source")),
    _code("campaign", "leads_campaign", _("Campaign")),
    _code("persona", "scoring_persona", _("Persona")),
    _code("context", "users_salescontext", _("Sales context")),
    Fact(
        "email_domain",
        FactKind.CHOICE,
        _("Domain of the e-mail address"),
        sql.SQL("nullif(lower(split_part(subject.email, '@', 2)), '')"),
    ),
)


def _named(kind: Pain.Kind, label: str | Promise) -> Fact:
    """Codes of the pains, or goals, that any of the lead's answers names."""
    joined = sql.SQL(
        "JOIN leads_answerpain named ON named.answer_id = said.id JOIN scoring_pain pain ON pain.id = named.pain_id"
    )
    chosen = sql.SQL("pain.kind = {}").format(sql.Literal(kind.value))
    codes = sql.SQL("(SELECT array_agg(DISTINCT lower(pain.code)) {})").format(sql.SQL(STANDING).format(joined, chosen))
    return Fact(f"{kind.value}s", FactKind.SET, label, codes)


def _answer(code: str, text: str) -> Fact:
    """The code of what was chosen for a question, in the lead's sales context; what did not come up is missing."""
    joined = sql.SQL(
        "JOIN scoring_question question ON question.id = said.question_id "
        "JOIN scoring_choice choice ON choice.id = said.choice_id"
    )
    asked = sql.SQL("held.context_id = subject.context_id AND question.code = {}").format(sql.Literal(code))
    chosen = sql.SQL("(SELECT nullif(choice.code, {}) {} ORDER BY said.id DESC LIMIT 1)").format(
        sql.Literal(Choice.NOT_RAISED), sql.SQL(STANDING).format(joined, asked)
    )
    return Fact(f"{ANSWER}{code}", FactKind.CHOICE, text, chosen)


ANSWERED = (_named(Pain.Kind.PAIN, _("Pains")), _named(Pain.Kind.GOAL, _("Goals")))


def _did(kind: str, text: str) -> Fact:
    """That the lead ever did this by the moment; it stays true, so no score changes by it with time alone."""
    did = sql.SQL(
        "(SELECT true FROM leads_behaviourevent event WHERE event.lead_id = subject.id AND event.kind = {}"
        " AND event.known_at <= subject.moment AND event.occurred_at <= subject.moment LIMIT 1)"
    ).format(sql.Literal(kind))
    return Fact(f"{DID}{kind}", FactKind.FLAG, text, did)


# How a registered attribute's value is read out of the jsonb column, by kind.
_CASTS = {
    Attribute.Kind.TEXT: (FactKind.CHOICE, "nullif(lower(subject.attributes ->> {}), '')"),
    Attribute.Kind.NUMBER: (FactKind.NUMBER, "(subject.attributes ->> {})::numeric"),
    Attribute.Kind.DATE: (FactKind.DATE, "nullif(subject.attributes ->> {}, '')"),
    Attribute.Kind.FLAG: (FactKind.FLAG, "(subject.attributes ->> {})::boolean"),
    Attribute.Kind.LIST: (
        FactKind.SET,
        "(SELECT array_agg(lower(item)) FROM jsonb_array_elements_text(subject.attributes -> {}) item)",
    ),
}


def facts_of_a_lead() -> dict[str, Fact]:
    """The columns' facts and what answers name; one fact for each registered attribute (attribute:<code>), for each
    question that was ever published (answer:<code>) and for each kind of event (did:<kind>)."""
    facts = {fact.name: fact for fact in (*COLUMNS, *ANSWERED)}
    questions = Question.objects.order_by("code", "-id").distinct("code").values_list("code", "text")
    facts |= {f"{ANSWER}{code}": _answer(code, text) for code, text in questions}
    facts |= {f"{DID}{kind}": _did(kind, text) for kind, text in EVENT_LABELS.items()}
    for attribute in Attribute.objects.filter(of=Attribute.Of.LEAD):
        kind, template = _CASTS[Attribute.Kind(attribute.kind)]
        name = f"attribute:{attribute.code}"
        facts[name] = Fact(name, kind, attribute.label, sql.SQL(template).format(sql.Literal(attribute.code)))
    return facts
