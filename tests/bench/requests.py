"""Pages and answers over HTTP, each in turn with its floor."""

import os
import random
from collections.abc import Sequence
from itertools import count

from django.db import connection

from leads.models import Score
from tests.bench.filling import Size
from tests.bench.results import Result, alternate, of_requests
from tests.bench.web import Browser, peak_megabytes, web_server
from users.models import User

TIMES = 60 if os.environ.get("QUICK") else 500
WARM_UP = 20

# Leads of one representative that are still asked, and an open question of each.
OPEN_QUESTIONS = """
SELECT lead.id, checklist.id, question.code, array_agg(choice.code ORDER BY choice.digit)
FROM leads_lead lead
JOIN leads_checklist checklist ON checklist.lead_id = lead.id
JOIN scoring_question question ON question.question_set_id = checklist.question_set_id
JOIN scoring_choice choice ON choice.question_id = question.id
WHERE lead.owner_id = %(owner)s AND lead.archived_at IS NULL AND lead.stage IN ('lead', 'mql', 'sal', 'sql')
  AND NOT EXISTS (SELECT FROM leads_answer answer WHERE answer.checklist_id = checklist.id AND answer.question_id = question.id)
GROUP BY lead.id, checklist.id, question.code
"""


def representative() -> User:
    return User.objects.get(username="rep1")


def answers(size: Size) -> list[Result]:
    """One press of a digit: the answer is written, the score and the lifecycle follow, the question comes back."""
    user = representative()
    with connection.cursor() as cursor:
        cursor.execute(OPEN_QUESTIONS, {"owner": user.pk})
        rows = cursor.fetchall()
    chance = random.Random(1)
    asked = iter(chance.sample(rows, TIMES + WARM_UP))
    numbers = count(1)
    with web_server() as (pid, port):
        browser, nobody = Browser(port, user), Browser(port, None)

        def ours() -> float:
            lead_id, _checklist, code, choices = next(asked)
            return browser.post(f"/leads/{lead_id}/qualify/{code}/", {"choice": chance.choice(choices), "seen": ""})

        def floor() -> float:
            fields = {"checklist": str(chance.choice(rows)[1]), "note": f"line {next(numbers)}"}
            return browser.post("/floor/write/", fields)

        mine, plain = alternate(ours, floor, TIMES, WARM_UP)
        for _ in range(WARM_UP):
            nobody.get("/floor/page/")
        bare = [nobody.get("/floor/page/") for _ in range(TIMES)]
        memory = peak_megabytes(pid)
    said = "POST /floor/write/ by the same person: one INSERT into leads_activity, a template of one line"
    results = [
        of_requests("answer", mine, plain, said),
        of_requests("answer-to-bare-page", mine, bare, "GET /floor/page/: nobody signed in, SELECT 1, one line"),
    ]
    if memory is not None:
        results.append(Result("web-memory", "MB", memory, more="gunicorn with one worker, after these requests"))
    return results


def lists(size: Size) -> list[Result]:
    """The lead list at its first page and deep down, and a lead's page, for a representative and for marketing."""
    user = representative()
    chance = random.Random(2)
    found: list[Result] = []
    with web_server() as (_pid, port):
        for who, suffix in ((user, ""), (User.objects.get(username="marketing"), "-of-all")):
            browser = Browser(port, who)
            seen = Score.objects.visible_to(who).listed()
            total = seen.count()
            places = [
                seen.hottest_first().values_list("temperature", "low", "engagement", "lead_id")[int(total * share)]
                for share in (0.5, 0.7, 0.9)
            ]

            def first(browser: Browser = browser) -> float:
                return browser.get("/leads/")

            def deep(browser: Browser = browser, places: Sequence[tuple[object, ...]] = places) -> float:
                place = chance.choice(places)
                return browser.get(f"/leads/?after={'_'.join(map(str, place))}")

            def plain(browser: Browser = browser) -> float:
                return browser.get("/floor/list/")

            def plain_deep(browser: Browser = browser, places: Sequence[tuple[object, ...]] = places) -> float:
                temperature, low, *_rest = chance.choice(places)
                return browser.get(f"/floor/list/?temperature={temperature}&low={low}")

            said = "GET /floor/list/ by the same person: 50 rows of scores with their leads by the list's index, eight plain columns"
            sees = f"{who.username} sees {total:,} leads"
            found.append(of_requests(f"list-first{suffix}", *alternate(first, plain, TIMES, WARM_UP), said, sees))
            found.append(of_requests(f"list-deep{suffix}", *alternate(deep, plain_deep, TIMES, WARM_UP), said, sees))
        found.append(lead_page(Browser(port, user), user))
    return found


def lead_page(browser: Browser, user: User) -> Result:
    chance = random.Random(3)
    # Those that people open: with answers and events, from the top of the list down.
    ids = list(Score.objects.visible_to(user).listed().hottest_first().values_list("lead_id", flat=True)[:2000])
    mine, plain = alternate(
        lambda: browser.get(f"/leads/{chance.choice(ids)}/"), lambda: browser.get("/floor/list/"), TIMES, WARM_UP
    )
    said = "GET /floor/list/ by the same person"
    return of_requests("lead-page", mine, plain, said, "any of the 2,000 hottest leads")
