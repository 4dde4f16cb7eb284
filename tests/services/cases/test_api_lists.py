"""Lists over HTTP: empty ones, page by page, and one's own division only."""

from collections.abc import AsyncIterator

import pytest

from deploy.embedded.department_database import DepartmentDatabase
from services.cases.service import SERVICE
from tests.department import running
from tests.services.cases.bureau import Bureau, paper_refused, problem, running_case


@pytest.fixture
async def bureau(database: DepartmentDatabase) -> AsyncIterator[Bureau]:
    async with running(SERVICE, database) as department, Bureau(department) as bureau:
        await bureau.know_the_parents()
        yield bureau


async def test_before_anything_happened_every_list_is_empty(bureau: Bureau) -> None:
    mother, window = await bureau.citizen(), await bureau.staff()
    assert (await mother.get("/cases")).json() == {"cases": [], "next": None}
    assert (await mother.get("/drafts")).json() == {"drafts": []}
    assert (await window.get("/bureau/cases")).json() == {"cases": [], "next": None}
    assert (await window.get("/bureau/stuck")).json() == {"items": [], "next": None}
    assert (await window.get("/bureau/figures")).json() == {"figures": []}


async def test_page_by_page_every_case_and_every_stuck_item_comes_once(bureau: Bureau) -> None:
    cases = [await running_case(bureau, birth_order=order) for order in ("first", "second", "third")]
    for case in cases:  # both items of a case are asked for at the same moment
        await bureau.answer(paper_refused(case, "birth_medical", may_retry=True))
        await bureau.answer(paper_refused(case, "vaccination", may_retry=True))
    mother, window = await bureau.citizen(), await bureau.staff()
    for client, path, rows, key, count in (
        (mother, "/cases", "cases", ("case",), 3),
        (window, "/bureau/cases", "cases", ("case",), 3),
        (window, "/bureau/stuck", "items", ("case", "item"), 6),
    ):
        found, after = [], None
        for _ in range(count):
            page = (await client.get(path, params={"limit": 1} | ({"after": after} if after else {}))).json()
            found += [tuple(one[name] for name in key) for one in page[rows]]
            after = page["next"]
        assert after is None
        assert len(set(found)) == len(found) == count
        assert problem(await client.get(path, params={"after": "nowhere"})) == (422, "unknown_place")


async def test_the_bureau_sees_its_own_division_only(bureau: Bureau) -> None:
    case = await running_case(bureau)
    own, elsewhere = await bureau.staff(), await bureau.staff(division="450821000000")
    assert [one["case"] for one in (await own.get("/bureau/cases")).json()["cases"]] == [str(case)]
    assert (await elsewhere.get("/bureau/cases")).json()["cases"] == []
    refused = await elsewhere.get("/bureau/cases", params={"division": "130123100242"})
    assert refused.status_code == 403
    assert (await (await bureau.citizen()).get("/bureau/stuck")).status_code == 403
