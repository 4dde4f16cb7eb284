"""The tables of powers, as the departments read them."""

from functools import cache
from pathlib import Path

import services
from shared.department.caller import Caller
from shared.department.powers import FRAME, Powers, Row, read_powers


@cache
def powers_of(department: str) -> Powers:
    """Of its own routes and those that all departments have."""
    own = read_powers(Path(services.__path__[0]) / department / "powers.yaml")
    return {**own, **FRAME}


def lets_in(row: Row, caller: Caller | None, department: str) -> bool:
    """None: nobody."""
    if row.anyone or caller is None:
        return row.anyone
    if caller.kind == "citizen":
        return row.citizen is not None and (caller.level == "verified" or row.citizen.level == "account")
    return row.staff == "all" or bool(row.granted(caller, department))
