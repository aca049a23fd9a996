"""Adding a kind of sale. It begins with a draft of its questions, and needs a policy before its leads are judged."""

from django.db import transaction
from django.db.models import Max
from django.utils.text import slugify
from django.utils.translation import gettext as _

from scoring.models import QuestionSetDraft
from scoring.question_drafts import start_draft
from users.conflicts import clean
from users.models import SalesContext, User
from users.rights import demand, may_administer, who_may_administer


def add_context(name: str, code: str = "", *, by: User) -> QuestionSetDraft:
    """A new sales context, last in the order, with an empty draft of its questions.

    Without a code it gets one from its name. Raises Forbidden, and ValidationError with a message per field.
    """
    demand(may_administer(by), who_may_administer())
    context = SalesContext(name=name.strip(), code=code or slugify(name)[:50])
    clean(context)
    with transaction.atomic():
        last = SalesContext.objects.aggregate(last=Max("position"))["last"]
        context.position = (last or 0) + 1
        context.save(force_insert=True)
        return start_draft(context, based_on=None, by=by)


def not_ready_sentence(context: SalesContext, *, asked: bool, judged: bool) -> str:
    """What keeps leads of the context from being qualified; empty when nothing does."""
    if not asked:
        return _("%(context)s has no published question set yet: leads cannot be opened in it.") % {"context": context}
    if not judged:
        return _(
            "%(context)s has no policy in force: answers are kept, but no lead qualifies until one is published."
        ) % {"context": context}
    return ""
