"""Tables of powers for the departments that tests make up."""

from collections.abc import Mapping

from shared.department.powers import CitizenPower, Row
from shared.standards.text import Text

ACT = Text("试验", "a trial")


def open_to_anyone(*routes: str) -> Mapping[str, Row]:
    return dict.fromkeys(routes, Row(act=ACT, routes=routes, anyone=True))


def for_signed_in(*routes: str) -> Mapping[str, Row]:
    """For every citizen and all staff; the handler decides the rest."""
    return dict.fromkeys(
        routes, Row(act=ACT, routes=routes, purpose=ACT, citizen=CitizenPower(level="account"), staff="all")
    )
