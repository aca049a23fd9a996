"""The case file: the lead, its checklists and answers, what it did, how it is judged, and its hand-offs."""

from leads.models.behaviour import Activity, BehaviourEvent, EngagementSum, EventKey
from leads.models.checklist import Answer, AnswerContact, AnswerPain, Checklist, MovingOrder, SetChange
from leads.models.handoff import Handoff, HandoffChange, RejectionReason
from leads.models.impact import Impact, Turn
from leads.models.lead import Campaign, Lead, LeadSource, OwnerChange
from leads.models.lifecycle import GateChange, LifecycleChange, Override
from leads.models.score import Score

__all__ = [
    "Activity",
    "Answer",
    "AnswerContact",
    "AnswerPain",
    "BehaviourEvent",
    "Campaign",
    "Checklist",
    "EngagementSum",
    "EventKey",
    "GateChange",
    "Handoff",
    "HandoffChange",
    "Impact",
    "Lead",
    "LeadSource",
    "LifecycleChange",
    "MovingOrder",
    "Override",
    "OwnerChange",
    "RejectionReason",
    "Score",
    "SetChange",
    "Turn",
]
