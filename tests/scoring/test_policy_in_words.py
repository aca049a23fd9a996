"""People read a policy as sentences, see what a draft changes, and pass it on as a file."""

import json
from copy import deepcopy
from typing import Any

import pytest
from django.utils import translation

from scoring.differences import Difference, differences
from scoring.drafting import PARTS, start_from_file
from scoring.engine import InvalidPolicy
from scoring.models import Policy, PolicyDraft
from scoring.packs import policies
from scoring.packs.starters import STARTERS
from scoring.policy_files import as_file, read_file
from scoring.sentences import Words, in_words, rule_in_words, speechless
from users.models import SalesContext, User, Workspace


@pytest.fixture
def words(workspace: Workspace) -> Words:
    return Words.now()


def said(definition: dict[str, Any], part: str, words: Words) -> list[str]:
    return [line.text for section in in_words(definition, words) if section.code == part for line in section.lines]


def test_a_rule_is_a_sentence(words: Words) -> None:
    rule = {
        "code": "industry",
        "text": "An industry that we know",
        "points": 25,
        "when": [
            {"fact": "industry", "op": "in", "operand": ["Manufacturing", "Logistics"]},
            {"fact": "employees", "op": "at_least", "operand": 5000},
        ],
    }
    assert (
        rule_in_words(rule, words)
        == "An industry that we know. Industry is one of Manufacturing, Logistics and Employees is at least 5,000: 25 points."
    )
    flag = {
        "code": "c",
        "text": "",
        "points": 1,
        "when": [{"fact": "attribute:competitor", "op": "is", "operand": True}],
    }
    assert rule_in_words(flag, words) == "Works for a competitor is yes: 1 point."


def test_every_operator_has_words() -> None:
    assert speechless() == []


def test_the_shipped_policy_reads_aloud(words: Words) -> None:
    assert [section.code for section in in_words(policies.DIRECT, words)] == list(PARTS)
    assert said(policies.DIRECT, "gates", words)[:2] == [
        "MQL: fit of 50, and engagement of 30 or certain answers of 40.",
        "SQL: certain answers of 70 in all, and 50 in each required criterion.",
    ]
    assert said(policies.DIRECT, "criteria", words)[:3] == [
        "Framework: BANT.",
        "In this order: Budget, Authority, Need, Timeline.",
        "Budget weighs 1, is required, asks about: Budget.",
    ]
    assert "Looked at the prices: 8 points, half of it after 14 days, at most 24." in said(
        policies.DIRECT, "engagement", words
    )
    assert "Unsubscribed from our mails: −20 points, half of it after 180 days, at most 20." in said(
        policies.DIRECT, "engagement", words
    )
    assert said(policies.DIRECT, "personas", words)[0].startswith("Operations lead: Works in operations. Department")


def test_the_sentences_follow_the_language_of_the_reader(words: Words) -> None:
    """What is stored is the text; numbers and words are written when somebody reads them."""
    with translation.override("ru"):
        assert "5\xa0000" in rule_in_words(
            {"code": "x", "text": "x", "points": 1, "when": [{"fact": "employees", "op": "below", "operand": 5000}]},
            words,
        )


def test_a_difference_says_before_and_after(words: Words) -> None:
    new = deepcopy(policies.DIRECT)
    new["fit"][0]["points"] = 30
    new["fit"].pop()
    new["gates"]["mql"]["fit"] = 40
    new["disqualifiers"] = [
        *new["disqualifiers"],
        {"code": "far", "text": "Too far", "when": [{"fact": "country", "op": "is", "operand": "Peru"}]},
    ]
    found = [(each.part, each.before[-11:], each.after[-11:]) for each in differences(policies.DIRECT, new, words)]
    assert found == [
        ("fit", " 25 points.", " 30 points."),
        ("fit", " 15 points.", ""),
        ("disqualifiers", "", "ry is Peru."),
        ("gates", "wers of 40.", "wers of 40."),
    ]


def test_the_same_text_in_another_order_is_no_difference_of_rules(words: Words) -> None:
    assert differences(policies.DIRECT, deepcopy(policies.DIRECT), words) == []
    new = deepcopy(policies.DIRECT)
    new["criteria"].reverse()
    assert differences(policies.DIRECT, new, words) == [
        Difference(
            "criteria",
            "Qualification",
            "In this order: Budget, Authority, Need, Timeline.",
            "In this order: Timeline, Need, Authority, Budget.",
        )
    ]


def test_a_change_that_no_sentence_tells_is_still_told(words: Words) -> None:
    new = deepcopy(policies.DIRECT)
    new["personas"][0]["code"] = "operations_lead"
    new["unheard_of"] = {"deep": 3}
    assert differences(policies.DIRECT, new, words) == [Difference("", "Field unheard_of.deep", "", "3")]


@pytest.mark.parametrize("code", STARTERS)
def test_what_is_exported_comes_back_as_it_was(code: str) -> None:
    definition = STARTERS[code].definition
    text = as_file("Unsere Regeln – für 2027", "direct", definition, 3)
    assert read_file(text) == ("Unsere Regeln – für 2027", definition)
    # One field a line, sorted: what two versions differ in shows as lines that differ.
    assert text == json.dumps(json.loads(text), indent=2, sort_keys=True, ensure_ascii=False) + "\n"


BAD_FILES: list[tuple[str, str, str]] = [
    ("", "file", "line 1, column 1"),
    ("{", "file", "line 1, column 2"),
    ("[" * 100_000, "file", "cannot be read"),
    ("1" * 10_000, "file", "cannot be read"),
    (" " * 300_000, "file", "longer than 256 kB"),
    ('"\\ud800"', "file", "half a character"),
    ('{"kind": NaN}', "file", "NaN is no number"),
    ('{"kind": 1, "kind": 2}', "file", "stands twice"),
    ("[]", "kind", "This is no policy"),
    ('{"kind": "another"}', "kind", "This is no policy"),
    ('{"kind": "leadqual policy"}', "definition", "Give the rules here"),
    ('{"kind": "leadqual policy", "definition": {}, "rules": {}}', "rules", "no such field"),
]


@pytest.mark.parametrize(("content", "path", "says"), BAD_FILES)
def test_a_wrong_file_is_refused_with_what_to_do(content: str, path: str, says: str) -> None:
    with pytest.raises(InvalidPolicy) as refused:
        read_file(content)
    assert list(refused.value.problems) == [path] and says in refused.value.problems[path]


def test_a_file_comes_in_whole_or_not_at_all(maria: User) -> None:
    context = SalesContext.objects.get(code="direct")
    wrong = deepcopy(policies.DIRECT)
    wrong["fit"][1]["points"] = "many"
    wrong["gates"]["sql"]["low"] = 10
    with pytest.raises(InvalidPolicy) as refused:
        start_from_file(context, "Wrong", wrong, by=maria)
    assert set(refused.value.problems) == {"fit.1.points", "gates.sql.low"}
    assert not PolicyDraft.objects.exists()
    assert (
        start_from_file(context, "Right", policies.DIRECT, by=maria).digest
        == Policy.objects.get(context=context).digest
    )
