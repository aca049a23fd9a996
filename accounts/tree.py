"""The tree of accounts: parents, children, and everything below (domain.md, glossary)."""

from collections.abc import Sequence

from django.core.exceptions import ValidationError
from django.db import connection
from django.utils.translation import gettext as _

from accounts.models import Account

# UNION, not UNION ALL: it ends even where an import has closed a circle.
BELOW = """
WITH RECURSIVE below (id, depth) AS (
    SELECT id, 0 FROM accounts_account WHERE id = %(account)s
    UNION
    SELECT child.id, below.depth + 1 FROM accounts_account child JOIN below ON child.parent_id = below.id
    WHERE below.depth < %(deepest)s
)
SELECT id, min(depth) FROM below GROUP BY id ORDER BY min(depth), id
"""

ABOVE = """
WITH RECURSIVE above (id, parent_id, height) AS (
    SELECT id, parent_id, 0 FROM accounts_account WHERE id = %(account)s
    UNION
    SELECT parent.id, parent.parent_id, above.height + 1
    FROM accounts_account parent JOIN above ON parent.id = above.parent_id WHERE above.height < %(deepest)s
)
SELECT id FROM above WHERE height > 0 GROUP BY id ORDER BY min(height)
"""

DEEPEST = 50
TREE_LOCK = 7_301  # one writer of parents at a time: two could close a circle that neither sees


def ids_below(account_id: int) -> list[int]:
    """The account and all below it, from the top down."""
    with connection.cursor() as cursor:
        cursor.execute(BELOW, {"account": account_id, "deepest": DEEPEST})
        return [row[0] for row in cursor.fetchall()]


def ids_above(account_id: int) -> list[int]:
    """The account's parent, its parent, and so on up to the top; without the account itself."""
    with connection.cursor() as cursor:
        cursor.execute(ABOVE, {"account": account_id, "deepest": DEEPEST})
        return [row[0] for row in cursor.fetchall()]


def parents_of(account: Account) -> list[Account]:
    """The accounts above, the topmost first: the path that a page shows."""
    ids = ids_above(account.pk)
    by_id = Account.objects.in_bulk(ids)
    return [by_id[pk] for pk in reversed(ids)]


def check_parent(account: Account, parent: Account | None) -> None:
    """Refuse a parent that is the account itself or below it. Call it in the writing transaction.

    Raises ValidationError.
    """
    if parent is None:
        return
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [TREE_LOCK])
    if account.pk is not None and (parent.pk == account.pk or account.pk in ids_above(parent.pk)):
        raise ValidationError(
            {
                "parent": _("%(parent)s belongs to %(account)s already: choose an account above it, or none.")
                % {"parent": parent, "account": account}
            }
        )
    if len(ids_above(parent.pk)) >= DEEPEST - 1:
        raise ValidationError(
            {"parent": _("The tree of accounts is too deep here: at most %(limit)s levels.") % {"limit": DEEPEST}}
        )


def in_order(account_ids: Sequence[int]) -> list[Account]:
    """These accounts with type and manager, in the order given."""
    by_id = Account.objects.select_related("type", "manager").in_bulk(list(account_ids))
    return [by_id[pk] for pk in account_ids if pk in by_id]
