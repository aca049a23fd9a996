"""/api/v1/handoffs/: the queue, and what sales and marketing decide in it."""

from collections.abc import Callable
from typing import Any

from django import forms
from django.db.models import Prefetch, QuerySet
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from leads import handoff as verbs
from leads import rights
from leads.models import Handoff, HandoffChange, RejectionReason
from leads.queue import may_see_queue, who_may_see_queue
from users.api import codes
from users.api.bodies import Body
from users.api.pages import page
from users.api.queries import IdField, PagedQuery
from users.api.schema import described
from users.api.verbs import Act, NoBody, verb
from users.api.versions import etag
from users.api.views import ApiView, find
from users.models import Team, User
from users.rights import demand


class HandoffOut(serializers.ModelSerializer):
    """A hand-off as it is told."""

    decided_by = codes.shown("decided_by.username")
    reason = codes.shown("reason.code")

    class Meta:
        model = Handoff
        fields = [
            "id",
            "lead",
            "checklist",
            "team",
            "state",
            "because",
            "offered_at",
            "accept_due",
            "touch_due",
            "decided_at",
            "decided_by",
            "reason",
            "note",
            "recycle_until",
            "version",
        ]
        read_only_fields = fields


class ChangeOut(serializers.ModelSerializer):
    by = codes.shown("by.username")
    reason = codes.shown("reason.code")

    class Meta:
        model = HandoffChange
        fields = ["from_state", "to_state", "team", "reason", "note", "by", "occurred_at"]
        read_only_fields = fields


class WholeHandoff(HandoffOut):
    """With everything that became of it, and the score as it was when it was offered."""

    changes = ChangeOut(many=True, read_only=True)

    class Meta(HandoffOut.Meta):
        fields = [*HandoffOut.Meta.fields, "frozen", "changes"]
        read_only_fields = fields


class RejectBody(Body):
    reason = codes.by_code(RejectionReason.objects.all())
    note = serializers.CharField(allow_blank=True, required=False, default="")
    until = serializers.DateField(required=False, allow_null=True, default=None)


class RecycleBody(Body):
    until = serializers.DateField()
    note = serializers.CharField(allow_blank=True, required=False, default="")


class NoteBody(Body):
    note = serializers.CharField()


class TeamBody(Body):
    team = codes.team()


class HandoffQuery(PagedQuery):
    state = forms.MultipleChoiceField(required=False, choices=Handoff.State.choices)
    lead = IdField()
    team = forms.ModelChoiceField(Team.objects.all(), required=False)


def handoffs_of(view: ApiView) -> QuerySet[Handoff]:
    """The hand-offs that whoever asks may see. Raises Forbidden for whom the queue is not."""
    demand(may_see_queue(view.user), who_may_see_queue())
    changes = HandoffChange.objects.select_related("by", "reason").order_by("id")
    rows = Handoff.objects.visible_to(view.user).select_related("decided_by", "reason", "team")
    return rows.prefetch_related(Prefetch("changes", changes))


class Handoffs(ApiView):
    query = HandoffQuery

    @described("list_handoffs", "Hand-offs, newest offer first", gives=HandoffOut, query=HandoffQuery, page_of=True)
    def get(self, request: Request) -> Response:
        rows = handoffs_of(self).prefetch_related(None).defer("frozen")
        if self.asked["state"]:
            rows = rows.filter(state__in=self.asked["state"])
        for name in ("lead", "team"):
            if self.asked[name]:
                rows = rows.filter(**{name: self.asked[name]})
        order = ["-offered_at", "-id"]
        return page(request, rows, order, self.asked, lambda found: HandoffOut(found, many=True).data)


class OneHandoff(ApiView):
    @described("read_handoff", "One hand-off with everything that became of it", gives=WholeHandoff)
    def get(self, request: Request, pk: int) -> Response:
        handoff = find(handoffs_of(self), pk)
        return Response(WholeHandoff(handoff).data, headers=etag(handoff.version))


def find_handoff(view: ApiView, pk: int) -> Handoff:
    return find(handoffs_of(view), pk)


def tell(handoff: Handoff) -> dict[str, Any]:
    return dict(WholeHandoff(handoff).data)


Rights = tuple[Callable[[User, Handoff], bool], Callable[[Handoff], str]]
DECIDES: Rights = (rights.may_decide, rights.who_may_decide)
RECYCLES: Rights = (rights.may_recycle, rights.who_may_recycle)
COMMENTS: Rights = (rights.may_comment, rights.who_may_recycle)
REASSIGNS: Rights = (rights.may_reassign, lambda handoff: rights.who_may_reassign())
REVIEWS: Rights = (rights.may_review, lambda handoff: rights.who_may_review())


def of_handoff(name: str, summary: str, act: Act, whose: Rights, takes: type[Body] = NoBody) -> type[ApiView]:
    """The view of a verb. If-Match is taken, not asked for: of two who decide at once, the second is told who was first."""
    may, who_may = whose
    return verb(
        f"{name}_handoff",
        summary,
        act,
        of=find_handoff,
        gives=WholeHandoff,
        tell=tell,
        may=may,
        who_may=who_may,
        takes=takes,
    )


VERBS = {
    "accept": of_handoff(
        "accept", "Sales takes the lead", lambda h, by, said, version: verbs.accept(h, by=by, version=version), DECIDES
    ),
    "reject": of_handoff(
        "reject",
        "Sales sends the lead back with a reason",
        lambda h, by, said, version: verbs.reject(
            h, said["reason"], by=by, note=said["note"], until=said["until"], version=version
        ),
        DECIDES,
        RejectBody,
    ),
    "recycle": of_handoff(
        "recycle",
        "Keep the lead warm until a date",
        lambda h, by, said, version: verbs.recycle(h, said["until"], by=by, note=said["note"], version=version),
        RECYCLES,
        RecycleBody,
    ),
    "comment": of_handoff(
        "comment",
        "Leave a note",
        lambda h, by, said, version: verbs.comment(h, said["note"], by=by),
        COMMENTS,
        NoteBody,
    ),
    "reassign": of_handoff(
        "reassign",
        "Give it to another team",
        lambda h, by, said, version: verbs.reassign(h, said["team"], by=by),
        REASSIGNS,
        TeamBody,
    ),
    "release": of_handoff(
        "release",
        "Marketing lets sales see it",
        lambda h, by, said, version: verbs.release(h, by=by, version=version),
        REVIEWS,
    ),
    "return": of_handoff(
        "return",
        "Marketing sends it back to lead",
        lambda h, by, said, version: verbs.give_back(h, said["note"], by=by, version=version),
        REVIEWS,
        NoteBody,
    ),
}
