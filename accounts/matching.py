"""Which accounts and contacts a lead may be: by web domain, e-mail address and name."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.contrib.postgres.search import TrigramSimilarity
from django.db.models import QuerySet
from django.db.models.functions import Lower
from django.utils.translation import gettext as _

from accounts.models import Account, Contact

# Mail addresses there say nothing about the company.
FREE_MAIL = frozenset(
    {
        "163.com",
        "aol.com",
        "gmail.com",
        "gmx.com",
        "gmx.de",
        "gmx.net",
        "googlemail.com",
        "hotmail.com",
        "icloud.com",
        "live.com",
        "mail.com",
        "mail.ru",
        "me.com",
        "msn.com",
        "online.no",
        "outlook.com",
        "proton.me",
        "protonmail.com",
        "qq.com",
        "web.de",
        "yahoo.com",
        "yandex.com",
        "yandex.ru",
    }
)
SIMILAR = 0.45  # trigram similarity of names from which on a match is worth showing
MOST = 5


@dataclass(frozen=True, slots=True)
class AccountMatch:
    """An account that may be the lead's; `certain` by its domain or its exact name."""

    account: Account
    why: str
    certain: bool
    same_name: bool = False


@dataclass(frozen=True, slots=True)
class ContactMatch:
    contact: Contact
    why: str
    certain: bool


def accounts_like(*, company: str = "", email: str = "", website: str = "") -> list[AccountMatch]:
    """Active accounts that may be the same organisation, the surest first, five at most."""
    active = Account.objects.active().select_related("type", "manager")
    name = " ".join(company.split()).lower()
    namesakes = list(active.filter(sort_key=name).order_by("pk")[:MOST]) if name else []
    of_domain: dict[int, AccountMatch] = {}
    for domain in dict.fromkeys(filter(None, (domain_of_address(email), domain_of_site(website)))):
        for account in _of_domain(active, domain)[:MOST]:
            both = account in namesakes
            why = _("Same name and domain: %(domain)s") if both else _("Same domain: %(domain)s")
            match = AccountMatch(account, why % {"domain": domain}, certain=True, same_name=both)
            of_domain.setdefault(account.pk, match)
    found = dict(sorted(of_domain.items(), key=lambda each: not each[1].same_name))
    for account in namesakes:
        found.setdefault(account.pk, AccountMatch(account, _("Same name"), certain=True, same_name=True))
    if name:
        similar = active.filter(sort_key__trigram_similar=name).annotate(likeness=TrigramSimilarity("sort_key", name))
        for account in similar.filter(likeness__gte=SIMILAR).order_by("-likeness", "pk")[:MOST]:
            found.setdefault(account.pk, AccountMatch(account, _("Similar name"), certain=False))
    return list(found.values())[:MOST]


def contacts_like(*, email: str = "", name: str = "", accounts: list[int] | None = None) -> list[ContactMatch]:
    """Active contacts that may be the same person, the surest first: same address, or same name at one of the accounts."""
    found: dict[int, ContactMatch] = {}
    active = Contact.objects.active().select_related("account")
    if email.strip():
        same_address = active.alias(address=Lower("email")).filter(address=email.strip().lower())
        for contact in same_address.order_by("pk")[:MOST]:
            found.setdefault(contact.pk, ContactMatch(contact, _("Same e-mail address"), certain=True))
    if name.strip() and accounts:
        for namesake in active.filter(sort_key=" ".join(name.split()).lower(), account__in=accounts).order_by("pk")[
            :MOST
        ]:
            found.setdefault(namesake.pk, ContactMatch(namesake, _("Same name at the account"), certain=False))
    return list(found.values())[:MOST]


def surest(matches: Sequence[AccountMatch]) -> Account | None:
    """The one account that a conversion begins with: the only one of the same name, else the only sure one.

    One account of a group shares its domain with the others: among several a person chooses.
    """
    certain = [match for match in matches if match.certain]
    namesakes = [match for match in certain if match.same_name]
    found = namesakes if len(namesakes) == 1 else certain
    return found[0].account if len(found) == 1 else None


def managed_account_of(*, company: str, email: str, website: str) -> Account | None:
    """The prospect or customer account that the lead surely belongs to, if its manager is still with us.

    A new lead of such an account is offered to its manager first (domain.md, glossary).
    """
    for match in accounts_like(company=company, email=email, website=website):
        account = match.account
        if (
            match.certain
            and account.type.kind in account.type.MANAGED
            and account.manager is not None
            and account.manager.is_active
        ):
            return account
    return None


def domain_of_address(email: str) -> str:
    """The domain of a company's mail address; empty for a free-mail provider."""
    domain = email.rpartition("@")[2].strip().lower() if "@" in email else ""
    return "" if domain in FREE_MAIL else domain


def domain_of_site(website: str) -> str:
    """The domain of a web address, without www."""
    host = website.strip().lower().split("://")[-1].split("/")[0].split(":")[0]
    return host.removeprefix("www.")


def _of_domain(accounts: QuerySet[Account], domain: str) -> QuerySet[Account]:
    return (
        accounts.exclude(domain="")
        .alias(site=Lower("domain"))
        .filter(site__in=[domain, f"www.{domain}"])
        .order_by("pk")
    )
