"""The two gates of a policy: what must be reached, in which form, and by how much a gate that held may fall. Pure."""

from dataclasses import dataclass
from enum import StrEnum

from scoring.reading import FieldReader, Json


class GateForm(StrEnum):
    FIT_AND_INTEREST = "fit_and_interest"  # MQL: fit, together with engagement or early answers
    MINIMUMS = "minimums"  # everything reaches its minimum
    WEIGHTED = "weighted"  # one total decides, whatever its parts are
    K_OF_N = "k_of_n"  # enough of the minimums are reached


MQL_FORMS = (GateForm.FIT_AND_INTEREST, GateForm.MINIMUMS, GateForm.WEIGHTED, GateForm.K_OF_N)
SQL_FORMS = (GateForm.MINIMUMS, GateForm.WEIGHTED, GateForm.K_OF_N)
# What the MQL gate measures, in the order of `mql_weights`.
MEASURES = ("fit", "engagement", "low")
MQL_FIELDS = frozenset({*MEASURES, "form", "weights", "total", "k"})
SQL_FIELDS = frozenset({"low", "criterion", "form", "k"})


@dataclass(frozen=True, slots=True)
class Gates:
    """Thresholds in points; a gate that holds falls back `margin` below its threshold (decisions.md 7).

    MQL measures fit, engagement and qualification.low against `mql_fit`, `mql_engagement` and `mql_low`; as WEIGHTED
    their mean, weighed by `mql_weights`, against `mql_total`; as K_OF_N `mql_k` of the three suffice. As MINIMUMS a
    threshold of 0 is not asked for.
    SQL asks for qualification.low of `sql_low`; as MINIMUMS also for each required criterion's minimum; as K_OF_N for
    the required ones' and for `sql_k` criteria in all.
    """

    mql_fit: int
    mql_engagement: int
    mql_low: int
    sql_low: int
    sql_criterion: int
    margin: int
    mql_form: GateForm = GateForm.FIT_AND_INTEREST
    mql_weights: tuple[int, int, int] = (1, 1, 1)
    mql_total: int = 0
    mql_k: int = 0
    sql_form: GateForm = GateForm.MINIMUMS
    sql_k: int = 0


NEVER = Gates(100, 100, 100, 100, 100, 0)


def read_gates(source: Json, reader: FieldReader, criteria: int) -> Gates:
    """The gates of a definition with so many criteria; problems go to the reader."""
    gates = source.get("gates")
    if not isinstance(gates, dict) or not all(isinstance(gates.get(gate), dict) for gate in ("mql", "sql")):
        reader.refuse("gates", "Give the gates mql and sql.")
        return NEVER
    mql, sql = gates["mql"], gates["sql"]
    reader.only(gates, "gates.", frozenset({"mql", "sql", "margin"}))
    reader.only(mql, "gates.mql.", MQL_FIELDS)
    reader.only(sql, "gates.sql.", SQL_FIELDS)
    mql_form = _form(mql, reader, "gates.mql.", MQL_FORMS)
    sql_form = _form(sql, reader, "gates.sql.", SQL_FORMS)
    weighted, counted = mql_form is GateForm.WEIGHTED, mql_form is GateForm.K_OF_N
    read = Gates(
        mql_fit=reader.whole(mql, "fit", "gates.mql.", high=100),
        mql_engagement=reader.whole(mql, "engagement", "gates.mql.", high=100),
        mql_low=reader.whole(mql, "low", "gates.mql.", high=100),
        sql_low=reader.whole(sql, "low", "gates.sql.", high=100),
        sql_criterion=reader.whole(sql, "criterion", "gates.sql.", high=100),
        margin=reader.whole(gates, "margin", "gates.", high=50),
        mql_form=mql_form,
        mql_weights=_weights(mql, reader) if weighted else (1, 1, 1),
        mql_total=reader.whole(mql, "total", "gates.mql.", low=1, high=100) if weighted else 0,
        mql_k=reader.whole(mql, "k", "gates.mql.", low=1, high=len(MEASURES)) if counted else 0,
        sql_form=sql_form,
        sql_k=_count(sql, reader, criteria) if sql_form is GateForm.K_OF_N else 0,
    )
    _check_order(read, reader)
    return read


def _form(gate: Json, reader: FieldReader, path: str, known: tuple[GateForm, ...]) -> GateForm:
    """A gate without a form has the one that gates had before there were several."""
    given = gate.get("form", known[0].value)
    if given not in [form.value for form in known]:
        reader.refuse(f"{path}form", "Choose one of: " + ", ".join(known) + ".")
        return known[0]
    return GateForm(given)


def _weights(mql: Json, reader: FieldReader) -> tuple[int, int, int]:
    weights = mql.get("weights")
    if not isinstance(weights, dict):
        reader.refuse("gates.mql.weights", "Give the weights of fit, engagement and low.")
        return (1, 1, 1)
    reader.only(weights, "gates.mql.weights.", frozenset(MEASURES))
    fit, engagement, low = (reader.whole(weights, name, "gates.mql.weights.", high=100) for name in MEASURES)
    if fit + engagement + low == 0:
        reader.refuse("gates.mql.weights", "The weights add to nothing: give at least one above 0.")
        return (1, 1, 1)
    return fit, engagement, low


def _count(sql: Json, reader: FieldReader, criteria: int) -> int:
    if not criteria:
        reader.refuse("gates.sql.form", "Counting criteria needs a framework that has some.")
        return 0
    return reader.whole(sql, "k", "gates.sql.", low=1, high=criteria)


def _check_order(gates: Gates, reader: FieldReader) -> None:
    thresholds = (gates.mql_fit, gates.mql_engagement, gates.mql_low)
    if gates.mql_form is GateForm.MINIMUMS and not any(thresholds):
        reader.refuse("gates.mql.fit", "Every minimum is 0, so every lead would pass: set one above 0.")
    # Whoever passes the SQL gate is an MQL as well; a lower threshold would turn the order around.
    if gates.sql_form is not GateForm.K_OF_N and gates.sql_low < gates.mql_low:
        reader.refuse("gates.sql.low", "Set it at least as high as the MQL gate's low.")
