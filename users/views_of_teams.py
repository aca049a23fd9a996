"""The settings of teams: the tree, one team, who is in charge of it."""

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Count, Q
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from users.forms import ManagerForm, TeamForm
from users.membership import put_in_charge
from users.models import Role, Team, User
from users.organising import save_team, tree
from users.pages import SignedIn, refuse, sent, settings_page, status_of
from users.rights import demand, may_administer, who_may_administer, who_may_look_after_people
from users.settings_pages import may_look_after_people
from users.visibility import teams_seen

POSSIBLE_MANAGERS = Q(is_active=True, role__in=[Role.MANAGER, Role.ADMINISTRATOR])


@require_GET
def teams(request: SignedIn) -> HttpResponse:
    """The teams that the person sees, each below its region."""
    demand(may_look_after_people(request.user), who_may_look_after_people())
    seen = (
        teams_seen(request.user)
        .select_related("manager")
        .annotate(people=Count("members", filter=Q(members__is_active=True)))
        .order_by("name", "pk")
    )
    context = {
        "rows": [("– " * depth, each) for depth, each in tree(seen)],
        "may_edit": may_administer(request.user),
        "title": _("Teams"),
    }
    return settings_page(request, "users/teams.html", "teams", context)


@require_http_methods(["GET", "POST"])
def new_team(request: SignedIn) -> HttpResponse:
    """A team or region; people and a manager come afterwards."""
    demand(may_administer(request.user), who_may_administer())
    form = TeamForm(sent(request), teams=teams_seen(request.user))
    if request.method == "POST" and form.is_valid():
        try:
            made = save_team(Team(), **form.cleaned_data)
        except ValidationError as refused:
            refuse(form, refused)
        else:
            messages.success(request, _("Saved."))
            return redirect("team", pk=made.pk)
    return settings_page(
        request, "users/new_team.html", "teams", {"form": form, "title": _("New team")}, status_of(form)
    )


@require_http_methods(["GET", "POST"])
def team(request: SignedIn, pk: int) -> HttpResponse:
    """Managers see their teams; administrators change them."""
    shown = get_object_or_404(teams_seen(request.user), pk=pk)
    form = _team_form(request, shown)
    if request.method == "POST":
        demand(may_administer(request.user), who_may_administer())
        if form.is_valid():
            try:
                save_team(shown, **form.cleaned_data)
            except ValidationError as refused:
                refuse(form, refused)
            else:
                messages.success(request, _("Saved."))
                return redirect("team", pk=pk)
    return _team_page(request, Team.objects.get(pk=pk), form, _manager_form(shown))


@require_POST
def team_manager(request: SignedIn, pk: int) -> HttpResponse:
    """Somebody is in charge since a day; figures before it stay with whoever was."""
    shown = get_object_or_404(teams_seen(request.user), pk=pk)
    demand(may_administer(request.user), who_may_administer())
    form = ManagerForm(request.POST, managers=User.objects.filter(POSSIBLE_MANAGERS), auto_id="manager_%s")
    if form.is_valid():
        try:
            with transaction.atomic():
                put_in_charge(shown, form.cleaned_data["manager"], by=request.user, at=form.moment())
        except ValidationError as refused:
            form.add_error("since", refused)
        else:
            messages.success(request, _("Saved."))
            return redirect("team", pk=pk)
    return _team_page(request, shown, _team_form(request, shown, bound=False), form)


def _team_form(request: SignedIn, shown: Team, *, bound: bool = True) -> TeamForm:
    initial = {"name": shown.name, "parent": shown.parent_id, "zone": shown.zone}
    # The team and everything below it cannot be above it.
    below = {shown.pk}
    for _depth, each in tree(Team.objects.all()):
        if each.parent_id in below:
            below.add(each.pk)
    others = teams_seen(request.user).exclude(pk__in=below)
    return TeamForm(sent(request) if bound else None, initial=initial, teams=others)


def _manager_form(shown: Team) -> ManagerForm:
    return ManagerForm(
        initial={"manager": shown.manager_id}, managers=User.objects.filter(POSSIBLE_MANAGERS), auto_id="manager_%s"
    )


def _team_page(request: SignedIn, shown: Team, form: TeamForm, manager: ManagerForm) -> HttpResponse:
    may_edit = may_administer(request.user)
    context = {
        "team": shown,
        "title": shown.name,
        "form": form if may_edit else None,
        "manager_form": manager if may_edit else None,
        "members": shown.members.filter(is_active=True).order_by("name", "pk"),
        "managements": shown.managements.select_related("manager", "by").newest_last().reverse(),
    }
    return settings_page(request, "users/team.html", "teams", context, status_of(form, manager))
