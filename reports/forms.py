"""What can be asked of a report, as a form whose fields are the words of the contract."""

from django import forms
from django.utils.translation import gettext_lazy as _

from reports.definitions import Report
from users.choices import offer_choices

VIEWS = {"cohort": _("Cohort: those created then, whenever they moved"), "period": _("Period: the moves within it")}
COMPARISONS = [("", _("Nothing")), ("previous", _("The period before")), ("year", _("The same days a year before"))]


class QuestionForm(forms.Form):
    """Shows what was asked. reports/parameters.py judges it: the command and the API have no form."""

    to = forms.CharField(label=_("To"), required=False, widget=forms.DateInput(attrs={"type": "date"}))
    by = forms.ChoiceField(label=_("Divided by"), required=False)
    view = forms.ChoiceField(label=_("View"), required=False)
    compare = forms.ChoiceField(label=_("Compared with"), required=False, choices=COMPARISONS)
    as_of = forms.CharField(
        label=_("As of"),
        required=False,
        widget=forms.DateInput(attrs={"type": "date"}),
        help_text=_("As it was known at the end of a past day."),
    )
    filter_by = forms.ChoiceField(label=_("Only"), required=False)
    filter_value = forms.CharField(
        label=_("that is"), required=False, help_text=_("A name or a code; empty: those without one.")
    )

    field_order = ("from", "to", "by", "view", "compare", "as_of", "filter_by", "filter_value")

    def __init__(self, *args: object, report: Report, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]  # Django's own, unchanged
        self.fields["from"] = forms.CharField(
            label=_("From"), required=False, widget=forms.DateInput(attrs={"type": "date"})
        )
        self.order_fields(self.field_order)
        dimensions = [(code, one.title) for code, one in report.dimensions.items()]
        choices: list[tuple[str, object]] = [("all", _("Nothing")), *dimensions]
        if dimensions:
            offer_choices(self, "by", choices)
            offer_choices(self, "filter_by", [("", _("All")), *dimensions])
        else:
            for name in ("by", "filter_by", "filter_value"):
                del self.fields[name]
        if len(report.views) > 1:
            offer_choices(self, "view", [(view.value, VIEWS[view.value]) for view in report.views])
        else:
            del self.fields["view"]
        if not report.period_of:
            for name in ("from", "to", "compare"):
                del self.fields[name]
