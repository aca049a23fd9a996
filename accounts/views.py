"""Accounts: list, page, new, edit. Everybody sees them; who may edit stands in accounts/rights.py."""

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.choosing import proposals
from accounts.editing import ACCOUNT_FIELDS, archive_account, create_account, edit_account, restore_account
from accounts.forms import AccountForm, sellers
from accounts.models import Account, AccountType, Contact
from accounts.panels import panels_of
from accounts.rights import (
    may_create_account,
    may_create_contact,
    may_edit_account,
    who_may_create_account,
    who_may_edit_account,
)
from accounts.tree import parents_of
from users.attributes import in_words
from users.changes import changes_of
from users.edit_page import edit_page
from users.keyset import page_of
from users.models import Attribute, User
from users.once import once
from users.pages import SignedIn, refuse, sent, status_of
from users.rights import demand

LONGEST_SEARCH = 200
CONTACTS_SHOWN = 50


@require_safe
def accounts(request: SignedIn) -> HttpResponse:
    """`?q=` finds by name, `?type=` and `?manager=` (a number, `me` or `none`) filter, `?archived=1` shows the others."""
    archived = request.GET.get("archived") == "1"
    rows = Account.objects.visible_to(request.user).filter(archived_at__isnull=not archived)
    found = filtered(rows, request)
    page = page_of(found.select_related("type", "manager", "parent"), ("sort_key", "id"), request.GET)
    context = {
        "section": "accounts",
        "page": page,
        "q": request.GET.get("q", ""),
        "types": AccountType.objects.all(),
        "type_asked": request.GET.get("type", ""),
        "managers": sellers(),
        "manager_asked": request.GET.get("manager", ""),
        "is_filtered": any(request.GET.get(name) for name in ("q", "type", "manager")),
        "archived": archived,
        "may_create": may_create_account(request.user),
    }
    return render(request, "accounts/list.html", context)


def filtered(rows: QuerySet[Account], request: SignedIn) -> QuerySet[Account]:
    """The rows that the address asks for; what it asks wrongly finds nothing."""
    text = " ".join(request.GET.get("q", "")[:LONGEST_SEARCH].replace("\x00", "").split()).lower()
    if text:
        rows = rows.filter(sort_key__contains=text)
    if request.GET.get("type"):
        rows = rows.filter(type__code=request.GET["type"][:LONGEST_SEARCH].replace("\x00", ""))
    manager = request.GET.get("manager", "")
    if manager == "me":
        rows = rows.filter(manager=request.user)
    elif manager == "none":
        rows = rows.filter(manager__isnull=True)
    elif manager:
        rows = rows.filter(manager=int(manager)) if manager.isdecimal() and len(manager) < 19 else rows.none()
    return rows


@require_safe
def page(request: SignedIn, pk: int) -> HttpResponse:
    """One account: what it is, its group with figures rolled up, its people, and what was changed."""
    account = account_of(request.user, pk)
    contacts = Contact.objects.visible_to(request.user).active().filter(account=account).order_by("sort_key", "id")
    context = {
        "section": "accounts",
        "account": account,
        "above": parents_of(account),
        "attributes": in_words(Attribute.Of.ACCOUNT, account.attributes),
        "contacts": contacts[:CONTACTS_SHOWN],
        "panels": panels_of(account, request.user),
        "changes": changes_of(account),
        "may_edit": may_edit_account(request.user, account),
        "may_add_contact": may_create_contact(request.user, account),
    }
    return render(request, "accounts/page.html", context)


def account_of(user: User, pk: int) -> Account:
    return get_object_or_404(Account.objects.visible_to(user).select_related("type", "manager", "parent"), pk=pk)


@require_http_methods(["GET", "HEAD", "POST"])
def new(request: SignedIn) -> HttpResponse:
    """`?parent=` puts the new account below another one of its group."""
    demand(may_create_account(request.user), who_may_create_account())
    parent = request.GET.get("parent", "")
    first = {
        "parent": Account.objects.active().filter(pk=int(parent)).first()
        if parent.isdecimal() and len(parent) < 19
        else None,
        "manager": request.user,
        "type": AccountType.objects.filter(kind=AccountType.Kind.PROSPECT).first(),
    }
    form = AccountForm(sent(request), initial=first)

    def make() -> str:
        account = create_account(form.changes(), by=request.user)
        messages.success(request, _("%(account)s is created.") % {"account": account})
        return reverse("accounts:page", args=[account.pk])

    if request.method == "POST" and form.is_valid():
        try:
            return once(request, make)
        except ValidationError as refused:
            refuse(form, refused)
    context = {"section": "accounts", "form": form, "makes": True, "error_in_title": bool(form.errors)}
    return render(request, "accounts/edit.html", context, status=status_of(form))


@require_http_methods(["GET", "HEAD", "POST"])
def edit(request: SignedIn, pk: int) -> HttpResponse:
    """Whoever saved second chooses field by field between both values (409)."""
    account = account_of(request.user, pk)
    demand(may_edit_account(request.user, account), who_may_edit_account(account))
    first = {name: getattr(account, name) for name in ACCOUNT_FIELDS} | {"version": account.version}
    return edit_page(
        request,
        "accounts/edit.html",
        {"section": "accounts", "account": account},
        AccountForm(sent(request), initial=first),
        lambda changes, version: edit_account(account, changes, version=version, by=request.user),
        then=reverse("accounts:page", args=[account.pk]),
    )


@require_POST
def archive(request: SignedIn, pk: int) -> HttpResponse:
    """Archive, or bring back what is archived."""
    account = account_of(request.user, pk)
    if account.archived_at is None:
        archive_account(account, by=request.user)
        messages.success(request, _("%(account)s is archived: lists no longer show it.") % {"account": account})
        return redirect("accounts:list")
    restore_account(account, by=request.user)
    messages.success(request, _("%(account)s is back in the lists.") % {"account": account})
    return redirect("accounts:page", pk=account.pk)


@require_safe
def propose(request: SignedIn) -> HttpResponse:
    """Options for a field in which an account is chosen; whatever the field's name, its text is the only parameter."""
    rows = Account.objects.visible_to(request.user).active()
    return render(request, "accounts/_options.html", {"labels": proposals(rows, typed(request))})


@require_safe
def propose_contacts(request: SignedIn) -> HttpResponse:
    rows = Contact.objects.visible_to(request.user).active()
    return render(request, "accounts/_options.html", {"labels": proposals(rows, typed(request))})


def typed(request: SignedIn) -> str:
    for name in request.GET:
        return request.GET[name][:LONGEST_SEARCH]
    return ""
