"""Drafts of a policy: started from any version, a starter pack or a file, edited part by part, put away.

The one writer of a draft's text. What cannot be published is refused when it is saved, with the field named; a draft
that begins with a problem (an old version may name a fact that is gone) keeps it until its part is edited.
"""

from collections.abc import Mapping
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from scoring.engine import InvalidPolicy
from scoring.models import Persona, Policy, PolicyDraft
from scoring.packs.starters import Starter
from scoring.publishing import digest, problems_of_policy
from users.conflicts import StaleVersion, clean
from users.facts import database_now
from users.locking import hold
from users.models import SalesContext, User
from users.rights import demand, may_draft_policies, who_may_draft_policies

# What is edited together: a part of the form, and the fields of the definition that it holds.
PARTS: Mapping[str, tuple[str, ...]] = {
    "criteria": ("framework", "criteria"),
    "fit": ("fit",),
    "personas": ("personas",),
    "disqualifiers": ("disqualifiers",),
    "engagement": ("engagement", "hand_raises", "hand_raise_days"),
    "gates": ("gates", "warm_engagement", "review"),
}


def start_draft(
    context: SalesContext, definition: dict[str, Any], *, by: User, name: str = "", based_on: Policy | None = None
) -> PolicyDraft:
    """A new draft with this text. Raises Forbidden, and ValidationError for a name that cannot be."""
    demand(may_draft_policies(by), who_may_draft_policies())
    draft = PolicyDraft(
        context=context,
        name=name.strip() or (based_on.name if based_on else context.name),
        definition=definition,
        digest=digest(definition),
        based_on=based_on,
        made_by=by,
        edited_by=by,
    )
    clean(draft, only={"name", "definition"})
    draft.save()
    return draft


def start_from_version(policy: Policy, *, by: User) -> PolicyDraft:
    """A draft with the text of any version: the one in force, or an earlier one to return to."""
    return start_draft(policy.context, policy.definition, by=by, based_on=policy)


@transaction.atomic
def start_from_pack(context: SalesContext, starter: Starter, *, by: User) -> PolicyDraft:
    """A draft with a starter pack's rules; its personas are added to the list of personas where they are missing."""
    draft = start_draft(context, starter.definition, by=by, name=_(starter.name))
    for code, name, description in starter.personas:
        Persona.objects.get_or_create(code=code, defaults={"name": name, "description": description})
    return draft


def start_from_file(context: SalesContext, name: str, definition: dict[str, Any], *, by: User) -> PolicyDraft:
    """A draft with what a file says (scoring/policy_files.py). Raises InvalidPolicy: a file comes in whole or not."""
    demand(may_draft_policies(by), who_may_draft_policies())
    if problems := problems_of_policy(context, definition):
        raise InvalidPolicy(problems)
    return start_draft(context, definition, by=by, name=name)


def held(draft_id: int) -> PolicyDraft:
    """The draft, locked until the transaction ends."""
    return hold(PolicyDraft.objects.select_related("context", "made_by", "edited_by", "published_as"), draft_id)


def demand_open(draft: PolicyDraft) -> None:
    """Raises ValidationError for a draft that was published or put away."""
    if draft.published_as is not None:
        raise ValidationError(
            _("This draft was published as version %(version)s and no longer changes. Start a new draft from it.")
            % {"version": draft.published_as.version}
        )
    if draft.archived_at is not None:
        raise ValidationError(_("This draft is archived. Bring it back first."))


@transaction.atomic
def edit_draft(draft_id: int, part: str, values: Mapping[str, Any], *, by: User, version: int) -> PolicyDraft:
    """Replace one part of the draft's text; `version` is the one that the person read.

    Signatures given to the text before stop counting by themselves. Raises Forbidden, ValidationError, StaleVersion,
    and InvalidPolicy with each problem of the part, and each that the change makes elsewhere.
    """
    demand(may_draft_policies(by), who_may_draft_policies())
    draft = held(draft_id)
    demand_open(draft)
    if version != draft.version:
        raise StaleVersion(draft, {part: values})
    others = {field: value for field, value in draft.definition.items() if field not in PARTS[part]}
    changed = {**others, **{field: values[field] for field in PARTS[part] if field in values}}
    before = problems_of_policy(draft.context, draft.definition)
    problems = {
        path: sentence
        for path, sentence in problems_of_policy(draft.context, changed).items()
        if path.split(".")[0] in PARTS[part] or path not in before
    }
    if problems:
        raise InvalidPolicy(problems)
    draft.definition = changed
    return _saved(draft, by)


@transaction.atomic
def rename_draft(draft_id: int, name: str, *, by: User, version: int) -> PolicyDraft:
    """Give the draft another name. Raises Forbidden, ValidationError and StaleVersion."""
    demand(may_draft_policies(by), who_may_draft_policies())
    draft = held(draft_id)
    demand_open(draft)
    if version != draft.version:
        raise StaleVersion(draft, {"name": name})
    draft.name = name.strip()
    clean(draft, only={"name"})
    return _saved(draft, by)


def _saved(draft: PolicyDraft, by: User) -> PolicyDraft:
    draft.digest = digest(draft.definition)
    draft.edited_by, draft.edited_at = by, database_now()
    draft.version += 1
    clean(draft, only={"definition"})
    draft.save(update_fields=["name", "definition", "digest", "edited_by", "edited_at", "version"])
    return draft


@transaction.atomic
def archive_draft(draft_id: int, *, by: User) -> PolicyDraft:
    """Put the draft away, or bring it back. Raises Forbidden, and ValidationError for one that was published."""
    demand(may_draft_policies(by), who_may_draft_policies())
    draft = held(draft_id)
    if draft.published_as is not None:
        demand_open(draft)
    draft.archived_at = None if draft.archived_at else database_now()
    draft.version += 1
    draft.save(update_fields=["archived_at", "version"])
    return draft
