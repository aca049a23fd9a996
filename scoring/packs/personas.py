"""The buyer portraits that ship: (code, name, description). Their rules stand in the policies."""

from django.utils.translation import gettext_noop as _

PERSONAS: tuple[tuple[str, str, str], ...] = (
    (
        "operations_lead",
        _("Operations lead"),
        _(
            "Answers for output and downtime. Feels the pain first, brings the others along, wants proof from a firm like theirs."
        ),
    ),
    (
        "finance_lead",
        _("Finance lead"),
        _("Holds the budget. Wants to know what the problem costs a year and in how many months it is paid back."),
    ),
    (
        "technical_evaluator",
        _("Technical evaluator"),
        _("Tries the product and judges it. Reads data sheets, asks about connections and support."),
    ),
    (
        "general_manager",
        _("General manager"),
        _("Decides alone or has the last word. Little time: the problem, what it threatens, what solving it is worth."),
    ),
    (
        "portfolio_manager",
        _("Portfolio manager"),
        _("Chooses what a distributor sells. Looks for a gap that customers ask for, and for margin."),
    ),
    (
        "partner_owner",
        _("Owner of a dealership"),
        _("Runs the firm and signs the agreement. Wants territory, support and a first order soon."),
    ),
)
