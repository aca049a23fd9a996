"""Ratings that several questions share, in the words that fit what is asked."""

from django.utils.translation import gettext_noop as _

from scoring.packs.shape import ChoiceData, ratings, unrated

NOT_RAISED = _("Did not come up")
REFUSED = _("Would not say")


def rated(clear: str, vague: str, none: str) -> tuple[ChoiceData, ...]:
    return ratings(clear, vague, none, not_raised=NOT_RAISED, refused=REFUSED)


# The four ratings of the first direct budget question: having no budget is not a no.
BUDGET = (
    ChoiceData(1, "set_aside", _("Set aside"), 100),
    ChoiceData(2, "can_be_found", _("Can be found, with a value case"), 75),
    ChoiceData(3, "wants_cannot", _("Wants to, but cannot yet"), 25),
    ChoiceData(4, "no", _("No"), 0),
    *unrated(NOT_RAISED, REFUSED),
)

PROCESS = rated(_("Clear, step by step"), _("Vague"), _("Nobody knows"))
PERSON = rated(_("Named, and we know them"), _("A name or a unit only"), _("Nobody named"))
PEOPLE = rated(_("Named"), _("A department only"), _("Nobody"))
PAIN = rated(_("Clear, in their words"), _("Vague"), _("No pain"))
GAP = rated(_("Clear: they name what is missing"), _("Vague"), _("They are satisfied"))
TRIED = rated(_("Tried, and it did not end it"), _("Looked around only"), _("Nothing tried"))
DATE = rated(_("A date is set"), _("Roughly"), _("No date"))
SALES = rated(_("A figure they stand by"), _("A rough guess"), _("None expected"))
