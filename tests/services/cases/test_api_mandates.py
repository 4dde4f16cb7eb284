"""An agent reads a case for a parent, and does nothing more."""

from collections.abc import AsyncIterator
from uuid import uuid4

import pytest

from deploy.embedded.department_database import DepartmentDatabase
from services.cases.service import SERVICE
from tests.department import running
from tests.mandates import end_mandate, let_act
from tests.services.cases.bureau import Bureau, problem, running_case
from tests.services.cases.examples import MOTHER, STRANGER

OF = {"of": str(MOTHER)}
NONE = (404, "no_such_mandate")
NO_CASE = (404, "no_such_case")


@pytest.fixture
async def bureau(database: DepartmentDatabase) -> AsyncIterator[Bureau]:
    async with running(SERVICE, database) as department, Bureau(department) as bureau:
        await bureau.know_the_parents()
        yield bureau


async def test_an_agent_reads_until_the_mandate_ends(bureau: Bureau) -> None:
    case, agent = await running_case(bureau), await bureau.citizen(STRANGER)
    assert problem(await agent.get("/cases", params=OF)) == NONE
    mandate = await let_act(bureau.department, MOTHER, STRANGER, "cases.read")
    [listed] = (await agent.get("/cases", params=OF)).json()["cases"]
    assert listed["case"] == str(case)
    assert (await agent.get(f"/cases/{case}")).status_code == 200
    for act in ("consent", "withdraw"):
        assert (await agent.post(f"/cases/{case}/{act}")).status_code in (403, 404, 409)
    await end_mandate(bureau.department, MOTHER, STRANGER, mandate)
    assert problem(await agent.get("/cases", params=OF)) == NONE
    assert problem(await agent.get(f"/cases/{case}")) == NO_CASE


async def test_another_matter_shows_no_case(bureau: Bureau) -> None:
    case, agent = await running_case(bureau), await bureau.citizen(STRANGER)
    await let_act(bureau.department, MOTHER, STRANGER, "insurance.read")
    assert problem(await agent.get(f"/cases/{case}")) == NO_CASE
    assert problem(await agent.get("/cases", params={"of": str(uuid4())})) == NONE
