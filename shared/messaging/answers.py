"""Answers of neighbours and of the broker are read as a stranger's: checked before anything rests on them."""

from typing import Any

import orjson

from shared.contracts import epochs
from shared.contracts.epochs import Epochs
from shared.contracts.errors import Unavailable
from shared.contracts.event import Json

LARGEST = 2**63 - 1  # sequence or size
LONGEST_SAID = 200  # characters of a stranger's own words


class Misanswered(Unavailable):
    """An answer that cannot be right. Nothing of it is used; whoever gave it has to mend it."""


def read_object(body: bytes, what: str) -> Json:
    """A JSON object. Raises Misanswered."""
    try:
        answer = orjson.loads(body)
    except ValueError:  # not JSON, not UTF-8, nested too deeply
        raise Misanswered(f"{what}: no JSON") from None
    if not isinstance(answer, dict):
        raise Misanswered(f"{what}: no JSON object")
    return answer


def read_number(answer: Json, name: str, what: str) -> int:
    """A sequence or size. Raises Misanswered."""
    value = answer.get(name)
    if type(value) is not int or not 0 <= value <= LARGEST:
        raise Misanswered(f"{what}: {name} is no number from 0 to 2^63 - 1")
    return value


def read_epochs(answer: Json, what: str) -> Epochs:
    """A member's epochs; a member of an older release tells none. Raises Misanswered."""
    try:
        return epochs.read(answer.get("epochs", ()))
    except (TypeError, ValueError):
        raise Misanswered(f"{what}: epochs that cannot be") from None


def said(words: Any) -> str:
    """A stranger's words, fit for a log."""
    return "".join(char for char in str(words)[:LONGEST_SAID] if char.isprintable())
