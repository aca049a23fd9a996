"""/api/v1/accounts/ and /api/v1/contacts/: everybody sees them; who may edit stands in accounts/rights.py."""

from collections.abc import Mapping
from typing import Any

from django import forms
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.editing import (
    archive_account,
    archive_contact,
    create_account,
    create_contact,
    edit_account,
    edit_contact,
    restore_account,
    restore_contact,
)
from accounts.models import Account, AccountQuerySet, AccountType, Contact, ContactQuerySet, Product
from accounts.rights import (
    may_create_account,
    may_edit_account,
    may_edit_contact,
    who_may_create_account,
    who_may_edit_account,
)
from users.api import codes
from users.api.bodies import Body, read
from users.api.lists import listing
from users.api.once import once
from users.api.pages import page
from users.api.queries import IdField, PagedQuery
from users.api.schema import described
from users.api.verbs import verb
from users.api.versions import both_values, etag, version_named
from users.api.views import ApiView, find
from users.models import User
from users.rights import demand


class AccountOut(serializers.ModelSerializer):
    """An account as it is told."""

    type = codes.shown("type.code")
    manager = codes.shown("manager.username")

    class Meta:
        model = Account
        fields = [
            "id",
            "name",
            "type",
            "parent",
            "manager",
            "industry",
            "employees",
            "revenue",
            "currency",
            "country",
            "city",
            "domain",
            "phone",
            "attributes",
            "external_id",
            "created_at",
            "archived_at",
            "version",
        ]
        read_only_fields = fields


class AccountFields(Body):
    """What may be written into an account."""

    name = serializers.CharField(max_length=255, required=False)
    type = codes.by_code(AccountType.objects.all(), required=False)
    parent = codes.by_id(Account.objects.active(), allow_null=True, required=False)
    manager = codes.person(allow_null=True, required=False)
    industry = serializers.CharField(max_length=100, allow_blank=True, required=False)
    employees = serializers.IntegerField(min_value=0, max_value=2**31 - 1, allow_null=True, required=False)
    revenue = serializers.DecimalField(max_digits=16, decimal_places=2, min_value=0, allow_null=True, required=False)
    currency = serializers.CharField(max_length=3, allow_blank=True, required=False)
    country = serializers.CharField(max_length=100, allow_blank=True, required=False)
    city = serializers.CharField(max_length=100, allow_blank=True, required=False)
    domain = serializers.CharField(max_length=253, allow_blank=True, required=False)
    phone = serializers.CharField(max_length=50, allow_blank=True, required=False)
    attributes = serializers.DictField(required=False)


class NewAccount(AccountFields):
    name = serializers.CharField(max_length=255)
    external_id = serializers.CharField(max_length=120, required=False)


class ContactOut(serializers.ModelSerializer):
    """A contact as it is told."""

    class Meta:
        model = Contact
        fields = [
            "id",
            "account",
            "name",
            "title",
            "department",
            "email",
            "phone",
            "sells_on",
            "external_id",
            "created_at",
            "archived_at",
            "version",
        ]
        read_only_fields = fields


class ContactFields(Body):
    """What may be written into a contact."""

    account = codes.by_id(Account.objects.active(), allow_null=True, required=False)
    name = serializers.CharField(max_length=200, required=False)
    title = serializers.CharField(max_length=150, allow_blank=True, required=False)
    department = serializers.CharField(max_length=150, allow_blank=True, required=False)
    email = serializers.CharField(max_length=254, allow_blank=True, required=False)
    phone = serializers.CharField(max_length=50, allow_blank=True, required=False)
    sells_on = serializers.BooleanField(required=False)


class NewContact(ContactFields):
    name = serializers.CharField(max_length=200)
    external_id = serializers.CharField(max_length=120, required=False)


class AccountQuery(PagedQuery):
    search = forms.CharField(required=False, max_length=200)
    type = forms.ModelChoiceField(AccountType.objects.all(), to_field_name="code", required=False)
    manager = forms.ModelChoiceField(User.objects.all(), to_field_name="username", required=False)
    parent = IdField()


class ContactQuery(PagedQuery):
    search = forms.CharField(required=False, max_length=200)
    account = IdField()
    email = forms.CharField(required=False, max_length=254)


def accounts_of(view: ApiView) -> AccountQuerySet:
    return Account.objects.visible_to(view.user).select_related("type", "manager")


def contacts_of(view: ApiView) -> ContactQuerySet:
    return Contact.objects.visible_to(view.user).select_related("account__manager")


def tell_account(account: Account) -> Mapping[str, Any]:
    return dict(AccountOut(account).data)


def tell_contact(contact: Contact) -> Mapping[str, Any]:
    return dict(ContactOut(contact).data)


class Accounts(ApiView):
    query = AccountQuery

    @described("list_accounts", "Accounts by name", gives=AccountOut, query=AccountQuery, page_of=True)
    def get(self, request: Request) -> Response:
        rows = accounts_of(self).active()
        if self.asked["search"]:
            rows = rows.filter(sort_key__contains=self.asked["search"].lower())
        for name in ("type", "manager", "parent"):
            if self.asked[name]:
                rows = rows.filter(**{name: self.asked[name]})
        return page(request, rows, ["sort_key", "id"], self.asked, lambda found: AccountOut(found, many=True).data)

    @described("create_account", "A new account", takes=NewAccount, gives=AccountOut, status=201)
    @once
    def post(self, request: Request) -> Response:
        demand(may_create_account(self.user), who_may_create_account())
        made = create_account(read(NewAccount(data=request.data)), by=self.user)
        return Response(
            tell_account(made), 201, headers={**etag(made.version), "Location": f"{request.path}{made.pk}/"}
        )


class OneAccount(ApiView):
    @described("read_account", "One account", gives=AccountOut)
    def get(self, request: Request, pk: int) -> Response:
        account = find(accounts_of(self), pk)
        return Response(tell_account(account), headers=etag(account.version))

    @described(
        "change_account", "Change an account", takes=AccountFields(partial=True), gives=AccountOut, if_match=True
    )
    def patch(self, request: Request, pk: int) -> Response:
        account = find(accounts_of(self), pk)
        version = version_named(request)
        changes = read(AccountFields(data=request.data, partial=True))
        with both_values(tell_account, request.data):
            account = edit_account(account, changes, version=version, by=self.user)
        return Response(tell_account(account), headers=etag(account.version))


class Contacts(ApiView):
    query = ContactQuery

    @described("list_contacts", "Contacts by name", gives=ContactOut, query=ContactQuery, page_of=True)
    def get(self, request: Request) -> Response:
        rows = contacts_of(self).active()
        if self.asked["search"]:
            rows = rows.filter(sort_key__contains=self.asked["search"].lower())
        if self.asked["account"]:
            rows = rows.filter(account=self.asked["account"])
        if self.asked["email"]:
            rows = rows.filter(email__iexact=self.asked["email"])
        return page(request, rows, ["sort_key", "id"], self.asked, lambda found: ContactOut(found, many=True).data)

    @described("create_contact", "A new contact", takes=NewContact, gives=ContactOut, status=201)
    @once
    def post(self, request: Request) -> Response:
        demand(may_create_account(self.user), who_may_create_account())
        made = create_contact(read(NewContact(data=request.data)), by=self.user)
        return Response(
            tell_contact(made), 201, headers={**etag(made.version), "Location": f"{request.path}{made.pk}/"}
        )


class OneContact(ApiView):
    @described("read_contact", "One contact", gives=ContactOut)
    def get(self, request: Request, pk: int) -> Response:
        contact = find(contacts_of(self), pk)
        return Response(tell_contact(contact), headers=etag(contact.version))

    @described("change_contact", "Change a contact", takes=ContactFields(partial=True), gives=ContactOut, if_match=True)
    def patch(self, request: Request, pk: int) -> Response:
        contact = find(contacts_of(self), pk)
        version = version_named(request)
        changes = read(ContactFields(data=request.data, partial=True))
        with both_values(tell_contact, request.data):
            contact = edit_contact(contact, changes, version=version, by=self.user)
        return Response(tell_contact(contact), headers=etag(contact.version))


ArchiveAccount = verb(
    "archive_account",
    "Hide the account from lists",
    lambda account, by, said, version: archive_account(account, by=by),
    of=lambda view, pk: find(accounts_of(view), pk),
    gives=AccountOut,
    tell=tell_account,
    may=may_edit_account,
    who_may=who_may_edit_account,
)
RestoreAccount = verb(
    "restore_account",
    "Bring an archived account back",
    lambda account, by, said, version: restore_account(account, by=by),
    of=lambda view, pk: find(accounts_of(view), pk),
    gives=AccountOut,
    tell=tell_account,
    may=may_edit_account,
    who_may=who_may_edit_account,
)
ArchiveContact = verb(
    "archive_contact",
    "Hide the contact from lists",
    lambda contact, by, said, version: archive_contact(contact, by=by),
    of=lambda view, pk: find(contacts_of(view), pk),
    gives=ContactOut,
    tell=tell_contact,
    may=may_edit_contact,
    who_may=lambda contact: who_may_edit_account(contact.account),
)
RestoreContact = verb(
    "restore_contact",
    "Bring an archived contact back",
    lambda contact, by, said, version: restore_contact(contact, by=by),
    of=lambda view, pk: find(contacts_of(view), pk),
    gives=ContactOut,
    tell=tell_contact,
    may=may_edit_contact,
    who_may=lambda contact: who_may_edit_account(contact.account),
)


class ProductOut(serializers.ModelSerializer):
    """What a sales context offers, with its list price."""

    context = codes.shown("context.code")

    class Meta:
        model = Product
        fields = ["id", "code", "name", "series", "context", "price", "currency", "archived_at"]
        read_only_fields = fields


class AccountTypeOut(serializers.ModelSerializer):
    """What an account is to us."""

    class Meta:
        model = AccountType
        fields = ["code", "name", "kind"]
        read_only_fields = fields


Types = listing("account_types", "Types of accounts", AccountTypeOut, AccountType.objects.all())
Products = listing("products", "Products", ProductOut, Product.objects.select_related("context"))
