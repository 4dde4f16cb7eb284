"""What a password may be. Pure: hashing is beside the domain, in passwords.py."""

import unicodedata
from collections.abc import Iterable

from services.identity.domain.entry_fields import wrong_field
from shared.contracts.errors import NotSignedIn

SHORTEST = 10  # characters
LONGEST = 128  # bounds the work of hashing


def check_password(password: str, known_to_others: Iterable[str]) -> None:
    """Raises Invalid when it is too short, too long, or holds something others know, such as the phone number."""
    if not SHORTEST <= len(password) <= LONGEST:
        raise wrong_field(
            "password",
            "密码应为10至128个字符，请重新设置。",
            "A password has 10 to 128 characters; please choose another.",
        )
    if any(_folded(known) in _folded(password) for known in known_to_others):
        raise wrong_field(
            "password",
            "密码不能含有本人的手机号码、公民身份号码或登录名，请重新设置。",
            "A password may not hold your phone number, ID number or login; please choose another.",
        )


def _folded(text: str) -> str:
    return unicodedata.normalize("NFKC", text).casefold()


def check_proved(proved: str | None, present: str) -> None:
    """Raises NotSignedIn when another request was first, by its hash: the password that was proved is gone."""
    if proved is not None and proved != present:
        raise wrong_credentials()


def wrong_credentials() -> NotSignedIn:
    return NotSignedIn(
        "wrong_credentials",
        "账号或密码不正确，请重新输入。",
        "The name or the password is wrong; please try again.",
    )
