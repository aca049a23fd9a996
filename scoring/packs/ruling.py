"""How a shipped policy writes its rules down: the plain JSON that scoring/engine.py reads."""

from typing import Any


def when(fact: str, op: str, operand: Any = None) -> dict[str, Any]:
    return {"fact": fact, "op": op, "operand": operand}


def rule(code: str, text: str, points: int, *conditions: dict[str, Any]) -> dict[str, Any]:
    """Points that count when all conditions hold."""
    return {"code": code, "text": text, "points": points, "when": list(conditions)}


def disqualifier(code: str, text: str, *conditions: dict[str, Any]) -> dict[str, Any]:
    return {"code": code, "text": text, "when": list(conditions)}


def persona(code: str, *rules: dict[str, Any]) -> dict[str, Any]:
    return {"code": code, "rules": list(rules)}
