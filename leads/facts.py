"""Each fact about a lead that a policy's rules may name, defined once. The row `subject` is the lead at the moment."""

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from psycopg2 import sql

from scoring.engine import FactKind
from scoring.facts import Fact
from users.models import Attribute


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

# How a registered attribute's value is read out of the jsonb column, by kind.
_CASTS = {
    Attribute.Kind.TEXT: (FactKind.CHOICE, "nullif(lower(subject.attributes ->> {}), '')"),
    Attribute.Kind.NUMBER: (FactKind.NUMBER, "(subject.attributes ->> {})::numeric"),
    Attribute.Kind.DATE: (FactKind.DATE, "nullif(subject.attributes ->> {}, '')"),
    Attribute.Kind.FLAG: (FactKind.FLAG, "(subject.attributes ->> {})::boolean"),
}


def facts_of_a_lead() -> dict[str, Fact]:
    """The columns' facts, and one for each registered attribute of leads, named attribute:<code>."""
    facts = {fact.name: fact for fact in COLUMNS}
    for attribute in Attribute.objects.filter(of=Attribute.Of.LEAD):
        kind, template = _CASTS[Attribute.Kind(attribute.kind)]
        name = f"attribute:{attribute.code}"
        facts[name] = Fact(name, kind, attribute.label, sql.SQL(template).format(sql.Literal(attribute.code)))
    return facts
