"""Ada keeps the lists that everybody chooses from; Maria keeps the sources of her leads."""

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import AccountType, Product
from leads.models import LeadSource, RejectionReason
from opportunities.models import PipelineStage
from tests.factories import make_product
from users import editable_lists
from users.models import SalesContext, User

CODES = [
    "account-types",
    "fields",
    "lead-sources",
    "loss-reasons",
    "pains",
    "personas",
    "pipeline-stages",
    "products",
    "rejection-reasons",
]


def as_(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def test_every_room_has_registered_its_lists() -> None:
    assert sorted(each.code for each in editable_lists.registered()) == CODES


@pytest.mark.parametrize("code", CODES)
def test_a_list_opens_for_those_who_may_edit_it(
    code: str, alice: User, bob: User, maria: User, carmen: User, ada: User
) -> None:
    expected = {
        "lead-sources": (403, 403, 200, 403, 200),
        "pains": (403, 200, 200, 403, 200),
        "personas": (403, 200, 200, 403, 200),
    }.get(code, (403, 403, 403, 403, 200))
    for name in ("settings_list", "settings_new_row"):
        found = tuple(
            as_(each).get(reverse(name, kwargs={"code": code})).status_code for each in (alice, bob, maria, carmen, ada)
        )
        if code == "pipeline-stages" and name == "settings_new_row":
            assert found == (403, 403, 403, 403, 404)
        else:
            assert found == expected


def test_an_unknown_list_or_row_is_not_there(ada: User) -> None:
    assert as_(ada).get(reverse("settings_list", kwargs={"code": "secrets"})).status_code == 404
    assert as_(ada).get(reverse("settings_row", kwargs={"code": "products", "pk": 999_999})).status_code == 404


def test_ada_words_a_reason_anew_and_its_code_stays(ada: User) -> None:
    reason = RejectionReason.objects.get(code="not_now")
    url = reverse("settings_row", kwargs={"code": "rejection-reasons", "pk": reason.pk})
    sent = {"label": "Too early", "code": "changed", "target": "nurture", "nurture_days": "60", "position": "2"}
    assert as_(ada).post(url, sent).status_code == 302
    reason.refresh_from_db()
    assert (reason.label, reason.code, reason.nurture_days) == ("Too early", "not_now", 60)


@pytest.mark.parametrize(
    ("target", "days", "said"), [("nurture", "", "Say after how many days"), ("lead", "10", "Only nurture has days")]
)
def test_a_reason_that_contradicts_itself_is_refused(ada: User, target: str, days: str, said: str) -> None:
    sent = {"label": "Odd", "code": "odd", "target": target, "nurture_days": days, "position": "9"}
    refused = as_(ada).post(reverse("settings_new_row", kwargs={"code": "rejection-reasons"}), sent)
    assert refused.status_code == 422
    assert said in refused.content.decode()
    assert not RejectionReason.objects.filter(code="odd").exists()


def test_maria_adds_a_source_and_archives_it_and_brings_it_back(maria: User) -> None:
    client = as_(maria)
    assert (
        client.post(
            reverse("settings_new_row", kwargs={"code": "lead-sources"}), {"name": "Podcast", "code": "podcast"}
        ).status_code
        == 302
    )
    source = LeadSource.objects.get(code="podcast")
    url = reverse("settings_archive_row", kwargs={"code": "lead-sources", "pk": source.pk})
    for archived in (True, False):
        assert client.post(url).status_code == 302
        source.refresh_from_db()
        assert (source.archived_at is not None) is archived


def test_what_cannot_be_archived_is_not(ada: User) -> None:
    kind = AccountType.objects.get(code="agent")
    url = reverse("settings_archive_row", kwargs={"code": "account-types", "pk": kind.pk})
    assert as_(ada).post(url).status_code == 404


def test_a_product_without_a_currency_or_with_a_negative_price_is_refused(ada: User) -> None:
    url = reverse("settings_new_row", kwargs={"code": "products"})
    for price, currency, said in [("100", "", "in which currency"), ("-5", "EUR", "above 0")]:
        refused = as_(ada).post(url, {"name": "Press", "code": "press", "price": price, "currency": currency})
        assert refused.status_code == 422
        assert said in refused.content.decode()
    assert not Product.objects.exists()


def test_a_closed_stage_keeps_its_percent(ada: User) -> None:
    won = PipelineStage.objects.get(pipeline__code="direct", code="won")
    url = reverse("settings_row", kwargs={"code": "pipeline-stages", "pk": won.pk})
    refused = as_(ada).post(url, {"name": "Won", "probability": "90"})
    assert refused.status_code == 422
    assert "keeps its 100 percent" in refused.content.decode()


@pytest.mark.parametrize("code", ["pipeline-stages", "products"])
def test_a_long_list_costs_as_many_queries_as_a_short_one(
    code: str, ada: User, django_assert_max_num_queries: Any
) -> None:
    for _again in range(5):
        make_product(context=SalesContext.objects.get(code="direct"))
    client = as_(ada)
    client.get("/settings/")
    with django_assert_max_num_queries(4):
        assert client.get(reverse("settings_list", kwargs={"code": code})).status_code == 200
