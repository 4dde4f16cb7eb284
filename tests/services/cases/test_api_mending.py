"""A case that went wrong is put right over HTTP: by the register, by the family, at a counter."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import httpx
import pytest

from deploy.embedded.department_database import DepartmentDatabase
from services.cases.service import SERVICE
from shared.contracts.case_items import Words
from shared.contracts.certificates import CertificatesItemRefused, CertificatesItemWaiting
from shared.contracts.event import Event
from shared.contracts.identity import (
    EntryAnnulled,
    IdentityItemDone,
    IdentityItemRefused,
    MarriageEnded,
    PersonCorrected,
    PersonDied,
    PersonMoved,
    PersonRegistered,
    RegisterRulesPublished,
    Role,
)
from shared.standards.id_number import IdNumber
from shared.standards.shanghai import day_in_shanghai
from tests.department import running
from tests.services.cases.bureau import (
    MARRIAGE,
    NAMES,
    Bureau,
    at_counter,
    entry,
    fields,
    form,
    paper,
    problem,
    running_case,
    statuses,
)
from tests.services.cases.examples import CLERK, FATHER, MOTHER
from tests.services.cases.histories import RULES
from tests.until import until

CORRECTED = "130123199202189965"
WRONG = Words(zh="与分娩记录不符。", en="It does not fit the record of the delivery.")
TODAY = day_in_shanghai(datetime.now(UTC))
FATHER_PRESENT = {"name": NAMES[FATHER][0], "id_number": NAMES[FATHER][1]}


@pytest.fixture
async def bureau(database: DepartmentDatabase) -> AsyncIterator[Bureau]:
    async with running(SERVICE, database) as department, Bureau(department) as bureau:
        await bureau.know_the_parents()
        yield bureau


@pytest.fixture
async def unmarried(database: DepartmentDatabase) -> AsyncIterator[Bureau]:
    async with running(SERVICE, database) as department, Bureau(department) as bureau:
        await bureau.know_the_parents(married=False)
        yield bureau


async def told_of(bureau: Bureau, person: UUID, event: Event) -> None:
    await bureau.department.give(f"person-{person}", event)


async def correct_the_mother(bureau: Bureau, name: str = "季试用") -> None:
    corrected = PersonCorrected(
        person=MOTHER, name=name, id_number=IdNumber(CORRECTED), reason="错号", corrected_at=datetime.now(UTC)
    )
    await told_of(bureau, MOTHER, corrected)


async def shown(bureau: Bureau, case: UUID | str) -> dict[str, Any]:
    answer: dict[str, Any] = (await (await bureau.citizen()).get(f"/cases/{case}")).json()
    return answer


async def hand_in(bureau: Bureau, **changed: str) -> httpx.Response:
    return await (await bureau.citizen()).post("/cases", json=form(**changed))


async def last_request(bureau: Bureau, case: UUID, item: str) -> dict[str, Any]:
    """What its department was asked last."""
    stored = await bureau.department.stored("%ItemRequested", f"case-{case}")
    return [told for one in stored if (told := one.data.model_dump(mode="json"))["item"] == item][-1]


async def test_a_corrected_number_is_in_the_next_request(bureau: Bureau) -> None:
    case = await running_case(bureau)
    await correct_the_mother(bureau)
    await until(lambda: _has(bureau, case, mother_id_number=CORRECTED))
    await bureau.answer(paper(case, "birth_medical", certificate="1.2.156").model_copy(update={"attempt": 2}))
    asked = await last_request(bureau, case, "household_entry")
    assert asked["inputs"]["mother_id_number"] == CORRECTED
    again = await last_request(bureau, case, "birth_medical")
    assert (again["attempt"], again["inputs"]["holder_id_number"]) == (2, CORRECTED)


async def test_the_old_form_stays_readable(bureau: Bureau) -> None:
    case = await running_case(bureau)
    before = datetime.now(UTC)
    await correct_the_mother(bureau)
    await until(lambda: _has(bureau, case, mother_id_number=CORRECTED))
    then = await (await bureau.citizen()).get(f"/cases/{case}", params={"as_of": before.isoformat()})
    assert then.json()["form"]["mother_id_number"] == NAMES[MOTHER][1]


async def test_what_changed_before_consent_is_compared_at_consent(bureau: Bureau) -> None:
    case = (await hand_in(bureau)).json()["case"]
    moved = PersonMoved(
        person=MOTHER, from_division="130123100242", division="130123100240", address="南街1号", moved_on=TODAY
    )
    await told_of(bureau, MOTHER, moved)
    agreed = (await (await bureau.citizen(FATHER)).post(f"/cases/{case}/consent")).json()
    assert (agreed["form"]["household_division"], agreed["form"]["household_address"]) == ("130123100240", "南街1号")


async def test_a_name_that_no_longer_fits_is_asked_for_before_anything_is_sealed(bureau: Bureau) -> None:
    case = (await hand_in(bureau, child_name="季小满")).json()["case"]
    await correct_the_mother(bureau, name="吉试用")
    agreed = (await (await bureau.citizen(FATHER)).post(f"/cases/{case}/consent")).json()
    assert list(agreed["corrections"]) == ["child_name"]
    assert {one["status"] for one in agreed["items"]} == {"waiting"}


async def test_the_household_follows_from_the_householder(bureau: Bureau) -> None:
    await told_of(
        bureau,
        FATHER,
        PersonMoved(
            person=FATHER, from_division="130123100242", division="130123100240", address="9号", moved_on=TODAY
        ),
    )
    opened = (await hand_in(bureau, householder="father")).json()
    assert (opened["form"]["household_division"], opened["form"]["household_address"]) == ("130123100240", "9号")
    typed = await hand_in(bureau, birth_order="second", household_division="130123100240")
    assert fields(typed) == {"household_division"}


async def test_a_mistake_is_put_right_by_supplement(bureau: Bureau) -> None:
    case = await running_case(bureau)
    sent_back = CertificatesItemWaiting(
        case=case,
        item="birth_medical",
        waits_for=WRONG,
        since=datetime.now(UTC),
        fields={"child_name": WRONG, "weight_grams": WRONG},
    )
    await bureau.answer(sent_back)
    mother = await bureau.citizen()
    assert set((await shown(bureau, case))["corrections"]) == {"child_name", "weight_grams"}
    other = await mother.post(f"/cases/{case}/supplement", json={"form": {"birth_time": "10:00"}})
    assert fields(other) == {"birth_time"}
    answered = await mother.post(
        f"/cases/{case}/supplement", json={"form": {"child_name": "寓小雪", "weight_grams": "3300"}}
    )
    assert answered.status_code == 200, answered.text
    assert answered.json()["consents_missing"] == ["father"]
    assert statuses(answered)["birth_medical"] == "waiting"
    agreed = await (await bureau.citizen(FATHER)).post(f"/cases/{case}/consent")
    assert statuses(agreed)["birth_medical"] == "requested"
    asked = await last_request(bureau, case, "birth_medical")
    assert (asked["attempt"], asked["inputs"]["child_name"]) == (2, "寓小雪")


async def test_a_correction_no_consent_rests_on_goes_on_at_once(bureau: Bureau) -> None:
    case = await running_case(bureau)
    window, mother = await bureau.staff(), await bureau.citizen()
    asked = await window.post(f"/cases/{case}/ask", json={"text": "请核对体重", "fields": ["weight_grams"]})
    assert list(asked.json()["corrections"]) == ["weight_grams"]
    answered = (await mother.post(f"/cases/{case}/supplement", json={"form": {"weight_grams": "3300"}})).json()
    assert (answered["consents_missing"], answered["form"]["weight_grams"]) == ([], "3300")
    assert (await last_request(bureau, case, "birth_medical"))["attempt"] == 2


@pytest.mark.parametrize("change", [{"birth_date": "2026-11-01"}, {"birth_order": "second"}, {"way": "mother_alone"}])
async def test_what_was_not_asked_for_is_not_changed(bureau: Bureau, change: dict[str, str]) -> None:
    case = await running_case(bureau)
    await (await bureau.staff()).post(f"/cases/{case}/ask", json={"text": "请核对体重", "fields": ["weight_grams"]})
    before = (await shown(bureau, case))["form"]
    answered = await (await bureau.citizen()).post(
        f"/cases/{case}/supplement", json={"form": {"weight_grams": "3300", **change}}
    )
    assert fields(answered) == set(change)
    assert (await shown(bureau, case))["form"] == before


async def test_what_the_register_says_is_not_theirs_to_correct(bureau: Bureau) -> None:
    case = await running_case(bureau)
    asked = await (await bureau.staff()).post(f"/cases/{case}/ask", json={"text": "?", "fields": ["mother_name"]})
    assert problem(asked) == (422, "not_theirs_to_correct")


async def test_a_refusal_with_fields_asks_for_them(bureau: Bureau) -> None:
    case = await running_case(bureau)
    refusal = CertificatesItemRefused(
        case=case,
        item="birth_medical",
        code="wrong",
        reason=WRONG,
        may_retry=True,
        refused_at=datetime.now(UTC),
        fields={"hospital_name": WRONG},
    )
    await bureau.answer(refusal)
    assert list((await shown(bureau, case))["corrections"]) == ["hospital"]


@pytest.mark.parametrize("who", [MOTHER, FATHER])
async def test_a_case_withdrawn_before_it_began_may_be_handed_in_again(bureau: Bureau, who: UUID) -> None:
    first = (await hand_in(bureau)).json()["case"]
    stopped = (await (await bureau.citizen(who)).post(f"/cases/{first}/withdraw")).json()
    assert (stopped["closed"], stopped["may_apply_again"]) == ("stopped", True)
    again = await hand_in(bureau)
    assert again.status_code == 201, again.text
    assert again.json()["case"] != first
    assert problem(await (await bureau.citizen(FATHER)).post("/cases", json=form())) == (409, "already_open")


async def test_it_may_be_handed_in_again_at_a_counter(bureau: Bureau) -> None:
    first = (await hand_in(bureau)).json()["case"]
    await (await bureau.citizen()).post(f"/cases/{first}/withdraw")
    assert (await (await bureau.staff()).post("/counter/cases", json=at_counter())).status_code == 201


async def test_a_stillbirth_is_answered_in_its_own_words(bureau: Bureau) -> None:
    case = (await hand_in(bureau)).json()["case"]
    mother = await bureau.citizen()
    unknown = await mother.post(f"/cases/{case}/withdraw", json={"because": "bored"})
    assert problem(unknown) == (422, "no_such_reason")
    stopped = (await mother.post(f"/cases/{case}/withdraw", json={"because": "stillborn"})).json()
    assert any("死产" in one["words"]["zh"] for one in stopped["timeline"] if one["words"])


async def test_consent_at_a_counter_is_given_in_person(bureau: Bureau) -> None:
    case = (await hand_in(bureau)).json()["case"]
    window, present = await bureau.staff(), {"person": FATHER_PRESENT, "card_seen": True}
    unseen = await window.post(f"/counter/cases/{case}/consent", json={**present, "card_seen": False})
    assert problem(unseen) == (422, "card_not_seen")
    waiting = (await window.post("/counter/awaiting", json=present)).json()["cases"]
    assert [one["case"] for one in waiting] == [case]
    agreed = await window.post(f"/counter/cases/{case}/consent", json=present)
    assert (agreed.status_code, agreed.json()["status"]) == (200, "running"), agreed.text
    hospital = await bureau.staff(Role.hospital_window)
    assert (await hospital.post(f"/counter/cases/{case}/consent", json=present)).status_code == 403


async def test_both_parents_at_a_counter_begin_at_once(bureau: Bureau) -> None:
    both = {**at_counter(), "also_present": [FATHER_PRESENT]}
    opened = await (await bureau.staff()).post("/counter/cases", json=both)
    assert (opened.status_code, opened.json()["status"]) == (201, "running"), opened.text


async def test_who_is_present_corrects_and_withdraws_at_a_counter(bureau: Bureau) -> None:
    case = await running_case(bureau)
    window = await bureau.staff()
    name, number = NAMES[MOTHER]
    mother = {"person": {"name": name, "id_number": number}, "card_seen": True}
    await window.post(f"/cases/{case}/ask", json={"text": "请核对", "fields": ["length_cm"]})
    corrected = await window.post(f"/counter/cases/{case}/supplement", json={**mother, "form": {"length_cm": "51"}})
    assert corrected.json()["form"]["length_cm"] == "51", corrected.text
    stopped = await window.post(f"/counter/cases/{case}/withdraw", json=mother)
    assert stopped.json()["status"] == "stopping"


async def test_a_mother_alone_needs_nobodys_consent(unmarried: Bureau) -> None:
    shown_form = (await (await unmarried.citizen()).get("/definitions/birth/form")).json()
    assert {one["way"] for one in shown_form["ways"]} == {"wedlock", "mother_alone", "acknowledged", "posthumous"}
    opened = await hand_in(unmarried, way="mother_alone", child_name="季小满")
    assert opened.status_code == 201, opened.text
    assert opened.json()["status"] == "running"
    assert not {name for name in opened.json()["form"] if name.startswith("father_")}
    asked = await last_request(unmarried, UUID(opened.json()["case"]), "birth_medical")
    assert "father_name" not in asked["inputs"]
    elsewhere = await hand_in(
        unmarried, way="mother_alone", child_name="季小满", householder="father", birth_order="second"
    )
    assert fields(elsewhere) == {"householder"}


async def test_who_is_married_is_not_alone(bureau: Bureau) -> None:
    answer = await hand_in(bureau, way="mother_alone", child_name="季小满")
    assert (problem(answer), fields(answer)) == ((422, "not_eligible"), {"way"})


async def test_an_acknowledging_father_is_found_by_name_and_number_and_agrees(unmarried: Bureau) -> None:
    name, number = NAMES[FATHER]
    named = {"way": "acknowledged", "acknowledged_name": name, "acknowledged_id_number": number}
    for wrong in ({"acknowledged_name": "寓别人"}, {"acknowledged_id_number": "130123197301079965"}):
        assert problem(await hand_in(unmarried, **{**named, **wrong})) == (404, "no_such_person")
    without = await hand_in(unmarried, **named, householder="father")
    assert fields(without) == {"parentage_proof"}
    opened = await hand_in(unmarried, **named)
    assert opened.json()["consents_missing"] == ["father"], opened.text
    assert not {"father_address", "father_phone"} & opened.json()["form"].keys()
    case = opened.json()["case"]
    agreed = (await (await unmarried.citizen(FATHER)).post(f"/cases/{case}/consent")).json()
    assert agreed["status"] == "running"
    assert agreed["form"]["father_address"].endswith("西街5排1号")
    assert (await last_request(unmarried, UUID(case), "birth_medical"))["attempt"] == 1


async def widowed(bureau: Bureau, days: int) -> None:
    day = TODAY - timedelta(days=days)
    await told_of(bureau, FATHER, PersonDied(person=FATHER, died_on=day, recorded_at=datetime.now(UTC)))
    ended = MarriageEnded(
        marriage=MARRIAGE, persons=(MOTHER, FATHER), reason="death", ended_on=day, recorded_at=datetime.now(UTC)
    )
    await bureau.department.give(f"marriage-{MARRIAGE}", ended)


async def test_a_posthumous_child_has_its_father_by_the_marriage(bureau: Bureau) -> None:
    await widowed(bureau, 100)
    opened = await hand_in(bureau, way="posthumous")
    assert (opened.status_code, opened.json()["status"]) == (201, "running"), opened.text
    assert opened.json()["form"]["father_name"] == NAMES[FATHER][0]


async def test_a_husband_who_died_too_early_is_no_father_by_the_marriage(bureau: Bureau) -> None:
    await widowed(bureau, 400)
    assert fields(await hand_in(bureau, way="posthumous")) == {"birth_date"}


@pytest.mark.parametrize(
    ("changed", "field"), [({"way": "foreign_parent"}, "way"), ({"hospital": "at_home"}, "hospital")]
)
async def test_what_is_done_elsewhere_names_the_office(unmarried: Bureau, changed: dict[str, str], field: str) -> None:
    answer = await hand_in(unmarried, **changed)
    assert (problem(answer), fields(answer)) == ((422, "not_eligible"), {field})
    assert "police" in answer.text


async def test_a_name_by_custom_is_taken_on_confirmation(bureau: Bureau) -> None:
    assert fields(await hand_in(bureau, child_name="迪丽努尔·艾力")) == {"child_name"}
    assert (await hand_in(bureau, child_name="迪丽努尔·艾力", naming="custom")).status_code == 201


async def test_the_hospital_chosen_issues(bureau: Bureau) -> None:
    case = await running_case(bureau, hospital="pingnan_maternal")
    inputs = (await last_request(bureau, case, "birth_medical"))["inputs"]
    assert (inputs["issuing_body"], inputs["hospital_name"]) == ("12450821MB0001521W", "平南县妇幼保健院")


async def test_what_the_register_would_refuse_is_told_at_hand_in(bureau: Bureau) -> None:
    birth = RULES.birth.model_copy(update={"householders": ("mother",), "custom_names": False})
    rules: RegisterRulesPublished = RULES.model_copy(update={"birth": birth})
    await bureau.department.give("rules-register", rules)
    answer = await hand_in(bureau, householder="father", naming="custom")
    assert fields(answer) == {"householder", "naming"}


async def test_a_father_who_dies_before_agreeing_frees_the_birth(bureau: Bureau) -> None:
    case = (await hand_in(bureau)).json()["case"]
    await widowed(bureau, 1)
    await until(lambda: _is_closed(bureau, case))
    again = await hand_in(bureau, way="posthumous")
    assert again.status_code == 201, again.text


async def test_a_mother_who_dies_is_seen_and_the_father_answers(bureau: Bureau) -> None:
    case = await running_case(bureau)
    await told_of(bureau, MOTHER, PersonDied(person=MOTHER, died_on=TODAY, recorded_at=datetime.now(UTC)))
    window, father = await bureau.staff(), await bureau.citizen(FATHER)

    async def is_lost() -> bool:
        return bool((await window.get("/bureau/cases")).json()["cases"][0]["lost"] == ["mother"])

    await until(is_lost)
    await window.post(f"/cases/{case}/ask", json={"text": "请核对", "fields": ["length_cm"]})
    answered = await father.post(f"/cases/{case}/supplement", json={"form": {"length_cm": "51"}})
    assert answered.status_code == 200, answered.text
    stopped = await window.post(f"/cases/{case}/stop", json={"text": "家属要求终止"})
    assert stopped.json()["status"] == "stopping"


async def test_when_the_child_dies_what_is_left_is_not_done(bureau: Bureau) -> None:
    case = await running_case(bureau)
    await bureau.answer(paper(case, "vaccination"), paper(case, "birth_medical", certificate="1.2.156"))
    born: IdentityItemDone = entry(case)
    await bureau.answer(born)
    child = UUID(born.results["child"])
    await told_of(bureau, child, _registered(child))
    await told_of(bureau, child, PersonDied(person=child, died_on=TODAY, recorded_at=datetime.now(UTC)))

    async def is_skipped() -> bool:
        return statuses(await (await bureau.citizen()).get(f"/cases/{case}"))["insurance_voucher"] == "skipped"

    await until(is_skipped)


async def test_an_annulled_entry_frees_the_birth(bureau: Bureau) -> None:
    case = await running_case(bureau)
    await bureau.answer(paper(case, "vaccination"), paper(case, "birth_medical", certificate="1.2.156"))
    born = entry(case)
    await bureau.answer(born)
    child = UUID(born.results["child"])
    annulled = EntryAnnulled(
        person=child,
        reason="重复",
        basis="核〔2026〕1号",
        proposed_by=CLERK,
        annulled_by=uuid4(),
        annulled_at=datetime.now(UTC),
    )
    await told_of(bureau, child, _registered(child))
    await told_of(bureau, child, annulled)

    async def is_lost() -> bool:
        return bool((await shown(bureau, case))["lost"] == ["child"])

    await until(is_lost)


async def test_papers_of_a_child_that_two_officers_refuse_do_not_stay(bureau: Bureau) -> None:
    case = await running_case(bureau)
    await bureau.answer(paper(case, "birth_medical", certificate="1.2.156"))
    refused = IdentityItemRefused(
        case=case, item="household_entry", code="refused_by_two", reason=WRONG, refused_at=datetime.now(UTC)
    )
    await bureau.answer(refused)

    answered = await (await bureau.citizen()).get(f"/cases/{case}")
    assert (statuses(answered)["birth_medical"], statuses(answered)["vaccination"]) == ("undoing", "undoing")


async def test_a_late_draft_of_what_was_handed_in_is_refused(bureau: Bureau) -> None:
    mother, draft = await bureau.citizen(), uuid4()
    assert (await mother.put(f"/drafts/{draft}", json=form())).status_code == 200
    assert (await mother.post("/cases", json={**form(), "draft": str(draft)})).status_code == 201
    assert (await mother.get("/drafts")).json()["drafts"] == []
    for late in (draft, uuid4()):
        assert problem(await mother.put(f"/drafts/{late}", json=form())) == (409, "handed_in_already")
    assert (await mother.put(f"/drafts/{uuid4()}", json=form(birth_order="second"))).status_code == 200


async def _has(bureau: Bureau, case: UUID, **fields: str) -> bool:
    form = (await shown(bureau, case))["form"]
    return all(form[name] == value for name, value in fields.items())


async def _is_closed(bureau: Bureau, case: UUID | str) -> bool:
    return bool((await shown(bureau, case))["status"] == "closed")


def _registered(child: UUID) -> PersonRegistered:
    return PersonRegistered(
        person=child,
        name="寓小满",
        id_number=IdNumber("130123201811050029"),
        division="130123100242",
        address="西街5排1号",
        registered_on=TODAY,
    )


async def test_a_dead_parents_household_is_refused_at_hand_in(bureau: Bureau) -> None:
    await bureau.department.give("rules-register", RULES)
    await widowed(bureau, 100)
    assert fields(await hand_in(bureau, way="posthumous", householder="father")) == {"householder"}
    assert (await hand_in(bureau, way="posthumous")).status_code == 201


async def test_a_mother_whose_number_is_a_mans_is_told_before_anything_is_sealed(bureau: Bureau) -> None:
    await bureau.department.give("rules-register", RULES)
    case = (await hand_in(bureau)).json()["case"]
    for number, answers in (("130123198607220014", False), (CORRECTED, True)):
        corrected = PersonCorrected(
            person=MOTHER, name="季试用", id_number=IdNumber(number), reason="错号", corrected_at=datetime.now(UTC)
        )
        await told_of(bureau, MOTHER, corrected)
        if not answers:
            agreed = (await (await bureau.citizen(FATHER)).post(f"/cases/{case}/consent")).json()
            assert list(agreed["corrections"]) == ["mother_id_number"]
            assert {one["status"] for one in agreed["items"]} == {"waiting"}
        answer = await (await bureau.citizen()).post(f"/cases/{case}/supplement", json={"text": "已更正"})
        assert (answer.status_code == 200) == answers, answer.text
    assert statuses(answer)["birth_medical"] == "requested"


async def test_a_second_first_child_a_day_apart_is_refused_before_any_paper(bureau: Bureau) -> None:
    await bureau.department.give("rules-register", RULES)
    assert (await hand_in(bureau)).status_code == 201
    before = {"birth_date": (TODAY - timedelta(days=2)).isoformat()}
    assert problem(await hand_in(bureau, **before)) == (409, "another_birth")
    twin = {"birth_date": TODAY.isoformat(), "birth_order": "second", "birth_time": "00:01"}
    assert (await hand_in(bureau, **twin)).status_code == 201
