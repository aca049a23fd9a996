"""The pages of policies: every version and draft, one version in words, what two of them say differently."""

from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.db.models import Prefetch
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils.text import slugify
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from scoring.differences import differences
from scoring.drafting import start_from_version
from scoring.engine import InvalidPolicy
from scoring.models import Policy, PolicyDraft
from scoring.policy_files import as_file
from scoring.sentences import Words, in_words
from scoring.signing import RIGHTS, Side, sign_as_it_is
from users.facts import database_now
from users.models import SalesContext, User
from users.pages import SignedIn, settings_page
from users.rights import demand, may_draft_policies, who_may_sign_policies

SECTION = "policies"
VERSIONS = Policy.objects.select_related("context", "signed_for_marketing", "signed_for_sales")
DRAFTS = PolicyDraft.objects.select_related("context", "made_by", "edited_by", "based_on", "published_as")


@require_GET
def policies(request: SignedIn) -> HttpResponse:
    """Each sales context with what is in force, what begins later, what was before, and what is being drafted."""
    now = database_now()
    archived = bool(request.GET.get("archived"))
    drafts = DRAFTS.filter(published_as__isnull=True, archived_at__isnull=not archived)
    versions = VERSIONS.newest_first()
    contexts = SalesContext.objects.prefetch_related(
        Prefetch("policies", versions, to_attr="versions"), Prefetch("policy_drafts", drafts, to_attr="drafts")
    )
    rows = []
    for context in contexts:
        begun = [policy for policy in context.versions if policy.in_force_from <= now]
        ahead = [policy for policy in context.versions if policy.in_force_from > now]
        rows.append({"context": context, "in_force": begun[:1], "earlier": begun[1:], "ahead": ahead})
    page = {"rows": rows, "archived": archived, "may_draft": may_draft_policies(request.user), "title": _("Policies")}
    return settings_page(request, "scoring/policies.html", SECTION, page)


@require_GET
def policy(request: SignedIn, pk: int) -> HttpResponse:
    """A published version, every rule a sentence."""
    return _policy_page(request, get_object_or_404(VERSIONS, pk=pk))


def _policy_page(request: SignedIn, shown: Policy, said: str = "") -> HttpResponse:
    """The page, with what was refused (422)."""
    now = database_now()
    in_force = Policy.objects.in_force(shown.context, now)
    others = Policy.objects.filter(context=shown.context).exclude(pk=shown.pk).newest_first()
    page = {
        "policy": shown,
        "sections": in_words(shown.definition, Words.now()),
        "in_force": in_force is not None and in_force.pk == shown.pk,
        "ahead": shown.in_force_from > now,
        "others": others,
        "may_draft": may_draft_policies(request.user),
        "sides": sides_of(request.user) if shown.shipped_unsigned else [],
        "said": said,
        "title": str(shown),
    }
    return settings_page(request, "scoring/policy.html", SECTION, page, 422 if said else 200)


def sides_of(user: User) -> list[Side]:
    """The sides that the user may sign for."""
    return [side for side in Side if RIGHTS[side].may(user)]


@require_GET
def policy_file(request: SignedIn, pk: int) -> HttpResponse:
    shown = get_object_or_404(VERSIONS, pk=pk)
    return file_answer(shown.name, shown.context, shown.definition, shown.version)


def file_answer(name: str, context: SalesContext, definition: dict[str, Any], version: int | None) -> HttpResponse:
    """The policy as a file to keep."""
    text = as_file(name, context.code, definition, version)
    file_name = f"{slugify(name) or 'policy'}-{f'v{version}' if version else 'draft'}.json"
    return HttpResponse(
        text,
        content_type="application/json; charset=utf-8",
        headers={"Content-Disposition": f'attachment; filename="{file_name}"'},
    )


@require_POST
def draft_from(request: SignedIn, pk: int) -> HttpResponse:
    """A draft with this version's text: to change it, or to return to it."""
    shown = get_object_or_404(VERSIONS, pk=pk)
    draft = start_from_version(shown, by=request.user)
    messages.success(request, _("This draft begins as a copy of version %(version)s.") % {"version": shown.version})
    return redirect("scoring:policy-draft", pk=draft.pk)


@require_POST
def sign_version(request: SignedIn, pk: int) -> HttpResponse:
    """Sign the shipped text as it is, for one side."""
    shown = get_object_or_404(VERSIONS, pk=pk)
    try:
        signature = sign_as_it_is(shown, side_named(request), by=request.user)
    except ValidationError as refused:
        return _policy_page(request, shown, " ".join(refused.messages))
    except InvalidPolicy as refused:
        return _policy_page(request, shown, str(refused))
    messages.success(request, _("You signed for %(side)s.") % {"side": str(Side(signature.side).label).lower()})
    return redirect("scoring:policy-draft", pk=signature.draft_id)


def side_named(request: SignedIn) -> Side:
    """The side that was pressed. Raises Forbidden for whoever signs for none, and ValidationError."""
    demand(bool(sides_of(request.user)), who_may_sign_policies())
    side = request.POST.get("side", "")
    if side not in Side.values:
        raise ValidationError(_("Say for which side you sign."))
    return Side(side)


@require_GET
def compare(request: SignedIn) -> HttpResponse:
    """What the second of two versions or drafts says differently from the first."""
    old, new = (_text_named(request.GET.get(name, "")) for name in ("from", "to"))
    found = differences(old.definition, new.definition, Words.now())
    page = {"old": old, "new": new, "differences": found, "title": _("What is different")}
    return settings_page(request, "scoring/compare.html", SECTION, page)


def _text_named(word: str) -> Policy | PolicyDraft:
    """v12 is the version with this key, d12 the draft. Raises Http404."""
    kind, number = word[:1], word[1:]
    if kind not in {"v", "d"} or not number.isdecimal() or len(number) > 18:
        raise Http404
    if kind == "v":
        return get_object_or_404(VERSIONS, pk=int(number))
    return get_object_or_404(DRAFTS, pk=int(number))
