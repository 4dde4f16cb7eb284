"""An approved application that comes to an end without a certificate: given events, when command, then events."""

from dataclasses import replace

import pytest

from services.certificates.domain.application import APPLICATION, Command, WithdrawApplication
from services.certificates.domain.application_state import Approved, Terminated
from services.certificates.domain.review import ApproveApplication, RefuseApplication
from services.certificates.domain.termination import TerminateApplication
from shared.contracts.certificates import ApplicationTerminated, ReviewStep
from shared.contracts.errors import Refused
from shared.contracts.event import Event
from shared.contracts.identity import Role
from tests.services.certificates.examples import (
    APPLICATION_ID,
    APPROVE,
    COLLEAGUE,
    NOW,
    REVIEWER,
    SUBMIT,
    TOWNSHIP,
    VILLAGE,
    ZHANG,
    history,
    state_after,
)

TERMINATE = TerminateApplication("applicant_died", NOW)
TWO_STEPS = replace(
    SUBMIT,
    chain=(
        ReviewStep(division=VILLAGE, role=Role.reviewer),
        ReviewStep(division=TOWNSHIP, role=Role.reviewer),
    ),
)
TERMINATED = ApplicationTerminated(
    application=APPLICATION_ID,
    citizen=ZHANG,
    certificate_type="residence",
    reason="applicant_died",
    reviewed_by=(REVIEWER.id,),
    terminated_at=NOW,
)


def after(*commands: Command) -> list[Event]:
    return history(APPLICATION, *commands)


def test_what_was_approved_is_terminated_once_and_names_who_reviewed_it() -> None:
    assert after(SUBMIT, APPROVE, TERMINATE)[-1] == TERMINATED
    assert after(SUBMIT, APPROVE, TERMINATE, TERMINATE) == after(SUBMIT, APPROVE, TERMINATE)


def test_all_who_found_it_right_are_named_in_their_order() -> None:
    [*_, terminated] = after(TWO_STEPS, APPROVE, ApproveApplication(COLLEAGUE, NOW), TERMINATE)
    assert isinstance(terminated, ApplicationTerminated)
    assert terminated.reviewed_by == (REVIEWER.id, COLLEAGUE.id)


def test_what_is_over_is_not_terminated() -> None:
    before: list[Command] = [SUBMIT, RefuseApplication(REVIEWER, "不在本村居住", NOW)]
    assert after(*before, TERMINATE) == after(*before)


def test_what_is_open_is_terminated_and_nobody_had_found_it_right() -> None:
    [*_, terminated] = after(SUBMIT, TERMINATE)
    assert isinstance(terminated, ApplicationTerminated)
    assert terminated.reviewed_by == ()


def test_what_is_terminated_is_closed_for_everybody() -> None:
    for command in (APPROVE, WithdrawApplication(ZHANG, NOW), SUBMIT):
        with pytest.raises(Refused, match="already_decided"):
            after(SUBMIT, APPROVE, TERMINATE, command)


def test_it_keeps_who_decided_and_why_it_ended() -> None:
    approved = state_after(APPLICATION, after(SUBMIT, APPROVE))
    terminated = state_after(APPLICATION, after(SUBMIT, APPROVE, TERMINATE))
    assert isinstance(approved, Approved)
    assert terminated == Terminated(approved.of, REVIEWER.id, "applicant_died")
