"""Marketing and sales draft a policy, sign it and publish it; nobody can slip a word in between."""

from copy import deepcopy
from datetime import timedelta
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.db import ProgrammingError, transaction

from scoring import drafting
from scoring.engine import InvalidPolicy
from scoring.models import Persona, Policy, PolicyDraft, PolicySignature
from scoring.packs.starters import STARTERS
from scoring.publishing import digest, problems_of_policy
from scoring.signing import Side, counting, publish_signed, sign, sign_as_it_is
from users.conflicts import StaleVersion
from users.facts import database_now
from users.models import SalesContext, User, Workspace
from users.rights import Forbidden


def shipped() -> Policy:
    return Policy.objects.get(context__code="direct", version=1)


def gates_of(draft: PolicyDraft, **mql: int) -> dict[str, Any]:
    gates = deepcopy(draft.definition["gates"])
    gates["mql"] |= mql
    return {"gates": gates, "warm_engagement": draft.definition["warm_engagement"], "review": True}


def signed_draft(maria: User, bob: User) -> PolicyDraft:
    draft = drafting.start_from_version(shipped(), by=maria)
    draft = drafting.edit_draft(draft.pk, "gates", gates_of(draft, fit=40), by=maria, version=1)
    sign(draft.pk, Side.MARKETING, by=maria, digest=draft.digest)
    sign(draft.pk, Side.SALES, by=bob, digest=draft.digest)
    return draft


def test_what_both_signed_is_published_with_their_names(maria: User, bob: User) -> None:
    draft = signed_draft(maria, bob)
    policy = publish_signed(draft.pk, by=bob, version=draft.version)
    assert (policy.version, policy.signed_for_marketing, policy.signed_for_sales) == (2, maria, bob)
    assert policy.definition["gates"]["mql"]["fit"] == 40 and not policy.shipped_unsigned
    assert Policy.objects.in_force(policy.context, database_now()) == policy
    draft.refresh_from_db()
    assert draft.published_as == policy and not draft.open
    with pytest.raises(ValidationError, match="published as version 2"):
        drafting.edit_draft(draft.pk, "gates", gates_of(draft), by=maria, version=draft.version)
    with pytest.raises(ValidationError, match="published as version 2"):
        publish_signed(draft.pk, by=bob, version=draft.version)


def test_an_edit_after_a_signature_needs_it_again(maria: User, bob: User) -> None:
    draft = signed_draft(maria, bob)
    draft = drafting.edit_draft(draft.pk, "gates", gates_of(draft, fit=10), by=bob, version=draft.version)
    assert counting(draft) == {}
    with pytest.raises(ValidationError, match="Not signed yet: marketing, sales"):
        publish_signed(draft.pk, by=bob, version=draft.version)
    # Edited back to what was signed, the signatures count again: they were given to this text.
    draft = drafting.edit_draft(draft.pk, "gates", gates_of(draft, fit=40), by=bob, version=draft.version)
    assert set(counting(draft)) == {Side.MARKETING, Side.SALES}


def test_one_side_alone_publishes_nothing(maria: User, bob: User) -> None:
    draft = drafting.start_from_version(shipped(), by=maria)
    sign(draft.pk, Side.MARKETING, by=maria, digest=draft.digest)
    with pytest.raises(ValidationError, match="Not signed yet: sales"):
        publish_signed(draft.pk, by=maria, version=draft.version)
    assert Policy.objects.filter(context__code="direct").count() == 1


def test_nobody_signs_for_both_sides_or_for_the_wrong_one(
    maria: User, bob: User, alice: User, carmen: User, ada: User
) -> None:
    draft = drafting.start_from_version(shipped(), by=maria)
    for who, side in [(maria, Side.SALES), (bob, Side.MARKETING), (alice, Side.SALES), (carmen, Side.MARKETING)]:
        with pytest.raises(Forbidden, match="sign for"):
            sign(draft.pk, side, by=who, digest=draft.digest)
    sign(draft.pk, Side.MARKETING, by=ada, digest=draft.digest)
    with pytest.raises(ValidationError, match="the other side"):
        sign(draft.pk, Side.SALES, by=ada, digest=draft.digest)
    with pytest.raises(ValidationError, match="Ada has signed for marketing already"):
        sign(draft.pk, Side.MARKETING, by=maria, digest=draft.digest)
    sign(draft.pk, Side.SALES, by=bob, digest=draft.digest)
    assert {side: signature.by for side, signature in counting(draft).items()} == {
        Side.MARKETING: ada,
        Side.SALES: bob,
    }


def test_what_changed_after_it_was_read_is_not_signed(maria: User, bob: User) -> None:
    draft = drafting.start_from_version(shipped(), by=maria)
    read = draft.digest
    drafting.edit_draft(draft.pk, "gates", gates_of(draft, fit=20), by=maria, version=1)
    with pytest.raises(ValidationError, match="Maria changed this draft after you opened it"):
        sign(draft.pk, Side.SALES, by=bob, digest=read)
    assert not PolicySignature.objects.exists()


def test_a_signature_is_never_changed(maria: User) -> None:
    draft = drafting.start_from_version(shipped(), by=maria)
    given = sign(draft.pk, Side.MARKETING, by=maria, digest=draft.digest)
    given.digest = "0" * 64
    with pytest.raises(ProgrammingError), transaction.atomic():
        given.save()


def test_the_shipped_policy_is_signed_as_it_is(maria: User, bob: User) -> None:
    assert shipped().shipped_unsigned
    sign_as_it_is(shipped(), Side.MARKETING, by=maria)
    signature = sign_as_it_is(shipped(), Side.SALES, by=bob)
    assert PolicyDraft.objects.count() == 1
    policy = publish_signed(signature.draft_id, by=maria, version=1)
    assert policy.digest == shipped().digest and policy.version == 2 and not policy.shipped_unsigned


def test_two_people_on_one_draft_the_second_is_told(maria: User, bob: User) -> None:
    draft = drafting.start_from_version(shipped(), by=maria)
    drafting.edit_draft(draft.pk, "gates", gates_of(draft, fit=20), by=maria, version=1)
    with pytest.raises(StaleVersion) as stale:
        drafting.edit_draft(draft.pk, "gates", gates_of(draft, fit=30), by=bob, version=1)
    assert stale.value.version == 2
    draft.refresh_from_db()
    assert draft.definition["gates"]["mql"]["fit"] == 20
    with pytest.raises(StaleVersion):
        drafting.rename_draft(draft.pk, "Mine", by=bob, version=1)
    with pytest.raises(StaleVersion):
        publish_signed(draft.pk, by=bob, version=1)


def test_who_only_sells_drafts_nothing(alice: User, maria: User) -> None:
    with pytest.raises(Forbidden, match="drafted by managers, marketing and administrators"):
        drafting.start_from_version(shipped(), by=alice)
    draft = drafting.start_from_version(shipped(), by=maria)
    for refused in (
        lambda: drafting.edit_draft(draft.pk, "gates", gates_of(draft), by=alice, version=1),
        lambda: drafting.rename_draft(draft.pk, "Mine", by=alice, version=1),
        lambda: drafting.archive_draft(draft.pk, by=alice),
        lambda: publish_signed(draft.pk, by=alice, version=1),
    ):
        with pytest.raises(Forbidden):
            refused()


def test_an_archived_draft_rests_until_it_is_brought_back(maria: User) -> None:
    draft = drafting.start_from_version(shipped(), by=maria)
    drafting.archive_draft(draft.pk, by=maria)
    with pytest.raises(ValidationError, match="Bring it back first"):
        sign(draft.pk, Side.MARKETING, by=maria, digest=draft.digest)
    assert not PolicyDraft.objects.open().exists()
    assert drafting.archive_draft(draft.pk, by=maria).open


def test_a_policy_may_begin_later_but_not_earlier(maria: User, bob: User) -> None:
    draft = signed_draft(maria, bob)
    with pytest.raises(ValidationError) as refused:
        publish_signed(draft.pk, by=bob, version=draft.version, at=database_now() - timedelta(days=1))
    assert list(refused.value.message_dict) == ["at"]
    later = database_now() + timedelta(days=3)
    policy = publish_signed(draft.pk, by=bob, version=draft.version, at=later)
    assert policy.in_force_from == later and policy.known_at < later
    assert Policy.objects.in_force(policy.context, database_now()) == shipped()
    assert Policy.objects.in_force(policy.context, later) == policy


def test_returning_to_an_earlier_version_publishes_it_anew(maria: User, bob: User) -> None:
    draft = signed_draft(maria, bob)
    publish_signed(draft.pk, by=bob, version=draft.version)
    back = drafting.start_from_version(shipped(), by=bob)
    sign(back.pk, Side.MARKETING, by=maria, digest=back.digest)
    sign(back.pk, Side.SALES, by=bob, digest=back.digest)
    policy = publish_signed(back.pk, by=maria, version=back.version)
    assert policy.version == 3 and policy.digest == shipped().digest
    assert Policy.objects.in_force(policy.context, database_now()) == policy


@pytest.mark.parametrize("code", STARTERS)
def test_every_starter_pack_can_be_published_in_both_contexts(code: str, maria: User) -> None:
    for context in SalesContext.objects.all():
        draft = drafting.start_from_pack(context, STARTERS[code], by=maria)
        assert problems_of_policy(context, draft.definition) == {}
        named = {persona["code"] for persona in draft.definition["personas"]}
        assert named <= set(Persona.objects.values_list("code", flat=True))


def test_a_renamed_persona_stays_when_a_pack_comes(maria: User) -> None:
    Persona.objects.create(code="founder", name="Our founders")
    drafting.start_from_pack(SalesContext.objects.get(code="direct"), STARTERS["software"], by=maria)
    assert Persona.objects.get(code="founder").name == "Our founders"
    assert Persona.objects.filter(code="technology_lead").exists()


def test_the_age_of_private_customers_is_not_looked_at() -> None:
    assert "age" not in str(STARTERS["consumer"].definition).replace("page", "").replace("engagement", "").lower()
    assert "authority" not in {criterion["code"] for criterion in STARTERS["consumer"].definition["criteria"]}


WRONG: list[tuple[str, dict[str, Any], str]] = [
    (
        "fit",
        {"fit": [{"code": "moon", "text": "Moon", "points": 5, "when": [{"fact": "moon", "op": "known"}]}]},
        "fit.0.when.0.fact",
    ),
    (
        "fit",
        {"fit": [{"code": "x", "text": "X", "points": 0, "when": [{"fact": "city", "op": "known"}]}]},
        "fit.0.points",
    ),
    ("fit", {"fit": [{"code": "x", "text": "X", "points": 5, "when": []}]}, "fit.0.when"),
]


@pytest.mark.parametrize(("part", "values", "path"), WRONG)
def test_a_wrong_rule_is_refused_when_it_is_saved(part: str, values: dict[str, Any], path: str, maria: User) -> None:
    draft = drafting.start_from_version(shipped(), by=maria)
    with pytest.raises(InvalidPolicy) as refused:
        drafting.edit_draft(draft.pk, part, values, by=maria, version=1)
    assert list(refused.value.problems) == [path]
    draft.refresh_from_db()
    assert draft.version == 1 and draft.definition == shipped().definition


@pytest.mark.parametrize(
    ("change", "path"),
    [
        (lambda d: d["gates"]["sql"].update(low=30), "gates.sql.low"),
        (lambda d: d["criteria"][0].update(weight=0), "criteria.0.weight"),
        (lambda d: d["criteria"][0].update(concepts=["sunshine"]), "criteria.0.concepts"),
        # The direct set asks nobody for a test machine: what it does not ask cannot be required.
        (lambda d: d["criteria"][0].update(concepts=["enablement"]), "criteria.0.required"),
        (lambda d: d["engagement"][0].update(half_life_days=0), "engagement.0.half_life_days"),
        (lambda d: d["engagement"][0].update(half_life_days=-3), "engagement.0.half_life_days"),
        (lambda d: d["hand_raises"].append("sang"), "hand_raises"),
        (lambda d: d.update(warm_engagement=101), "warm_engagement"),
    ],
)
def test_a_wrong_part_is_refused_with_its_field(change: Any, path: str, maria: User) -> None:
    draft = drafting.start_from_version(shipped(), by=maria)
    wrong = deepcopy(draft.definition)
    change(wrong)
    part = next(code for code, fields in drafting.PARTS.items() if path.split(".")[0] in fields)
    values = {field: wrong.get(field) for field in drafting.PARTS[part]} | (
        {"review": False} if part == "gates" else {}
    )
    with pytest.raises(InvalidPolicy) as refused:
        drafting.edit_draft(draft.pk, part, values, by=maria, version=1)
    assert list(refused.value.problems) == [path]


def test_an_old_problem_keeps_nobody_from_mending_another_part(maria: User, workspace: Workspace) -> None:
    """A fact may go away after a version was published; a draft of it is mended part by part, and signed when whole."""
    text = deepcopy(shipped().definition)
    text["fit"][0]["when"][0]["fact"] = "attribute:gone"
    draft = drafting.start_draft(shipped().context, text, by=maria)
    draft = drafting.edit_draft(draft.pk, "gates", gates_of(draft, fit=20), by=maria, version=1)
    with pytest.raises(InvalidPolicy) as refused:
        sign(draft.pk, Side.MARKETING, by=maria, digest=draft.digest)
    assert list(refused.value.problems) == ["fit.0.when.0.fact"]
    with pytest.raises(InvalidPolicy):
        drafting.edit_draft(draft.pk, "fit", {"fit": text["fit"]}, by=maria, version=2)
    draft = drafting.edit_draft(draft.pk, "fit", {"fit": text["fit"][1:]}, by=maria, version=2)
    assert draft.digest == digest(draft.definition) != shipped().digest
    sign(draft.pk, Side.MARKETING, by=maria, digest=draft.digest)
