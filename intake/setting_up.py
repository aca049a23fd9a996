"""First start: what a new database needs before the first lead. Run again, it changes nothing that people edited."""

from datetime import datetime

from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from accounts.models import AccountType
from intake import starting_lists
from leads.models import LeadSource, RejectionReason
from opportunities.models import LossReason, Pipeline, PipelineStage
from scoring.models import Pain, Persona, Policy, QuestionSet
from scoring.packs import channel, direct, pains, personas, policies
from scoring.publishing import publish_policy, publish_question_set
from users.models import Attribute, Role, SalesContext, User, Workspace
from users.organising import change_workspace

QUESTION_SETS = {"direct": direct.QUESTION_SET, "channel": channel.QUESTION_SET}
POLICIES = {"direct": policies.DIRECT, "channel": policies.CHANNEL}


class SetUpRefused(ValueError):
    """A setting that cannot be used; the message says what to give instead."""


@transaction.atomic
def set_up(
    workspace_name: str | None = None,
    zone: str | None = None,
    currency: str | None = None,
    *,
    policy_since: datetime | None = None,
) -> Workspace:
    """Make the workspace, both sales contexts and every list they need; what is there already stays as it is.

    A name, zone (IANA, such as Europe/Oslo) or currency (three letters) that is given is set; None leaves it.
    `policy_since` is for data with a past: the shipped policies count as in force since then, not since now.
    Raises SetUpRefused.
    """
    try:
        workspace = change_workspace(name=workspace_name, zone=zone, currency=currency)
    except ValidationError as refused:
        raise SetUpRefused(" ".join(refused.messages)) from refused
    Attribute.objects.get_or_create(
        of=Attribute.Of.LEAD,
        code=policies.COMPETITOR_ATTRIBUTE,
        defaults={"label": gettext_noop("Works for a competitor"), "kind": Attribute.Kind.FLAG},
    )
    _lists()
    for position, (code, name) in enumerate(starting_lists.CONTEXTS, start=1):
        context, _made = SalesContext.objects.get_or_create(code=code, defaults={"name": name, "position": position})
        if not QuestionSet.objects.filter(context=context).exists():
            publish_question_set(context, QUESTION_SETS[code])
        if not Policy.objects.filter(context=context).exists():
            publish_policy(context, POLICIES[code], at=policy_since)
        _pipeline(context, position)
    return workspace


@transaction.atomic
def make_administrator(username: str, name: str, password: str) -> User:
    """The first administrator. Raises SetUpRefused for a name that is taken or a password that is too weak."""
    if not username.strip():
        raise SetUpRefused(_("The administrator needs a user name."))
    if User.objects.filter(username__iexact=username).exists():
        raise SetUpRefused(
            _("%(username)s is already a user; sign in, or choose another name.") % {"username": username}
        )
    user = User(username=username, name=name or username, role=Role.ADMINISTRATOR)
    try:
        user.full_clean(exclude=["password"])
        validate_password(password, user)
    except ValidationError as refused:
        raise SetUpRefused(" ".join(refused.messages)) from refused
    user.set_password(password)
    user.save()
    return user


def _lists() -> None:
    """The editable lists, each row known by its code: an entry that people renamed or archived stays so."""
    for position, (code, name, kind) in enumerate(starting_lists.ACCOUNT_TYPES, start=1):
        AccountType.objects.get_or_create(code=code, defaults={"name": name, "kind": kind, "position": position})
    for position, (code, label, target, days) in enumerate(starting_lists.REJECTION_REASONS, start=1):
        RejectionReason.objects.get_or_create(
            code=code, defaults={"label": label, "target": target, "nurture_days": days, "position": position}
        )
    for position, (code, label) in enumerate(starting_lists.LOSS_REASONS, start=1):
        LossReason.objects.get_or_create(code=code, defaults={"label": label, "position": position})
    for code, name in starting_lists.LEAD_SOURCES:
        LeadSource.objects.get_or_create(code=code, defaults={"name": name})
    for pain_kind, code, label in pains.PAINS:
        Pain.objects.get_or_create(code=code, defaults={"label": label, "kind": pain_kind})
    for code, name, description in personas.PERSONAS:
        Persona.objects.get_or_create(code=code, defaults={"name": name, "description": description})


def _pipeline(context: SalesContext, position: int) -> None:
    pipeline, made = Pipeline.objects.get_or_create(
        code=context.code, defaults={"name": context.name, "context": context, "position": position}
    )
    if made:
        PipelineStage.objects.bulk_create(
            PipelineStage(
                pipeline=pipeline,
                code=stage.code,
                name=stage.name,
                position=number,
                probability=stage.probability,
                outcome=stage.outcome,
                starts_cycle=number == 1,
                usual_days=stage.usual_days,
            )
            for number, stage in enumerate(starting_lists.PIPELINES[context.code], start=1)
        )
