"""A draft of questions as the representative will see it: the qualify page's own questions, and nothing is saved."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.contrib import messages
from django.db.models import Q
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from accounts.models import Product
from leads.forms.answers import AnswerForm, Lists
from leads.models import Lead
from leads.scores import judge_in_force
from leads.views.questions import Asked, Desk
from scoring import engine
from scoring.models import Choice, Pain, Question, QuestionSetDraft
from scoring.packs.shape import QuestionData
from scoring.question_drafts import set_of
from users.facts import database_now
from users.models import Workspace
from users.pages import SignedIn
from users.rights import demand, may_draft_policies, who_may_draft_policies


@dataclass
class PreviewDesk(Desk):
    """The questions of a draft, laid out for asking a lead that does not exist."""

    drawn: dict[int, tuple[Question, list[Choice]]] = field(default_factory=dict)

    @property
    def questions(self) -> Sequence[Question]:
        return [question for question, _choices in self.drawn.values()]

    def choices_of(self, question: Question) -> list[Choice]:
        return self.drawn[question.pk][1]

    def weights(self) -> tuple[dict[int, int], int]:
        """As the policy in force would weigh them."""
        judge, _zone = judge_in_force(self.context.pk, database_now())
        places = {question.code: question.pk for question in self.questions}
        asked = [engine.Asked(q.code, frozenset(q.concepts), q.weight) for q in self.questions]
        weights = {
            places[code]: weight.points for code, weight in engine.weights(judge.definition.criteria, asked).items()
        }
        return weights, sum(weights.values())

    def _confirmable(self, every: Iterable[Asked]) -> None:
        """Nobody has told anything."""


@require_http_methods(["GET", "POST"])
def preview(request: SignedIn, pk: int) -> HttpResponse:
    """Sent, an answer comes back as it was given, or with what is wrong with it; it belongs to no lead."""
    demand(may_draft_policies(request.user), who_may_draft_policies())
    draft = get_object_or_404(QuestionSetDraft.objects.select_related("context"), pk=pk)
    desk = _desk(request, draft)
    asked, status = None, 200
    if request.method == "POST":
        asked = _answered(request, desk)
        status = 422 if asked.form.errors else 200
        if request.htmx:
            asked.open = status == 422
            return render(
                request, "leads/_question.html", {"asked": asked, "desk": desk, "lead": desk.lead}, status=status
            )
        if status == 200:
            messages.success(request, _("A preview: nothing was saved."))
            return redirect(f"{request.path}?open={asked.question.code}")
    shown: dict[str, Any] = {
        "section": "settings",
        "draft": draft,
        "desk": desk,
        "lead": desk.lead,
        "sections": desk.sections(asked.question.code if asked else request.GET.get("open", ""), asked),
        "error_in_title": status == 422,
    }
    return render(request, "leads/preview.html", shown, status=status)


def _desk(request: SignedIn, draft: QuestionSetDraft) -> PreviewDesk:
    workspace = Workspace.get()
    questions = [_unsaved(question, place) for place, question in enumerate(set_of(draft).questions, start=1)]
    offers = Product.objects.filter(Q(context=draft.context) | Q(context__isnull=True), archived_at__isnull=True)
    pains = Pain.objects.filter(archived_at__isnull=True)
    return PreviewDesk(
        lead=Lead(name=_("Somebody"), context=draft.context),
        context=draft.context,
        checklist=None,
        question_set_id=0,
        today=timezone.localdate(),
        address=f"{request.path}?question={{code}}",
        _lists=Lists(lambda: list(offers), list, lambda: list(pains), lambda: workspace.currency),
        drawn={question.pk: (question, choices) for question, choices in questions},
    )


def _answered(request: SignedIn, desk: PreviewDesk) -> Asked:
    question = desk.question(request.GET.get("question", ""))
    if question is None:
        raise Http404
    form = AnswerForm(
        request.POST, question=question, choices=desk.choices_of(question), lists=desk.lists, today=desk.today
    )
    form.is_valid()
    weights, total = desk.weights()
    return desk.ask(question, [], form=form, weights=weights, total=total)


def _unsaved(written: QuestionData, place: int) -> tuple[Question, list[Choice]]:
    """A question as it would be published, with a key that no row has, and its choices: the best first."""
    question = Question(
        pk=-place,
        code=written.code,
        criterion=written.criterion,
        concepts=written.all_concepts(),
        position=place,
        key=written.key,
        weight=written.weighs,
        text=written.text,
        hint=written.hint,
        leading=list(written.leading),
        wording=dict(written.wording),
        kind=written.kind,
        role=written.role,
    )
    choices = [
        Choice(code=each.code, label=each.label, wording=dict(each.wording), value=each.value, digit=each.digit)
        for each in written.choices
    ]
    return question, sorted(choices, key=lambda each: (each.value is None, -(each.value or 0), each.digit))
