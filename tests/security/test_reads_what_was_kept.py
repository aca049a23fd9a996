"""At the same computer, or behind the same proxy, after somebody else."""

from collections.abc import Callable

from django.test import Client

from tests.api.asking import Program
from tests.factories import make_lead
from users.models import User


def test_a_shared_computer_is_looked_through_for_what_it_kept(
    alice: User, client: Client, ask: Callable[..., Program]
) -> None:
    """Whatever shows records is kept nowhere, refused or not; a static file may be kept."""
    lead = make_lead(alice)
    program = ask(alice)
    client.force_login(alice)
    answers = [
        client.get("/leads/"),
        client.get(f"/leads/{lead.pk}/"),
        client.get(f"/leads/{lead.pk}/qualify/", headers={"HX-Request": "true"}),
        client.get("/reports/win-rate/"),
        client.get("/reports/win-rate/csv/"),
        client.get("/settings/workspace/"),
        client.get("/leads/999999999/"),
        program.get("leads/"),
        program.get(f"leads/{lead.pk}/"),
        program.post("leads/", {"name": 5, "nothing": 1}),
    ]
    for answer in answers:
        kept = {part.strip() for part in answer.headers["Cache-Control"].split(",")}
        assert {"private", "no-store"} <= kept, answer.request["PATH_INFO"]
    style = client.get("/static/css/tokens.css")
    assert style.status_code == 200
    assert "no-store" not in style.headers.get("Cache-Control", "")
