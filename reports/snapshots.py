"""Figures that the background computes and keeps, so that a page shows them at once and says as of when.

The one writer of ReportSnapshot. A snapshot is derived: computing it again overwrites it, and one that nobody has
opened for a while is thrown away, as is what a reader asked for before their newest MOST_EACH.
"""

import hashlib
import json
from datetime import timedelta

from django.db import IntegrityError, OperationalError, transaction
from django.db.models import F, Window
from django.db.models.functions import RowNumber
from django.utils.translation import gettext as _

from reports.computing import compute
from reports.models import ReportSnapshot
from reports.parameters import NotAnswerable, Wish, understand
from reports.rendering import Payload, as_json
from reports.scope import Scope
from users.dirty import MOST_ATTEMPTS, mark, work_through
from users.facts import database_now
from users.models import Dirty, User

# The background computes again what is older, as long as somebody opens it.
FRESH_FOR = timedelta(minutes=10)
OPENED_WITHIN = timedelta(days=2)
# How often opening a page is written down.
NOTED_EVERY = timedelta(minutes=5)
# How many reports are kept fresh for one reader. Every period is a report of its own, and there is no end of periods.
MOST_EACH = 40
BATCH = 1  # reports a transaction: one that fails takes no other with it


def digest_of(wish: Wish, scope: Scope) -> str:
    text = json.dumps([wish.name, wish.as_json(), scope.key], sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()


def newest(wish: Wish, user: User) -> tuple[Payload, ReportSnapshot | None]:
    """The report as it was kept last; computed now if it never was, or if a past moment is named.

    Raises NotAnswerable.
    """
    scope = Scope.of(user)
    if wish.as_of:
        return as_json(compute(wish, scope)), None
    snapshot = ReportSnapshot.objects.filter(digest=digest_of(wish, scope)).first()
    if snapshot is None or snapshot.report is None or snapshot.outdated:
        return keep(wish, user)
    now = database_now()
    if snapshot.requested_at < now - NOTED_EVERY:
        ReportSnapshot.objects.filter(pk=snapshot.pk).update(requested_at=now)
    return snapshot.report, snapshot


def keep(wish: Wish, user: User) -> tuple[Payload, ReportSnapshot]:
    """Compute the report now and keep it. Raises NotAnswerable."""
    scope = Scope.of(user)
    computed = compute(wish, scope)
    payload = as_json(computed)
    snapshot, _made = ReportSnapshot.objects.update_or_create(
        digest=digest_of(wish, scope),
        defaults={
            "name": wish.name,
            "parameters": wish.as_json(),
            "scope": scope.key[:200],
            "state": ReportSnapshot.State.READY,
            "report": payload,
            "error": "",
            "as_of": computed.asked.as_of,
            "computed_at": computed.computed_at,
            "outdated": False,
        },
        create_defaults={
            "name": wish.name,
            "parameters": wish.as_json(),
            "scope": scope.key[:200],
            "state": ReportSnapshot.State.READY,
            "report": payload,
            "as_of": computed.asked.as_of,
            "computed_at": computed.computed_at,
            "requested_by": user,
        },
    )
    return payload, snapshot


def ask_for_fresh(wish: Wish, user: User) -> ReportSnapshot:
    """Leave the report to the background; its last figures stay until the new ones are there. Raises NotAnswerable."""
    scope = Scope.of(user)
    understand(wish, scope)
    found = {"state": ReportSnapshot.State.WAITING, "error": "", "requested_at": database_now(), "requested_by": user}
    with transaction.atomic():
        try:
            with transaction.atomic():
                snapshot, _made = ReportSnapshot.objects.update_or_create(
                    digest=digest_of(wish, scope),
                    defaults=found,
                    create_defaults=found | {"name": wish.name, "parameters": wish.as_json(), "scope": scope.key[:200]},
                )
        except IntegrityError:
            # Somebody with the same scope asked at the same instant: theirs will do.
            snapshot = ReportSnapshot.objects.get(digest=digest_of(wish, scope))
        mark(Dirty.Kind.REPORT, [snapshot.pk])
    return snapshot


def before_it(snapshot: ReportSnapshot) -> int:
    """How many reports were asked for earlier and wait as well."""
    asked = Dirty.objects.filter(kind=Dirty.Kind.REPORT)
    mine = asked.filter(key=snapshot.pk).first()
    return asked.filter(since__lt=mine.since).count() if mine else 0


def compute_asked(limit: int = BATCH) -> int:
    """Compute the reports that were asked for; returns how many."""
    return work_through(Dirty.Kind.REPORT, _compute_all, limit=limit)


def _compute_all(ids: list[int]) -> None:
    for snapshot in ReportSnapshot.objects.filter(pk__in=ids).select_related("requested_by").order_by("pk"):
        _compute_one(snapshot)


def _compute_one(snapshot: ReportSnapshot) -> None:
    wish = wish_of_snapshot(snapshot)
    user = snapshot.requested_by
    # A reader who changed teams, or left, sees other figures now: the kept ones are nobody's.
    if user is None or digest_of(wish, Scope.of(user)) != snapshot.digest:
        snapshot.delete()
        return
    try:
        with transaction.atomic():
            keep(wish, user)
    except NotAnswerable as refusal:
        # What it names, such as a person or a product, is gone.
        fail(snapshot, str(refusal))
    except OperationalError:
        # The statement took longer than a statement may; trying again would take as long.
        fail(snapshot, _("It took too long. Ask about a shorter period."))


def fail(snapshot: ReportSnapshot, reason: str) -> None:
    snapshot.state, snapshot.error = ReportSnapshot.State.FAILED, reason[:200]
    snapshot.save(update_fields=["state", "error"])


def give_up_what_nobody_does(snapshot: ReportSnapshot) -> None:
    """A report that waits with no work left to do has failed on every attempt: say so, rather than wait for ever."""
    work = Dirty.objects.filter(kind=Dirty.Kind.REPORT, key=snapshot.pk).first()
    if work is None or work.attempts >= MOST_ATTEMPTS:
        snapshot.refresh_from_db()
        if snapshot.state == ReportSnapshot.State.WAITING:
            fail(snapshot, _("It could not be computed; the log says why."))


def wish_of_snapshot(snapshot: ReportSnapshot) -> Wish:
    words = snapshot.parameters  # one that an earlier version kept may know fewer words
    return Wish(
        name=snapshot.name,
        since=words.get("from", ""),
        until=words.get("to", ""),
        by=words.get("by", ""),
        view=words.get("view", ""),
        compare=words.get("compare", ""),
        filters=tuple(words.get("filter", ())),
    )


def mark_stale() -> int:
    """Leave to the background what is older than it should be and still opened; throw away the rest. Returns how many."""
    now = database_now()
    ReportSnapshot.objects.filter(requested_at__lt=now - OPENED_WITHIN).delete()
    ReportSnapshot.objects.filter(pk__in=_beyond_the_most()).delete()
    stale = ReportSnapshot.objects.filter(computed_at__lt=now - FRESH_FOR, requested_by__isnull=False).order_by(
        F("computed_at").asc()
    )
    ids = list(stale.values_list("pk", flat=True))
    mark(Dirty.Kind.REPORT, ids)
    return len(ids)


def _beyond_the_most() -> list[int]:
    """What each reader asked for before their newest MOST_EACH: a page asks for it again where somebody opens it."""
    place = Window(RowNumber(), partition_by="requested_by", order_by=["-requested_at", "-pk"])
    rows = ReportSnapshot.objects.annotate(place=place).filter(place__gt=MOST_EACH)
    return [pk for pk, state in rows.values_list("pk", "state") if state != ReportSnapshot.State.WAITING]


def past_was_added_to() -> None:
    """A history import came: what was kept shows a past that has been added to (decisions.md 19)."""
    ReportSnapshot.objects.update(outdated=True)
