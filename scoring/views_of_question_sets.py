"""/settings/question-sets/: what is asked in each kind of sale, every published version, and who drafts the next."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.db.models import Count, Prefetch
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from scoring.doors import doors_of
from scoring.forms import ContextForm
from scoring.frameworks import CRITERIA
from scoring.models import Policy, QuestionSet, QuestionSetDraft
from scoring.packs.shape import QuestionData
from scoring.sales_contexts import add_context, not_ready_sentence
from users.facts import database_now
from users.models import SalesContext
from users.pages import SignedIn, refuse, sent, settings_page, status_of
from users.rights import demand, may_administer, may_draft_policies, who_may_administer

SECTION = "question-sets"


@dataclass(frozen=True, slots=True)
class Section:
    """The questions of one criterion, each with its label: B1, B2."""

    code: str
    name: str
    questions: list[tuple[str, Any]]


def by_criterion(questions: Sequence[Any], question_of: Any = lambda each: each) -> list[Section]:
    """All criteria in their order, also those without a question."""
    sections = {code: Section(code, _(name), []) for code, name in CRITERIA.items()}
    for each in questions:
        question: QuestionData = question_of(each)
        section = sections.setdefault(question.criterion, Section(question.criterion, question.criterion, []))
        section.questions.append((f"{question.criterion[:1].upper()}{len(section.questions) + 1}", each))
    return list(sections.values())


@require_safe
def question_sets(request: SignedIn) -> HttpResponse:
    """Every sales context with the set in force, its versions and open drafts. Everybody may look."""
    sets = QuestionSet.objects.annotate(asked=Count("questions")).order_by("-version")
    drafts = QuestionSetDraft.objects.filter(published_as=None, dropped_at=None).select_related("made_by", "based_on")
    contexts = SalesContext.objects.prefetch_related(
        Prefetch("question_sets", sets), Prefetch("question_set_drafts", drafts)
    )
    now = database_now()
    judged = set(Policy.objects.filter(in_force_from__lte=now).values_list("context", flat=True))
    rows = [
        {
            "context": context,
            "versions": list(context.question_sets.all()),
            "drafts": list(context.question_set_drafts.all()),
            "missing": not_ready_sentence(
                context, asked=bool(context.question_sets.all()), judged=context.pk in judged
            ),
        }
        for context in contexts
    ]
    shown = {
        "title": _("Question sets"),
        "rows": rows,
        "may_draft": may_draft_policies(request.user),
        "may_administer": may_administer(request.user),
    }
    return settings_page(request, "scoring/question_sets.html", SECTION, shown)


@require_safe
def question_set(request: SignedIn, pk: int) -> HttpResponse:
    """One published version as it is: it never changes."""
    found = get_object_or_404(QuestionSet.objects.select_related("context"), pk=pk)
    newest = QuestionSet.objects.filter(context=found.context).order_by("-version").values_list("pk", flat=True).first()
    shown = {
        "title": str(found),
        "set": found,
        "newest": newest == found.pk,
        "sections": by_criterion(list(found.questions.prefetch_related("choices"))),
        "doors": doors_of(found, request.user),
        "may_draft": may_draft_policies(request.user),
    }
    return settings_page(request, "scoring/question_set.html", SECTION, shown)


@require_http_methods(["GET", "POST"])
def new_context(request: SignedIn) -> HttpResponse:
    """Add a kind of sale; it leads to the draft of its questions."""
    demand(may_administer(request.user), who_may_administer())
    form = ContextForm(sent(request))
    if request.method == "POST" and form.is_valid():
        try:
            draft = add_context(**form.cleaned_data, by=request.user)
        except ValidationError as refused:
            refuse(form, refused)
        else:
            messages.success(
                request,
                _("%(context)s is added. Write its questions, publish them, and then a policy.")
                % {"context": draft.context},
            )
            return redirect("scoring:draft", pk=draft.pk)
    shown = {"title": _("New sales context"), "form": form}
    return settings_page(request, "scoring/new_context.html", SECTION, shown, status_of(form))
