"""Words that people write to give a reason."""

from services.certificates.domain import refusals
from shared.forms.characters import has_unwanted

REASON_LENGTH = 500  # characters


def said(field: str, text: str) -> str:
    """The words, trimmed. Raises Invalid naming `field`: nothing, too much, or invisible characters."""
    text = text.strip()
    if not text:
        raise refusals.nothing_said(field)
    if len(text) > REASON_LENGTH:
        raise refusals.too_long(field, REASON_LENGTH)
    if has_unwanted(text, but="\n"):
        raise refusals.unwanted_characters(field)
    return text
