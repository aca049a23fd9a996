"""The settings: one's own profile, people, API keys, the workspace. Teams and lists: users/views_of_teams.py and _of_lists.py."""

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from users.forms import EditPersonForm, KeyForm, MoveForm, NewPersonForm, ProfileForm, WorkspaceForm
from users.keys import create_key, revoke_key
from users.membership import move_to_team
from users.models import ApiKey, User, Workspace
from users.organising import change_workspace
from users.pages import SignedIn, refuse, sent, settings_page, status_of
from users.people import add_person, edit_person, edit_profile, password_link
from users.rights import (
    demand,
    may_administer,
    may_move_member,
    who_may_administer,
    who_may_look_after_people,
    who_may_move_member,
)
from users.settings_pages import may_look_after_people, sections_of
from users.visibility import people_seen, teams_seen


@require_GET
def index(request: SignedIn) -> HttpResponse:
    return settings_page(request, "users/settings.html", "", {"entries": sections_of(request.user)})


@require_http_methods(["GET", "POST"])
def profile(request: SignedIn) -> HttpResponse:
    """One's own name, address and keys of the keyboard."""
    user = request.user
    form = ProfileForm(sent(request), initial={"name": user.name, "email": user.email, "single_keys": user.single_keys})
    if request.method == "POST" and form.is_valid():
        try:
            edit_profile(user, form.cleaned_data)
        except ValidationError as refused:
            refuse(form, refused)
        else:
            messages.success(request, _("Saved."))
            return redirect("profile")
    return settings_page(
        request, "users/profile.html", "profile", {"form": form, "title": _("My profile")}, status_of(form)
    )


@require_GET
def people(request: SignedIn) -> HttpResponse:
    demand(may_look_after_people(request.user), who_may_look_after_people())
    rows = people_seen(request.user).select_related("team").order_by("-is_active", "name", "pk")
    context = {"people": rows, "may_add": may_administer(request.user), "title": _("People")}
    return settings_page(request, "users/people.html", "people", context)


@require_http_methods(["GET", "POST"])
def new_person(request: SignedIn) -> HttpResponse:
    """Whoever is new gets a link to choose a password."""
    demand(may_administer(request.user), who_may_administer())
    form = NewPersonForm(sent(request), teams=teams_seen(request.user))
    if request.method == "POST" and form.is_valid():
        fields = {name: form.cleaned_data[name] for name in ("username", "name", "email", "role")}
        try:
            person = add_person(fields, team=form.cleaned_data["team"], by=request.user)
        except ValidationError as refused:
            refuse(form, refused)
        else:
            messages.success(
                request, _("%(name)s can be given a link now to choose a password.") % {"name": person.name}
            )
            return redirect("person", pk=person.pk)
    return settings_page(
        request, "users/new_person.html", "people", {"form": form, "title": _("New person")}, status_of(form)
    )


@require_http_methods(["GET", "POST"])
def person(request: SignedIn, pk: int) -> HttpResponse:
    """Those who look after people see it; administrators change it."""
    someone = get_object_or_404(people_seen(request.user).select_related("team"), pk=pk)
    fields = {name: getattr(someone, name) for name in ("username", "name", "email", "role", "is_active")}
    form = EditPersonForm(sent(request), initial=fields)
    if request.method == "POST":
        demand(may_administer(request.user), who_may_administer())
        if form.is_valid():
            try:
                edit_person(someone, form.cleaned_data)
            except ValidationError as refused:
                refuse(form, refused)
            else:
                messages.success(request, _("Saved."))
                return redirect("person", pk=pk)
    move = MoveForm(initial={"team": someone.team}, teams=teams_seen(request.user), auto_id="move_%s")
    return _person_page(request, User.objects.get(pk=pk), form, move)


@require_POST
def move_person(request: SignedIn, pk: int) -> HttpResponse:
    """Into another team since a day; figures before it stay with the old one."""
    someone = get_object_or_404(people_seen(request.user), pk=pk)
    demand(may_move_member(request.user, someone), who_may_move_member())
    form = MoveForm(request.POST, teams=teams_seen(request.user), auto_id="move_%s")
    if form.is_valid():
        try:
            move_to_team(someone, form.cleaned_data["team"], by=request.user, at=form.moment())
        except ValidationError as refused:
            form.add_error("since", refused)
        else:
            messages.success(request, _("Saved."))
            # Out of the teams of the manager who moved them, the page is no longer theirs to see.
            seen = people_seen(User.objects.get(pk=request.user.pk)).filter(pk=pk).exists()
            return redirect("person", pk=pk) if seen else redirect("people")
    fields = {name: getattr(someone, name) for name in ("username", "name", "email", "role", "is_active")}
    return _person_page(request, someone, EditPersonForm(initial=fields), form)


def _person_page(request: SignedIn, someone: User, form: EditPersonForm, move: MoveForm) -> HttpResponse:
    context = {
        "person": someone,
        "title": someone.name,
        "form": form if may_administer(request.user) else None,
        "move": move if may_move_member(request.user, someone) else None,
        "memberships": someone.memberships.select_related("team", "by").newest_last().reverse(),
    }
    return settings_page(request, "users/person.html", "people", context, status_of(form, move))


@require_POST
def make_password_link(request: SignedIn, pk: int) -> HttpResponse:
    demand(may_administer(request.user), who_may_administer())
    someone = get_object_or_404(people_seen(request.user), pk=pk, is_active=True)
    context = {"person": someone, "title": someone.name, "link": request.build_absolute_uri(password_link(someone))}
    return settings_page(request, "users/password_link.html", "people", context)


@require_http_methods(["GET", "POST"])
def keys(request: SignedIn) -> HttpResponse:
    """Keys of programs: a new one is shown once."""
    demand(may_administer(request.user), who_may_administer())
    form = KeyForm(sent(request), initial={"user": request.user})
    text = ""
    if request.method == "POST" and form.is_valid():
        wanted = form.cleaned_data
        try:
            _key, text = create_key(wanted["user"], name=wanted["name"], scopes=[wanted["scope"]], days=wanted["days"])
        except ValidationError as refused:
            refuse(form, refused)
    rows = ApiKey.objects.select_related("user").order_by("-created")
    # The new key is shown by this answer and never again: it is neither stored nor put into the session.
    context = {
        "form": KeyForm(initial={"user": request.user}) if text else form,
        "keys": rows,
        "text": text,
        "title": _("API keys"),
    }
    return settings_page(request, "users/keys.html", "keys", context, status_of(form))


@require_POST
def revoke(request: SignedIn) -> HttpResponse:
    demand(may_administer(request.user), who_may_administer())
    if revoke_key(request.POST.get("key", "")):
        messages.success(request, _("The key is revoked; it no longer works."))
    else:
        messages.warning(request, _("This key was revoked before."))
    return redirect("keys")


@require_http_methods(["GET", "POST"])
def workspace(request: SignedIn) -> HttpResponse:
    """Name, time zone and currency of the house."""
    demand(may_administer(request.user), who_may_administer())
    house = Workspace.get()
    form = WorkspaceForm(sent(request), initial={"name": house.name, "zone": house.zone, "currency": house.currency})
    if request.method == "POST" and form.is_valid():
        try:
            change_workspace(**form.cleaned_data)
        except ValidationError as refused:
            refuse(form, refused)
        else:
            messages.success(request, _("Saved."))
            return redirect("workspace")
    return settings_page(
        request, "users/workspace.html", "workspace", {"form": form, "title": _("Workspace")}, status_of(form)
    )
