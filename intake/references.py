"""What a value in a file may point to: where it is looked for, and how it is made when the mapping says `create_missing`."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from django.contrib.auth.hashers import make_password
from django.db import models
from django.utils.text import slugify

from accounts.models import Account, AccountType, Contact, Product
from leads.models import Campaign, Lead, LeadSource
from opportunities.models import LossReason, PipelineStage
from scoring.models import Persona
from users.models import Role, SalesContext, Team, User

Maker = Callable[[Sequence[str], int], None]


@dataclass(frozen=True, slots=True)
class Reference:
    """`exact` columns are tried first and compared as they stand, then `loose` ones without regard to case."""

    model: type[models.Model]
    exact: tuple[str, ...] = ()
    loose: tuple[str, ...] = ()
    make: Maker | None = None
    within: str = ""  # only those of this one, whose id the kind of import has found


def make_users(names: Sequence[str], import_id: int) -> None:
    """People who cannot sign in until somebody gives them a password. The value is their name and their external id."""
    taken = {name.casefold() for name in User.objects.values_list("username", flat=True)}
    made = []
    for name in names:
        username = free_username(name, taken)
        taken.add(username)
        made.append(
            User(
                username=username,
                name=name[:150],
                external_id=name,
                role=Role.REPRESENTATIVE,
                password=make_password(None),
                import_id=import_id,
            )
        )
    User.objects.bulk_create(made, batch_size=2000)


def make_managers(names: Sequence[str], import_id: int) -> None:
    """The same for those who manage teams."""
    make_users(names, import_id)
    User.objects.filter(external_id__in=names, import_id=import_id).update(role=Role.MANAGER)


def free_username(name: str, taken: set[str]) -> str:
    """A user name made from a person's name: small letters and dots, with a number if it is taken."""
    wish = slugify(name, allow_unicode=True).replace("-", ".")[:140] or "user"
    username, number = wish, 1
    while username in taken:
        number += 1
        username = f"{wish}{number}"
    return username


def make_teams(names: Sequence[str], import_id: int) -> None:
    Team.objects.bulk_create(
        [Team(name=name[:150], external_id=name, import_id=import_id) for name in names], batch_size=2000
    )


def make_sources(names: Sequence[str], _import_id: int) -> None:
    LeadSource.objects.bulk_create([LeadSource(code=name, name=name[:100]) for name in names], batch_size=2000)


def make_campaigns(names: Sequence[str], import_id: int) -> None:
    Campaign.objects.bulk_create(
        [Campaign(code=name, name=name[:200], import_id=import_id) for name in names], batch_size=2000
    )


def make_products(names: Sequence[str], import_id: int) -> None:
    Product.objects.bulk_create(
        [Product(code=name, name=name[:200], import_id=import_id) for name in names], batch_size=2000
    )


def make_accounts(names: Sequence[str], import_id: int) -> None:
    kind = AccountType.objects.filter(kind=AccountType.Kind.PROSPECT).first() or AccountType.objects.first()
    if kind is None:
        kind = AccountType.objects.create(code="prospect", name="Prospect", kind=AccountType.Kind.PROSPECT)
    Account.objects.bulk_create(
        [Account(name=name, external_id=name[:120], type=kind, import_id=import_id) for name in names], batch_size=2000
    )


def make_loss_reasons(names: Sequence[str], _import_id: int) -> None:
    LossReason.objects.bulk_create(
        [LossReason(code=slugify(name)[:50] or f"reason-{place}", label=name[:100]) for place, name in enumerate(names)]
    )


def make_personas(names: Sequence[str], _import_id: int) -> None:
    Persona.objects.bulk_create(
        [Persona(code=slugify(name)[:60] or f"persona-{place}", name=name[:100]) for place, name in enumerate(names)]
    )


REFERENCES: Mapping[str, Reference] = {
    "user": Reference(User, ("external_id", "username"), ("username", "email", "name"), make_users),
    "manager": Reference(User, ("external_id", "username"), ("username", "email", "name"), make_managers),
    "team": Reference(Team, ("external_id",), ("name",), make_teams),
    "context": Reference(SalesContext, ("code",), ("name",)),
    "source": Reference(LeadSource, ("code",), ("name",), make_sources),
    "campaign": Reference(Campaign, ("code",), ("name",), make_campaigns),
    "persona": Reference(Persona, ("code",), ("name",), make_personas),
    "product": Reference(Product, ("code",), ("name",), make_products),
    "account": Reference(Account, ("external_id",), ("name",), make_accounts),
    "account_type": Reference(AccountType, ("code",), ("name",)),
    "contact": Reference(Contact, ("external_id",), ("email",)),
    "lead": Reference(Lead, ("external_id",), ("email",)),
    "stage": Reference(PipelineStage, ("code",), ("name",), within="pipeline"),
    "loss_reason": Reference(LossReason, ("code",), ("label",), make_loss_reasons),
}
