"""Powers: the table is whole, and nothing is open that it does not open."""

from pathlib import Path
from uuid import uuid4

import httpx
import pytest

from shared.contracts.errors import Misconfigured, NotAllowed
from shared.contracts.identity import Role
from shared.department.caller import Caller
from shared.department.powers import CitizenPower, Guard, Power, Row, StaffPower, read_powers
from shared.department.service import Service
from shared.standards.divisions import WHOLE_COUNTRY
from shared.standards.text import Text
from tests.databases import Databases
from tests.department import Department, running
from tests.shared.department import library

TOWNSHIP = "130433200000"
COUNTY = "130433000000"
ELSEWHERE = "130123000000"
WORDS = Text("试验", "a trial")


def staff(*roles: Role, division: str = COUNTY, department: str | None = None) -> Caller:
    return Caller("staff", uuid4(), frozenset(roles), division, department)


def row(*powers: StaffPower, citizen: CitizenPower | None = None) -> Row:
    return Row(act=WORDS, purpose=WORDS, routes=("GET /x",), staff=powers, citizen=citizen)


OPERATING = row(StaffPower(role=Role.operator, division="any", department="own"))
REVIEWING = row(StaffPower(role=Role.reviewer, division="within"))
RETIRING = row(StaffPower(role=Role.administrator, division="country"))
ONES_OWN = row(citizen=CitizenPower(level="verified"))


@pytest.mark.parametrize(
    ("of", "caller", "code"),
    [
        (REVIEWING, staff(Role.reviewer), None),
        (REVIEWING, staff(Role.leader), "role_needed"),
        (REVIEWING, Caller("citizen", uuid4()), "role_needed"),
        (OPERATING, staff(Role.operator, department="library"), None),
        (OPERATING, staff(Role.operator, department="identity"), "role_needed"),
        (OPERATING, staff(Role.operator), "role_needed"),
        (RETIRING, staff(Role.administrator, division=WHOLE_COUNTRY), None),
        (RETIRING, staff(Role.administrator), "role_needed"),
        (ONES_OWN, Caller("citizen", uuid4()), None),
        (ONES_OWN, Caller("citizen", uuid4(), level="account"), "verification_needed"),
        (ONES_OWN, staff(Role.reviewer), "citizens_only"),
    ],
)
def test_a_row_allows_whom_it_names(of: Row, caller: Caller, code: str | None) -> None:
    if code is None:
        of.check(caller, "library")
        return
    with pytest.raises(NotAllowed) as refusal:
        of.check(caller, "library")
    assert refusal.value.code == code


def test_a_role_reaches_matters_within_its_division() -> None:
    reviewer = staff(Role.reviewer)
    power = Power(reviewer, REVIEWING.granted(reviewer, "library"))
    power.serve(TOWNSHIP)
    assert power.part(None) == COUNTY
    assert power.part(TOWNSHIP) == TOWNSHIP
    for refused in (power.serve, power.part):
        with pytest.raises(NotAllowed):
            refused(ELSEWHERE)


def test_a_role_for_anybody_reaches_every_division() -> None:
    counter = row(StaffPower(role=Role.window, division="any"))
    window = staff(Role.window)
    Power(window, counter.granted(window, "library")).serve(ELSEWHERE)


@pytest.mark.parametrize("without", ["GET /who", "GET /search"])
async def test_a_route_without_a_row_stops_the_start(databases: Databases, sharing_file: Path, without: str) -> None:
    powers = {route: of for route, of in library.POWERS.items() if route != without}
    service = Service(library.LIBRARY, routes=library.ROUTES, powers=powers)
    async with databases.fresh() as database:
        with pytest.raises(Misconfigured, match=f"no row for: {without}"):
            async with running(service, database, sharing_file=sharing_file, contracts=library.CONTRACTS):
                raise AssertionError


async def test_a_row_without_a_route_stops_the_start(databases: Databases, sharing_file: Path) -> None:
    async with databases.fresh() as database:
        service = Service(library.LIBRARY, powers={"GET /x": REVIEWING})
        with pytest.raises(Misconfigured, match="rows without a route: GET /x"):
            async with running(service, database, sharing_file=sharing_file, contracts=library.CONTRACTS):
                raise AssertionError


def test_a_route_that_no_row_names_is_not_reached() -> None:
    with pytest.raises(Exception, match="without a row"):
        Guard("library", {}).row("GET", "/x")


@pytest.mark.parametrize(
    ("text", "wrong"),
    [
        ("- act: {zh: 看, en: look}\n  routes: [GET /x]", "either `anyone`"),
        ("- act: {zh: 看, en: look}\n  routes: [GET /x]\n  citizen: {level: verified}", "`purpose`"),
        ("- act: {zh: 看, en: look}\n  routes: [GET /x]\n  anyone: true\n  purpose: {zh: 看, en: look}", "`purpose`"),
        ("- act: {zh: 看, en: look}\n  routes: [GET /x, GET /x]\n  anyone: true", "GET /x has a row already"),
        ("- act: {zh: 看, en: look}\n  routes: []\n  anyone: true", "routes"),
        ("- act: {zh: 看, en: look}\n  routes: [GET /x]\n  staff: [{role: king, division: any}]", "staff"),
        ("- act: look\n  routes: [GET /x]\n  anyone: true", "cannot be read"),
        ("GET /x", "entry 1"),
    ],
)
def test_a_table_that_is_not_right_names_the_entry(tmp_path: Path, text: str, wrong: str) -> None:
    path = tmp_path / "powers.yaml"
    path.write_text(text, "utf-8")
    with pytest.raises(Misconfigured, match=r"powers\.yaml") as refusal:
        read_powers(path)
    assert wrong in str(refusal.value)


async def test_an_operator_of_one_department_is_none_elsewhere(department: Department) -> None:
    async def asked(of: str | None) -> int:
        token = department.token("staff", roles=[Role.operator], division=WHOLE_COUNTRY, department=of)
        async with department.client(token) as client:
            return (await client.get("/operations/parked")).status_code

    assert [await asked(of) for of in ("library", "identity", None)] == [200, 403, 403]


async def test_who_may_not_enter_is_told_before_the_body_is_read(
    department: Department, stranger: httpx.AsyncClient
) -> None:
    answer = await stranger.post("/operations/stuck/retry", content=b"[" * 1000)
    assert answer.status_code == 401
    async with department.client(department.token()) as citizen:
        assert (await citizen.post("/operations/stuck/retry", content=b"[" * 1000)).status_code == 403
