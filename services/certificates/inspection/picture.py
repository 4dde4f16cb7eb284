"""Takes apart the picture of an officer's signature. Runs in the inspector."""

from services.certificates.images.own_hand import own_hand
from shared.inspection.job import Json


def examine(content: bytes, argument: Json) -> Json:  # noqa: ARG001 - the shape of every examination
    """The SVG. Raises Invalid."""
    return own_hand(content).decode("ascii")
