"""/api/v1/checklists/: those of leads as leads/api/checklists.py tells them, and with them those of deals."""

from django.db.models import Q

from leads.api import checklists
from leads.models import Answer, Checklist
from opportunities.confirming import confirm_of_lead
from opportunities.models import Opportunity
from opportunities.rights import may_move, who_may_move
from scoring.models import Question
from users.rights import demand


class OfDealsToo(checklists.ChecklistView):
    """A deal's checklist is seen by who sees the deal; one without a lead is answered by who may move the deal."""

    def whose(self) -> Q:
        return super().whose() | Q(opportunity__in=Opportunity.objects.visible_to(self.user))

    def allow(self, checklist: Checklist) -> None:
        deal = deal_of(checklist)
        if checklist.lead_id is not None or deal is None:
            super().allow(checklist)
        else:
            demand(may_move(self.user, deal), who_may_move(deal))


class Checklists(OfDealsToo, checklists.Checklists):
    pass


class OneChecklist(OfDealsToo, checklists.OneChecklist):
    pass


class ChecklistScore(OfDealsToo, checklists.ChecklistScore):
    pass


class Answers(OfDealsToo, checklists.Answers):
    def confirmed(self, checklist: Checklist, question: Question, said: int, replaces: int | None) -> Answer:
        """A further deal of a lead confirms what the lead has told us already (decisions.md 18)."""
        deal = deal_of(checklist)
        if checklist.lead_id is not None or deal is None:
            return super().confirmed(checklist, question, said, replaces)
        return confirm_of_lead(deal, question, said, by=self.user, replaces=replaces)


def deal_of(checklist: Checklist) -> Opportunity | None:
    rows = Opportunity.objects.select_related("owner", "team", "lead", "checklist")
    return rows.filter(checklist=checklist, archived_at__isnull=True).first()
