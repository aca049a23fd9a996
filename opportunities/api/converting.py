"""/api/v1/leads/<id>/convert/: what a conversion would find and make, the conversion, and its undo."""

from typing import Any

from django.db.models import F
from django.utils.translation import gettext as _
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.models import Account, Contact, Product
from leads.models import Lead
from leads.rights import may_convert, who_may_work
from opportunities.api.deals import money
from opportunities.conversion import ConversionChoice, ConversionRefused, convert, preview
from opportunities.models import Conversion, Pipeline
from opportunities.previewing import Preview
from opportunities.undoing import UndoRefused, undo
from users.api import codes
from users.api.bodies import Body, read
from users.api.errors import Problem, conflict, problem_of
from users.api.once import once
from users.api.schema import described
from users.api.verbs import NoBody
from users.api.views import ApiView, find
from users.rights import demand


class ConversionOut(serializers.ModelSerializer):
    """A conversion; `undone` says that it was taken back."""

    by = codes.shown("by.username")
    undone = serializers.SerializerMethodField()

    class Meta:
        model = Conversion
        fields = [
            "id",
            "lead",
            "account",
            "contact",
            "opportunity",
            "made_account",
            "made_contact",
            "diagnostic",
            "undoes",
            "undone",
            "by",
            "occurred_at",
        ]
        read_only_fields = fields

    def get_undone(self, conversion: Conversion) -> bool:
        return Conversion.objects.filter(undoes=conversion).exists()


class ConversionBody(Body):
    """What to make of the lead. What is left out is as the preview suggests; a new account needs its manager."""

    account = codes.by_id(Account.objects.active(), allow_null=True, required=False)
    account_name = serializers.CharField(max_length=255, allow_blank=True, required=False)
    account_manager = codes.person(allow_null=True, required=False)
    contact = codes.by_id(Contact.objects.active(), allow_null=True, required=False)
    make_contact = serializers.BooleanField(required=False)
    open_deal = serializers.BooleanField(required=False)
    deal_name = serializers.CharField(max_length=255, allow_blank=True, required=False)
    pipeline = codes.by_code(Pipeline.objects.all(), allow_null=True, required=False)
    product = codes.by_code(Product.objects.filter(archived_at__isnull=True), allow_null=True, required=False)
    amount = money()
    currency = serializers.CharField(max_length=3, allow_blank=True, required=False)
    expected_close = serializers.DateField(allow_null=True, required=False)
    diagnostic_reason = serializers.CharField(max_length=300, allow_blank=True, required=False)


class MatchOut(serializers.Serializer):
    id = serializers.IntegerField()
    name = serializers.CharField()
    why = serializers.CharField()
    certain = serializers.BooleanField()


class PreviewOut(serializers.Serializer):
    """What would be found and made. `refused` says what stands in the way; empty if nothing does."""

    refused = serializers.CharField(allow_blank=True)
    needs_diagnostic = serializers.BooleanField()
    accounts = MatchOut(many=True)
    contacts = MatchOut(many=True)
    account_name = serializers.CharField(allow_blank=True)
    account_manager = serializers.CharField(allow_null=True)
    contact_name = serializers.CharField(allow_blank=True)
    deal_name = serializers.CharField(allow_blank=True)
    pipelines = serializers.ListField(child=serializers.CharField())
    fills = serializers.DictField(child=serializers.DictField(child=serializers.CharField()))
    converted = ConversionOut(allow_null=True)


@problem_of.register
def _conversion_refused(error: ConversionRefused) -> Problem:
    return conflict("conversion-refused", str(error))


@problem_of.register
def _undo_refused(error: UndoRefused) -> Problem:
    return conflict("undo-refused", str(error), first=error.first)


def lead_of(view: ApiView, pk: int) -> Lead:
    """The lead, if whoever asks may convert it. Raises Http404, Forbidden."""
    lead = find(Lead.objects.visible_to(view.user).select_related("owner", "team", "context", "account__type"), pk)
    demand(may_convert(view.user, lead), who_may_work(lead))
    return lead


class Convert(ApiView):
    @described("preview_conversion", "What a conversion would find and make", gives=PreviewOut)
    def get(self, request: Request, pk: int) -> Response:
        return Response(_previewed(preview(lead_of(self, pk), by=self.user)))

    @described("convert_lead", "Convert the lead", takes=ConversionBody, gives=ConversionOut, status=201)
    @once
    def post(self, request: Request, pk: int) -> Response:
        """A lead that is converted already is not converted again: the answer is the first conversion."""
        lead = lead_of(self, pk)
        body = read(ConversionBody(data=request.data))
        conversion = convert(lead, ConversionChoice(**body), by=self.user)
        return Response(ConversionOut(conversion).data, 201)


class UndoConversion(ApiView):
    @described("undo_conversion", "Take the conversion back", takes=NoBody, gives=ConversionOut)
    @once
    def post(self, request: Request, pk: int) -> Response:
        lead = lead_of(self, pk)
        read(NoBody(data=request.data))
        # The one that stands; if all are undone, the newest, whose undo is told again.
        rows = Conversion.objects.filter(lead=lead, undoes__isnull=True).select_related("lead", "account", "contact")
        conversion = rows.order_by(F("undone_by").asc(nulls_first=True), "-id").first()
        if conversion is None:
            raise conflict("not-converted", _("This lead was never converted."))
        return Response(ConversionOut(undo(conversion, by=self.user)).data)


def _previewed(seen: Preview) -> dict[str, Any]:
    accounts = [(match.account, match) for match in seen.accounts]
    contacts = [(match.contact, match) for match in seen.contacts]
    return {
        "refused": seen.refused,
        "needs_diagnostic": seen.needs_diagnostic,
        "accounts": [_match(record, match) for record, match in accounts],
        "contacts": [_match(record, match) for record, match in contacts],
        "account_name": seen.account_name,
        "account_manager": seen.account_manager.username if seen.account_manager else None,
        "contact_name": seen.contact_name,
        "deal_name": seen.deal_name,
        "pipelines": [pipeline.code for pipeline in seen.pipelines],
        "fills": {str(pk): fills for pk, fills in seen.fills.items()},
        "converted": ConversionOut(seen.converted).data if seen.converted else None,
    }


def _match(record: Account | Contact, match: Any) -> dict[str, Any]:
    return {"id": record.pk, "name": record.name, "why": str(match.why), "certain": match.certain}
