"""Why an operator decided something about the road."""

from typing import Annotated

from pydantic import StringConstraints

from shared.standards.characters import unwanted_class

Reason = Annotated[
    str,
    StringConstraints(strip_whitespace=True, min_length=3, max_length=500, pattern=rf"^[^{unwanted_class()}]*$"),
]
"""One line; other operators, and of a witnessing everybody, read it: it names no citizen."""
