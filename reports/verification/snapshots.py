"""Kept figures against the facts: each snapshot is asked for again as of its own moment.

Facts that came later must not change it (decisions.md 19), nor must a record that went to another team since: its
reader's scope is asked for as it was at that moment. Names are left out: they are shown as they are now.
"""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

from reports.computing import compute
from reports.models import ReportSnapshot
from reports.parameters import NotAnswerable
from reports.rendering import as_json
from reports.scope import Scope
from reports.snapshots import wish_of_snapshot

TABLE = "reports_reportsnapshot"
NEWEST = 200  # of them are asked for again; older ones are of the same kind


def differing() -> tuple[int, list[tuple[int, str]]]:
    """How many snapshots were compared, and those whose figures are not what the facts say."""
    compared, found = 0, []
    ready = ReportSnapshot.objects.filter(state=ReportSnapshot.State.READY, outdated=False, report__isnull=False)
    for snapshot in ready.select_related("requested_by").order_by("-computed_at")[:NEWEST]:
        if snapshot.requested_by is None or snapshot.as_of is None or snapshot.report is None:
            continue
        scope = Scope.of(snapshot.requested_by)
        if scope.key[:200] != snapshot.scope:
            continue  # its reader changed teams: nobody sees it any more
        try:
            wish = replace(wish_of_snapshot(snapshot), as_of=snapshot.as_of.isoformat())
            again = as_json(compute(wish, replace(scope, then=snapshot.as_of)))
        except NotAnswerable:
            continue  # what it names is gone; the page says so
        compared += 1
        wrong = next((where for where in _places(snapshot.report, again)), None)
        if wrong is not None:
            found.append((snapshot.pk, f"{snapshot.name}: {wrong}"))
    return compared, found


def _places(kept: Mapping[str, Any], again: Mapping[str, Any]) -> Iterator[str]:
    """Where the two differ, in words."""
    by = again["by"]
    codes = [column["code"] for column in again["columns"] if column["code"] != by]
    before = {row.get("key"): row for row in kept["rows"]}
    after = {row.get("key"): row for row in again["rows"]}
    if set(before) != set(after):
        yield "other groups"
    for key in before.keys() & after.keys():
        for code in codes:
            if before[key].get(code) != after[key].get(code):
                yield f"{code} of “{key}” is {before[key].get(code)}, the facts say {after[key].get(code)}"
