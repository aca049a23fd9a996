"""The draft of a question set: its questions are written, ordered, worded and published. Managers and marketing."""

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from scoring.doors import doors_of
from scoring.forms import NameForm, QuestionForm, WordsForm
from scoring.models import QuestionSet, QuestionSetDraft
from scoring.publishing import PublishingRefused, problems_in
from scoring.question_drafts import (
    DraftClosed,
    Drafted,
    NoSuchQuestion,
    add_question,
    bring_back_question,
    delete_question,
    drafted,
    drop_draft,
    edit_question,
    find,
    left_out,
    move_question,
    publish_draft,
    rename_draft,
    set_of,
    start_draft,
    word_question,
)
from scoring.views_of_question_sets import SECTION, Section, by_criterion
from scoring.wording import LANGUAGES
from users.conflicts import StaleVersion
from users.edit_page import edit_page
from users.facts import database_now
from users.models import SalesContext
from users.pages import SignedIn, refuse, sent, status_of
from users.rights import demand, may_draft_policies, who_may_draft_policies
from users.settings_pages import sections_of

DRAFTS = QuestionSetDraft.objects.select_related("context", "based_on", "made_by", "published_as")


def _find(request: SignedIn, pk: int) -> QuestionSetDraft:
    demand(may_draft_policies(request.user), who_may_draft_policies())
    return get_object_or_404(DRAFTS, pk=pk)


def _frame(request: SignedIn, draft: QuestionSetDraft, **shown: Any) -> dict[str, Any]:
    frame = {"section": "settings", "settings_section": SECTION, "settings_sections": sections_of(request.user)}
    return {**frame, "draft": draft, **shown}


def _home(draft: QuestionSetDraft, anchor: str = "") -> str:
    return reverse("scoring:draft", args=[draft.pk]) + (f"#{anchor}" if anchor else "")


def _closed(request: SignedIn, closed: DraftClosed) -> HttpResponse:
    """What is published or dropped is no draft any more: to where it is now."""
    messages.error(request, str(closed))
    if closed.draft.published_as_id is not None:
        return redirect("scoring:question-set", pk=closed.draft.published_as_id)
    return redirect("scoring:question-sets")


def _problems(draft: QuestionSetDraft) -> list[tuple[str, str]]:
    """What keeps the draft from being published: a sentence, and the address where it is put right."""
    written = set_of(draft)
    lines = []
    for field, sentence in problems_in(draft.context, written, database_now()).items():
        part, _dot, rest = field.partition(".")
        if part == "questions" and rest:
            code = written.questions[int(rest.split(".")[0])].code
            lines.append((sentence, reverse("scoring:question", args=[draft.pk, code])))
        else:
            lines.append((sentence, f"#c-{rest}" if part == "criteria" else ""))
    return lines


def _sections(draft: QuestionSetDraft) -> list[Section]:
    return by_criterion(drafted(draft), lambda each: each.question)


def _page(
    request: SignedIn, draft: QuestionSetDraft, *, status: int = 200, form: NameForm | None = None, **shown: Any
) -> HttpResponse:
    context = _frame(
        request,
        draft,
        title=draft.name,
        form=form or NameForm(initial={"name": draft.name, "version": draft.version}),
        problems=_problems(draft),
        left_out=left_out(draft),
        doors=doors_of(draft, request.user),
        error_in_title=status != 200,
        sections=_sections(draft),
        **shown,
    )
    return render(request, "scoring/draft.html", context, status=status)


@require_POST
def start(request: SignedIn) -> HttpResponse:
    """Begin a draft from a published set (`based_on`), or an empty one in a `context`."""
    demand(may_draft_policies(request.user), who_may_draft_policies())
    based_on = None
    if (asked := request.POST.get("based_on", "")).isdecimal() and len(asked) < 19:
        based_on = get_object_or_404(QuestionSet.objects.select_related("context"), pk=asked)
        context = based_on.context
    else:
        context = get_object_or_404(SalesContext, code=request.POST.get("context", ""))
    return redirect(_home(start_draft(context, based_on=based_on, by=request.user)))


@require_http_methods(["GET", "POST"])
def draft(request: SignedIn, pk: int) -> HttpResponse:
    """The draft with what keeps it from being published; sent, it is renamed."""
    found = _find(request, pk)
    if not found.open:
        return _closed(request, DraftClosed(found))
    if request.method != "POST":
        return _page(request, found)
    form = NameForm(request.POST)
    if not form.is_valid():
        return _page(request, found, form=form, status=422)
    context = _frame(request, found, title=found.name, action=_home(found), back=_home(found))

    def save(changes: dict[str, Any], version: int | None) -> None:
        if changes:
            rename_draft(found, changes["name"], version=version, by=request.user)

    return _guarded(
        request, lambda: edit_page(request, "scoring/both_values.html", context, form, save, then=_home(found))
    )


def _guarded(request: SignedIn, answer: Callable[[], HttpResponse]) -> HttpResponse:
    try:
        return answer()
    except DraftClosed as closed:
        return _closed(request, closed)
    except NoSuchQuestion:
        raise Http404 from None


@require_http_methods(["GET", "POST"])
def new_question(request: SignedIn, pk: int) -> HttpResponse:
    found = _find(request, pk)
    if not found.open:
        return _closed(request, DraftClosed(found))
    form = QuestionForm(sent(request), criterion=request.GET.get("criterion", "budget"))
    if request.method == "POST" and form.is_valid():
        try:
            after = add_question(found, form.new_question(), by=request.user)
        except DraftClosed as closed:
            return _closed(request, closed)
        except ValidationError as refused:
            refuse(form, refused)
        else:
            messages.success(request, _("The question is added."))
            return redirect(_home(after, f"dq-{_newest(after)}"))
    shown = _frame(
        request, found, title=_("New question"), form=form, action=request.get_full_path(), back=_home(found)
    )
    return render(
        request, "scoring/question.html", {**shown, "error_in_title": bool(form.errors)}, status=status_of(form)
    )


def _newest(draft: QuestionSetDraft) -> str:
    return max(drafted(draft), key=lambda each: each.changed_in).question.code


@require_http_methods(["GET", "POST"])
def question(request: SignedIn, pk: int, code: str) -> HttpResponse:
    """One question; whoever saves it second chooses part by part between both values."""
    found = _find(request, pk)

    def answer() -> HttpResponse:
        if not found.open:
            raise DraftClosed(found)
        edited = find(found, code)
        form = QuestionForm(sent(request), question=edited.question, version=found.version)
        context = _frame(
            request,
            found,
            title=edited.question.text,
            action=reverse("scoring:question", args=[pk, code]),
            back=_home(found, f"dq-{code}"),
            edited=edited.question,
            languages=_languages(found, edited),
        )

        def save(changes: dict[str, Any], version: int | None) -> None:
            edit_question(found, code, changes, version=version, by=request.user)

        return edit_page(request, "scoring/question.html", context, form, save, then=_home(found, f"dq-{code}"))

    return _guarded(request, answer)


def _languages(draft: QuestionSetDraft, edited: Drafted) -> list[dict[str, Any]]:
    """How much of the question is worded in each language."""
    written = edited.question
    parts = 1 + bool(written.hint) + bool(written.leading) + len(written.choices)
    return [
        {
            "code": code,
            "name": name,
            "done": len([part for part in written.wording.get(code, {}) if getattr(written, part)])
            + len([choice for choice in written.choices if choice.wording.get(code)]),
            "parts": parts,
            "url": reverse("scoring:words", args=[draft.pk, written.code, code]),
        }
        for code, name in LANGUAGES.items()
    ]


@require_http_methods(["GET", "POST"])
def words(request: SignedIn, pk: int, code: str, language: str) -> HttpResponse:
    """A question's words in one language."""
    found = _find(request, pk)
    if language not in LANGUAGES:
        raise Http404

    def answer() -> HttpResponse:
        if not found.open:
            raise DraftClosed(found)
        edited = find(found, code)
        form = WordsForm(
            sent(request),
            question=edited.question,
            language=language,
            version=found.version,
        )
        back = reverse("scoring:question", args=[pk, code])
        context = _frame(
            request,
            found,
            title=LANGUAGES[language],
            language=language,
            action=reverse("scoring:words", args=[pk, code, language]),
            back=back,
            edited=edited.question,
        )

        def save(changes: dict[str, Any], version: int | None) -> None:
            word_question(found, code, language, changes, version=version, by=request.user)

        return edit_page(request, "scoring/words.html", context, form, save, then=back)

    return _guarded(request, answer)


@require_POST
def move(request: SignedIn, pk: int, code: str) -> HttpResponse:
    """Ask a question `steps` earlier (below 0) or later within its criterion."""
    found = _find(request, pk)

    def answer() -> HttpResponse:
        try:
            steps = int(request.POST.get("steps", "0")[:4])
        except ValueError:
            steps = 0
        after = move_question(found, code, steps, by=request.user)
        if not request.htmx:
            return redirect(_home(after, f"dq-{code}"))
        return render(request, "scoring/_questions.html", {"draft": after, "sections": _sections(after), "moved": code})

    return _guarded(request, answer)


@require_POST
def delete(request: SignedIn, pk: int, code: str) -> HttpResponse:
    found = _find(request, pk)

    def answer() -> HttpResponse:
        version = request.POST.get("version", "")
        try:
            delete_question(
                found,
                code,
                version=int(version) if version.isdecimal() and len(version) < 10 else None,
                by=request.user,
            )
        except StaleVersion as stale:
            return _page(request, DRAFTS.get(pk=pk), status=409, said=str(stale))
        messages.success(request, _("Deleted. Below the questions it can be brought back."))
        return redirect(_home(found))

    return _guarded(request, answer)


@require_POST
def bring_back(request: SignedIn, pk: int, code: str) -> HttpResponse:
    found = _find(request, pk)

    def answer() -> HttpResponse:
        bring_back_question(found, code, by=request.user)
        return redirect(_home(found, f"dq-{code}"))

    return _guarded(request, answer)


@require_POST
def publish(request: SignedIn, pk: int) -> HttpResponse:
    """Freeze the draft as the next version: 422 says what is missing, 409 what others changed since it was read."""
    found = _find(request, pk)

    def answer() -> HttpResponse:
        version = request.POST.get("version", "")
        read = int(version) if version.isdecimal() and len(version) < 10 else 0
        try:
            published = publish_draft(found, version=read, by=request.user)
        except PublishingRefused:
            return _page(request, DRAFTS.get(pk=pk), status=422)
        except StaleVersion:
            now = DRAFTS.get(pk=pk)
            return _page(
                request, now, status=409, changed_since=[d.question for d in drafted(now) if d.changed_in > read]
            )
        messages.success(request, _("Published. New checklists ask this from now on."))
        return redirect("scoring:question-set", pk=published.pk)

    return _guarded(request, answer)


@require_POST
def drop(request: SignedIn, pk: int) -> HttpResponse:
    found = _find(request, pk)

    def answer() -> HttpResponse:
        drop_draft(found, by=request.user)
        messages.success(request, _("The draft is dropped."))
        return redirect("scoring:question-sets")

    return _guarded(request, answer)
