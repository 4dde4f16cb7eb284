"""The powers table: which acts are open to whom, as data. One row names the routes of one act.

A department keeps its table in `powers.yaml` beside its `service.py`; the routes that every department has are in the
frame's own. A route without a row stops the start, and so does a row without a route. Before a handler runs, `Guard`
checks kind, level, role and department of the caller; the handler checks the matter through `Power`.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, Self

import yaml
from litestar import Litestar
from litestar.routes import HTTPRoute
from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from shared.contracts.errors import Broken, Misconfigured
from shared.contracts.identity import Role
from shared.contracts.plain_yaml import read_yaml
from shared.department.caller import Caller, Level, outside_division, role_needed
from shared.standards.divisions import WHOLE_COUNTRY, is_within
from shared.standards.text import Text

Scope = Literal["within", "any", "country"]
"""Of a role: matters within the holder's division; anybody's; only held for the whole country."""

Matter = Literal["own", "ward", "mandate"]
"""Of a citizen: their own business, a ward's, a person's who gave them a mandate."""


class _Entry(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class StaffPower(_Entry):
    role: Role
    division: Scope
    department: Literal["own"] | None = None  # `own`: appointed for this department's operations


class CitizenPower(_Entry):
    level: Level
    matters: tuple[Matter, ...] = ("own",)


class Row(_Entry):
    """One act."""

    act: Text
    routes: tuple[str, ...] = Field(min_length=1)  # 'POST /applications/{application}/approve'
    purpose: Text | None = None
    anyone: bool = False
    citizen: CitizenPower | None = None
    staff: tuple[StaffPower, ...] | Literal["all"] = ()  # all: whoever serves, in any role

    @model_validator(mode="after")
    def _is_whole(self) -> Self:
        if self.anyone == bool(self.citizen or self.staff):
            raise ValueError("either `anyone`, or `citizen` or `staff`")
        if self.anyone == (self.purpose is not None):
            raise ValueError("`purpose` is said of what is not open to anyone")
        if self.staff != "all" and len({one.role for one in self.staff}) < len(self.staff):
            raise ValueError("a role occurs twice")
        return self

    def check(self, caller: Caller, department: str) -> None:
        """Raises NotAllowed."""
        if caller.kind == "citizen":
            self._check_citizen(caller)
        elif self.staff != "all" and not self.granted(caller, department):
            if not self.staff:
                caller.account()  # raises: it is for citizens only
            raise role_needed()

    def granted(self, caller: Caller, department: str) -> tuple[StaffPower, ...]:
        """The powers of this row that a member of staff has."""
        if self.staff == "all":
            return tuple(StaffPower(role=role, division="any") for role in sorted(caller.roles))
        return tuple(one for one in self.staff if _holds(caller, one, department))

    def _check_citizen(self, caller: Caller) -> None:
        if self.citizen is None:
            raise role_needed()
        if self.citizen.level == "verified":
            caller.citizen()  # raises for an account


def _holds(caller: Caller, power: StaffPower, department: str) -> bool:
    if power.role not in caller.roles or caller.division is None:
        return False
    if power.department == "own" and caller.department != department:
        return False
    return power.division != "country" or caller.division == WHOLE_COUNTRY


Powers = Mapping[str, Row]
"""By route."""


def powers_beside(module_file: str) -> Powers:
    """The table that lies beside a module."""
    return read_powers(Path(module_file).with_name("powers.yaml"))


def read_powers(path: Path) -> Powers:
    """Raises Misconfigured naming file, entry and field."""
    powers: dict[str, Row] = {}
    try:
        for number, raw in enumerate(read_yaml(path.read_text("utf-8")), start=1):
            row = Row.model_validate(_with_texts(raw))
            for route in row.routes:
                if route in powers:
                    raise Misconfigured(f"{path.name}, entry {number}: {route} has a row already")
                powers[route] = row
    except (OSError, yaml.YAMLError, TypeError) as error:
        raise Misconfigured(f"{path.name} cannot be read as a table of powers: {error}") from None
    except ValidationError as error:
        wrong = error.errors(include_url=False)[0]
        place = ".".join(map(str, wrong["loc"]))
        raise Misconfigured(f"{path.name}, entry {number}: {place}: {wrong['msg']}") from None
    return powers


def _with_texts(raw: Any) -> Any:
    """`act` and `purpose` are written as {zh, en}."""
    if not isinstance(raw, dict):
        return raw
    return {key: Text(**value) if key in ("act", "purpose") else value for key, value in raw.items()}


FRAME = powers_beside(__file__)
"""Of the routes that every department has."""


@dataclass(frozen=True, slots=True)
class Power:
    """What the caller of this request may do by the row of its route."""

    caller: Caller
    granted: tuple[StaffPower, ...]  # empty for a citizen

    @property
    def roles(self) -> frozenset[Role]:
        return frozenset(one.role for one in self.granted)

    @property
    def area(self) -> str:
        """The division of a member of staff, 12 digits. Raises NotAllowed for a citizen."""
        if not self.granted or self.caller.division is None:
            raise role_needed()
        return self.caller.division

    def reaches(self, division: str) -> bool:
        """Whether a matter of this division is theirs. Raises NotValid."""
        return any(one.division == "any" or is_within(division, self.area) for one in self.granted)

    def serve(self, division: str) -> None:
        """Raises NotAllowed unless it is, NotValid."""
        if not self.reaches(division):
            raise outside_division()

    def part(self, division: str | None) -> str:
        """The part of their area that is asked about, all of it when none is named. Raises NotAllowed, NotValid."""
        if division is None:
            return self.area
        if not is_within(division, self.area):
            raise outside_division()
        return division


class Guard:
    """Refuses, before its handler runs, every request that the table does not allow. Default: deny."""

    def __init__(self, department: str, powers: Powers) -> None:
        self._department = department
        self._powers = powers

    def check_routes(self, app: Litestar) -> None:
        """Raises Misconfigured unless every route has its row and every row its route."""
        routes = {
            f"{method} {route.path_format}"
            for route in app.routes
            if isinstance(route, HTTPRoute)
            for method in route.methods
            if method != "OPTIONS"
        }
        for trouble, found in (
            ("has no row for", routes - self._powers.keys()),
            ("has rows without a route", self._powers.keys() - routes),
        ):
            if found:
                raise Misconfigured(f"the powers table of {self._department} {trouble}: {', '.join(sorted(found))}")

    def row(self, method: str, template: str) -> Row:
        """Raises Broken when there is none: at the start all routes were looked at."""
        row = self._powers.get(f"{method} {template}")
        if row is None:
            raise Broken("a route without a row in the powers table was reached")
        return row

    def check(self, caller: Caller, row: Row) -> Power:
        """Raises NotAllowed unless the row allows the caller its act."""
        row.check(caller, self._department)
        return Power(caller, row.granted(caller, self._department))
