"""Each role begins the day where its work is, with figures of its own records."""

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from leads.handoff import accept, reject
from leads.models import RejectionReason
from opportunities.pipeline import close_won
from tests.factories import make_account, make_lead, make_opportunity
from tests.leads.queueing import make_offered
from users.models import User


def page_of(user: User) -> str:
    client = Client()
    client.force_login(user)
    response = client.get("/")
    assert response.status_code == 200
    return response.content.decode()


@pytest.fixture
def work(alice: User, charlie: User) -> None:
    make_offered(alice, company="Waiting Ltd")
    make_lead(alice, company="Hot Ltd", answers={"budget": "set_aside"})
    make_lead(charlie, company="Not hers Ltd")
    make_opportunity(alice, name="Kiln", amount=2000, account=make_account(manager=alice))
    reject(make_offered(alice), RejectionReason.objects.get(code="no_fit"), by=alice, version=None)
    accept(make_offered(charlie, company="Taken Ltd"), by=charlie, version=None)
    close_won(make_opportunity(charlie, name="Won kiln", account=make_account(manager=charlie)), None, by=charlie)


@pytest.mark.usefixtures("work")
def test_a_representative_sees_hand_offs_own_leads_and_own_deals(alice: User) -> None:
    html = page_of(alice)
    for seen in ("Waiting Ltd", "Hot Ltd", "Kiln", "€2,000"):
        assert seen in html
    for hidden in ("Not hers Ltd", "Won kiln", "What sales did"):
        assert hidden not in html


@pytest.mark.usefixtures("work")
def test_a_manager_sees_the_queue_and_the_pipeline_by_stage(bob: User) -> None:
    html = page_of(bob)
    for seen in ("Waiting Ltd", "Diagnosis", "€2,000", "€200", "Does not fit what we sell"):
        assert seen in html
    assert "Your hottest leads" not in html


@pytest.mark.usefixtures("work")
def test_marketing_sees_the_queue_and_why_sales_rejected(maria: User) -> None:
    html = page_of(maria)
    assert "Waiting Ltd" in html
    assert "Does not fit what we sell" in html


@pytest.mark.usefixtures("work")
def test_customer_success_sees_what_was_won_and_no_hand_offs(carmen: User) -> None:
    html = page_of(carmen)
    assert "Won kiln" in html
    assert "1 customer" in html
    assert "Waiting Ltd" not in html


@pytest.mark.usefixtures("work")
def test_an_administrator_finds_the_settings(ada: User) -> None:
    html = page_of(ada)
    assert reverse("people") in html
    assert "Waiting Ltd" in html


def test_an_empty_desk_says_so(alice: User, maria: User, carmen: User) -> None:
    assert "Nobody waits." in page_of(alice)
    assert "Nothing was rejected." in page_of(maria)
    assert "Nothing was won yet." in page_of(carmen)
    assert Client().get("/").status_code == 302


def test_more_records_cost_no_more_queries(alice: User, bob: User) -> None:
    def queries(user: User) -> int:
        client = Client()
        client.force_login(user)
        client.get("/")
        with CaptureQueriesContext(connection) as caught:
            client.get("/")
        return len(caught)

    make_offered(alice)
    make_opportunity(alice)
    before = queries(alice), queries(bob)
    for _number in range(3):
        make_offered(alice)
        make_opportunity(alice, account=make_account(manager=alice))
    assert (queries(alice), queries(bob)) == before
