"""One row, held until the transaction ends, and read as it stands after the wait."""

from typing import TypeVar

from django.db.models import Model, QuerySet

Row = TypeVar("Row", bound=Model)


def hold(rows: QuerySet[Row], pk: int) -> Row:
    """Lock the row with this key and read it with the relations that `rows` selects. Call it inside a transaction.

    Two statements, because a lock through a join lies: PostgreSQL waits for the row, then checks the new row against
    the partners that it read before the wait. Whoever changed the owner, type or stage meanwhile makes the join fail,
    and the row comes back without its relation, or not at all. Raises the model's DoesNotExist.
    """
    rows.model._default_manager.select_for_update(no_key=True).values_list("pk").get(pk=pk)
    return rows.get(pk=pk)
