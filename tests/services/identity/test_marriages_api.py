"""Marriages and households at identity's door."""

import asyncio
from datetime import UTC, date, datetime
from itertools import count
from uuid import UUID

import httpx
import pytest

from services.identity.domain.marriage import MARRIAGE
from services.identity.domain.person import PERSON, EnterNewborn, EnterPerson, OfBirth
from services.identity.domain.spouse_claim import SPOUSE_CLAIM, ClaimSpouse
from services.identity.marriages import Marriages
from services.identity.widowing import Widowing
from shared.contracts.identity import Role
from shared.eventstore.aggregate import Context
from shared.standards.check_digits import mod_11_2
from shared.standards.id_number import IdNumber
from tests.services.identity.examples import NAMESAKE, NOW, TAYUANZHUANG
from tests.services.identity.office import Office, code, fields, someone

_person = count(1)
_licence = count(1)


def adult(*, male: bool) -> dict[str, str]:
    n = next(_person)
    body = f"1301021988{n // 400 % 12 + 1:02}{n // 16 % 25 + 1:02}{n % 16 * 2 + male:03}"
    return someone(name="寓客来" if male else "季试用", id_number=IdNumber(body + mod_11_2(body)))


async def couple(identity: Office) -> tuple[dict[str, str], dict[str, str]]:
    husband, wife = adult(male=True), adult(male=False)
    await identity.enter(husband)
    await identity.enter(wife)
    return husband, wife


def marriage(husband: dict[str, str], wife: dict[str, str], **changed: str) -> dict[str, str]:
    return {
        "husband_id_number": husband["id_number"],
        "wife_id_number": wife["id_number"],
        "licence": f"J130123-2021-{next(_licence):06}",
        "married_on": "2021-05-20",
        **changed,
    }


async def married(identity: Office, desk: httpx.AsyncClient) -> tuple[dict[str, str], dict[str, str], str]:
    husband, wife = await couple(identity)
    answer = await desk.post("/marriages", json=marriage(husband, wife))
    assert answer.status_code == 201, answer.text
    return husband, wife, answer.json()["marriage"]


async def test_a_marriage_is_recorded_once_and_shown(identity: Office) -> None:
    husband, wife = await couple(identity)
    told = marriage(husband, wife)
    async with await identity.desk(Role.registrar) as desk:
        desk.headers["idempotency-key"] = f"marriage-{told['licence']}"
        first, again = await desk.post("/marriages", json=told), await desk.post("/marriages", json=told)
        shown = await desk.get(f"/marriages/{first.json()['marriage']}")
    assert (first.status_code, again.json()) == (201, first.json())
    assert first.headers["event-id"] == again.headers["event-id"]
    assert shown.json() == first.json()
    assert shown.json()["ended_on"] is None


async def test_nobody_is_in_two_marriages_until_the_first_is_over(identity: Office) -> None:
    async with await identity.desk(Role.registrar) as desk:
        husband, _, first = await married(identity, desk)
        _, other = await couple(identity)
        refused = await desk.post("/marriages", json=marriage(husband, other))
        divorced = await desk.post(f"/marriages/{first}/end", json={"ended_on": "2023-11-30"})
        accepted = await desk.post("/marriages", json=marriage(husband, other))
    assert code(refused) == (409, "already_married")
    assert (divorced.json()["ended_by"], divorced.json()["ended_on"]) == ("divorce", "2023-11-30")
    assert accepted.status_code == 201


async def test_of_ten_marriages_of_one_man_at_the_same_instant_one_stands(identity: Office) -> None:
    husband = adult(male=True)
    wives = [adult(male=False) for _ in range(10)]
    for one in (husband, *wives):
        await identity.enter(one)
    async with await identity.desk(Role.registrar) as desk:
        answers = await asyncio.gather(*(desk.post("/marriages", json=marriage(husband, wife)) for wife in wives))
        free = [wife for wife, answer in zip(wives, answers, strict=True) if answer.status_code != 201]
        bachelor = adult(male=True)
        await identity.enter(bachelor)
        of_the_left = await desk.post("/marriages", json=marriage(bachelor, free[0]))
    assert sorted(answer.status_code for answer in answers) == [201, *[409] * 9]
    assert of_the_left.status_code == 201  # a refusal leaves nobody claimed


async def test_a_crash_after_the_claims_heals_when_it_is_repeated(identity: Office) -> None:
    husband, wife = await couple(identity)
    told = marriage(husband, wife)
    id = identity.pseudonyms.marriage(told["licence"])
    for one in (husband, wife):
        person, _ = await identity.household.find(IdNumber(one["id_number"]))
        await identity.store.execute(SPOUSE_CLAIM.stream(person), SPOUSE_CLAIM, ClaimSpouse(id, NOW), Context())
    async with await identity.desk(Role.registrar) as desk:
        assert (await desk.post("/marriages", json=told)).status_code == 201


@pytest.mark.parametrize(
    ("changed", "status", "said"),
    [
        ({"licence": "130123"}, 422, "wrong_licence"),
        ({"married_on": "2999-01-01"}, 422, "wrong_married_on"),
        ({"married_on": "2005-01-01"}, 409, "too_young"),
    ],
)
async def test_what_no_marriage_can_be_is_refused(
    identity: Office, changed: dict[str, str], status: int, said: str
) -> None:
    husband, wife = await couple(identity)
    async with await identity.desk(Role.registrar) as desk:
        assert code(await desk.post("/marriages", json=marriage(husband, wife, **changed))) == (status, said)
        assert (await desk.post("/marriages", json=marriage(husband, wife))).status_code == 201  # nobody was claimed


async def test_an_id_number_that_cannot_be_is_named(identity: Office) -> None:
    husband, wife = await couple(identity)
    wrong = {**marriage(husband, wife), "wife_id_number": "130123199202189982"}
    async with await identity.desk(Role.registrar) as desk:
        answer = await desk.post("/marriages", json=wrong)
    assert (answer.status_code, fields(answer)) == (422, ["wife_id_number"])


async def test_the_dead_and_the_unknown_do_not_marry(identity: Office) -> None:
    husband, wife = await couple(identity)
    person, _ = await identity.household.find(IdNumber(wife["id_number"]))
    async with await identity.desk(Role.registrar) as desk:
        unknown = await desk.post("/marriages", json=marriage(husband, adult(male=False)))
        await desk.post(f"/people/{person}/death", json={"died_on": "2023-12-01"})
        dead = await desk.post("/marriages", json=marriage(husband, wife))
    assert code(unknown) == (404, "no_such_person")
    assert code(dead) == (409, "entry_closed")


async def test_a_registrar_of_neither_place_sees_no_such_people_and_no_such_marriage(identity: Office) -> None:
    async with await identity.desk(Role.registrar) as desk:
        _, _, id = await married(identity, desk)
    husband, wife = await couple(identity)
    async with await identity.desk(Role.registrar, division=NAMESAKE) as elsewhere:
        assert code(await elsewhere.post("/marriages", json=marriage(husband, wife))) == (404, "no_such_person")
        assert code(await elsewhere.get(f"/marriages/{id}")) == (404, "no_such_marriage")
        ended = await elsewhere.post(f"/marriages/{id}/end", json={"ended_on": "2023-11-30"})
        assert code(ended) == (404, "no_such_marriage")
    async with await identity.desk(Role.reviewer) as reviewer:
        assert (await reviewer.post("/marriages", json=marriage(husband, wife))).status_code == 403


async def test_a_list_is_recorded_and_bad_lines_named(identity: Office) -> None:
    good, known = marriage(*await couple(identity)), marriage(*await couple(identity))
    async with await identity.desk(Role.registrar) as desk:
        await desk.post("/marriages", json=known)
        sent = [good, known, {"licence": "x"}, marriage(adult(male=True), adult(male=False))]
        report = (await desk.post("/marriages/import", json=sent)).json()
    assert [row["line"] for row in report["recorded"]] == [1]
    assert [(row["line"], row["code"]) for row in report["rejected"]] == [
        (2, "licence_used"),
        (3, "invalid"),
        (4, "no_such_person"),
    ]


async def test_a_death_ends_the_marriage_by_itself_and_the_widow_may_marry(identity: Office) -> None:
    widowing = Widowing(Marriages(identity.household), identity.department.engine.pool)
    async with await identity.desk(Role.registrar) as desk:
        husband, wife, id = await married(identity, desk)
        person, _ = await identity.household.find(IdNumber(husband["id_number"]))
        await desk.post(f"/people/{person}/death", json={"died_on": "2023-12-01"})
        assert await widowing.sweep() >= 1
        assert await widowing.sweep() == 0
        shown = (await desk.get(f"/marriages/{id}")).json()
        bachelor = adult(male=True)
        await identity.enter(bachelor)
        again = await desk.post("/marriages", json=marriage(bachelor, wife))
    assert (shown["ended_by"], shown["ended_on"]) == ("death", "2023-12-01")
    assert await identity.types_of(MARRIAGE.stream(id)) == ["MarriageRecorded", "MarriageEnded"]
    assert again.status_code == 201


async def newborn(identity: Office, *guardians: UUID) -> UUID:
    person = identity.pseudonyms.newborn(guardians[0])
    body = f"13012320231222{next(_person) % 400 * 2:03}"
    number = IdNumber(body + mod_11_2(body))
    entry = EnterPerson(person, "寓小满", number, TAYUANZHUANG, "12号", datetime.now(UTC))
    birth = OfBirth(guardians[0], guardians[-1], number.birth_date, "first", "Q130123456")
    await identity.store.execute(PERSON.stream(person), PERSON, EnterNewborn(entry, guardians, birth), Context())
    return person


async def test_a_citizen_sees_his_entry_his_marriage_and_his_children(identity: Office) -> None:
    async with await identity.desk(Role.registrar) as desk:
        husband, wife, _ = await married(identity, desk)
    father, _ = await identity.household.find(IdNumber(husband["id_number"]))
    mother, _ = await identity.household.find(IdNumber(wife["id_number"]))
    child = await newborn(identity, mother, father)

    async with identity.client(identity.department.token("citizen", mother)) as client:
        seen = (await client.get("/households/mine")).json()

    assert seen["id_number"] == IdNumber(wife["id_number"]).masked
    assert (seen["spouse"]["person"], seen["spouse"]["married_on"]) == (str(father), "2021-05-20")
    [shown] = seen["children"]
    assert (shown["person"], shown["name"], shown["born_on"]) == (str(child), "寓小满", str(date(2023, 12, 22)))
    assert [one["person"] for one in shown["guardians"]] == [str(mother), str(father)]


async def test_a_household_without_marriage_and_children_is_fine(identity: Office) -> None:
    person = await identity.enter(someone())
    async with identity.client(identity.department.token("citizen", person)) as client:
        seen = (await client.get("/households/mine")).json()
    assert (seen["spouse"], seen["children"]) == (None, [])
    async with await identity.desk(Role.registrar) as desk:
        assert code(await desk.get("/households/mine")) == (403, "citizens_only")


async def test_a_registrar_names_other_guardians_and_the_former_no_longer_see_the_child(identity: Office) -> None:
    mother, aunt = await identity.enter(adult(male=False)), await identity.enter(adult(male=False))
    child = await newborn(identity, mother)
    async with await identity.desk(Role.registrar) as desk:
        answer = await desk.post(f"/people/{child}/guardians", json={"guardians": [str(aunt)]})
        minor = await desk.post(f"/people/{child}/guardians", json={"guardians": [str(child)]})
        adults = await desk.post(f"/people/{mother}/guardians", json={"guardians": [str(aunt)]})
        nobody = await desk.post(f"/people/{child}/guardians", json={"guardians": []})
    assert (answer.status_code, answer.json()["guardians"]) == (200, [str(aunt)])
    assert code(minor) == (409, "guardian_too_young")
    assert code(adults) == (409, "of_age")
    assert code(nobody) == (422, "wrong_guardians")
    for guardian, children in ((mother, 0), (aunt, 1)):
        async with identity.client(identity.department.token("citizen", guardian)) as client:
            assert len((await client.get("/households/mine")).json()["children"]) == children
    async with await identity.desk(Role.registrar, division=NAMESAKE) as elsewhere:
        refused = await elsewhere.post(f"/people/{child}/guardians", json={"guardians": [str(aunt)]})
    assert code(refused) == (404, "no_such_person")
