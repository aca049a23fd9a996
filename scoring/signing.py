"""Marketing and sales sign a draft, and what both signed is published.

A signature is a fact about a text: it counts while its digest is the draft's, so an edit takes no signature away and
yet none holds for what it was not given to.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from scoring.drafting import demand_open, held, start_from_version
from scoring.engine import InvalidPolicy
from scoring.models import Policy, PolicyDraft, PolicySignature
from scoring.publishing import problems_of_policy, publish_policy
from users.conflicts import StaleVersion
from users.facts import database_now
from users.models import User
from users.rights import (
    demand,
    may_draft_policies,
    may_sign_for_marketing,
    may_sign_for_sales,
    who_may_publish_policies,
    who_may_sign_for_marketing,
    who_may_sign_for_sales,
)

Side = PolicySignature.Side


@dataclass(frozen=True, slots=True)
class Right:
    may: Callable[[User], bool]
    who_may: Callable[[], str]


RIGHTS: Mapping[Side, Right] = {
    Side.MARKETING: Right(may_sign_for_marketing, who_may_sign_for_marketing),
    Side.SALES: Right(may_sign_for_sales, who_may_sign_for_sales),
}


def counting(draft: PolicyDraft) -> dict[Side, PolicySignature]:
    """The signatures that hold for the draft as it stands, by side."""
    given = PolicySignature.objects.filter(draft=draft, digest=draft.digest).select_related("by").order_by("id")
    return {Side(signature.side): signature for signature in given}


@transaction.atomic
def sign(draft_id: int, side: Side, *, by: User, digest: str) -> PolicySignature:
    """Sign the text with this digest, the one that the person read, for one side.

    Nobody signs for both sides, not even an administrator. Raises Forbidden; ValidationError where the draft changed
    meanwhile, the side has signed, or the person has for the other side; InvalidPolicy where it cannot be published.
    """
    demand(RIGHTS[side].may(by), RIGHTS[side].who_may())
    draft = held(draft_id)
    demand_open(draft)
    if digest != draft.digest:
        raise ValidationError(
            _("%(who)s changed this draft after you opened it. Read it again, then sign.") % {"who": draft.edited_by}
        )
    if problems := problems_of_policy(draft.context, draft.definition):
        raise InvalidPolicy(problems)
    signed = counting(draft)
    if side in signed:
        raise ValidationError(
            _("%(who)s has signed for %(side)s already.") % {"who": signed[side].by, "side": side.label.lower()}
        )
    if any(signature.by_id == by.pk for signature in signed.values()):
        raise ValidationError(_("You have signed for the other side. Somebody else has to sign for this one."))
    return PolicySignature.objects.create(draft=draft, side=side, by=by, digest=digest, occurred_at=database_now())


@transaction.atomic
def sign_as_it_is(policy: Policy, side: Side, *, by: User) -> PolicySignature:
    """Sign a published text that nobody has signed, such as the shipped one.

    The version itself is frozen: an open draft with the same text is signed, or started. Raises as `sign` does.
    """
    demand(RIGHTS[side].may(by), RIGHTS[side].who_may())
    same = PolicyDraft.objects.open().filter(context=policy.context, digest=policy.digest, based_on=policy)
    draft = same.order_by("id").first() or start_from_version(policy, by=by)
    return sign(draft.pk, side, by=by, digest=policy.digest)


@transaction.atomic
def publish_signed(draft_id: int, *, by: User, version: int, at: datetime | None = None) -> Policy:
    """Publish what both sides signed, in force from now on or from `at`, a moment ahead.

    Raises Forbidden, StaleVersion, InvalidPolicy, and ValidationError by field (`at`) or for a signature that is missing.
    """
    demand(may_draft_policies(by), who_may_publish_policies())
    draft = held(draft_id)
    demand_open(draft)
    if version != draft.version:
        raise StaleVersion(draft, {})
    if at is not None and at <= database_now():
        raise ValidationError({"at": _("Choose a moment ahead, or leave it empty to publish now.")})
    signed = counting(draft)
    missing = [side.label.lower() for side in Side if side not in signed]
    if missing:
        raise ValidationError(_("Not signed yet: %(sides)s. Both sides sign first.") % {"sides": ", ".join(missing)})
    policy = publish_policy(
        draft.context,
        draft.definition,
        name=draft.name,
        at=at,
        by_marketing=signed[Side.MARKETING].by,
        by_sales=signed[Side.SALES].by,
    )
    draft.published_as = policy
    draft.version += 1
    draft.save(update_fields=["published_as", "version"])
    return policy
