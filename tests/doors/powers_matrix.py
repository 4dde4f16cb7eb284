"""Every route of the table of powers, as everybody it names and everybody it does not.

What is expected follows from the rows alone. Commands that are allowed carry an Idempotency-Key that is none, so that
the guard lets them pass and nothing is done.
"""

import re
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

from shared.contracts.identity import Role
from shared.department.caller import Caller
from shared.department.powers import Row
from shared.standards.divisions import WHOLE_COUNTRY
from tests.doors.addresses import fill
from tests.doors.appointing import appointed
from tests.doors.asking import Asking
from tests.doors.rows import lets_in, powers_of
from tests.doors.town import ACCOUNT, ANOTHER, OWNER, Town
from tests.doors.tried import Answer, Tried

FAR_AWAY = "110101000000"  # a district of another region, where nothing happens
NEXT_DOOR = "110102000000"  # the district beside it
HEARD_WITHIN = 1.0  # seconds after a dismissal
LOOK = 0.02
NO_KEY = "x" * 201  # longer than an Idempotency-Key may be: whoever gets past the guard is told so
NOT_SHOWN = frozenset({"GET /schema/{path}"})


@dataclass(frozen=True, slots=True)
class Route:
    department: str
    method: str
    path: str
    row: Row
    body: Mapping[str, Any] | None  # httpx's words for one that fits the description


@cache
def routes(town: Town) -> tuple[Route, ...]:
    """All of all departments."""
    return tuple(
        Route(department, method, path, row, _body(town.schema(department), method, path))
        for department in town.addresses
        for name, row in powers_of(department).items()
        if name not in NOT_SHOWN
        for method, path in [name.split(" ", 1)]
    )


def _body(schema: Mapping[str, Any], method: str, path: str) -> Mapping[str, Any] | None:
    """The description's own example."""
    operation = schema["paths"].get(path, {}).get(method.lower(), {})
    for media, content in operation.get("requestBody", {}).get("content", {}).items():
        if media == "application/json":
            return {"json": content["example"]}
        return {"files": {"file": b"%PDF-1.7"}}
    return None


def strangers(town: Town) -> Iterator[Tried]:
    """Nobody: 401 wherever the row does not say anyone. Anyone: never 401 or 403."""
    tried = Tried("routes as nobody", "every route of every department")
    for department, group in _by_department(routes(town)):
        with Asking(town, department) as asking:
            for route in group:
                answer = _ask(asking, town, route)
                if route.row.anyone:
                    tried.note(answer, lambda answer: answer.status not in (401, 403), f"let in at {_name(route)}")
                else:
                    tried.note(answer, lambda answer: answer.status == 401, f"401 at {_name(route)}")
    yield tried


def citizens(town: Town) -> Iterator[Tried]:
    """A verified citizen and one with an account only, at every route."""
    tried = Tried("routes as a citizen", "every route, verified and with an account only")
    for department, group in _by_department(routes(town)):
        for who, level in ((OWNER, "verified"), (ACCOUNT, "account")):
            with Asking(town, department, who) as asking:
                for route in group:
                    _judge_citizen(tried, _ask(asking, town, route), route, level)
    yield tried


def _judge_citizen(tried: Tried, answer: Answer, route: Route, level: str) -> None:
    row = route.row
    if row.anyone or (row.citizen and (level == "verified" or row.citizen.level == "account")):
        tried.note(answer, lambda answer: not _is_guarded(answer), f"let in at {_name(route)}")
    elif row.citizen:
        tried.note(
            answer,
            lambda answer: answer.status == 403 and answer.code == "verification_needed",
            f"403 verification_needed at {_name(route)}",
        )
    else:
        tried.note(answer, lambda answer: answer.status == 403, f"403 at {_name(route)}")


def roles(town: Town, one_of: int = 1) -> Iterator[Tried]:
    """Every role, of the whole country and of far away, at every route; operators of each department and of none.

    `one_of`: of the routes where a role has no power so many are asked for one, other ones for each role.
    """
    tried = Tried("routes by role", f"every route as each of {len(Role)} roles; as operator of another department")
    every = routes(town)
    for turn, caller in enumerate(caller for role in Role for caller in _of_role(town, role)):
        for department, group in _by_department(every):
            if department == "identity" and caller not in town.appointed.values():
                continue
            with Asking(town, department, caller) as asking:
                for place, route in enumerate(one for one in group if not one.row.anyone):
                    if lets_in(route.row, caller, route.department) or (place + turn) % one_of == 0:
                        _judge_staff(tried, _ask(asking, town, route), route, caller)
    yield tried


def _of_role(town: Town, role: Role) -> Iterator[Caller]:
    if role is Role.operator:
        for department in (*town.addresses, None):
            yield appointed(town, role, WHOLE_COUNTRY, department)
    else:
        yield appointed(town, role, WHOLE_COUNTRY)
    yield appointed(town, role, FAR_AWAY)


def _judge_staff(tried: Tried, answer: Answer, route: Route, caller: Caller) -> None:
    if lets_in(route.row, caller, route.department):
        tried.note(answer, lambda answer: not _is_guarded(answer), f"let in at {_name(route)}")
    else:
        tried.note(answer, lambda answer: answer.status == 403, f"403 at {_name(route)}")


def dismissed(town: Town) -> Iterator[Tried]:
    """Somebody who was dismissed, with a token that is good for hours: at every route that is not open to anyone."""
    tried = Tried("dismissed staff", "every route of every department, a second after the dismissal")
    with Asking(town, "identity", "administrator") as administrator:
        for role in (Role.reviewer, Role.insurance_clerk):
            caller = appointed(town, role, NEXT_DOOR)
            tried.note(
                administrator.ask("POST", f"/staff/{caller.id}/dismiss"), lambda answer: answer.status == 200, "200"
            )
            heard_by = time.monotonic() + HEARD_WITHIN
            for department, group in _by_department(routes(town)):
                with Asking(town, department, caller) as asking:
                    guarded = [route for route in group if not route.row.anyone]
                    while _ask(asking, town, guarded[0]).status != 401 and time.monotonic() < heard_by:
                        time.sleep(LOOK)
                    for route in guarded:
                        answer = _ask(asking, town, route)
                        tried.note(answer, lambda answer: answer.status == 401, f"401 at {_name(route)}")
    yield tried


def anothers_matters(town: Town) -> Iterator[Tried]:
    """A citizen at every route that names something of another citizen's; staff of far away at what is not theirs."""
    citizens = Tried("another's matters", "as a citizen, what another owns: answered as what is not there")
    staff = Tried(
        "matters of another division",
        "in the right role, of far away: refused or as what is not there",
    )
    owned = {(department, kind): id for (department, kind), (_, id) in town.owned.items()}
    for department, group in _by_department(routes(town)):
        with Asking(town, department, ANOTHER) as asking:
            for route in group:
                kinds = _kinds(route)
                if route.row.citizen and any((department, kind) in owned for kind in kinds):
                    answer = _ask_of(asking, town, route, owned)
                    citizens.note(answer, _as_nothing(asking, town, route), f"as of nothing at {_name(route)}")
                elif route.row.citizen and route.method == "GET" and not kinds:
                    shown = asking.ask("GET", route.path)
                    citizens.note(shown, _hides(owned, department), "nothing of another's")
        for route in group:
            for power in route.row.staff if route.row.staff != "all" else ():
                if power.division != "within":
                    continue
                caller = appointed(town, power.role, FAR_AWAY)
                with Asking(town, department, caller) as asking:
                    if any((department, kind) in owned for kind in _kinds(route)):
                        answer = _ask_of(asking, town, route, owned)
                        nothing = _as_nothing(asking, town, route, or_refused=True)
                        staff.note(answer, nothing, f"403 or as of nothing at {_name(route)}")
                    elif route.method == "GET" and not _kinds(route):
                        shown = asking.ask("GET", route.path)
                        staff.note(shown, _hides(owned, department), "nothing of elsewhere")
    yield citizens
    yield staff


def _as_nothing(asking: Asking, town: Town, route: Route, *, or_refused: bool = False) -> Callable[[Answer], bool]:
    """No answer tells whether somebody else has such a thing: it is that of a thing that is not there."""
    nothing = asking.ask(route.method, fill(route.path, town, "nowhere"), **(route.body or {}))

    def is_it(answer: Answer) -> bool:
        if answer.status == 404 or (or_refused and answer.status == 403):
            return True
        return answer.status >= 400 and (answer.status, answer.code) == (nothing.status, nothing.code)

    return is_it


def _hides(owned: Mapping[tuple[str, str], str], department: str) -> Callable[[Answer], bool]:
    ids = [id.encode() for (place, _), id in owned.items() if place == department]
    return lambda answer: not any(id in answer.body for id in ids)


def _is_guarded(answer: Answer) -> bool:
    """Refused for who asks, not for what they ask."""
    return answer.status == 401 or answer.code in GUARDS


GUARDS = frozenset({"role_needed", "citizens_only", "verification_needed", "other_department"})


def _ask(asking: Asking, town: Town, route: Route) -> Answer:
    """Of nothing that is there, under a key that is none."""
    headers = {} if route.method == "GET" else {"idempotency-key": NO_KEY}
    path = fill(route.path, town, "nowhere")
    return asking.ask(route.method, path, headers, **(route.body or {}))


def _ask_of(asking: Asking, town: Town, route: Route, owned: Mapping[tuple[str, str], str]) -> Answer:
    instead = {kind: id for (department, kind), id in owned.items() if department == route.department}
    return asking.ask(route.method, fill(route.path, town, route.department, instead), **(route.body or {}))


def _kinds(route: Route) -> list[str]:
    return re.findall(r"{(\w+)}", route.path)


def _name(route: Route) -> str:
    return f"{route.method} {route.path} in {route.department}"


def _by_department(every: Sequence[Route]) -> Iterator[tuple[str, list[Route]]]:
    for department in dict.fromkeys(route.department for route in every):
        yield department, [route for route in every if route.department == department]
