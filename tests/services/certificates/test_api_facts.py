"""A fact asked over HTTP: answered to who is entitled, kept in any case, seen by whom it was about."""

from typing import Any
from uuid import uuid4

import httpx
import pytest

from shared.contracts.identity import PersonDied, Role
from tests.services.certificates.examples import (
    COLLEAGUE,
    ID_NUMBER,
    LI,
    NOW,
    OTHER_VILLAGE,
    TODAY,
    TOWNSHIP,
    VILLAGE,
    ZHANG,
    registered,
)
from tests.services.certificates.histories import appointed
from tests.services.certificates.lives import another, hold
from tests.services.certificates.office import Office, fields, problem

WHO = {"name": "张三", "id_number": str(ID_NUMBER)}
WHY = {"purpose": "school_entry", "case": "2024-0312"}


async def window(office: Office, role: Role = Role.window, key: str | None = None) -> httpx.AsyncClient:
    return await office.reviewer(TOWNSHIP, COLLEAGUE.id, role=role, key=key)


async def ask(client: httpx.AsyncClient, fact: str = "resident", **changes: Any) -> httpx.Response:
    about = {"division": VILLAGE} if fact == "resident" else {}
    body = {**WHO, **WHY, **about, **changes}
    return await client.post(f"/facts/{fact}", json={name: value for name, value in body.items() if value is not None})


@pytest.fixture
async def known(office: Office) -> Office:
    """张三 of 塔元庄村 is known by then."""
    await office.citizen(ZHANG)
    return office


async def test_an_entitled_window_learns_yes_or_no_and_no_more(known: Office) -> None:
    client = await window(known)
    answer = await ask(client)
    assert answer.status_code == 200
    told = answer.json()
    assert set(told) == {"question", "fact", "answer", "as_of", "basis"}
    assert (told["fact"], told["answer"]) == ("resident", "yes")
    assert told["basis"]
    assert (await ask(client, division=OTHER_VILLAGE)).json()["answer"] == "no"
    assert (await ask(client, "adult")).json()["answer"] == "yes"
    assert (await ask(client, "alive", purpose="social_assistance")).json()["answer"] == "yes"


async def test_a_certificate_held_is_told_without_its_number(known: Office) -> None:
    client = await window(known)
    question = {"certificate_type": "residence"}
    assert (await ask(client, "holds_certificate", **question)).json()["answer"] == "no"
    issued = another(division=OTHER_VILLAGE)
    await hold(known.department.engine.store, issued)
    held = await ask(client, "holds_certificate", **question)
    assert held.json()["answer"] == "yes"
    assert issued.number not in held.text
    assert (await ask(client, division=OTHER_VILLAGE)).json()["answer"] == "yes"


async def test_a_death_is_told(known: Office) -> None:
    await known.department.give(f"person-{ZHANG}", PersonDied(person=ZHANG, died_on=TODAY, recorded_at=NOW))
    client = await window(known)
    assert (await ask(client, "alive", purpose="pension_eligibility")).json()["answer"] == "no"
    assert (await ask(client)).json()["answer"] == "no"


@pytest.mark.parametrize("stranger", [{"name": "张四"}, {"id_number": "11010519491231002X"}])
@pytest.mark.parametrize("fact", ["resident", "alive", "adult"])
async def test_nobody_of_that_name_and_number_is_unknown_whichever_is_wrong(
    known: Office, fact: str, stranger: dict[str, str]
) -> None:
    told = (await ask(await window(known), fact, **stranger, purpose="social_assistance")).json()
    assert (told["answer"], told["basis"]) == ("unknown", None)


async def test_a_role_that_is_not_entitled_is_refused_and_recorded(known: Office) -> None:
    for person in (WHO, {"name": "李四", "id_number": "11010519491231002X"}):
        refused = await ask(await window(known, Role.operator), **person)
        assert problem(refused) == (403, "not_entitled")
    mine = (await (await known.citizen()).get("/facts/asked-about-me")).json()["questions"]
    assert [one["answer"] for one in mine] == ["refused"]
    kinds = await known.department.engine.pool.fetch("select type from events where stream like 'question-%'")
    assert sorted(row["type"] for row in kinds) == ["certificates.FactAsked"] * 2 + ["certificates.FactRefused"] * 2


async def test_a_purpose_that_is_not_covered_is_refused_and_recorded(known: Office) -> None:
    assert problem(await ask(await window(known), purpose="curiosity")) == (403, "purpose_not_covered")
    [mine] = (await (await known.citizen()).get("/facts/asked-about-me")).json()["questions"]
    assert (mine["answer"], mine["purpose"]["zh"]) == ("refused", "curiosity")


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"purpose": None}, "purpose"),
        ({"purpose": " "}, "purpose"),
        ({"case": None}, "case"),
        ({"case": "a\nb"}, "case"),
        ({"id_number": "130123198503120018"}, "id_number"),
        ({"name": None}, "name"),
        ({"division": None}, "division"),
        ({"certificate_type": "residence"}, "certificate_type"),
        ({"income": 3}, "income"),
    ],
)
async def test_a_question_that_is_not_whole_is_refused_with_its_field(
    known: Office, changes: dict[str, Any], field: str
) -> None:
    answer = await ask(await window(known), **changes)
    assert (answer.status_code, fields(answer)) == (422, {field})
    assert (await (await known.citizen()).get("/facts/asked-about-me")).json()["questions"] == []


async def test_a_place_or_type_or_fact_that_does_not_exist_is_refused(known: Office) -> None:
    client = await window(known)
    assert problem(await ask(client, division="990000000000"))[1] == "unknown_division"
    unknown_type = await ask(client, "holds_certificate", certificate_type="moon")
    assert (unknown_type.status_code, fields(unknown_type)) == (422, {"certificate_type"})
    assert problem(await ask(client, "income", division=None)) == (404, "unknown_fact")


async def test_citizens_do_not_ask_about_each_other(known: Office) -> None:
    assert problem(await ask(await known.citizen(LI))) == (403, "role_needed")
    assert (await ask(await known.anyone())).status_code == 401


async def test_whom_it_was_about_sees_who_asked_and_why(known: Office) -> None:
    appointment = appointed(division=TOWNSHIP).model_copy(update={"staff": COLLEAGUE.id})
    await known.department.give(f"staff-{COLLEAGUE.id}", appointment)
    client = await window(known)
    await ask(client)
    await ask(client, "adult", purpose="taking an application")
    mine, others = await known.citizen(ZHANG), await known.citizen(LI)
    first = (await mine.get("/facts/asked-about-me", params={"limit": 1})).json()
    second = (await mine.get("/facts/asked-about-me", params={"limit": 1, "after": first["next"]})).json()
    assert second["next"] is None
    [latest], [earlier] = first["questions"], second["questions"]
    assert latest["fact"] == "adult"
    assert earlier["name"]["zh"] == "是否居住在某地"
    assert earlier["about"] == "河北省石家庄市正定县正定镇塔元庄村"
    assert (earlier["asker"], earlier["division_name"]) == ("审有民", "河北省石家庄市正定县正定镇")
    assert (earlier["purpose"]["zh"], earlier["case"]) == ("义务教育入学资格核验", "2024-0312")
    assert earlier["answer"] == "yes"
    assert (await others.get("/facts/asked-about-me")).json() == {"questions": [], "next": None}
    assert problem(await client.get("/facts/asked-about-me")) == (403, "citizens_only")


async def test_a_question_repeated_under_its_key_is_asked_once(known: Office) -> None:
    client = await window(known, key="one")
    first, again = await ask(client), await ask(client)
    assert first.json() == again.json()
    assert first.headers["event-id"] == again.headers["event-id"]
    assert problem(await ask(client, division=OTHER_VILLAGE)) == (422, "idempotency_key_reused")


async def test_what_may_be_asked_is_open_to_everyone(office: Office) -> None:
    listed = (await (await office.anyone()).get("/facts")).json()["facts"]
    assert {one["fact"] for one in listed} == {"resident", "alive", "adult", "holds_certificate"}
    assert all(one["basis"] and one["askers"] for one in listed)


async def test_the_same_number_under_a_corrected_name_is_found(known: Office) -> None:
    person = uuid4()
    await known.department.give(f"person-{person}", registered(person, name="欧阳 小明"))
    assert (await ask(await window(known), name="欧阳小明")).json()["answer"] == "yes"
