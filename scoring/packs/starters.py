"""The starter packs: what kinds of house agree on when they begin (domain.md 3). A draft starts from one of them.

Within fit every rule can hold at the same time as all others, so that a perfect lead reaches 100.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from django.utils.translation import gettext_noop as _

from scoring.packs import agency, consulting, consumer, personas, policies, software

Definition = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Starter:
    """A policy to begin with, the personas (code, name, description) that it names, and hints by code of question."""

    code: str
    name: str
    about: str
    definition: Definition
    personas: tuple[tuple[str, str, str], ...]
    hints: Mapping[str, str] = field(default_factory=dict)


STARTERS: Mapping[str, Starter] = {
    starter.code: starter
    for starter in (
        Starter(
            "direct",
            _("Direct sale"),
            _("What ships: a product or service sold to the organisation that will use it."),
            policies.DIRECT,
            personas.PERSONAS,
        ),
        Starter("software", software.NAME, software.ABOUT, software.POLICY, software.PERSONAS, software.HINTS),
        Starter(
            "consulting", consulting.NAME, consulting.ABOUT, consulting.POLICY, consulting.PERSONAS, consulting.HINTS
        ),
        Starter("agency", agency.NAME, agency.ABOUT, agency.POLICY, agency.PERSONAS, agency.HINTS),
        Starter("consumer", consumer.NAME, consumer.ABOUT, consumer.POLICY, consumer.PERSONAS, consumer.HINTS),
        Starter(
            "channel",
            _("Channel and distribution"),
            _("An agreement with a distributor, reseller or agent who sells on to those who use the product."),
            policies.CHANNEL,
            personas.PERSONAS,
        ),
    )
}
