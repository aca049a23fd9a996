"""/api/v1/question-sets/ and /api/v1/policies/: published versions, which never change."""

from typing import Any

from django import forms
from django.utils.translation import gettext as _
from rest_framework import serializers
from rest_framework.exceptions import MethodNotAllowed
from rest_framework.request import Request
from rest_framework.response import Response

from scoring.models import Choice, Persona, Policy, Question, QuestionSet
from users.api import codes
from users.api.errors import Problem
from users.api.lists import listing
from users.api.pages import page
from users.api.queries import PagedQuery
from users.api.schema import described
from users.api.views import ApiView, find
from users.models import SalesContext


class ChoiceOut(serializers.ModelSerializer):
    class Meta:
        model = Choice
        fields = ["code", "label", "wording", "value", "digit"]
        read_only_fields = fields


class QuestionOut(serializers.ModelSerializer):
    """A question with its choices, as people see it."""

    choices = ChoiceOut(many=True)

    class Meta:
        model = Question
        fields = [
            "code",
            "criterion",
            "concepts",
            "position",
            "key",
            "weight",
            "text",
            "hint",
            "leading",
            "wording",
            "kind",
            "role",
            "choices",
        ]
        read_only_fields = fields


class QuestionSetOut(serializers.ModelSerializer):
    """A published question set with its questions."""

    context = codes.shown("context.code")
    questions = QuestionOut(many=True)

    class Meta:
        model = QuestionSet
        fields = ["id", "context", "version", "name", "questions", "recorded_at"]
        read_only_fields = fields


class PolicyOut(serializers.ModelSerializer):
    """A published policy: what a qualified lead is, and who has signed it."""

    context = codes.shown("context.code")
    signed_for_marketing = codes.shown("signed_for_marketing.username")
    signed_for_sales = codes.shown("signed_for_sales.username")
    shipped_unsigned = serializers.BooleanField(read_only=True)

    class Meta:
        model = Policy
        fields = [
            "id",
            "context",
            "version",
            "name",
            "definition",
            "digest",
            "in_force_from",
            "signed_for_marketing",
            "signed_for_sales",
            "shipped_unsigned",
        ]
        read_only_fields = fields


class PersonaOut(serializers.ModelSerializer):
    """A named buyer portrait."""

    class Meta:
        model = Persona
        fields = ["code", "name", "description", "archived_at"]
        read_only_fields = fields


class OfContext(PagedQuery):
    context = forms.ModelChoiceField(SalesContext.objects.all(), to_field_name="code", required=False)


QUESTION_SETS = QuestionSet.objects.select_related("context").prefetch_related("questions__choices")
POLICIES = Policy.objects.select_related("context", "signed_for_marketing", "signed_for_sales")


class OfQuestionSets(ApiView):
    """Published versions: they are read."""

    def http_method_not_allowed(  # type: ignore[override]
        self, request: Request, *args: Any, **kwargs: Any
    ) -> Response:
        raise MethodNotAllowed(
            str(request.method), _("A published question set never changes: draft its next version in the settings.")
        )


class QuestionSets(OfQuestionSets):
    query = OfContext

    @described("list_question_sets", "Question sets, newest first", gives=QuestionSetOut, query=OfContext, page_of=True)
    def get(self, request: Request) -> Response:
        rows = QUESTION_SETS.all()
        if self.asked["context"]:
            rows = rows.filter(context=self.asked["context"])
        return page(request, rows, ["-id"], self.asked, lambda found: QuestionSetOut(found, many=True).data)


class OneQuestionSet(OfQuestionSets):
    @described("read_question_set", "One question set", gives=QuestionSetOut)
    def get(self, request: Request, pk: int) -> Response:
        return Response(QuestionSetOut(find(QUESTION_SETS.all(), pk)).data)


class Published(ApiView):
    """What can only be read: other methods are told why."""

    def http_method_not_allowed(self, request: Any, *args: Any, **kwargs: Any) -> Response:
        raise Problem(
            405,
            "method-not-allowed",
            _("This can only be read here."),
            _("A published policy never changes. Draft, sign and publish the next one under Settings, Policies."),
            headers={"Allow": ", ".join(self.allowed_methods)},
        )


class Policies(Published):
    query = OfContext

    @described("list_policies", "Policies, newest first", gives=PolicyOut, query=OfContext, page_of=True)
    def get(self, request: Request) -> Response:
        rows = POLICIES.all()
        if self.asked["context"]:
            rows = rows.filter(context=self.asked["context"])
        return page(request, rows, ["-id"], self.asked, lambda found: PolicyOut(found, many=True).data)


class OnePolicy(Published):
    @described("read_policy", "One policy", gives=PolicyOut)
    def get(self, request: Request, pk: int) -> Response:
        return Response(PolicyOut(find(POLICIES.all(), pk)).data)


Personas = listing("personas", "Personas", PersonaOut, Persona.objects.all())
