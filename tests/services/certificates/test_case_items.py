"""A case's item becomes an application, is reviewed like any other, and answered when its certificate is there."""

import re
from collections.abc import Mapping
from datetime import date

import pytest

from services.certificates.domain.application import APPLICATION
from services.certificates.domain.application_state import InReview, NotSubmitted, SentBack, Withdrawn
from services.certificates.domain.certificate import CERTIFICATE, certificate_of
from services.certificates.domain.certificate_state import NotIssued
from shared.contracts.case_items import Words
from shared.contracts.certificates import CertificatesItemRefused, CertificatesItemUndone, CertificatesItemWaiting
from shared.contracts.identity import GuardiansNamed, PersonMoved, Role
from shared.messaging import asked_item
from shared.messaging.asked_item import reference
from shared.standards.age import years_old
from shared.standards.id_number import IdNumber
from tests.calendars import NONE_PUBLISHED, knows
from tests.services.certificates.case_world import (
    A_WHILE_AGO,
    BORN,
    CARD,
    CASE,
    CHILD,
    CHILDS_NUMBER,
    CLERK,
    ELSEWHERE,
    FATHER,
    HOSPITAL,
    LONG_AGO,
    MOTHER,
    MOTHERS_NUMBER,
    NOW,
    NURSE,
    PAPER,
    World,
    is_done,
    requested,
    withdrawn,
)
from tests.services.certificates.examples import VILLAGE
from tests.services.certificates.sealed import COUNTY
from tests.until import until


async def test_a_birth_certificate_is_reviewed_by_the_hospital_and_answered_with_its_identifier(world: World) -> None:
    await world.ask(requested("birth_medical", "birth_medical", PAPER))
    await world.comes_to("birth_medical", CertificatesItemWaiting)
    mother = await world.office.citizen(MOTHER, is_known=False)
    [application] = (await mother.get("/applications")).json()["applications"]
    assert application["certificate_type"] == "birth_medical"
    await world.approve("birth_medical", Role.health_reviewer, NURSE)
    await until(lambda: is_done(world, "birth_medical"), what="the item is done")
    state = await world.state("birth_medical")
    assert isinstance(state, asked_item.Done)
    [certificate] = (await mother.get("/certificates")).json()["certificates"]
    assert state.results == {"certificate": certificate["identifier"]}


async def test_an_item_whose_calendar_is_not_published_is_taken_on_like_any_other(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    knows(monkeypatch, NONE_PUBLISHED)
    await world.ask(requested("birth_medical", "birth_medical", PAPER))
    await world.comes_to("birth_medical", CertificatesItemWaiting)
    mother = await world.office.citizen(MOTHER, is_known=False)
    [application] = (await mother.get("/applications")).json()["applications"]
    assert (application["expected_by"], application["deadline_pending"]) == (None, True)
    await world.approve("birth_medical", Role.health_reviewer, NURSE)
    await until(lambda: is_done(world, "birth_medical"), what="the item is done")


async def test_a_fathers_places_are_struck_out_where_none_is_named(world: World) -> None:
    father = ("father_name", "father_age", "father_id_number", "father_address")
    alone = await content_of(world, PAPER)
    assert {alone[name] for name in father} == {"——"}
    assert (alone["birth_time"], alone["weight_grams"], alone["mother_age"]) == ("09时30分", "3250克", mothers_age())
    assert alone["mother_address"] == "河北省石家庄市正定县正定镇塔元庄村西街5排1号"


async def test_a_named_father_stands_on_the_paper(world: World) -> None:
    both = await content_of(world, {**PAPER, **FATHER, "colour": "not a field"})
    assert (both["father_name"], both["father_address"]) == ("甄样例", "东街1号")
    assert both["father_age"].endswith("周岁")


async def test_a_paper_bears_a_number_of_its_own_series(world: World) -> None:
    await content_of(world, PAPER)
    mother = await world.office.citizen(MOTHER, is_known=False)
    [certificate] = (await mother.get("/certificates")).json()["certificates"]
    assert re.fullmatch(r"T13\d{7}", certificate["number"])
    assert certificate["number"] in certificate["identifier"]


async def test_what_a_paper_needs_and_did_not_come_is_named(world: World) -> None:
    await world.ask(requested("paper", "birth_medical", BORN))
    refused = await world.comes_to("paper", CertificatesItemRefused)
    assert refused.code == "form_incorrect"
    assert "birth_time" in refused.reason.en


async def test_a_definition_may_name_the_version_that_it_was_written_for(world: World) -> None:
    asked = requested("birth_medical", "birth_medical", BORN)
    parameters = {**asked.parameters, "certificate_version": "1"}
    await world.ask(asked.model_copy(update={"parameters": parameters}))
    await world.comes_to("birth_medical", CertificatesItemWaiting)


async def content_of(world: World, inputs: dict[str, str]) -> Mapping[str, str]:
    """What the birth certificate says that these lead to."""
    await world.ask(requested("birth_medical", "birth_medical", inputs))
    await world.comes_to("birth_medical", CertificatesItemWaiting)
    await world.approve("birth_medical", Role.health_reviewer, NURSE)
    await until(lambda: is_done(world, "birth_medical"), what="the item is done")
    stream = CERTIFICATE.stream(certificate_of(reference(CASE, "birth_medical")))
    state = (await world.store.load(stream, CERTIFICATE)).state
    assert not isinstance(state, NotIssued)
    return state.as_issued.content


def mothers_age() -> str:
    return f"{years_old(IdNumber(MOTHERS_NUMBER).birth_date, date.fromisoformat(BORN['born_on']))}周岁"


async def test_a_childs_card_waits_until_the_register_has_told_of_the_child(world: World) -> None:
    await world.ask(requested("social_security_card", "social_security_card", CARD))
    await world.know(CHILD, "寓小满", CHILDS_NUMBER)
    await world.office.department.give(
        f"person-{CHILD}", GuardiansNamed(person=CHILD, guardians=(MOTHER,), named_at=NOW)
    )
    await world.comes_to("social_security_card", CertificatesItemWaiting)
    await world.approve("social_security_card", Role.social_security_clerk, CLERK)
    await until(lambda: is_done(world, "social_security_card"), what="the item is done")


async def test_a_refusal_is_answered_with_its_reason(world: World) -> None:
    await world.ask(requested("birth_medical", "birth_medical", PAPER))
    await world.comes_to("birth_medical", CertificatesItemWaiting)
    nurse = await world.nurse()
    application = reference(CASE, "birth_medical")
    await nurse.post(f"/applications/{application}/refuse", json={"reason": "本院没有该次分娩记录"})
    refused = await world.comes_to("birth_medical", CertificatesItemRefused)
    assert refused.reason.zh == "本院没有该次分娩记录"
    assert refused.may_retry


@pytest.mark.parametrize(
    ("type", "changed", "code"),
    [
        ("birth_medical", {"child_sex": "unknown"}, "form_incorrect"),
        ("birth_medical", {"holder_id_number": "130123199202189982"}, "check_digit"),
        ("christening", {}, "unknown_type"),
        ("death", {}, "not_issued_here"),
    ],
)
async def test_what_cannot_be_applied_for_is_refused_at_once(
    world: World, type: str, changed: dict[str, str], code: str
) -> None:
    await world.ask(requested("paper", type, PAPER | changed))
    refused = await world.comes_to("paper", CertificatesItemRefused)
    assert refused.code == code
    state = (await world.store.load(APPLICATION.stream(reference(CASE, "paper")), APPLICATION)).state
    assert isinstance(state, NotSubmitted)


async def test_what_is_under_review_is_withdrawn_with_its_case(world: World) -> None:
    await world.ask(requested("birth_medical", "birth_medical", PAPER))
    await world.comes_to("birth_medical", CertificatesItemWaiting)
    await world.ask(withdrawn("birth_medical"))
    undone = await world.comes_to("birth_medical", CertificatesItemUndone)
    assert undone.left is None
    state = (await world.store.load(APPLICATION.stream(reference(CASE, "birth_medical")), APPLICATION)).state
    assert isinstance(state, Withdrawn)


async def test_the_body_chosen_issues_wherever_the_mother_lives(world: World) -> None:
    await world.office.department.give(
        f"person-{MOTHER}", PersonMoved(person=MOTHER, from_division=VILLAGE, **ELSEWHERE, moved_on=date(2023, 12, 23))
    )
    await world.ask(requested("birth_medical", "birth_medical", PAPER | {"issuing_body": HOSPITAL}))
    application = await world.comes_to_stand("birth_medical", InReview)
    assert application.of.issuing_body == HOSPITAL
    assert (application.of.division, application.step.division) == (COUNTY, COUNTY)
    [waiting] = (await (await world.nurse()).get("/review-queue")).json()["waiting"]
    assert waiting["application"] == str(application.of.application)
    await world.approve("birth_medical", Role.health_reviewer, NURSE)
    await until(lambda: is_done(world, "birth_medical"), what="the item is done")
    mother = await world.office.citizen(MOTHER, is_known=False)
    [certificate] = (await mother.get("/certificates")).json()["certificates"]
    assert certificate["issuing_body"] == "正定县妇幼保健院"


@pytest.mark.parametrize("body", ["111301230000130123", "54130123ME000124XW", "130123", ""])
async def test_a_body_that_does_not_issue_it_is_named(world: World, body: str) -> None:
    await world.ask(requested("birth_medical", "birth_medical", PAPER | {"issuing_body": body or "nobody"}))
    refused = await world.comes_to("birth_medical", CertificatesItemRefused)
    assert (set(refused.fields), refused.may_retry) == ({"issuing_body"}, True)


async def test_what_is_missing_is_named_and_may_be_asked_again(world: World) -> None:
    inputs = {name: value for name, value in PAPER.items() if name not in ("child_sex", "holder_name")}
    await world.ask(requested("birth_medical", "birth_medical", inputs))
    refused = await world.comes_to("birth_medical", CertificatesItemRefused)
    assert (set(refused.fields), refused.may_retry) == ({"holder_name"}, True)
    await world.ask(requested("birth_medical", "birth_medical", inputs | {"holder_name": "季试用"}, attempt=2))

    async def named() -> bool:
        return bool([one for one in await world.said("birth_medical") if getattr(one, "attempt", 0) == 2][1:])

    await until(named, what="a second refusal")
    assert set((await world.said("birth_medical"))[-1].fields) == {"child_sex"}
    await world.ask(requested("birth_medical", "birth_medical", PAPER, attempt=3))
    await world.comes_to_stand("birth_medical", InReview, attempt=3)
    await world.approve("birth_medical", Role.health_reviewer, NURSE, attempt=3)
    await until(lambda: is_done(world, "birth_medical"), what="the item is done")


@pytest.mark.parametrize("name", ["季　试用", "季 试用", "季\u200b试用"])
async def test_a_name_is_compared_as_the_register_has_it(world: World, name: str) -> None:
    await world.ask(requested("birth_medical", "birth_medical", PAPER | {"holder_name": name}))
    application = await world.comes_to_stand("birth_medical", InReview)
    assert application.of.form["mother_name"] == "季试用"


async def test_another_name_for_a_known_number_is_refused(world: World) -> None:
    asked = requested("birth_medical", "birth_medical", PAPER | {"holder_name": "季适用"}, at=LONG_AGO)
    await world.ask(asked)
    refused = await world.comes_to("birth_medical", CertificatesItemRefused)
    assert (refused.code, set(refused.fields), refused.may_retry) == ("name_differs", {"holder_name"}, True)


async def test_who_is_not_known_is_waited_for_and_told(world: World) -> None:
    await world.ask(requested("social_security_card", "social_security_card", CARD, at=A_WHILE_AGO))
    waiting = await world.comes_to("social_security_card", CertificatesItemWaiting)
    assert waiting.on_its_way
    await world.know(CHILD, "寓小满", CHILDS_NUMBER)
    await world.office.department.give(
        f"person-{CHILD}", GuardiansNamed(person=CHILD, guardians=(MOTHER,), named_at=NOW)
    )
    await world.look()
    await world.comes_to_stand("social_security_card", InReview)


async def test_waiting_for_who_is_not_known_has_an_end(world: World) -> None:
    await world.ask(requested("social_security_card", "social_security_card", CARD, at=LONG_AGO))
    refused = await world.comes_to("social_security_card", CertificatesItemRefused)
    assert (refused.code, set(refused.fields), refused.may_retry) == ("unknown_number", {"holder_id_number"}, True)


async def test_what_is_sent_back_is_told_field_by_field_and_corrected_in_the_case(world: World) -> None:
    await world.ask(requested("birth_medical", "birth_medical", PAPER))
    await world.comes_to_stand("birth_medical", InReview)
    nurse = await world.nurse()
    wrong = {"wrong_fields": {"child_sex": "与分娩记录不符"}}
    await nurse.post(f"/applications/{reference(CASE, 'birth_medical')}/send-back", json=wrong)
    await world.comes_to_stand("birth_medical", SentBack)

    async def told() -> bool:
        said = [one for one in await world.said("birth_medical") if isinstance(one, CertificatesItemWaiting)]
        return said[-1].fields == {"child_sex": Words(zh="与分娩记录不符", en="与分娩记录不符")}

    await until(told, what="the fields are told")
    await world.ask(requested("birth_medical", "birth_medical", PAPER | {"child_sex": "male"}, attempt=2))
    application = await world.comes_to_stand("birth_medical", InReview)
    assert application.of.form["child_sex"] == "male"
    await world.approve("birth_medical", Role.health_reviewer, NURSE)
    await until(lambda: is_done(world, "birth_medical"), what="the item is done")


async def test_a_name_corrected_under_review_opens_a_new_application(world: World) -> None:
    await world.ask(requested("birth_medical", "birth_medical", PAPER))
    await world.comes_to_stand("birth_medical", InReview)
    await world.ask(requested("birth_medical", "birth_medical", PAPER | {"child_name": "寓小满满"}, attempt=2))
    application = await world.comes_to_stand("birth_medical", InReview, attempt=2)
    assert application.of.form["child_name"] == "寓小满满"
    assert isinstance(await world.application("birth_medical"), Withdrawn)


@pytest.mark.parametrize("corrected", [{"child_name": "寓小满满"}, {"weight_grams": "2710"}])
async def test_what_is_corrected_after_issue_is_issued_anew(world: World, corrected: dict[str, str]) -> None:
    await world.ask(requested("birth_medical", "birth_medical", PAPER))
    await world.comes_to_stand("birth_medical", InReview)
    await world.approve("birth_medical", Role.health_reviewer, NURSE)
    await until(lambda: is_done(world, "birth_medical"), what="the item is done")
    await world.ask(requested("birth_medical", "birth_medical", PAPER | corrected, attempt=2))
    application = await world.comes_to_stand("birth_medical", InReview, attempt=2)
    assert corrected.items() <= application.of.form.items()
    await world.approve("birth_medical", Role.health_reviewer, NURSE, attempt=2)
    await until(lambda: is_done(world, "birth_medical"), what="the item is done anew")
    mother = await world.office.citizen(MOTHER, is_known=False)
    state = await world.state("birth_medical")
    assert isinstance(state, asked_item.Done)

    async def are_replaced() -> bool:
        rows = (await mother.get("/certificates")).json()["certificates"]
        stands = {one["identifier"]: one["status"] for one in rows}
        return (
            len(stands) == 2
            and stands.pop(state.results["certificate"]) == "valid"
            and [*stands.values()] == ["superseded"]
        )

    await until(are_replaced, what="the new one takes the place of the old")


async def test_asking_again_with_the_same_inputs_keeps_the_application(world: World) -> None:
    await world.ask(requested("birth_medical", "birth_medical", PAPER))
    await world.comes_to_stand("birth_medical", InReview)
    await world.ask(requested("birth_medical", "birth_medical", PAPER, attempt=2))

    async def told_again() -> bool:
        said = await world.said("birth_medical")
        return [type(one).__name__ for one in said[-2:]] == ["ItemTaken", "CertificatesItemWaiting"]

    await until(told_again, what="told again")
    assert isinstance(await world.application("birth_medical"), InReview)
    assert isinstance(await world.application("birth_medical", 2), NotSubmitted)


@pytest.mark.parametrize("end", ["refuse", "withdraw"])
async def test_asking_again_after_an_end_opens_a_new_application(world: World, end: str) -> None:
    await world.ask(requested("birth_medical", "birth_medical", PAPER))
    await world.comes_to_stand("birth_medical", InReview)
    application = reference(CASE, "birth_medical")
    if end == "refuse":
        await (await world.nurse()).post(f"/applications/{application}/refuse", json={"reason": "未找到记录"})
    else:
        await (await world.office.citizen(MOTHER, is_known=False)).post(f"/applications/{application}/withdraw")
    refused = await world.comes_to("birth_medical", CertificatesItemRefused)
    assert refused.may_retry
    await world.ask(requested("birth_medical", "birth_medical", PAPER, attempt=2))
    await world.comes_to_stand("birth_medical", InReview, attempt=2)
    await world.approve("birth_medical", Role.health_reviewer, NURSE, attempt=2)
    await until(lambda: is_done(world, "birth_medical"), what="the item is done")
