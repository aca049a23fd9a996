"""The lists of this room that people may edit (users/editable_lists.py)."""

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from opportunities.models import LossReason, PipelineStage
from users.editable_lists import EditableList
from users.rights import may_administer, who_may_administer


def problems_of_stage(stage: PipelineStage) -> dict[str, str]:
    """Won is certain and lost is not to come; between them everything is possible."""
    if stage.probability > 100:
        return {"probability": _("Give 0 to 100 percent.")}
    fixed = {PipelineStage.Outcome.WON: 100, PipelineStage.Outcome.LOST: 0}.get(PipelineStage.Outcome(stage.outcome))
    if fixed is not None and stage.probability != fixed:
        return {"probability": _("A closed stage keeps its %(percent)d percent.") % {"percent": fixed}}
    return {}


LISTS = (
    EditableList(
        code="loss-reasons",
        title=gettext_lazy("Loss reasons"),
        about=gettext_lazy("Why deals are lost."),
        model=LossReason,
        fields={"label": gettext_lazy("Reason"), "code": gettext_lazy("Code"), "position": gettext_lazy("Place")},
        given_once=("code",),
        may_edit=may_administer,
        who_may=who_may_administer,
    ),
    EditableList(
        code="pipeline-stages",
        title=gettext_lazy("Pipeline stages"),
        about=gettext_lazy("Names and stated probabilities. Reports show the measured rate beside them."),
        model=PipelineStage,
        fields={
            "name": gettext_lazy("Name"),
            "pipeline": gettext_lazy("Pipeline"),
            "probability": gettext_lazy("Probability in percent"),
            "usual_days": gettext_lazy("Usual days"),
        },
        given_once=("pipeline",),
        may_add=False,
        may_edit=may_administer,
        who_may=who_may_administer,
        problems=problems_of_stage,
    ),
)
