"""A program that asks the API as somebody, with a key."""

import json
from typing import Any

from django.test import Client

from users.keys import create_key
from users.models import User

ROOT = "/api/v1/"
PROBLEM = "application/problem+json"


class Program:
    """Asks with a key of the person; `scopes` of the key, None: no key at all."""

    def __init__(self, user: User | None, *scopes: str) -> None:
        self.client = Client()
        self.headers: dict[str, str] = {}
        if user is not None:
            _key, text = create_key(user, name="test", scopes=scopes or ("write",))
            self.headers["Authorization"] = f"Bearer {text}"

    def get(self, path: str, **query: Any) -> Any:
        return self.client.get(ROOT + path, query, headers=self.headers)

    def post(self, path: str, body: Any = None, *, once: str = "", version: int | str | None = None) -> Any:
        return self._send("post", path, body, once, version)

    def patch(self, path: str, body: Any = None, *, version: int | str | None = None) -> Any:
        return self._send("patch", path, body, "", version)

    def send(self, method: str, path: str, raw: bytes, content_type: str = "application/json", **headers: str) -> Any:
        """Bytes as they are."""
        return self.client.generic(
            method, ROOT + path, raw, content_type=content_type, headers={**self.headers, **headers}
        )

    def _send(self, method: str, path: str, body: Any, once: str, version: int | str | None) -> Any:
        headers = dict(self.headers)
        if once:
            headers["Idempotency-Key"] = once
        if version is not None:
            headers["If-Match"] = f'"{version}"' if isinstance(version, int) else version
        raw = json.dumps({} if body is None else body)
        return self.client.generic(
            method.upper(), ROOT + path, raw.encode(), content_type="application/json", headers=headers
        )


def problem(response: Any, status: int, *words: str) -> dict[str, Any]:
    """The response is a problem of this status that says these words."""
    assert response.status_code == status, response.content
    assert response["Content-Type"] == PROBLEM
    found: dict[str, Any] = response.json()
    assert found["status"] == status
    assert found["type"].startswith("urn:leadqual:problem:")
    for word in words:
        assert word in json.dumps(found, ensure_ascii=False), found
    return found


def fields(response: Any, *names: str, status: int = 400) -> None:
    """The response names exactly these fields."""
    assert set(problem(response, status)["errors"]) == set(names), response.content
