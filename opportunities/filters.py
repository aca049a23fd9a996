"""What the board and the table of deals are asked for in the address: pipeline, owner, team, stage."""

from dataclasses import dataclass
from urllib.parse import urlencode

from django.db.models import QuerySet
from django.http import QueryDict

from opportunities.models import Opportunity, Pipeline, PipelineStage
from users.models import Team, User
from users.visibility import sees_all_leads, team_ids_seen


@dataclass(frozen=True, slots=True)
class Asked:
    """A filter that was understood. What was not is left out, and the page shows what holds."""

    pipeline: Pipeline
    owner: User | None
    team: Team | None
    stage: PipelineStage | None
    outcome: str

    def deals(self, viewer: User) -> QuerySet[Opportunity]:
        """The deals asked for, among those that the viewer sees; a team counts with those below it."""
        rows = Opportunity.objects.visible_to(viewer).active().filter(pipeline=self.pipeline)
        if self.owner is not None:
            rows = rows.filter(owner=self.owner)
        if self.team is not None:
            rows = rows.filter(team__in=with_those_below(self.team))
        return rows

    def address(self, **other: str) -> str:
        """The query of the same filter, with some of it changed; an empty text takes a part out."""
        parts = {
            "pipeline": self.pipeline.code,
            "owner": str(self.owner.pk) if self.owner else "",
            "team": str(self.team.pk) if self.team else "",
            **other,
        }
        return f"?{urlencode({name: value for name, value in parts.items() if value})}"


def asked(query: QueryDict, viewer: User) -> Asked | None:
    """The filter of an address; None if there is no pipeline yet."""
    pipeline = Pipeline.objects.filter(code=_text(query, "pipeline")).first() or Pipeline.objects.first()
    if pipeline is None:
        return None
    owner = query.get("owner", "")
    return Asked(
        pipeline,
        viewer if owner == "me" else User.objects.filter(pk=_number(owner)).first(),
        teams_of(viewer).filter(pk=_number(query.get("team", ""))).first(),
        pipeline.stages.filter(code=_text(query, "stage")).first(),
        query.get("outcome", "") if query.get("outcome") in PipelineStage.Outcome.values else "",
    )


def teams_of(viewer: User) -> QuerySet[Team]:
    """Teams whose deals the viewer may see."""
    teams = Team.objects.filter(archived_at__isnull=True)
    return teams if sees_all_leads(viewer) else teams.filter(pk__in=team_ids_seen(viewer))


def owners_of(viewer: User) -> QuerySet[User]:
    """People whose deals the viewer may see."""
    people = User.objects.filter(is_active=True)
    return people if sees_all_leads(viewer) else people.filter(team__in=team_ids_seen(viewer))


def with_those_below(team: Team) -> set[int]:
    children: dict[int | None, list[int]] = {}
    for pk, parent in Team.objects.values_list("pk", "parent_id"):
        children.setdefault(parent, []).append(pk)
    found: set[int] = set()
    waiting = [team.pk]
    while waiting:
        pk = waiting.pop()
        if pk not in found:
            found.add(pk)
            waiting += children.get(pk, [])
    return found


def _number(text: str) -> int:
    """0 for what is no number: nobody has it."""
    return int(text) if text.isdecimal() and len(text) < 19 else 0


def _text(query: QueryDict, name: str) -> str:
    return query.get(name, "")[:100].replace("\x00", "")
