"""An agent looks after somebody's insurance: reads it, confirms an allowance, and never names the account."""

from uuid import UUID, uuid4

from services.insurance.domain.insured import INSURED
from shared.contracts.insurance import MaternityAllowanceConfirmed
from tests.mandates import end_mandate, let_act
from tests.services.insurance.examples import IN_GUILIN, MOTHER, WORKER
from tests.services.insurance.office import Office, bill, problem, settle, small_bill
from tests.services.insurance.test_api_mine import WAGE, allowance_of

SON = UUID(int=7)
NONE = (404, "no_such_mandate")


async def test_an_agent_reads_until_the_mandate_ends(office: Office) -> None:
    await office.insure()
    settlement = (await settle(await office.window(), small_bill()))["settlement"]
    son, of = await office.citizen(SON), {"of": str(MOTHER)}
    mandate = await let_act(office.department, MOTHER, SON, "insurance.read")
    assert (await son.get("/my/insurance", params=of)).json()["person"] == str(MOTHER)
    [listed] = (await son.get("/my/settlements", params=of)).json()["settlements"]
    assert listed["settlement"] == settlement
    assert (await son.get(f"/settlements/{settlement}")).status_code == 200
    assert (await son.get(f"/settlements/{settlement}/sheet.pdf")).status_code == 200
    await end_mandate(office.department, MOTHER, SON, mandate)
    assert problem(await son.get("/my/insurance", params=of)) == NONE
    assert problem(await son.get("/my/settlements", params=of)) == NONE
    assert problem(await son.get(f"/settlements/{settlement}")) == (404, "no_such_settlement")


async def test_without_a_mandate_for_it_nothing_is_read(office: Office) -> None:
    await office.insure()
    son = await office.citizen(SON)
    await let_act(office.department, MOTHER, SON, "certificates.read", "insurance.claim")
    for of in (MOTHER, uuid4()):
        assert problem(await son.get("/my/insurance", params={"of": str(of)})) == NONE


async def test_an_agent_confirms_an_allowance_and_it_says_so(office: Office) -> None:
    clerk = await office.insure(WORKER)
    assert (await clerk.post(f"/insured/{WORKER}/employment", json=WAGE)).status_code == 200
    await settle(await office.window(IN_GUILIN.division), bill(person=WORKER, care="maternity"))
    mother, agent = await office.citizen(WORKER), await office.citizen(SON)
    path = f"/my/allowances/{(await allowance_of(mother))['allowance']}/confirm"
    of = {"of": str(WORKER)}
    assert problem(await agent.post(path, params=of)) == NONE
    mandate = await let_act(office.department, WORKER, SON, "insurance.claim")
    confirmed = await agent.post(path, params=of)
    assert confirmed.status_code == 200, confirmed.text
    assert confirmed.json()["confirmed_by"] == {"agent": str(SON), "agent_name": "张三", "mandate": str(mandate)}
    events = (await office.department.engine.store.load(INSURED.stream(WORKER), INSURED)).events
    [event] = [one.data for one in events if isinstance(one.data, MaternityAllowanceConfirmed)]
    assert (event.mandate, event.agent) == (mandate, SON)


async def test_no_mandate_reaches_the_payment_account(office: Office) -> None:
    await office.insure()
    await let_act(office.department, MOTHER, SON, "insurance.read", "insurance.claim")
    son = await office.citizen(SON)
    answer = await son.post(
        "/my/payee-account", json={"card_number": "6228480402564890018"}, params={"of": str(MOTHER)}
    )
    assert problem(answer) == (422, "unknown_parameter")
