"""Words that people write to give a reason."""

from services.certificates.domain import refusals
from shared.contracts.errors import Invalid
from shared.standards.errors import NotValid
from shared.standards.line import require_wanted

REASON_LENGTH = 500  # characters


def said(field: str, text: str) -> str:
    """The words, trimmed. Raises Invalid naming `field`: nothing, too much, or invisible characters."""
    text = text.strip()
    if not text:
        raise refusals.nothing_said(field)
    if len(text) > REASON_LENGTH:
        raise refusals.too_long(field, REASON_LENGTH)
    try:
        require_wanted(text, but="\n")
    except NotValid as wrong:
        raise Invalid(wrong.code, *wrong.text, fields={field: wrong.text}) from None
    return text
