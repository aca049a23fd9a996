"""Field history, written by database triggers, so that bulk SQL is caught too (architecture.md 3)."""

from collections.abc import Callable, Sequence

import pghistory
from django.db import models


def keeps_history(name: str, *, without: Sequence[str]) -> Callable[[type[models.Model]], type[models.Model]]:
    """Class decorator: an update appends the row as it was before to the table of model `name`.

    A creation appends nothing: the values before the first history row are the first known ones (decisions.md 19).
    The value at a moment T is that of the oldest history row later than T, else the present one.

    `without` names the columns that are generated, or whose history stands in a fact table of their own.
    """
    decorator: Callable[[type[models.Model]], type[models.Model]] = pghistory.track(
        pghistory.UpdateEvent(condition=pghistory.AnyChange(exclude=list(without)), row=pghistory.Old),
        model_name=name,
        exclude=list(without),
        obj_field=pghistory.ObjForeignKey(related_name="history", related_query_name="history"),
        meta={"indexes": [models.Index(fields=["pgh_obj", "pgh_id"], name=f"{name.lower()}_of_object")]},
    )
    return decorator
