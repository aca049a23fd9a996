"""What a lead can do, online and offline, and what each shows: points, half-life in days, cap (decisions.md 5, 7).

Engagement is the sum over kinds of min(cap, decayed sum), so the cap is what one kind can give at most.
"""

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext_noop as _


def _kind(kind: str, text: str, points: int, half_life_days: int, cap: int) -> dict[str, Any]:
    return {"kind": kind, "text": text, "points": points, "half_life_days": half_life_days, "cap": cap}


# Somebody who asks to be talked to is worth a call today, whatever else is known.
HAND_RAISES = ("contact_requested", "quote_requested", "demo_requested")

ONLINE = (
    _kind("page_viewed", _("Looked at a page"), 1, 7, 6),
    _kind("product_viewed", _("Looked at a product"), 3, 14, 12),
    _kind("pricing_viewed", _("Looked at the prices"), 8, 14, 24),
    _kind("visit_deep", _("Stayed on the site for five pages or more"), 5, 14, 15),
    _kind("mail_opened", _("Opened a mail"), 1, 7, 5),
    _kind("mail_clicked", _("Clicked in a mail"), 4, 14, 16),
    _kind("mail_replied", _("Replied to a mail"), 12, 21, 24),
    _kind("content_downloaded", _("Downloaded something to read"), 6, 30, 18),
    _kind("datasheet_read", _("Read a data sheet"), 7, 21, 21),
    _kind("form_completed", _("Filled in a form"), 8, 30, 16),
    _kind("demo_watched", _("Watched a demonstration"), 12, 30, 24),
    _kind("webinar_attended", _("Came to a webinar"), 8, 30, 16),
    _kind("webinar_stayed", _("Stayed in a webinar for 30 minutes or more"), 8, 30, 16),
    _kind("meeting_booked", _("Booked a meeting"), 25, 30, 50),
    _kind("contact_requested", _("Asked to be contacted"), 20, 30, 40),
    _kind("quote_requested", _("Asked for a quote"), 30, 30, 60),
    _kind("demo_requested", _("Asked for a demonstration"), 25, 30, 50),
    _kind("unsubscribed", _("Unsubscribed from our mails"), -20, 180, 20),
)

OFFLINE = (
    _kind("fair_visited", _("Came to our stand at a fair"), 12, 60, 24),
    _kind("visit", _("We visited them, or they us"), 18, 45, 36),
    _kind("phone_call", _("Talked with us on the phone"), 10, 30, 30),
    _kind("sample_received", _("Took a sample"), 12, 45, 24),
)

# What a reseller's people do besides: they come to train and to sell, not to read.
CHANNEL_ONLY = (
    _kind("briefing_attended", _("Came to a sales briefing"), 20, 60, 40),
    _kind("training_attended", _("Came to a sales training"), 20, 90, 40),
)

LABELS: Mapping[str, str] = {rule["kind"]: rule["text"] for rule in (*ONLINE, *OFFLINE, *CHANNEL_ONLY)}
