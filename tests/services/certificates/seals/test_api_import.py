"""Many seals and signatures at once, with a report by line."""

from typing import Any
from uuid import UUID, uuid4

from services.certificates.api.seal_import import MOST
from tests.department import Department
from tests.services.certificates.examples import OTHER_VILLAGE, SILENT_VILLAGE, VILLAGE
from tests.services.certificates.office import Office, problem
from tests.services.certificates.seals import desk
from tests.services.certificates.seals.examples import OTHER_KEEPER

ROWS: list[dict[str, Any]] = [
    desk.VILLAGE_SEAL,
    {"kind": "seal", "division": SILENT_VILLAGE},
    desk.SIGNATURE,
    {"kind": "seal"},
    {"kind": "seal", "division": "130102001001", "credit_code": "11370800MB28559184"},
    {"kind": "seal", "division": OTHER_VILLAGE, "colour": "blue"},
    {"kind": "seal", "division": OTHER_VILLAGE},
    {"kind": "signature", "staff": str(UUID(int=1))},
]


async def test_the_good_lines_are_made_and_the_others_told(department: Department, office: Office) -> None:
    await desk.appointed(department)
    answer = await (await desk.keeper(office)).post("/seals/import", json={"rows": ROWS})
    report = answer.json()
    assert [(one["line"], one["status"]) for one in report["accepted"]] == [(1, "made"), (3, "made"), (7, "made")]
    assert [(one["line"], one["code"]) for one in report["rejected"]] == [
        (2, "credit_code_needed"),
        (4, "division_needed"),
        (5, "outside_division"),
        (6, "invalid"),
        (8, "no_such_staff"),
    ]
    assert [error["field"] for error in report["rejected"][0]["errors"]] == ["credit_code"]


async def test_the_same_list_again_goes_on_with_what_was_not_made(office: Office) -> None:
    keeper = await desk.keeper(office)
    begun = await desk.applied(keeper)
    rows = {"rows": [desk.VILLAGE_SEAL, {"kind": "seal", "division": OTHER_VILLAGE}, desk.VILLAGE_SEAL]}
    report = (await keeper.post("/seals/import", json=rows)).json()
    assert report["accepted"][0]["seal"] == begun
    again = (await keeper.post("/seals/import", json=rows)).json()
    assert (again["accepted"], [one["code"] for one in again["rejected"]]) == ([], ["already_living"] * 3)


async def test_a_repeated_import_gives_the_first_answer(office: Office) -> None:
    keyed = await desk.keeper(office, key="import-of-today")
    rows = {"rows": [{"kind": "seal", "division": one} for one in (VILLAGE, OTHER_VILLAGE)]}
    first = await keyed.post("/seals/import", json=rows)
    again = await keyed.post("/seals/import", json=rows)
    assert len(first.json()["accepted"]) == 2
    assert again.json() == first.json()


async def test_many_are_registered_by_another_keeper(office: Office) -> None:
    keeper = await desk.keeper(office)
    rows = {"rows": [{"kind": "seal", "division": one} for one in (VILLAGE, OTHER_VILLAGE)]}
    made = [one["seal"] for one in (await keeper.post("/seals/import", json=rows)).json()["accepted"]]
    unknown = str(uuid4())
    mine = (await keeper.post("/seals/registrations", json={"seals": made})).json()
    assert [one["code"] for one in mine["rejected"]] == ["another_must_register"] * 2
    other = await desk.keeper(office, OTHER_KEEPER.id)
    report = (await other.post("/seals/registrations", json={"seals": [*made, unknown]})).json()
    assert [(one["seal"], one["status"]) for one in report["accepted"]] == [(seal, "in_use") for seal in made]
    assert [(one["line"], one["code"]) for one in report["rejected"]] == [(3, "no_such_seal")]


async def test_a_list_that_is_too_long_is_refused_whole(office: Office) -> None:
    keeper = await desk.keeper(office)
    rows = {"rows": [desk.VILLAGE_SEAL] * (MOST + 1)}
    assert problem(await keeper.post("/seals/import", json=rows)) == (422, "invalid")
    assert (await keeper.get("/seals")).json()["seals"] == []
