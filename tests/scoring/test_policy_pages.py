"""The pages of policies: read, drafted by a form that works without script, signed, published, sent as a file."""

import json
import re
from copy import deepcopy
from html.parser import HTMLParser
from typing import Any

import pytest
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from scoring.drafting import PARTS, start_draft, start_from_version
from scoring.models import Policy, PolicyDraft
from scoring.packs.starters import STARTERS
from scoring.policy_rows import joined, split
from tests.factories import make_lead
from users.models import SalesContext, User

NEW = "/settings/policies/new/"


def shipped() -> Policy:
    return Policy.objects.get(context__code="direct", version=1)


def signed_in(client: Client, who: User) -> Client:
    client.force_login(who)
    return client


class Fields(HTMLParser):
    """What a browser would send of the form on a page: every input as it stands."""

    def __init__(self) -> None:
        super().__init__()
        self.sent: dict[str, list[str]] = {}
        self.presses: list[str] = []
        self._select = ""
        self._many = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        found = {name: value or "" for name, value in attrs}
        name = found.get("name", "")
        if tag == "select":
            self._select, self._many = name, "multiple" in found
        elif tag == "option" and self._select:
            chosen = self.sent.setdefault(self._select, [])
            if "selected" in found or (not chosen and not self._many):
                self.sent[self._select] = [*(chosen if self._many else []), found["value"]]
        elif tag == "button" and name == "do":
            self.presses.append(found["value"])
        elif tag == "input" and name and (found.get("type") != "checkbox" or "checked" in found):
            self.sent.setdefault(name, []).append(found.get("value", ""))

    def handle_endtag(self, tag: str) -> None:
        if tag == "select":
            self._select = ""


def form_of(page: str) -> Fields:
    fields = Fields()
    fields.feed(page[page.index('id="part-form"') : page.index("</form>", page.index('id="part-form"'))])
    return fields


def edit(draft: PolicyDraft, part: str) -> str:
    return f"/settings/policies/drafts/{draft.pk}/edit/{part}/"


def opened(client: Client, draft: PolicyDraft, part: str) -> Fields:
    return form_of(client.get(edit(draft, part)).content.decode())


@pytest.mark.parametrize("code", STARTERS)
def test_opening_and_saving_changes_nothing(code: str, client: Client, maria: User) -> None:
    """So that nobody loses a signature by looking into a form."""
    signed_in(client, maria)
    draft = start_draft(SalesContext.objects.get(code="direct"), STARTERS[code].definition, by=maria)
    for part in PARTS:
        sent = opened(client, draft, part).sent
        assert client.post(edit(draft, part), sent | {"do": "save"}).status_code == 302, part
    digest = draft.digest
    draft.refresh_from_db()
    assert draft.definition == STARTERS[code].definition
    assert draft.digest == digest


@pytest.mark.parametrize("values", [["a"], ["a", "b c"], ["Smith, Inc"], ["Smith, Inc", "b"], []])
def test_values_with_commas_survive_the_form(values: list[str]) -> None:
    assert split(joined(values)) == values


def test_a_rule_is_added_filled_and_saved_without_script(client: Client, maria: User) -> None:
    signed_in(client, maria)
    draft = start_from_version(shipped(), by=maria)
    sent = opened(client, draft, "fit").sent
    added = client.post(edit(draft, "fit"), sent | {"do": "add:fit"})
    draft.refresh_from_db()
    assert added.status_code == 200 and draft.version == 1
    sent = form_of(added.content.decode()).sent
    assert sent["fit.4.text"] == [""]
    more = client.post(edit(draft, "fit"), sent | {"do": "add:fit.4.when"})
    sent = form_of(more.content.decode()).sent
    sent |= {
        "fit.4.text": ["Near us"],
        "fit.4.points": ["20"],
        "fit.4.when.0.fact": ["country"],
        "fit.4.when.0.op": ["in"],
        "fit.4.when.0.operand": ["Norway, Sweden"],
        "fit.4.when.1.fact": ["attribute:competitor"],
        "fit.4.when.1.op": ["is"],
        "fit.4.when.1.operand": ["no"],
    }
    saved = client.post(edit(draft, "fit"), sent | {"do": "save"})
    assert saved.status_code == 302
    draft.refresh_from_db()
    assert draft.definition["fit"][4] == {
        "code": "near_us",
        "text": "Near us",
        "points": 20,
        "when": [
            {"fact": "country", "op": "in", "operand": ["Norway", "Sweden"]},
            {"fact": "attribute:competitor", "op": "is", "operand": False},
        ],
    }
    page = client.get(f"/settings/policies/drafts/{draft.pk}/").content.decode()
    assert "Near us. Country is one of Norway, Sweden and Works for a competitor is no: 20 points." in page
    assert page.count("Near us. Country") == 2  # among the rules, and among what is different


def test_rows_move_and_go_without_script(client: Client, maria: User) -> None:
    signed_in(client, maria)
    draft = start_from_version(shipped(), by=maria)
    sent = opened(client, draft, "criteria").sent
    for press in (
        "down:criteria.0",
        "remove:criteria.3",
        "up:criteria.0",
        "remove:criteria.99",
        "up:nothing",
        "fly:me",
    ):
        answer = client.post(edit(draft, "criteria"), sent | {"do": press})
        assert answer.status_code == 200
        sent = form_of(answer.content.decode()).sent
    assert client.post(edit(draft, "criteria"), sent | {"do": "save"}).status_code == 302
    draft.refresh_from_db()
    assert [each["code"] for each in draft.definition["criteria"]] == ["authority", "budget", "need"]


def test_another_framework_brings_its_criteria(client: Client, maria: User) -> None:
    signed_in(client, maria)
    draft = start_from_version(shipped(), by=maria)
    sent = opened(client, draft, "criteria").sent | {"framework": ["anum"], "do": ["framework"]}
    sent = form_of(client.post(edit(draft, "criteria"), sent).content.decode()).sent
    assert client.post(edit(draft, "criteria"), sent | {"do": "save"}).status_code == 302
    draft.refresh_from_db()
    assert draft.definition["framework"] == "anum"
    assert [each["code"] for each in draft.definition["criteria"]] == ["authority", "need", "urgency", "money"]


def test_a_form_of_the_gate_shows_the_fields_that_it_reads(client: Client, maria: User) -> None:
    signed_in(client, maria)
    draft = start_from_version(shipped(), by=maria)
    sent = opened(client, draft, "gates").sent
    assert "gates.sql.k" not in sent
    sent |= {"gates.sql.form": ["k_of_n"], "do": ["refresh"]}
    sent = form_of(client.post(edit(draft, "gates"), sent).content.decode()).sent
    assert sent["gates.sql.k"] == [""]
    wrong = client.post(edit(draft, "gates"), sent | {"do": "save"})
    assert wrong.status_code == 422 and 'href="#id_gates-sql-k"' in wrong.content.decode()
    assert client.post(edit(draft, "gates"), sent | {"do": "save", "gates.sql.k": "3"}).status_code == 302
    draft.refresh_from_db()
    assert draft.definition["gates"]["sql"] == {"form": "k_of_n", "low": 70, "criterion": 50, "k": 3}


BAD: list[tuple[str, dict[str, str], str, str]] = [
    ("fit", {"fit.0.points": "many"}, "fit.0.points", "whole number"),
    ("fit", {"fit.0.points": "0"}, "fit.0.points", "whole number"),
    ("fit", {"fit.0.when.0.fact": "moon"}, "fit.0.when.0.fact", "no fact"),
    ("fit", {"fit.1.when.0.operand": "some"}, "fit.1.when.0.operand", "Give a number"),
    ("fit", {"fit.1.when.0.operand": "NaN"}, "fit.1.when.0.operand", "Give a number"),
    ("fit", {"fit.0.when.0.operand": " , "}, "fit.0.when.0.operand", "list of texts"),
    ("fit", {"fit.0.when.0.op": "at_least"}, "fit.0.when.0.op", "does not fit"),
    ("criteria", {"criteria.1.weight": "0"}, "criteria.1.weight", "whole number"),
    ("engagement", {"engagement.2.half_life_days": "0"}, "engagement.2.half_life_days", "half-life"),
    ("engagement", {"hand_raise_days": ""}, "hand_raise_days", "whole number"),
    ("gates", {"gates.sql.low": "30"}, "gates.sql.low", "at least as high"),
    ("gates", {"gates.mql.fit": "1000000000000000000000000"}, "gates.mql.fit", "whole number"),
]


@pytest.mark.parametrize(("part", "typed", "path", "says"), BAD)
def test_what_is_wrong_stands_beside_its_field(
    part: str, typed: dict[str, str], path: str, says: str, client: Client, maria: User
) -> None:
    signed_in(client, maria)
    draft = start_from_version(shipped(), by=maria)
    sent = opened(client, draft, part).sent | {name: [value] for name, value in typed.items()}
    answer = client.post(edit(draft, part), sent | {"do": "save"})
    page = answer.content.decode()
    assert answer.status_code == 422
    anchor = "id_" + path.replace(".", "-")
    said = re.search(rf'id="{anchor}-error">.*?<span>(.*?)</span>', page, re.DOTALL)
    assert said is not None and says in said[1], page
    assert f'href="#{anchor}"' in page and "<title>Error:" in page
    draft.refresh_from_db()
    assert draft.version == 1 and draft.digest == shipped().digest


def test_a_policy_without_any_rule_is_refused(client: Client, maria: User) -> None:
    signed_in(client, maria)
    text: dict[str, Any] = deepcopy(shipped().definition) | {"criteria": [], "personas": [], "engagement": []}
    text |= {"hand_raises": [], "framework": "icp"}
    draft = start_draft(SalesContext.objects.get(code="direct"), text, by=maria)
    sent = {name: values for name, values in opened(client, draft, "fit").sent.items() if not name.startswith("fit")}
    answer = client.post(edit(draft, "fit"), sent | {"do": "save"})
    assert answer.status_code == 422 and "has no rules" in answer.content.decode()


def test_nothing_sent_empties_nothing(client: Client, maria: User) -> None:
    signed_in(client, maria)
    draft = start_from_version(shipped(), by=maria)
    assert client.post(edit(draft, "fit"), {"do": "save"}).status_code == 422
    draft.refresh_from_db()
    assert draft.definition == shipped().definition


def test_the_second_of_two_sees_both_texts_and_chooses(client: Client, maria: User, bob: User) -> None:
    draft = start_from_version(shipped(), by=maria)
    signed_in(client, bob)
    his = opened(client, draft, "gates").sent
    signed_in(client, maria)
    hers = opened(client, draft, "gates").sent
    assert client.post(edit(draft, "gates"), hers | {"gates.mql.fit": "20", "do": "save"}).status_code == 302
    signed_in(client, bob)
    answer = client.post(edit(draft, "gates"), his | {"gates.mql.fit": "30", "do": "save"})
    page = answer.content.decode()
    assert answer.status_code == 409 and "fit of 20" in page and "fit of 30" in page
    typed = his | {"gates.mql.fit": ["30"], "version": ["2"]}
    kept = client.post(edit(draft, "gates"), typed | {"keep-gates": "theirs"})
    assert kept.status_code == 302
    draft.refresh_from_db()
    assert draft.definition["gates"]["mql"]["fit"] == 20
    client.post(edit(draft, "gates"), typed | {"keep-gates": "mine"})
    draft.refresh_from_db()
    assert draft.definition["gates"]["mql"]["fit"] == 30


def test_a_draft_begins_with_a_pack_or_a_file_but_not_both(client: Client, bob: User) -> None:
    signed_in(client, bob)
    context = SalesContext.objects.get(code="direct").pk
    assert client.post(NEW, {"context": context}).status_code == 422
    began = client.post(NEW, {"context": context, "starter": "agency"})
    draft = PolicyDraft.objects.get()
    assert began.headers["Location"] == f"/settings/policies/drafts/{draft.pk}/"
    text = client.get(f"/settings/policies/drafts/{draft.pk}/file/").content.decode()
    assert client.post(NEW, {"context": context, "starter": "agency", "file": text}).status_code == 422
    assert client.post(NEW, {"context": context, "starter": "", "file": text}).status_code == 302
    assert PolicyDraft.objects.latest("id").digest == draft.digest


def test_a_wrong_file_names_its_problems_by_path(client: Client, bob: User) -> None:
    signed_in(client, bob)
    said = json.loads(client.get(f"/settings/policies/{shipped().pk}/file/").content)
    said["definition"]["fit"][0]["points"] = "lots"
    said["definition"]["gates"]["sql"]["hight"] = 3
    context = SalesContext.objects.get(code="direct").pk
    answer = client.post(NEW, {"context": context, "starter": "", "file": json.dumps(said)})
    page = answer.content.decode()
    assert answer.status_code == 422
    assert "<code>fit.0.points</code>" in page and "<code>gates.sql.hight</code>" in page
    assert client.post(NEW, {"context": context, "starter": "", "file": "BANT"}).status_code == 422
    assert not PolicyDraft.objects.exists()


def test_signed_by_both_it_is_published_from_the_page(client: Client, maria: User, bob: User) -> None:
    draft = start_from_version(shipped(), by=maria)
    page = f"/settings/policies/drafts/{draft.pk}/"
    signed_in(client, maria)
    assert client.post(f"{page}publish/", {"version": 1}).status_code == 422
    assert client.post(f"{page}sign/", {"side": "sales", "digest": draft.digest}).status_code == 403
    assert client.post(f"{page}sign/", {"side": "marketing", "digest": "old"}).status_code == 422
    assert client.post(f"{page}sign/", {"side": "marketing", "digest": draft.digest}).status_code == 302
    signed_in(client, bob)
    assert client.post(f"{page}sign/", {"side": "sales", "digest": draft.digest}).status_code == 302
    late = client.post(f"{page}publish/", {"version": 1, "at": "2020-01-01T10:00"})
    assert late.status_code == 422 and "Choose a moment ahead" in late.content.decode()
    assert client.post(f"{page}publish/", {"version": 1, "at": "yesterday"}).status_code == 422
    published = client.post(f"{page}publish/", {"version": 1, "at": "2099-01-01T10:00"})
    policy = Policy.objects.get(context__code="direct", version=2)
    assert published.headers["Location"] == f"/settings/policies/{policy.pk}/"
    listed = client.get("/settings/policies/").content.decode()
    assert "begins" in listed and "Fri 1 Jan 2099" not in listed.split("in force since")[1].split("</table>")[0]
    assert client.get(edit(draft, "gates")).status_code == 302


def test_the_shipped_policy_says_so_and_is_signed_as_it_is(client: Client, maria: User) -> None:
    signed_in(client, maria)
    page = client.get(f"/settings/policies/{shipped().pk}/").content.decode()
    assert "Shipped, unsigned" in page and "Sign it as it is, for marketing" in page and "for sales" not in page
    answer = client.post(f"/settings/policies/{shipped().pk}/sign/", {"side": "marketing"})
    draft = PolicyDraft.objects.get()
    assert answer.headers["Location"] == f"/settings/policies/drafts/{draft.pk}/"
    assert draft.digest == shipped().digest
    assert client.post(f"/settings/policies/{shipped().pk}/sign/", {"side": "both"}).status_code == 422


def test_two_versions_are_compared_in_words(client: Client, maria: User) -> None:
    signed_in(client, maria)
    text = deepcopy(shipped().definition) | {"warm_engagement": 33}
    draft = start_draft(shipped().context, text, by=maria)
    page = client.get(f"/settings/policies/compare/?from=v{shipped().pk}&to=d{draft.pk}").content.decode()
    assert "Warm by engagement alone from 33." in page and "Warm by engagement alone from 50." in page
    for odd in ("from=v1", "from=x1&to=v1", "from=v&to=v", f"from=v{10**30}&to=v1", "from=v-1&to=d1"):
        assert client.get(f"/settings/policies/compare/?{odd}").status_code == 404


def test_the_api_reads_policies_and_changes_none(client: Client, ada: User) -> None:
    signed_in(client, ada)
    for address in ("/api/v1/policies/", f"/api/v1/policies/{shipped().pk}/"):
        for method in ("POST", "PATCH", "PUT", "DELETE"):
            answer = client.generic(method, address, "{}", content_type="application/json")
            assert answer.status_code == 405
            assert "published policy never changes" in answer.json()["detail"].lower()


def test_the_pages_ask_as_often_however_much_there_is(
    client: Client, maria: User, alice: User, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    signed_in(client, maria)
    draft = start_from_version(shipped(), by=maria)
    for _ in range(3):
        make_lead(alice)
        start_from_version(shipped(), by=maria)
    for address, most in [
        ("/settings/policies/", 8),
        (f"/settings/policies/{shipped().pk}/", 10),
        (f"/settings/policies/drafts/{draft.pk}/", 18),
        (edit(draft, "fit"), 40),
    ]:
        client.get(address)
        with django_assert_max_num_queries(most):
            client.get(address)
