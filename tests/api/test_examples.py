"""The examples of docs/api.md, run in their order as alice, or as whom a block names: what they promise is what happens."""

import json
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.conf import settings

from leads.models import Campaign, Checklist, Handoff, Lead
from opportunities.models import Opportunity
from tests.api.asking import ROOT, Program
from users.models import User

PAGE = Path(settings.BASE_DIR) / "docs" / "api.md"
# Differ from run to run; that they are there is enough.
OF_THE_RUN = {"id"}


@dataclass
class Message:
    """A request or an answer as the page shows it."""

    person: str  # whose key is sent; empty: alice's
    first: str
    headers: dict[str, str]
    body: Any


def messages() -> list[Message]:
    found = []
    for person, block in re.findall(r"```http ?(\w*)\n(.*?)```", PAGE.read_text(), re.DOTALL):
        head, _blank, body = block.strip().partition("\n\n")
        first, *lines = head.splitlines()
        headers = dict(line.split(": ", 1) for line in lines)
        found.append(Message(person, first, headers, json.loads(body) if body else None))
    return found


def places() -> dict[str, int]:
    """The numbers that {lead} and the others stand for: there is one of each at most."""
    models: dict[str, Any] = {
        "lead": Lead,
        "checklist": Checklist,
        "handoff": Handoff,
        "opportunity": Opportunity,
        "campaign": Campaign,
    }
    return {name: model.objects.values_list("pk", flat=True).first() for name, model in models.items()}


def held(promised: Any, told: Any, path: str = "") -> None:
    """What the page shows is in the answer; the answer may hold more."""
    if isinstance(promised, dict):
        for name, value in promised.items():
            assert name in told, f"{path}.{name}"
            if name not in OF_THE_RUN:
                held(value, told[name], f"{path}.{name}")
    elif isinstance(promised, list) and promised and isinstance(promised[0], dict):
        assert len(told) >= len(promised), path
        for number, (one, other) in enumerate(zip(promised, told, strict=False)):
            held(one, other, f"{path}.{number}")
    else:
        assert told == promised, path


def test_every_example_holds(alice: User, maria: User, ask: Any) -> None:
    programs: dict[str, Program] = {"": ask(alice), "maria": ask(maria)}
    told = messages()
    assert len(told) >= 40
    assert len(told) % 2 == 0
    for request, expected in zip(told[::2], told[1::2], strict=True):
        method, address = request.first.split(" ", 1)
        for name, number in places().items():
            address = address.replace("{" + name + "}", str(number))
        raw = json.dumps(request.body).encode() if request.body is not None else b""
        response = programs[request.person].send(method, address.removeprefix(ROOT), raw, **request.headers)
        assert str(response.status_code) == expected.first.split()[1], (request.first, response.content)
        for header, value in expected.headers.items():
            assert response[header] == value, (request.first, header)
        try:
            held(expected.body, response.json())
        except AssertionError as error:
            raise AssertionError(f"{request.first}: {error}\n{response.content.decode()[:3000]}") from error


def test_the_page_names_every_address() -> None:
    text = PAGE.read_text()
    for folder in ("leads", "checklists", "handoffs", "accounts", "contacts", "opportunities", "question-sets"):
        assert f"`{folder}/" in text
    for folder in ("policies", "campaigns", "imports", "reports", "schema"):
        assert f"`{folder}/" in text
