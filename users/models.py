"""Who we are: the workspace, its people and teams, sales contexts, keys, and the list of work left to do."""

from datetime import date, datetime
from typing import ClassVar, Self
from zoneinfo import ZoneInfo

from django.conf import settings
from django.contrib.auth.models import AbstractUser
from django.contrib.auth.models import UserManager as BaseUserManager
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models.functions import Lower
from django.utils.translation import gettext_lazy as _
from knox.models import AbstractAuthToken

from users.facts import DatabaseClock, Fact, FactQuerySet, M


class Role(models.TextChoices):
    REPRESENTATIVE = "representative", _("Sales representative")  # qualifies leads, moves own deals
    MANAGER = "manager", _("Sales manager")  # answers for the teams below
    MARKETING = "marketing", _("Marketing")  # brings leads, reviews hand-offs
    CUSTOMER_SUCCESS = "customer_success", _("Customer success")  # keeps customers
    ADMINISTRATOR = "administrator", _("Administrator")  # may do everything


class Workspace(models.Model):
    """The one organisation that this database serves (decisions.md 24)."""

    name = models.CharField(max_length=200)
    zone = models.CharField(max_length=64, default="UTC", help_text=_("Time zone of days, months and quarters."))
    currency = models.CharField(max_length=3, default="EUR")
    created_at = models.DateTimeField(db_default=DatabaseClock(), editable=False)

    class Meta:
        constraints = [models.CheckConstraint(condition=models.Q(id=1), name="workspace_is_one")]

    def __str__(self) -> str:
        return self.name

    def day_of(self, moment: datetime) -> date:
        """The day of a moment in the workspace's zone, never the viewer's (decisions.md 20)."""
        return moment.astimezone(ZoneInfo(self.zone)).date()

    def zone_of(self, team: "Team | None") -> ZoneInfo:
        """The zone of a team's clocks: its own, else the workspace's (decisions.md 15)."""
        return ZoneInfo(team.zone if team is not None and team.zone else self.zone)

    @classmethod
    def get(cls) -> "Workspace":
        """The workspace; made with defaults when the database is new."""
        workspace, _created = cls.objects.get_or_create(id=1, defaults={"name": "leadqual"})
        return workspace


class SalesContext(models.Model):
    """What kind of sale it is. Each has its own question set, policy and pipeline."""

    code = models.SlugField(unique=True)
    name = models.CharField(max_length=100)
    position = models.PositiveSmallIntegerField(default=0)

    class Meta:
        ordering = ["position", "id"]

    def __str__(self) -> str:
        return self.name


class TeamQuerySet(models.QuerySet["Team"]):
    def with_members(self) -> Self:
        """Teams in use that somebody active belongs to."""
        return self.filter(
            models.Exists(User.objects.filter(team=models.OuterRef("pk"), is_active=True)), archived_at__isnull=True
        )


class Team(models.Model):
    """A group of representatives; a team without a parent is a region."""

    name = models.CharField(max_length=150)
    parent = models.ForeignKey("self", models.PROTECT, null=True, blank=True, related_name="children")
    # The newest Management row's manager, kept here for visibility; users/membership.py is its one writer.
    manager = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="managed_teams", editable=False
    )
    zone = models.CharField(max_length=64, blank=True, help_text=_("Empty: the workspace's time zone."))
    external_id = models.CharField(max_length=120, null=True, blank=True, unique=True)
    archived_at = models.DateTimeField(null=True, blank=True)
    import_id = models.BigIntegerField(null=True, editable=False)

    objects = TeamQuerySet.as_manager()

    class Meta:
        ordering = ["name", "id"]
        constraints = [
            models.CheckConstraint(condition=~models.Q(parent=models.F("id")), name="team_is_not_its_own_parent"),
        ]

    def __str__(self) -> str:
        return self.name


class UserManager(BaseUserManager["User"]):
    pass


class User(AbstractUser):  # type: ignore[django-manager-missing]  # ApiKey's, which knox leaves untyped
    """A person who signs in. `name` is shown; `username` is typed."""

    first_name = None  # type: ignore[assignment]
    last_name = None  # type: ignore[assignment]
    name = models.CharField(_("name"), max_length=150)
    role = models.CharField(max_length=20, choices=Role.choices, default=Role.REPRESENTATIVE)
    # The newest Membership row's team, kept here for visibility; users/membership.py is its one writer.
    team = models.ForeignKey(Team, models.PROTECT, null=True, blank=True, related_name="members", editable=False)
    single_keys = models.BooleanField(
        _("single-letter keys"), default=True, help_text=_("Off: only keys with Ctrl work.")
    )
    external_id = models.CharField(max_length=120, null=True, blank=True, unique=True)
    import_id = models.BigIntegerField(null=True, editable=False)

    objects: ClassVar[UserManager] = UserManager()

    class Meta:
        ordering = ["name", "id"]
        constraints = [
            models.UniqueConstraint(Lower("username"), name="user_username_any_case"),
        ]

    def __str__(self) -> str:
        return self.name or self.username


class DatedQuerySet(FactQuerySet[M]):
    def newest_last(self) -> Self:
        """In the order in which the rows hold: those from the beginning first, then by date, then by id."""
        return self.order_by(models.F("occurred_at").asc(nulls_first=True), "id")


class Membership(Fact):
    """From `occurred_at` on (empty: from the beginning) the user belongs to the team; no team: to none."""

    user = models.ForeignKey(User, models.PROTECT, related_name="memberships")
    team = models.ForeignKey(Team, models.PROTECT, null=True, related_name="memberships")
    by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+", db_index=False)

    objects = DatedQuerySet.as_manager()

    class Meta:
        indexes = [models.Index(fields=["user", "occurred_at", "id"], name="membership_at_a_moment")]


class Management(Fact):
    """From `occurred_at` on (empty: from the beginning) the team is managed by the user; no user: by nobody."""

    team = models.ForeignKey(Team, models.PROTECT, related_name="managements")
    manager = models.ForeignKey(User, models.PROTECT, null=True, related_name="managements")
    by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+", db_index=False)

    objects = DatedQuerySet.as_manager()

    class Meta:
        indexes = [models.Index(fields=["team", "occurred_at", "id"], name="management_at_a_moment")]


class Attribute(models.Model):
    """A registered field of leads or accounts beyond the columns (decisions.md 27); policy rules may name it."""

    class Of(models.TextChoices):
        LEAD = "lead", _("Lead")
        ACCOUNT = "account", _("Account")

    class Kind(models.TextChoices):
        TEXT = "text", _("Text")
        NUMBER = "number", _("Number")
        DATE = "date", _("Date")
        FLAG = "flag", _("Yes or no")
        LIST = "list", _("Several texts")  # such as the technologies that a company uses

    of = models.CharField(max_length=10, choices=Of.choices)
    code = models.SlugField(max_length=60)
    label = models.CharField(max_length=100)
    kind = models.CharField(max_length=10, choices=Kind.choices, default=Kind.TEXT)
    personal = models.BooleanField(default=False, help_text=_("Personal data: erased with the person."))

    class Meta:
        ordering = ["of", "label"]
        constraints = [models.UniqueConstraint(fields=["of", "code"], name="attribute_code_once")]

    def __str__(self) -> str:
        return self.label


class ApiKey(AbstractAuthToken):
    """A key for the API. Only its digest is stored; the key is shown once."""

    class Scope(models.TextChoices):
        READ = "read", _("Read")
        WRITE = "write", _("Read and write")

    name = models.CharField(max_length=100, blank=True)
    scopes = ArrayField(models.CharField(max_length=20, choices=Scope.choices), default=list)
    last_used_on = models.DateField(null=True, blank=True)


class IdempotencyKey(models.Model):
    """A repeated POST with the same key and body gets the first answer; written in the same transaction."""

    user = models.ForeignKey(User, models.CASCADE, related_name="+")
    key = models.CharField(max_length=200)
    request_digest = models.CharField(max_length=64)
    status = models.PositiveSmallIntegerField()
    body = models.JSONField(null=True)
    created_at = models.DateTimeField(db_default=DatabaseClock())

    class Meta:
        constraints = [models.UniqueConstraint(fields=["user", "key"], name="idempotency_key_once")]


class Dirty(models.Model):
    """Work that a write left to do: the queue of record.

    A worker that finishes deletes the row, if `generation` stood still meanwhile.
    """

    class Kind(models.TextChoices):
        BLOCK = "block", _("Rescore this block of checklists")
        ADVANCE = "advance", _("Look at this lead's lifecycle again")
        MOVE = "move", _("Move this block of checklists to a new version of their questions")
        REPORT = "report", _("Compute this report snapshot")
        SUMS = "sums", _("Keep the engagement sums of this block of leads")
        IMPACT = "impact", _("Compute the impact of this policy draft")

    kind = models.CharField(max_length=20, choices=Kind.choices)
    key = models.BigIntegerField()
    generation = models.BigIntegerField(default=1)
    since = models.DateTimeField(db_default=DatabaseClock())
    attempts = models.PositiveSmallIntegerField(default=0)
    locked_until = models.DateTimeField(null=True)
    error = models.CharField(max_length=200, blank=True)

    class Meta:
        verbose_name_plural = "dirty rows"
        constraints = [models.UniqueConstraint(fields=["kind", "key"], name="dirty_once")]
        # The sweeper takes the oldest first.
        indexes = [models.Index(fields=["kind", "since"], name="dirty_oldest_first")]
