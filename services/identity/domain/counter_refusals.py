"""The sentences in which a counter refuses to act for somebody who is not there."""

from services.identity.domain.entry_fields import wrong_field
from shared.contracts.errors import Invalid


def card_not_seen() -> Invalid:
    return wrong_field(
        "card_seen",
        "须由本人持身份证到场，核对后方可重置密码。",
        "The person is present and their ID card was seen, or no password is made.",
    )
