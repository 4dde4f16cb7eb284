"""A kind of examination: the function that does it, and its limits.

The function is named, not imported: what parses strangers' files is loaded where it runs and nowhere else. It takes
the file and an argument and returns JSON. It raises `BeyondLimits` when the file holds too much, and `Refused` to say
in its own words what is wrong with the file.
"""

from dataclasses import dataclass
from importlib import import_module
from typing import Any, Protocol

from shared.inspection.limits import Limits

Json = Any
"""What `json.dumps` takes."""


class Examination(Protocol):
    def __call__(self, content: bytes, argument: Json) -> Json: ...


@dataclass(frozen=True, slots=True)
class Job:
    name: str  # as it stands in the log
    function: str  # "package.module:function"
    limits: Limits
    field: str = "file"  # what the refusal names


def load(function: str) -> Examination:
    """Raises ImportError, AttributeError."""
    module, _, name = function.partition(":")
    found: Examination = getattr(import_module(module), name)
    return found
