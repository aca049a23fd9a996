"""What the launcher says, and how it refuses."""

import sys
import time
from typing import NoReturn

BEGUN = time.monotonic()


class Refused(Exception):  # said to people, in the past tense
    """The launcher cannot go on; the text tells the person what to do."""


def say(message: str) -> None:
    print(f"[{time.monotonic() - BEGUN:5.1f}s] {message}", file=sys.stderr, flush=True)


def refuse(message: str) -> NoReturn:
    raise Refused(message)
