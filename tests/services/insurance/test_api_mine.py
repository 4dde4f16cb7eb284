"""An insured person's own page over HTTP, and the allowance that needs no application."""

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from decimal import Decimal
from uuid import UUID, uuid4

import httpx
import pytest

from services.insurance.directory import directory
from services.insurance.domain.allowances import ConfirmAllowance
from services.insurance.domain.insured import INSURED
from services.insurance.paying import Paying
from services.insurance.payments import LocalLedger
from services.insurance.read_models.ledger_entries import balance_of
from services.insurance.treasury import Treasury
from shared.eventstore.aggregate import Context
from tests.services.insurance.banks import SmallBank
from tests.services.insurance.examples import EMPLOYER, GUILIN, IN_GUILIN, MOTHER, WORKER
from tests.services.insurance.office import Office, bill, problem, settle, small_bill

WAGE = {"employer": EMPLOYER, "employer_name": "桂林示例纺织有限公司", "year": 2022, "average_wage": "5800.00"}


@pytest.fixture
async def born(office: Office) -> AsyncIterator[httpx.AsyncClient]:
    """The window at which a birth of WORKER was settled."""
    clerk = await office.insure(WORKER)
    assert (await clerk.post(f"/insured/{WORKER}/employment", json=WAGE)).status_code == 200
    window = await office.window(IN_GUILIN.division)
    await settle(window, bill(person=WORKER, care="maternity"))
    yield window


async def allowance_of(citizen: httpx.AsyncClient) -> dict[str, str]:
    [allowance] = (await citizen.get("/my/insurance")).json()["allowances"]
    shown: dict[str, str] = allowance
    return shown


async def test_my_standing_and_my_settlements(office: Office) -> None:
    await office.insure()
    window, citizen = await office.window(), await office.citizen()
    assert (await citizen.get("/my/settlements")).json() == {"settlements": [], "next": None}
    made = [(await settle(window, small_bill()))["settlement"] for _ in range(3)]
    first = (await citizen.get("/my/settlements", params={"limit": 2})).json()
    second = (await citizen.get("/my/settlements", params={"limit": 2, "after": first["next"]})).json()
    listed = [one["settlement"] for page in (first, second) for one in page["settlements"]]
    assert (listed, second["next"]) == (made[::-1], None)
    [year] = (await citizen.get("/my/insurance")).json()["years"]
    assert (year["year"], year["settlements"], year["totals"]["stays"]) == (2023, 3, 3)


async def test_who_is_not_insured_is_told_so(office: Office) -> None:
    citizen = await office.citizen(UUID(int=9))
    assert problem(await citizen.get("/my/insurance")) == (404, "no_such_insured")
    assert problem(await (await office.clerk()).get("/my/insurance")) == (403, "citizens_only")
    assert problem(await citizen.get("/my/settlements", params={"after": "?"})) == (422, "unknown_place")


async def test_an_allowance_waits_for_one_confirmation_and_is_paid(office: Office, born: httpx.AsyncClient) -> None:
    mother = await office.citizen(WORKER)
    prepared = await allowance_of(mother)
    assert (prepared["status"], prepared["amount"]) == ("prepared", "18946.67")
    answer = await mother.post(f"/my/allowances/{prepared['allowance']}/confirm")
    assert answer.status_code == 200, answer.text
    assert answer.json()["status"] == "paid"
    again = await mother.post(f"/my/allowances/{prepared['allowance']}/confirm")
    assert again.json() == answer.json()
    pool = office.department.engine.pool
    assert await balance_of(pool, f"bank:{GUILIN}") == Decimal("18946.67")
    assert await pool.fetchval("select status from allowances") == "paid"


async def test_confirming_many_times_at_once_pays_once(office: Office, born: httpx.AsyncClient) -> None:
    mother = await office.citizen(WORKER)
    path = f"/my/allowances/{(await allowance_of(mother))['allowance']}/confirm"
    answers = await asyncio.gather(*(mother.post(path) for _ in range(6)))
    assert {answer.status_code for answer in answers} == {200}
    assert await balance_of(office.department.engine.pool, f"maternity_benefits:{GUILIN}") == Decimal("-18946.67")


async def test_what_was_confirmed_and_not_paid_is_paid_by_the_sweep(office: Office, born: httpx.AsyncClient) -> None:
    engine = office.department.engine
    mother = await office.citizen(WORKER)
    allowance = UUID((await allowance_of(mother))["allowance"])
    now = datetime.now(UTC)

    await engine.store.execute(
        INSURED.stream(WORKER), INSURED, ConfirmAllowance(allowance, directory(), now), Context()
    )
    away = Treasury(engine.store, engine.pool, SmallBank(is_away=True))
    assert await Paying(away).pay_now(allowance, WORKER, now) is None
    treasury = Treasury(engine.store, engine.pool, LocalLedger())
    paying = Paying(treasury)
    await treasury.hand_in()
    await asyncio.gather(paying.sweep(), paying.sweep())
    assert (await allowance_of(mother))["status"] == "paid"
    assert await balance_of(engine.pool, f"bank:{GUILIN}") == Decimal("18946.67")
    assert await paying.sweep() == 0


async def test_nobody_confirms_anothers_allowance(office: Office, born: httpx.AsyncClient) -> None:
    mother = await office.citizen(WORKER)
    path = f"/my/allowances/{(await allowance_of(mother))['allowance']}/confirm"
    assert problem(await (await office.citizen(MOTHER)).post(path)) == (404, "no_such_allowance")
    assert problem(await mother.post(f"/my/allowances/{uuid4()}/confirm")) == (404, "no_such_allowance")


async def test_a_mother_who_is_not_covered_is_told_by_an_event_once(office: Office) -> None:
    await office.register(WORKER, "覃示范", bill(person=WORKER)["id_number"])
    window = await office.window(IN_GUILIN.division)
    sent = bill(person=WORKER, care="maternity")
    for _ in range(2):
        assert problem(await window.post("/settlements", json=sent)) == (409, "not_insured")
    types = await office.department.engine.pool.fetch("select type from events where stream like 'uncovered-%'")
    assert [row["type"] for row in types] == ["insurance.MaternityNotCovered"]
    await office.insure(WORKER)
    assert (await window.post("/settlements", json=sent)).status_code == 201
