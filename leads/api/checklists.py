"""/api/v1/checklists/: what was asked and answered, and a new answer beside the one that it replaces."""

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Any

from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.models import Contact, Product
from leads.api.leads import ScoreLine
from leads.api.scores import ScoreQuery, ScoreSheet, score_of
from leads.confirming import NothingToConfirm, confirm
from leads.forms.answers import AnswerForm, Lists
from leads.models import Answer, AnswerContact, Checklist, Lead
from leads.naming import contacts_known_to, name_contact
from leads.qualification import AnswerConflict, Given, Named, record_answer
from leads.rights import may_answer, who_may_work
from scoring.models import BuyerRole, Pain, Question
from users.api import codes
from users.api.bodies import Body, ShortList, read
from users.api.errors import conflict, invalid
from users.api.once import once
from users.api.pages import page
from users.api.queries import IdField, PagedQuery
from users.api.schema import described
from users.api.views import ApiView, find
from users.facts import database_now
from users.models import Workspace
from users.rights import demand

# Fields of an answer that every question has.
ALWAYS = {"question", "choice", "replaces", "note", "confirms"}
MOST_NAMED = 50


class ChecklistOut(serializers.ModelSerializer):
    """A checklist as it is told."""

    context = codes.shown("context.code")
    score = ScoreLine(allow_null=True, read_only=True)

    class Meta:
        model = Checklist
        fields = ["id", "lead", "context", "question_set", "created_at", "score"]
        read_only_fields = fields


class NamedOut(serializers.ModelSerializer):
    name = serializers.CharField(source="contact.name")

    class Meta:
        model = AnswerContact
        fields = ["contact", "name", "role", "department", "feels_the_pain", "champion"]
        read_only_fields = fields


class AnswerOut(serializers.ModelSerializer):
    """An answer as it is told."""

    question = codes.shown("question.code")
    choice = codes.shown("choice.code")
    offer = codes.shown("offer.code")
    pains = serializers.SerializerMethodField()
    contacts = NamedOut(source="named", many=True)
    by = codes.shown("by.username")

    class Meta:
        model = Answer
        fields = [
            "id",
            "question",
            "choice",
            "replaces",
            "confirms",
            "amount",
            "currency",
            "offer",
            "willing_to_pay",
            "can_solve",
            "date",
            "happened_on",
            "decision_days",
            "cause",
            "words",
            "pains",
            "contacts",
            "note",
            "by",
            "occurred_at",
            "recorded_at",
        ]
        read_only_fields = fields

    def get_pains(self, answer: Answer) -> list[str]:
        return [each.pain.code for each in answer.named_pains.all()]


class AskedOut(serializers.Serializer):
    """A question with its present answer, and what was said before, newest first."""

    question = serializers.CharField()
    text = serializers.CharField()
    criterion = serializers.CharField()
    kind = serializers.CharField()
    choices = serializers.ListField(child=serializers.CharField())
    current = AnswerOut(allow_null=True)
    history = AnswerOut(many=True)


class AnswersOut(serializers.Serializer):
    checklist = serializers.IntegerField()
    lead = serializers.IntegerField(allow_null=True)
    questions = AskedOut(many=True)


class NamedBody(Body):
    """A contact by id, or somebody new by name."""

    contact = codes.by_id(Contact.objects.active(), required=False)
    name = serializers.CharField(max_length=200, required=False)
    title = serializers.CharField(max_length=150, required=False, default="")
    role = serializers.ChoiceField(choices=BuyerRole.choices, allow_blank=True, required=False, default="")
    department = serializers.CharField(max_length=150, allow_blank=True, required=False, default="")
    feels_the_pain = serializers.BooleanField(required=False, default=False)
    champion = serializers.BooleanField(required=False, default=False)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        if ("contact" in attrs) == ("name" in attrs):
            raise serializers.ValidationError(_("Give either the id of a contact, or the name of somebody new."))
        return attrs


class AnswerBody(Body):
    """An answer: a rating, and evidence of the question's kind. `replaces` is the answer that was seen, null if none."""

    question = serializers.SlugField()
    choice = serializers.SlugField(required=False)
    replaces = serializers.IntegerField(min_value=1, allow_null=True)
    note = serializers.CharField(allow_blank=True, required=False, trim_whitespace=False)
    amount = serializers.DecimalField(max_digits=14, decimal_places=2, min_value=0, allow_null=True, required=False)
    currency = serializers.CharField(max_length=3, allow_blank=True, required=False)
    offer = codes.by_code(Product.objects.all(), allow_null=True, required=False)
    willing_to_pay = serializers.BooleanField(allow_null=True, required=False)
    can_solve = serializers.ChoiceField(choices=Answer.CanSolve.choices, allow_blank=True, required=False)
    date = serializers.DateField(allow_null=True, required=False)
    happened_on = serializers.DateField(allow_null=True, required=False)
    decision_days = serializers.IntegerField(min_value=0, max_value=3650, allow_null=True, required=False)
    cause = serializers.CharField(allow_blank=True, required=False)
    words = serializers.CharField(allow_blank=True, required=False)
    pains = ShortList(
        child=codes.by_code(Pain.objects.filter(archived_at__isnull=True)), most=MOST_NAMED, required=False
    )
    contacts = ShortList(child=NamedBody(), most=MOST_NAMED, required=False)
    confirms = serializers.IntegerField(min_value=1, required=False)


class ChecklistQuery(PagedQuery):
    lead = IdField()


class ChecklistView(ApiView):
    """The checklists of leads. opportunities/api/checklists.py adds those of deals, and mounts both."""

    def whose(self) -> Q:
        """The checklists that whoever asks may see."""
        return Q(lead__in=Lead.objects.visible_to(self.user))

    def allow(self, checklist: Checklist) -> None:
        """Raises Forbidden for who may not answer, Problem where nobody may."""
        lead = checklist.lead
        if lead is None:
            raise conflict("no-lead", _("This checklist belongs to no lead."))
        demand(may_answer(self.user, lead), who_may_work(lead))
        if lead.archived_at is not None:
            raise conflict("archived", _("This lead is archived. Restore it before you work on it."))

    def rows(self) -> QuerySet[Checklist]:
        return Checklist.objects.filter(self.whose()).select_related("context", "score")


class Checklists(ChecklistView):
    query = ChecklistQuery

    @described("list_checklists", "Checklists, newest first", gives=ChecklistOut, query=ChecklistQuery, page_of=True)
    def get(self, request: Request) -> Response:
        rows = self.rows()
        if self.asked["lead"]:
            rows = rows.filter(lead=self.asked["lead"])
        return page(request, rows, ["-id"], self.asked, lambda found: ChecklistOut(found, many=True).data)


class OneChecklist(ChecklistView):
    @described("read_checklist", "One checklist", gives=ChecklistOut)
    def get(self, request: Request, pk: int) -> Response:
        return Response(ChecklistOut(find(self.rows(), pk)).data)


class ChecklistScore(ChecklistView):
    query = ScoreQuery

    @described("read_checklist_score", "The score of a checklist", gives=ScoreSheet, query=ScoreQuery)
    def get(self, request: Request, pk: int) -> Response:
        return Response(score_of(find(self.rows(), pk), self.asked))


class Answers(ChecklistView):
    @described("read_answers", "Every question with its present answer and what was said before", gives=AnswersOut)
    def get(self, request: Request, pk: int) -> Response:
        checklist = find(self.rows(), pk)
        said: dict[int, list[Answer]] = {}
        for answer in Answer.objects.filter(checklist=checklist).with_evidence().order_by("-id"):
            said.setdefault(answer.question_id, []).append(answer)
        questions = Question.objects.filter(question_set=checklist.question_set_id).prefetch_related("choices")
        told = [_asked(question, said.get(question.pk, [])) for question in questions.order_by("position")]
        return Response({"checklist": checklist.pk, "lead": checklist.lead_id, "questions": told})

    @described("give_answer", "Answer a question", takes=AnswerBody, gives=AnswerOut, status=201)
    @once
    def post(self, request: Request, pk: int) -> Response:
        checklist = find(self.rows().select_related("lead__owner", "lead__team", "lead__account"), pk)
        self.allow(checklist)
        body = read(AnswerBody(data=request.data))
        question = _question(checklist, body["question"])
        try:
            answer = self._record(checklist, question, body)
        except AnswerConflict as error:
            raise self._both(error, request.data) from error
        told = Answer.objects.with_evidence().get(pk=answer.pk)
        return Response(AnswerOut(told).data, 201)

    def _record(self, checklist: Checklist, question: Question, body: Mapping[str, Any]) -> Answer:
        if body.get("confirms"):
            return self.confirmed(checklist, question, body["confirms"], body["replaces"])
        given = _given(checklist, question, body)
        return record_answer(checklist, question, given, by=self.user, replaces=body["replaces"])

    def confirmed(self, checklist: Checklist, question: Question, said: int, replaces: int | None) -> Answer:
        """Take over an answer from the lead's other checklist. Raises NothingToConfirm."""
        told = Answer.objects.select_related("choice", "question", "checklist", "offer")
        found = told.filter(pk=said, checklist__lead__isnull=False, checklist__lead=checklist.lead_id).first()
        if found is None:
            raise NothingToConfirm
        return confirm(checklist, question, found, by=self.user, replaces=replaces)

    def _both(self, error: AnswerConflict, sent: Any) -> Exception:
        theirs = Answer.objects.with_evidence().get(pk=error.theirs.pk) if error.theirs else None
        return conflict(
            "answered-meanwhile",
            _(
                "Somebody answered this question meanwhile. Compare both answers, and send the one that is to stand,"
                " naming theirs in `replaces`."
            ),
            theirs=AnswerOut(theirs).data if theirs else None,
            yours=dict(sent),
        )


def _asked(question: Question, answers: Sequence[Answer]) -> dict[str, Any]:
    told = AnswerOut(answers, many=True).data
    return {
        "question": question.code,
        "text": question.text,
        "criterion": question.criterion,
        "kind": question.kind,
        "choices": [choice.code for choice in question.choices.all()],
        "current": told[0] if told else None,
        "history": told[1:],
    }


def _question(checklist: Checklist, code: str) -> Question:
    found = Question.objects.filter(question_set=checklist.question_set_id, code=code).prefetch_related("choices")
    question = found.first()
    if question is None:
        raise invalid({"question": [_("This checklist does not ask “%(code)s”.") % {"code": code[:60]}]})
    return question


def _given(checklist: Checklist, question: Question, body: Mapping[str, Any]) -> Given:
    """The answer, read by the form of the qualify page: both doors know the same rules."""
    workspace = Workspace.get()
    lists = Lists(
        offers=lambda: list(
            Product.objects.filter(Q(context=checklist.context_id) | Q(context__isnull=True), archived_at__isnull=True)
        ),
        contacts=list,
        pains=lambda: body.get("pains", []),
        currency=lambda: workspace.currency,
    )
    today = workspace.day_of(database_now())
    form = AnswerForm(
        _as_typed(body), question=question, choices=list(question.choices.all()), lists=lists, today=today
    )
    people = question.kind in {Question.Kind.CONTACT, Question.Kind.CONTACTS}
    known = ALWAYS | ({"contacts"} if people else set(form.fields))
    strangers = sorted(set(body) - known)
    if strangers:
        says = _("This question takes no such evidence. It takes: %(known)s.") % {"known": ", ".join(sorted(known))}
        raise invalid({name: [says] for name in strangers})
    if not form.is_valid():
        raise invalid({name: [str(text) for text in texts] for name, texts in form.errors.items()})
    return form.given(contacts=_named(checklist.lead, body.get("contacts", [])) if people else ())


def _as_typed(body: Mapping[str, Any]) -> dict[str, Any]:
    """The body as the form would have got it."""
    typed: dict[str, Any] = {}
    for name, value in body.items():
        if value is None or name in {"question", "contacts", "confirms", "replaces"}:
            continue
        if isinstance(value, bool):
            typed[name] = "yes" if value else "no"
        elif isinstance(value, Product):
            typed[name] = str(value.pk)
        elif name == "pains":
            typed[name] = [str(pain.pk) for pain in value]
        elif name == "amount":
            typed[name] = f"{value:.2f}"
        else:
            typed[name] = value.isoformat() if isinstance(value, dt.date) else str(value)
    return typed


def _named(lead: Lead | None, people: Sequence[Mapping[str, Any]]) -> list[Named]:
    """The contacts that an answer names; somebody new becomes one, in the transaction of the answer."""
    known = list(contacts_known_to(lead)) if lead is not None and any("name" in each for each in people) else []
    named = []
    for each in people:
        contact: Any = each.get("contact")
        if contact is None and lead is None:
            raise invalid({"contacts": [_("This checklist has no lead: make the contact first, and name it by id.")]})
        if contact is None and lead is not None:
            about = {"title": each["title"], "department": each["department"]}
            contact = name_contact(lead.account, each["name"], **about, known=known)
        known.append(contact)
        named.append(Named(contact, each["role"], each["department"].strip(), each["feels_the_pain"], each["champion"]))
    if len({(each.contact.pk, each.role) for each in named}) < len(named):
        raise invalid({"contacts": [_("Name each person once in each role.")]})
    return named
