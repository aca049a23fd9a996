"""A signed-in person who answers questions over HTTP, and keeps account of what the server told them."""

import http.client
import time
from dataclasses import dataclass
from urllib.parse import urlencode, urlsplit


@dataclass(frozen=True, slots=True)
class Told:
    """What came back: the status, or 0 if the connection broke; and the seconds it took."""

    status: int
    seconds: float
    body: str


class Person:
    """One browser. A request that fails is not repeated: what was told counts."""

    def __init__(self, url: str, session: str) -> None:
        self.address = urlsplit(url).netloc
        self.cookies = {"sessionid": session}
        token = self.send("GET", "/settings/profile/")
        assert token.status == 200, token

    def answer(self, lead_id: int, code: str, choice: str, seen: str = "") -> Told:
        return self.send("POST", f"/leads/{lead_id}/qualify/{code}/", {"choice": choice, "seen": seen})

    def send(self, method: str, path: str, fields: dict[str, str] | None = None) -> Told:
        headers = {
            "Cookie": "; ".join(f"{name}={value}" for name, value in self.cookies.items()),
            "Content-Type": "application/x-www-form-urlencoded",
            "HX-Request": "true",
            "X-CSRFToken": self.cookies.get("csrftoken", ""),
        }
        client = http.client.HTTPConnection(self.address, timeout=30)
        begun = time.monotonic()
        try:
            client.request(method, path, urlencode(fields) if fields else None, headers)
            response = client.getresponse()
            body = response.read().decode()
        except (OSError, http.client.HTTPException) as broken:
            return Told(0, time.monotonic() - begun, repr(broken))
        finally:
            client.close()
        for header in response.headers.get_all("Set-Cookie") or ():
            name, _, value = header.split(";")[0].partition("=")
            self.cookies[name] = value
        return Told(response.status, time.monotonic() - begun, body)
