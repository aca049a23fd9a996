"""The pages of a policy's draft: begun, read, edited part by part with its effect beside it, signed, published."""

from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from django import forms
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.html import format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from scoring import trials
from scoring.differences import differences
from scoring.drafting import (
    PARTS,
    archive_draft,
    edit_draft,
    rename_draft,
    start_from_file,
    start_from_pack,
)
from scoring.engine import InvalidPolicy
from scoring.models import Policy, PolicyDraft
from scoring.packs.starters import STARTERS
from scoring.policy_files import read_file
from scoring.policy_forms import Offers, PartForm, kinds_of_events
from scoring.policy_rows import Values, finished, opened, pressed, read
from scoring.publishing import problems_of_policy
from scoring.sentences import ABOUT, TITLES, Words, in_words
from scoring.signing import Side, counting, publish_signed, sign
from scoring.views_of_policies import DRAFTS, SECTION, file_answer, side_named, sides_of
from users.both_values import BothValues
from users.conflicts import Difference, StaleVersion
from users.facts import database_now
from users.models import SalesContext, User, Workspace
from users.pages import SignedIn, refuse, sent, settings_page, status_of
from users.rights import demand, may_draft_policies, who_may_draft_policies, who_may_publish_policies


class StartForm(forms.Form):
    """Where a draft begins: with a starter pack, or with a file that was exported."""

    context = forms.ModelChoiceField(SalesContext.objects.all(), label=gettext_lazy("Sales context"), empty_label=None)
    starter = forms.ChoiceField(label=gettext_lazy("Starter pack"), required=False)
    file = forms.CharField(
        label=gettext_lazy("Or the text of a file"),
        required=False,
        widget=forms.Textarea(attrs={"rows": 6, "spellcheck": "false"}),
        help_text=gettext_lazy("As exported from a version or a draft, here or elsewhere: all of it."),
    )

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        packs = [(code, _(starter.name)) for code, starter in STARTERS.items()]
        self.fields["starter"].choices = [("", _("None")), *packs]  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        found: dict[str, Any] = super().clean() or {}
        chosen = [name for name in ("starter", "file") if found.get(name)]
        if not self.errors and len(chosen) != 1:
            self.add_error("starter", _("Choose either a starter pack or a file."))
        return found


class PublishForm(forms.Form):
    """When a policy begins to hold."""

    version = forms.IntegerField(widget=forms.HiddenInput)
    at = forms.DateTimeField(
        label=gettext_lazy("In force from"),
        required=False,
        widget=forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M"),
        input_formats=["%Y-%m-%dT%H:%M", "%Y-%m-%dT%H:%M:%S", "%Y-%m-%d %H:%M"],
        help_text=gettext_lazy("In the workspace's time zone. Empty: now."),
    )

    def moment(self) -> datetime | None:
        typed: datetime | None = self.cleaned_data["at"]
        return typed.replace(tzinfo=ZoneInfo(Workspace.get().zone)) if typed else None


@require_http_methods(["GET", "POST"])
def new_draft(request: SignedIn) -> HttpResponse:
    """Begin with a starter pack or a file; a draft of a version begins on the version's page."""
    demand(may_draft_policies(request.user), who_may_draft_policies())
    form = StartForm(sent(request))
    problems: dict[str, str] = {}
    if request.method == "POST" and form.is_valid():
        context, chosen, file = (form.cleaned_data[name] for name in ("context", "starter", "file"))
        try:
            draft = _begun(request.user, context, chosen, file)
        except InvalidPolicy as refused:
            problems = refused.problems
            form.add_error("file", _("Nothing was taken over. Put right what is listed, and send it again."))
        except ValidationError as refused:
            refuse(form, refused)
        else:
            return redirect("scoring:policy-draft", pk=draft.pk)
    page = {"form": form, "problems": problems, "starters": STARTERS.values(), "title": _("New draft")}
    return settings_page(request, "scoring/new_policy_draft.html", SECTION, page, status_of(form))


def _begun(by: User, context: SalesContext, starter: str, file: str) -> PolicyDraft:
    """Raises InvalidPolicy for a wrong file, and ValidationError for a wrong name in it."""
    if starter:
        return start_from_pack(context, STARTERS[starter], by=by)
    return start_from_file(context, *read_file(file), by=by)


@require_GET
def draft(request: SignedIn, pk: int) -> HttpResponse:
    """The draft in words, what it changes and would do, who signed."""
    return _draft_page(request, get_object_or_404(DRAFTS, pk=pk))


def _draft_page(
    request: SignedIn, shown: PolicyDraft, publishing: PublishForm | None = None, said: str = ""
) -> HttpResponse:
    """The page, with what is wrong about publishing, or what else was refused (422)."""
    in_force = Policy.objects.in_force(shown.context, database_now())
    words = Words.now()
    problems = problems_of_policy(shown.context, shown.definition) if shown.open else {}
    signed = counting(shown)
    mine = {side for side, signature in signed.items() if signature.by_id == request.user.pk}
    may_sign = [side for side in sides_of(request.user) if shown.open and not mine and side not in signed]
    tried = trials.registered()
    form = publishing or PublishForm(initial={"version": shown.version})
    page = {
        "draft": shown,
        "sections": in_words(shown.definition, words),
        "problems": problems,
        "in_force": in_force,
        "differences": differences(in_force.definition, shown.definition, words) if in_force else [],
        "signatures": [(side, signed.get(side), side in may_sign and not problems) for side in Side],
        "both_signed": len(signed) == len(Side),
        "may_draft": may_draft_policies(request.user),
        "publish_form": form,
        "impact": tried.impact(shown, request.user) if tried and shown.open and not problems else None,
        "said": said,
        "title": shown.name,
    }
    return settings_page(request, "scoring/policy_draft.html", SECTION, page, 422 if said else status_of(form))


@require_http_methods(["GET", "POST"])
def edit_part(request: SignedIn, pk: int, part: str) -> HttpResponse:
    """The form of one part. A press adds, removes or moves rows, shows the effect on a lead, or saves."""
    if part not in PARTS:
        raise Http404
    shown = get_object_or_404(DRAFTS, pk=pk)
    demand(may_draft_policies(request.user), who_may_draft_policies())
    if not shown.open:
        messages.warning(request, _("This draft no longer changes."))
        return redirect("scoring:policy-draft", pk=pk)
    offers = Offers()
    if request.method == "GET":
        return _edit_page(request, shown, PartForm(part, opened(part, shown.definition), offers), shown.version)
    version = _whole(request.POST.get("version", ""))
    if version is None:
        # Without it nobody knows which text was read, and an empty form would empty the part.
        problems = {"": _("What you sent is not complete: nothing was changed. Edit it here, and save.")}
        return _edit_page(
            request, shown, PartForm(part, opened(part, shown.definition), offers, problems), shown.version
        )
    values = read(part, request.POST, offers.kinds)
    press = request.POST.get("do", "save")
    if press == "preview":
        form = PartForm(part, values, offers)
        return _preview_answer(request, shown, form, version)
    if press != "save":
        new = press.removeprefix("add:") if press.startswith("add:") else ""
        return _edit_page(request, shown, PartForm(part, pressed(part, values, press), offers, new=new), version)
    if request.POST.get(f"keep-{part}") == "theirs":
        return redirect("scoring:policy-draft", pk=pk)
    values = finished(part, values, shown.definition)
    try:
        edit_draft(pk, part, values, by=request.user, version=version)
    except StaleVersion as stale:
        return _both_texts(request, stale, part, values)
    except InvalidPolicy as refused:
        form = PartForm(part, opened(part, {**shown.definition, **values}), offers, refused.problems)
        return _edit_page(request, shown, form, version)
    except ValidationError as refused:
        messages.warning(request, " ".join(refused.messages))
        return redirect("scoring:policy-draft", pk=pk)
    messages.success(request, _("Saved."))
    return redirect("scoring:policy-draft", pk=pk)


def _edit_page(request: SignedIn, shown: PolicyDraft, form: PartForm, version: int) -> HttpResponse:
    page = {
        "draft": shown,
        "form": form,
        "version": version,
        "part": form.part,
        "parts": [(code, TITLES[code]) for code in PARTS],
        "about": ABOUT[form.part],
        "events": kinds_of_events() if form.part == "engagement" else [],
        "title": TITLES[form.part],
    } | _preview(request, shown, form)
    return settings_page(request, "scoring/edit_policy_part.html", SECTION, page, 422 if form.problems else 200)


def _preview_answer(request: SignedIn, shown: PolicyDraft, form: PartForm, version: int) -> HttpResponse:
    """Only the effect where htmx asked; without script the whole page."""
    if request.htmx:
        return render(request, "scoring/_policy_preview.html", {"draft": shown, **_preview(request, shown, form)})
    return _edit_page(request, shown, form, version)


def _preview(request: SignedIn, shown: PolicyDraft, form: PartForm) -> dict[str, Any]:
    """A lead under the draft with what is typed now, or what has to be put right before it can be tried."""
    tried = trials.registered()
    if tried is None:
        return {}
    typed = finished(form.part, form.values, shown.definition)
    definition = {name: value for name, value in shown.definition.items() if name not in PARTS[form.part]} | typed
    problems = problems_of_policy(shown.context, definition)
    asked = request.POST if request.method == "POST" else request.GET
    find = asked.get("find", "").strip()[:100]
    page: dict[str, Any] = {"find": find, "lead": _whole(asked.get("lead", "")), "unready": problems}
    if not problems:
        page["preview"] = tried.preview(shown.context, definition, request.user, page["lead"], find)
    return page


def _whole(text: str) -> int | None:
    return int(text) if text.isdecimal() and len(text) <= 18 else None


def _both_texts(request: SignedIn, stale: StaleVersion, part: str, values: Values) -> HttpResponse:
    """Somebody saved the draft meanwhile: the sentences in which the part stored now and the one sent differ."""
    current: Any = stale.current
    words = Words.now()
    sent = {name: value for name, value in current.definition.items() if name not in PARTS[part]} | values
    found = differences(current.definition, sent, words)
    typed = [
        (name, value)
        for name in request.POST
        if name not in {"csrfmiddlewaretoken", "version", "do"} and not name.startswith("keep-")
        for value in request.POST.getlist(name)
    ]
    both = BothValues(
        current,
        stale.version,
        [
            Difference(
                part, str(TITLES[part]), _listed(each.before for each in found), _listed(each.after for each in found)
            )
        ]
        if found
        else [],
        typed,
    )
    page = {"draft": current, "both": both, "title": TITLES[part]}
    return settings_page(request, "scoring/policy_conflict.html", SECTION, page, 409)


def _listed(sentences: Any) -> SafeString:
    return format_html_join("", '<span class="line">{}</span>', ((text,) for text in sentences if text))


@require_http_methods(["GET", "POST"])
def rename(request: SignedIn, pk: int) -> HttpResponse:
    """Another name for the draft; a version keeps the one that it was published with."""
    shown = get_object_or_404(DRAFTS, pk=pk)
    demand(may_draft_policies(request.user), who_may_draft_policies())
    form = NameForm(sent(request), initial={"name": shown.name, "version": shown.version})
    if request.method == "POST" and form.is_valid():
        try:
            rename_draft(pk, form.cleaned_data["name"], by=request.user, version=form.cleaned_data["version"])
        except StaleVersion as stale:
            form = NameForm({"name": form.cleaned_data["name"], "version": stale.version})
            form.add_error("name", str(stale))
        except ValidationError as refused:
            refuse(form, refused)
        else:
            return redirect("scoring:policy-draft", pk=pk)
    page = {"draft": shown, "form": form, "title": _("Rename")}
    return settings_page(request, "scoring/rename_policy_draft.html", SECTION, page, status_of(form))


class NameForm(forms.Form):
    name = forms.CharField(label=gettext_lazy("Name"), max_length=100)
    version = forms.IntegerField(widget=forms.HiddenInput)


@require_POST
def archive(request: SignedIn, pk: int) -> HttpResponse:
    """Put the draft away, or bring it back."""
    shown = get_object_or_404(DRAFTS, pk=pk)
    try:
        put = archive_draft(pk, by=request.user)
    except ValidationError as refused:
        return _draft_page(request, shown, said=" ".join(refused.messages))
    messages.success(request, _("Back: it can be worked on.") if put.open else _("Archived."))
    return redirect("scoring:policy-draft", pk=pk) if put.open else redirect("scoring:policies")


@require_POST
def sign_draft(request: SignedIn, pk: int) -> HttpResponse:
    """Sign the text that the page showed, for one side."""
    shown = get_object_or_404(DRAFTS, pk=pk)
    try:
        signature = sign(pk, side_named(request), by=request.user, digest=request.POST.get("digest", ""))
    except ValidationError as refused:
        return _draft_page(request, shown, said=" ".join(refused.messages))
    except InvalidPolicy:
        return _draft_page(request, shown, said=_("Put right what is listed first."))
    messages.success(request, _("You signed for %(side)s.") % {"side": str(Side(signature.side).label).lower()})
    return redirect("scoring:policy-draft", pk=pk)


@require_POST
def publish(request: SignedIn, pk: int) -> HttpResponse:
    """Publish what both sides signed, now or at a moment ahead."""
    shown = get_object_or_404(DRAFTS, pk=pk)
    demand(may_draft_policies(request.user), who_may_publish_policies())
    form = PublishForm(request.POST)
    if form.is_valid():
        try:
            made = publish_signed(pk, by=request.user, version=form.cleaned_data["version"], at=form.moment())
        except StaleVersion as stale:
            form.add_error(None, str(stale))
        except InvalidPolicy:
            form.add_error(None, _("Put right what is listed first."))
        except ValidationError as refused:
            refuse(form, refused)
        else:
            messages.success(request, _("Published as version %(version)s.") % {"version": made.version})
            return redirect("scoring:policy", pk=made.pk)
    return _draft_page(request, shown, form)


@require_GET
def draft_file(request: SignedIn, pk: int) -> HttpResponse:
    shown = get_object_or_404(DRAFTS, pk=pk)
    return file_answer(shown.name, shown.context, shown.definition, None)
