"""What the rules of this room refuse, as the API tells it."""

from django.utils.translation import gettext as _

from leads.confirming import NothingToConfirm
from leads.handoff import HandoffTaken
from leads.setting_aside import MoveRefused
from users.api.errors import Problem, conflict, invalid, problem_of


@problem_of.register
def _move_refused(error: MoveRefused) -> Problem:
    return conflict("move-refused", str(error))


@problem_of.register
def _taken(error: HandoffTaken) -> Problem:
    handoff = error.handoff
    theirs = {
        "state": handoff.state,
        "decided_by": handoff.decided_by.username if handoff.decided_by else None,
        "decided_at": handoff.decided_at,
        "version": handoff.version,
    }
    return conflict("hand-off-taken", str(error), theirs=theirs)


@problem_of.register
def _nothing_to_confirm(error: NothingToConfirm) -> Problem:
    says = _("Name an answer to the same question in another checklist of this lead, with a rating that is known here.")
    return invalid({"confirms": [says]})
