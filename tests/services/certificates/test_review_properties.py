"""Whatever anybody does in whatever order: decided once, steps in order, each by whoever may, none twice by one man."""

from datetime import timedelta
from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st

from services.certificates.domain.application import (
    APPLICATION,
    Command,
    ResubmitApplication,
    SubmitApplication,
    WithdrawApplication,
)
from services.certificates.domain.application_state import InReview, State
from services.certificates.domain.concern import may_decide
from services.certificates.domain.escalation import EscalateApplication, NoteOverdue
from services.certificates.domain.review import (
    ApproveApplication,
    ClaimApplication,
    LapseClaim,
    RefuseApplication,
    ReleaseApplication,
    SendBackApplication,
)
from services.certificates.domain.reviewer import Reviewer
from shared.contracts.certificates import (
    ApplicationApproved,
    ApplicationRefused,
    ApplicationResubmitted,
    ApplicationSentBack,
    ApplicationStepPassed,
    ApplicationWithdrawn,
    ReviewStep,
)
from shared.contracts.errors import Refused
from shared.contracts.event import Event
from shared.contracts.identity import Role
from tests.services.certificates.examples import APPLICATION_ID, FORM, NOW, RESIDENCE, TOWNSHIP, VILLAGE, ZHANG

PLACES = (VILLAGE, TOWNSHIP, "130123000000", "130123100240", "130109000000")
ROLES = (Role.reviewer, Role.police_reviewer, Role.leader)
DECISIONS = ApplicationApproved | ApplicationRefused | ApplicationStepPassed | ApplicationSentBack
ENDINGS = ApplicationApproved | ApplicationRefused | ApplicationWithdrawn

reviewers = st.builds(
    Reviewer,
    st.integers(1, 6).map(lambda number: UUID(int=number)),
    st.sampled_from(PLACES),
    st.frozensets(st.sampled_from(ROLES), min_size=1),
)
chains = st.lists(
    st.builds(ReviewStep, division=st.sampled_from(PLACES[:3]), role=st.sampled_from(ROLES)), max_size=3
).map(tuple)
moments = st.integers(0, 300).map(lambda minutes: NOW + timedelta(minutes=minutes))
commands = st.one_of(
    st.builds(ClaimApplication, reviewers, moments),
    st.builds(ReleaseApplication, reviewers, moments),
    st.builds(ApproveApplication, reviewers, moments),
    st.builds(ApproveApplication, reviewers, moments),
    st.builds(RefuseApplication, reviewers, st.just("不在本村居住"), moments),
    st.builds(SendBackApplication, reviewers, st.just(RESIDENCE), st.just({"phone": "请核对"}), moments),
    st.builds(ResubmitApplication, st.just(ZHANG), st.just(FORM), moments),
    st.builds(WithdrawApplication, st.just(ZHANG), moments),
    st.builds(NoteOverdue, moments),
    st.builds(EscalateApplication, st.just(()), moments),
    st.builds(LapseClaim, moments),
)


@given(chain=chains, sequence=st.lists(commands, max_size=25))
def test_an_application_is_decided_once_in_order_and_by_whoever_may(
    chain: tuple[ReviewStep, ...], sequence: list[Command]
) -> None:
    state: State = APPLICATION.initial
    events: list[Event] = []
    for command in [SubmitApplication(APPLICATION_ID, ZHANG, FORM, NOW, chain), *sequence]:
        try:
            made = APPLICATION.decide(state, command)
        except Refused:
            continue
        for event in made:
            if isinstance(event, DECISIONS):
                assert isinstance(state, InReview)
                assert isinstance(command, ApproveApplication | RefuseApplication | SendBackApplication)
                assert may_decide(state, command.reviewer)
                assert state.claim is None or state.claim.reviewer == command.reviewer.id
                assert command.reviewer.id not in state.passed_by
            if isinstance(event, ApplicationStepPassed):
                assert isinstance(state, InReview)
                assert event.next_step == state.of.chain[event.step + 1]
            state = APPLICATION.evolve(state, event)
            events.append(event)
    assert sum(isinstance(event, ENDINGS) for event in events) <= 1
    assert all(not isinstance(event, ENDINGS) for event in events[:-1])
    assert all(round_ == list(range(len(round_))) for round_ in steps_by_round(events))
    if any(isinstance(event, ApplicationApproved) for event in events):
        assert len(list(steps_by_round(events))[-1]) == len(chain or (None,)) - 1


def steps_by_round(events: list[Event]) -> list[list[int]]:
    """The numbers of the steps passed since each submission."""
    rounds: list[list[int]] = [[]]
    for event in events:
        if isinstance(event, ApplicationResubmitted):
            rounds.append([])
        elif isinstance(event, ApplicationStepPassed):
            rounds[-1].append(event.step)
    return rounds
