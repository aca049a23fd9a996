"""What may stand as a lead's website: an address that a click may open."""

import re
from urllib.parse import urlsplit

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

HOST = re.compile(r"[^\W_]([\w-]*\w)?(\.[\w-]+)+", re.UNICODE)


def check_website(text: str) -> None:
    """http or https, or the address without either. Raises ValidationError with a message for the field `website`."""
    try:
        parts = urlsplit(text if "://" in text else f"https://{text}")
        _port = parts.port  # is read here: what stands after a colon has to be one
    except ValueError:
        parts = None
    if (
        parts is None
        or parts.scheme not in ("http", "https")
        or not HOST.fullmatch(parts.hostname or "")
        or parts.username
    ):
        raise ValidationError(
            {
                "website": _("%(text)s is no website: write it as company.com or https://company.com.")
                % {"text": text[:80]}
            }
        )
