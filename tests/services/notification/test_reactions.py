"""An event in, commands out. Pure."""

from dataclasses import replace

import pytest

from services.notification import about_cases, about_erasures, about_insurance, about_mandates
from services.notification.domain.notice import NOTICE, DeliverNotice
from services.notification.reactions import TELL, tell
from services.notification.texts import TEXTS
from shared.contracts.case_items import Words
from shared.contracts.certificates import ApplicationEscalated, ApplicationTerminated
from shared.contracts.event import Event
from shared.eventstore.aggregate import Instruction
from shared.standards.legal_clock import LegalClock
from tests.services.notification.examples import (
    ACCOUNT_STREAM,
    ANSWERED,
    APPLICATION_STREAM,
    APPROVED,
    ASKED,
    CAUSE,
    CERTIFICATE_STREAM,
    COUNTY_LEADER,
    ESCALATED,
    EXPIRED,
    IDENTIFIER,
    ISSUED,
    LI,
    MORNING,
    NEXT_IDENTIFIER,
    PRINTED,
    REFUSED,
    REGISTERED,
    REINSTATED,
    RESTORED,
    REVIEWER,
    REVOKED,
    SENT_BACK,
    STEP_PASSED,
    SUBMITTED,
    SUPERSEDED,
    SUSPENDED,
    TERMINATED,
    TOWNSHIP_LEADER,
    VILLAGE_COMMITTEE,
    WANG,
    came,
)

REMEDY = Words(zh="您对此有异议的，可以向乡镇人民政府反映。", en="Turn to the township.")

TOLD = [
    (
        REGISTERED,
        ACCOUNT_STREAM,
        DeliverNotice(CAUSE, WANG, "welcome", {"name": "王小明"}, ACCOUNT_STREAM, REGISTERED.registered_at),
    ),
    (
        RESTORED,
        ACCOUNT_STREAM,
        DeliverNotice(CAUSE, WANG, "death_record_withdrawn", {}, ACCOUNT_STREAM, RESTORED.restored_at),
    ),
    (
        SUBMITTED,
        APPLICATION_STREAM,
        DeliverNotice(
            CAUSE,
            WANG,
            "application_received",
            {"certificate": "residence", "expected_by": "2023-12-23T01:30:00+00:00"},
            APPLICATION_STREAM,
            SUBMITTED.submitted_at,
        ),
    ),
    (
        SUBMITTED.model_copy(update={"expected_by": None, "pending": LegalClock(SUBMITTED.submitted_at.date(), 3)}),
        APPLICATION_STREAM,
        DeliverNotice(
            CAUSE,
            WANG,
            "application_received_undated",
            {"certificate": "residence"},
            APPLICATION_STREAM,
            SUBMITTED.submitted_at,
        ),
    ),
    (
        SENT_BACK,
        APPLICATION_STREAM,
        DeliverNotice(
            CAUSE,
            WANG,
            "application_sent_back",
            {
                "certificate": "residence",
                "wrong_fields": {"residence_since": "应为2021年", "landlord": "请填写全名"},
            },
            APPLICATION_STREAM,
            SENT_BACK.sent_back_at,
        ),
    ),
    (
        REFUSED,
        APPLICATION_STREAM,
        DeliverNotice(
            CAUSE,
            WANG,
            "application_refused",
            {"certificate": "residence", "reason": "经核实不在本村居住"},
            APPLICATION_STREAM,
            REFUSED.refused_at,
        ),
    ),
    (
        REFUSED.model_copy(update={"remedy": REMEDY}),
        APPLICATION_STREAM,
        DeliverNotice(
            CAUSE,
            WANG,
            "application_refused_with_notice",
            {"certificate": "residence", "reason": "经核实不在本村居住", "remedy": REMEDY.model_dump()},
            APPLICATION_STREAM,
            REFUSED.refused_at,
        ),
    ),
    (
        ISSUED,
        CERTIFICATE_STREAM,
        DeliverNotice(
            CAUSE,
            WANG,
            "certificate_issued",
            {"certificate": "residence", "identifier": IDENTIFIER, "issuing_body": VILLAGE_COMMITTEE},
            CERTIFICATE_STREAM,
            ISSUED.issued_at,
        ),
    ),
    (
        STEP_PASSED,
        APPLICATION_STREAM,
        DeliverNotice(
            CAUSE,
            WANG,
            "application_step_passed",
            {"certificate": "residence"},
            APPLICATION_STREAM,
            STEP_PASSED.passed_at,
        ),
    ),
    (
        ASKED,
        APPLICATION_STREAM,
        DeliverNotice(
            CAUSE,
            WANG,
            "message_from_office",
            {"certificate": "residence", "text": "请补充房东联系方式"},
            APPLICATION_STREAM,
            ASKED.sent_at,
        ),
    ),
    (
        ANSWERED,
        APPLICATION_STREAM,
        DeliverNotice(
            CAUSE,
            REVIEWER,
            "message_from_applicant",
            {"certificate": "residence", "text": "房东姓安"},
            APPLICATION_STREAM,
            ANSWERED.sent_at,
        ),
    ),
    (
        SUSPENDED,
        CERTIFICATE_STREAM,
        DeliverNotice(
            CAUSE,
            WANG,
            "certificate_suspended",
            {"certificate": "residence", "identifier": IDENTIFIER, "explanation": "正在核实"},
            CERTIFICATE_STREAM,
            SUSPENDED.suspended_at,
        ),
    ),
    (
        REINSTATED,
        CERTIFICATE_STREAM,
        DeliverNotice(
            CAUSE,
            WANG,
            "certificate_reinstated",
            {"certificate": "residence", "identifier": IDENTIFIER, "explanation": "经核实无误"},
            CERTIFICATE_STREAM,
            REINSTATED.reinstated_at,
        ),
    ),
    (
        REVOKED,
        CERTIFICATE_STREAM,
        DeliverNotice(
            CAUSE,
            WANG,
            "certificate_revoked",
            {"certificate": "residence", "identifier": IDENTIFIER, "explanation": "房东证明系伪造"},
            CERTIFICATE_STREAM,
            REVOKED.revoked_at,
        ),
    ),
    (
        SUPERSEDED,
        CERTIFICATE_STREAM,
        DeliverNotice(
            CAUSE,
            WANG,
            "certificate_superseded",
            {"certificate": "residence", "identifier": IDENTIFIER, "by_identifier": NEXT_IDENTIFIER},
            CERTIFICATE_STREAM,
            SUPERSEDED.superseded_at,
        ),
    ),
    (
        EXPIRED,
        CERTIFICATE_STREAM,
        DeliverNotice(
            CAUSE,
            WANG,
            "certificate_expired",
            {"certificate": "residence", "identifier": IDENTIFIER, "valid_to": "2024-06-22"},
            CERTIFICATE_STREAM,
            EXPIRED.expired_at,
        ),
    ),
    (
        PRINTED,
        CERTIFICATE_STREAM,
        DeliverNotice(
            CAUSE,
            WANG,
            "certificate_printed",
            {
                "certificate": "residence",
                "identifier": IDENTIFIER,
                "printed_at": "2023-12-23T01:00:00+00:00",
                "place": "河北省石家庄市正定县 正定大厅1号终端",
            },
            CERTIFICATE_STREAM,
            MORNING,
        ),
    ),
]


@pytest.mark.parametrize(("event", "stream", "command"), TOLD)
def test_whom_it_concerns_is_told(event: Event, stream: str, command: DeliverNotice) -> None:
    assert list(tell(came(event, stream))) == [Instruction(NOTICE, str(CAUSE), command)]


def test_an_approval_is_not_told() -> None:
    assert list(tell(came(APPROVED, APPLICATION_STREAM))) == []
    assert type(APPROVED) not in TELL.events


def test_every_event_waited_for_is_told() -> None:
    others = (about_insurance, about_cases, about_mandates, about_erasures)  # see their own tests
    elsewhere = {event for module in others for event in module.EVENTS}
    assert (
        set(TELL.events)
        == {type(event) for event, _, _ in TOLD} | {ApplicationEscalated, ApplicationTerminated} | elsewhere
    )


def test_an_escalation_is_told_to_the_applicant_and_to_each_who_is_named() -> None:
    notices = [one.command for one in tell(came(ESCALATED, APPLICATION_STREAM))]
    assert [(notice.recipient, notice.template) for notice in notices] == [
        (WANG, "application_escalated"),
        (TOWNSHIP_LEADER, "overdue_application"),
        (COUNTY_LEADER, "overdue_application"),
    ]
    assert notices[0].notice == CAUSE
    assert len({notice.notice for notice in notices}) == 3
    assert [one.command for one in tell(came(ESCALATED, APPLICATION_STREAM))] == notices
    applicants, leaders = (TEXTS.render(notice.template, notice.facts, "zh-CN").body for notice in notices[:2])
    assert "已上报乡镇（街道）负责人督办" in applicants
    assert "已于2023年12月23日09:30超过承诺时限" in leaders


def test_a_termination_is_told_to_the_applicant_and_to_each_who_reviewed_it() -> None:
    notices = [one.command for one in tell(came(TERMINATED, APPLICATION_STREAM))]
    assert [(notice.recipient, notice.template) for notice in notices] == [
        (WANG, "application_terminated"),
        (REVIEWER, "reviewed_application_terminated"),
        (TOWNSHIP_LEADER, "reviewed_application_terminated"),
    ]
    assert "可以重新申请" in TEXTS.render(notices[0].template, notices[0].facts, "zh-CN").body


WITH_GUARDIAN = [
    (event, stream, command)
    for event, stream, command in TOLD
    if stream in (APPLICATION_STREAM, CERTIFICATE_STREAM) and command.recipient == WANG
]


@pytest.mark.parametrize(("event", "stream", "command"), WITH_GUARDIAN)
def test_who_acts_for_the_citizen_is_told_beside_him(event: Event, stream: str, command: DeliverNotice) -> None:
    of_ward = event.model_copy(update={"guardian": LI})
    first, second = [one.command for one in tell(came(of_ward, stream))]
    assert first == command
    assert second == replace(command, notice=second.notice, recipient=LI, ward=WANG)
    assert second.notice != first.notice


def test_the_guardian_is_told_of_an_escalation_and_staff_are_not_told_as_guardians() -> None:
    of_ward = ESCALATED.model_copy(update={"guardian": LI})
    notices = [one.command for one in tell(came(of_ward, APPLICATION_STREAM))]
    assert [(notice.recipient, notice.ward) for notice in notices] == [
        (WANG, None),
        (LI, WANG),
        (TOWNSHIP_LEADER, None),
        (COUNTY_LEADER, None),
    ]


def test_a_message_to_a_case_that_nobody_has_taken_on_waits_with_the_case() -> None:
    unclaimed = ANSWERED.model_copy(update={"addressed_to": None})
    assert list(tell(came(unclaimed, APPLICATION_STREAM))) == []


def test_a_holder_who_died_is_told_nothing() -> None:
    for event in (REVOKED, SUSPENDED):
        died = event.model_copy(update={"reason": "holder_died"})
        assert list(tell(came(died, CERTIFICATE_STREAM))) == []


def test_a_last_day_is_told_as_a_date() -> None:
    facts = {"certificate": "residence", "identifier": IDENTIFIER, "valid_to": "2024-06-22"}
    assert "有效期至2024年6月22日" in TEXTS.render("certificate_expired", facts, "zh-CN").body
    assert "valid until 2024-06-22" in TEXTS.render("certificate_expired", facts, "en").body


@pytest.mark.parametrize(("event", "stream", "command"), TOLD)
def test_its_template_can_be_said_with_these_facts(event: Event, stream: str, command: DeliverNotice) -> None:
    assert TEXTS.templates[command.template].facts.keys() == command.facts.keys()
    assert "{" not in "".join(TEXTS.render(command.template, command.facts, "zh-CN"))
