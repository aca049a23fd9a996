"""The report about data: what is missing or contradicts itself."""

from django.utils.translation import gettext_lazy as _

from reports.definitions import Column, Record, Report, Unit
from reports.queries import quality

DATA_QUALITY = Report(
    name="data-quality",
    title=_("Data quality"),
    reason=_("What is missing or contradicts itself, and so weakens every other figure."),
    statement=quality.data_quality,
    row=quality.Quality,
    record=Record.LEAD,
    dimensions={},
    measure="records",
    split=("check",),
    for_success=True,
    columns=[
        Column("check", _("Check"), Unit.TEXT, _("Code of the check."), on_page=False),
        Column("what", _("What"), Unit.TEXT, _("What is missing or contradicts itself.")),
        Column(
            "records", _("Records"), Unit.RECORDS, _("Leads, deals or accounts that fail the check, as of the moment.")
        ),
    ],
)
