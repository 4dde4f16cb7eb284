"""What a department describes at /schema, asked in every way the description allows and in ways it does not."""

from collections.abc import Iterator, Mapping
from typing import Any

import requests
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis.errors import Unsatisfiable
from schemathesis import Case, GenerationMode
from schemathesis.core.result import Ok
from schemathesis.schemas import APIOperation

from tests.doors.rows import lets_in, powers_of
from tests.doors.town import NOBODY, PATIENCE, Town
from tests.doors.tried import Answer, Tried, curl

Operation = APIOperation[Any, Any, Any, Any]
Described = Case[Any]
REPEATABLE = settings(
    derandomize=True, database=None, deadline=None, phases=[Phase.generate], suppress_health_check=list(HealthCheck)
)


def operations(schema: Mapping[str, Any]) -> list[Operation]:
    """Of a department's OpenAPI document. AssertionError: one of them cannot be read."""
    found = []
    for result in schemathesis.openapi.from_dict(dict(schema)).get_all_operations():
        assert isinstance(result, Ok), result.err()
        found.append(result.ok())
    return found


def cases(operation: Operation, how_many: int) -> list[Described]:
    """The same at each run: half of them as described, half not."""
    made: list[Described] = []
    for mode in GenerationMode:

        @settings(REPEATABLE, max_examples=how_many)
        @given(case=operation.as_strategy(generation_mode=mode))
        def keep(case: Described) -> None:
            made.append(case)

        try:
            keep()
        except Unsatisfiable:  # nothing to be got wrong
            continue
    return made


class Asker:
    """Sends the cases of one department as one caller; one connection."""

    def __init__(self, town: Town, department: str, who: str) -> None:
        self.who = who
        self._address = town.addresses[department]
        self._headers = town.headers(who)
        self._known = {kind: values for (place, kind), values in town.things.items() if place == department}
        self._session = requests.Session()
        self._session.trust_env = False
        self._turn = 0

    def ask(self, case: Described) -> Answer:
        """Every other time of something that is there."""
        self._turn += 1
        if self._turn % 2:
            self._name_something_known(case)
        sent = case.as_transport_kwargs(base_url=self._address, headers=self._headers)
        if self.who == NOBODY:
            sent["headers"].pop("Authorization", None)
        response = self._session.request(**sent, timeout=PATIENCE, allow_redirects=False)
        body = response.request.body
        return Answer(
            response.status_code,
            {name.lower(): value for name, value in response.headers.items()},
            response.content,
            f"as {self.who}: "
            + curl(
                str(response.request.method),
                str(response.request.url),
                dict(response.request.headers),
                body.encode() if isinstance(body, str) else body,
            ),
        )

    def close(self) -> None:
        self._session.close()

    def _name_something_known(self, case: Described) -> None:
        for name in case.path_parameters or {}:
            if values := self._known.get(known_as(case.path, name)):
                case.path_parameters[name] = values[self._turn % len(values)]


MOST_LET_IN = 3
SINGULAR = {"people": "person", "staff": "staff", "marriages": "marriage"}


def known_as(path: str, name: str) -> str:
    """What a path parameter names: {id} is what its list holds."""
    if name != "id":
        return name
    before = path[: path.index("{id}")].rstrip("/").rsplit("/", 1)[-1]
    return SINGULAR.get(before, before)


def described(town: Town, how_many: int, most_let_in: int = MOST_LET_IN) -> Iterator[Tried]:
    """Every operation of every department, `how_many` as described and as many not, each: as nobody, and as some of
    those whom its row lets in. The guard answers all others before it looks at what they sent."""
    for department in town.addresses:
        tried = Tried(f"described operations of {department}", f"{how_many} right and {how_many} wrong of each")
        askers = {who: Asker(town, department, who) for who in (NOBODY, *town.callers)}
        for operation in operations(town.schema(department)):
            row = powers_of(department)[f"{operation.method.upper()} {operation.path}"]
            let_in = [who for who, caller in town.callers.items() if lets_in(row, caller, department)]
            for case in cases(operation, how_many):
                for who in (NOBODY, *let_in[:most_let_in]):
                    tried.note(askers[who].ask(case))
        for asker in askers.values():
            asker.close()
        yield tried
