"""What is wrong with a type's definition beyond the form of its entries: told at start by file, over HTTP by field."""

from collections.abc import Sequence
from typing import NamedTuple

from pydantic_core import PydanticCustomError

from shared.standards.text import Text

KIND = "definition"  # pydantic's type of such an error


class Problem(NamedTuple):
    place: str  # 'fields.name'
    text: Text


def as_error(problems: Sequence[Problem]) -> PydanticCustomError:
    """One error for all of them; `ctx["problems"]` keeps them apart."""
    said = "; ".join(f"{problem.place}: {problem.text.en}" for problem in problems)
    return PydanticCustomError(KIND, "{said}", {"said": said, "problems": tuple(problems)})
