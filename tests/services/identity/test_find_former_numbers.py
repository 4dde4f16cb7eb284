"""A registrar finds a person by a number that was corrected, too."""

from shared.contracts.identity import Role
from tests.services.identity.office import Office, fresh_number, someone


async def test_whoever_bore_the_number_is_found_by_it(identity: Office) -> None:
    wrong, right = fresh_number(), fresh_number()
    person = await identity.enter(someone(id_number=wrong))
    await identity.correct(person, right)
    async with await identity.desk(Role.registrar) as desk:
        former = (await desk.post("/people/find", json={"id_number": wrong})).json()["people"]
        present = (await desk.post("/people/find", json={"id_number": right})).json()["people"]
    assert [(row["person"], row["is_former_number"]) for row in former] == [(str(person), True)]
    assert [(row["person"], row["is_former_number"]) for row in present] == [(str(person), False)]


async def test_of_two_who_bore_it_whoever_bears_it_now_comes_first(identity: Office) -> None:
    number = fresh_number()
    before = await identity.enter(someone(id_number=number))
    await identity.correct(before, fresh_number())
    now = await identity.enter(someone(id_number=number))
    async with await identity.desk(Role.registrar) as desk:
        found = (await desk.post("/people/find", json={"id_number": number})).json()["people"]
    assert [(row["person"], row["is_former_number"]) for row in found] == [(str(now), False), (str(before), True)]
