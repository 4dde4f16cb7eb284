"""Given what happened, when a keeper commands, then this happens or is refused."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from functools import reduce
from itertools import islice

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.certificates.domain.seal import SEAL, ids_for
from services.certificates.domain.seal_commands import Command, Keeper
from services.certificates.domain.seal_state import InUse, NotApplied, State, Stopped
from services.certificates.domain.seal_use import require_pair, require_usable
from shared.contracts.errors import Invalid, NotAllowed, NotFound, Refused
from shared.contracts.event import Event
from shared.contracts.seals import (
    SealApplied,
    SealCancelled,
    SealMade,
    SealRegistered,
    SealResumed,
    SealStopped,
)
from tests.services.certificates.examples import CREDIT_CODE, MINUTE, OTHER_VILLAGE, REVIEWER, history, state_after
from tests.services.certificates.seals.examples import (
    APPLIED,
    APPLY,
    APPLY_FOR_SIGNATURE,
    CANCEL,
    CANCELLED,
    IN_USE,
    KEEPER,
    KEEPER_ELSEWHERE,
    MADE,
    MAKE,
    OTHER_KEEPER,
    REGISTER,
    RESUME,
    SEAL_ID,
    STOP,
    STOPPED,
    VALID_FROM,
    VALID_TO,
)

LATER: list[Command] = [MAKE, REGISTER, STOP, RESUME, CANCEL]


def decide(events: Sequence[Event], command: Command) -> Sequence[Event]:
    return SEAL.decide(state_after(SEAL, events), command)


def refused(events: Sequence[Event], command: Command) -> str:
    with pytest.raises(Refused) as refusal:
        decide(events, command)
    return refusal.value.code


def test_a_body_applies_for_its_seal() -> None:
    [applied] = decide([], APPLY)
    assert isinstance(applied, SealApplied)
    assert (applied.kind, applied.owner_code, applied.staff) == ("seal", CREDIT_CODE, None)


def test_an_officer_gets_a_signature_in_his_name() -> None:
    [applied] = decide([], APPLY_FOR_SIGNATURE)
    assert isinstance(applied, SealApplied)
    assert (applied.kind, applied.staff, applied.owner_code) == ("signature", REVIEWER.id, str(REVIEWER.id))


def test_a_living_seal_leaves_no_room_for_a_second_one() -> None:
    for events in (APPLIED, MADE, IN_USE, STOPPED):
        assert refused(events, APPLY) == "already_living"


def test_a_cancelled_seal_is_not_applied_for_again_but_followed_by_another() -> None:
    assert refused(CANCELLED, APPLY) == "seal_cancelled"
    first, second = islice(ids_for("seal", CREDIT_CODE), 2)
    assert first == SEAL_ID != second
    assert first != next(ids_for("signature", CREDIT_CODE))


@pytest.mark.parametrize(
    ("events", "command", "then"),
    [
        (APPLIED, MAKE, SealMade),
        (MADE, REGISTER, SealRegistered),
        (IN_USE, STOP, SealStopped),
        (STOPPED, RESUME, SealResumed),
        (APPLIED, CANCEL, SealCancelled),
        (MADE, CANCEL, SealCancelled),
        (IN_USE, CANCEL, SealCancelled),
        (STOPPED, CANCEL, SealCancelled),
    ],
)
def test_its_life_goes_on(events: Sequence[Event], command: Command, then: type[Event]) -> None:
    assert [type(event) for event in decide(events, command)] == [then]


@pytest.mark.parametrize(
    ("events", "command"),
    [
        (MADE, MAKE),
        (IN_USE, MAKE),
        (STOPPED, MAKE),
        (IN_USE, REGISTER),
        (STOPPED, REGISTER),
        (STOPPED, STOP),
        (IN_USE, RESUME),
        (CANCELLED, CANCEL),
    ],
)
def test_what_is_so_already_says_nothing(events: Sequence[Event], command: Command) -> None:
    assert decide(events, command) == []


@pytest.mark.parametrize(
    ("events", "command", "code"),
    [
        (APPLIED, REGISTER, "not_made"),
        (APPLIED, STOP, "not_registered"),
        (MADE, STOP, "not_registered"),
        (MADE, RESUME, "not_registered"),
        (CANCELLED, MAKE, "seal_cancelled"),
        (CANCELLED, REGISTER, "seal_cancelled"),
        (CANCELLED, STOP, "seal_cancelled"),
        (CANCELLED, RESUME, "seal_cancelled"),
    ],
)
def test_what_cannot_follow_is_refused(events: Sequence[Event], command: Command, code: str) -> None:
    assert refused(events, command) == code


def test_who_applied_does_not_register() -> None:
    with pytest.raises(NotAllowed) as refusal:
        decide(MADE, replace(REGISTER, keeper=KEEPER))
    assert refusal.value.code == "another_must_register"


@pytest.mark.parametrize("command", LATER)
def test_a_keeper_of_another_division_decides_nothing(command: Command) -> None:
    for events in (APPLIED, MADE, IN_USE, STOPPED, CANCELLED):
        with pytest.raises(NotAllowed):
            decide(events, replace(command, keeper=KEEPER_ELSEWHERE))
    with pytest.raises(NotAllowed):
        decide([], replace(APPLY, keeper=KEEPER_ELSEWHERE))


@pytest.mark.parametrize("command", LATER)
def test_nothing_is_done_with_a_seal_nobody_applied_for(command: Command) -> None:
    with pytest.raises(NotFound):
        decide([], command)


@pytest.mark.parametrize("reason", ["", "  ", "长" * 501, "零\u200b宽"])
def test_stopping_and_cancelling_want_a_reason(reason: str) -> None:
    for command in (STOP, CANCEL):
        with pytest.raises(Invalid) as refusal:
            decide(IN_USE, replace(command, reason=reason))
        assert refusal.value.fields.keys() == {"reason"}


@pytest.mark.parametrize(
    ("events", "code"),
    [
        ([], "no_seal"),
        (APPLIED, "no_seal"),
        (MADE, "no_seal"),
        (STOPPED, "seal_stopped"),
        (CANCELLED, "seal_cancelled"),
    ],
)
def test_one_that_is_not_in_use_signs_nothing(events: Sequence[Event], code: str) -> None:
    with pytest.raises(Refused) as refusal:
        require_usable("seal", state_after(SEAL, events), VALID_FROM)
    assert refusal.value.code == code


def test_it_signs_within_its_validity_only_the_first_and_the_last_moment_counting() -> None:
    state = state_after(SEAL, IN_USE)
    for now in (VALID_FROM, VALID_TO):
        assert require_usable("seal", state, now) == state
    for now, code in ((VALID_FROM - MINUTE, "not_yet_valid"), (VALID_TO + timedelta(seconds=1), "seal_expired")):
        with pytest.raises(Refused) as refusal:
            require_usable("seal", state, now)
        assert refusal.value.code == code


def test_a_resumed_seal_signs_again() -> None:
    state = state_after(SEAL, history(SEAL, APPLY, MAKE, REGISTER, STOP, RESUME))
    assert require_usable("seal", state, VALID_FROM)


def test_a_signature_of_one_village_does_not_go_with_the_seal_of_another() -> None:
    seal = state_after(SEAL, IN_USE)
    neighbour = replace(APPLY_FOR_SIGNATURE, owner=replace(APPLY_FOR_SIGNATURE.owner, division=OTHER_VILLAGE))
    signature = state_after(SEAL, history(SEAL, neighbour, MAKE, REGISTER))
    assert isinstance(seal, InUse)
    assert isinstance(signature, InUse)
    with pytest.raises(Refused) as refusal:
        require_pair(signature, seal)
    assert refusal.value.code == "seal_of_another_body"


def test_an_officer_of_the_township_signs_for_its_villages() -> None:
    above = replace(APPLY_FOR_SIGNATURE, owner=replace(APPLY_FOR_SIGNATURE.owner, division="130123100000"))
    seal, signature = state_after(SEAL, IN_USE), state_after(SEAL, history(SEAL, above, MAKE, REGISTER))
    assert isinstance(seal, InUse)
    assert isinstance(signature, InUse)
    require_pair(signature, seal)


KEEPERS = st.sampled_from([KEEPER, OTHER_KEEPER, KEEPER_ELSEWHERE])


def commanded(command: Command, keeper: Keeper) -> Command:
    return replace(command, keeper=keeper)


COMMANDS = st.builds(commanded, st.sampled_from([APPLY, *LATER]), KEEPERS)


def lived(commands: Sequence[Command]) -> tuple[State, list[Event]]:
    """The state after these commands, those that are refused left out; and what happened."""
    state: State = NotApplied()
    events: list[Event] = []
    for command in commands:
        try:
            made = SEAL.decide(state, command)
        except Refused:
            continue
        events += made
        state = reduce(SEAL.evolve, made, state)
    return state, events


def may_sign(state: State) -> bool:
    try:
        require_usable("seal", state, VALID_FROM)
    except Refused:
        return False
    return True


@given(st.lists(COMMANDS, max_size=25))
def test_whatever_is_commanded_it_signs_only_while_registered_and_neither_stopped_nor_cancelled(
    commands: list[Command],
) -> None:
    state, events = lived(commands)
    kinds = [type(event) for event in events]
    registered = SealRegistered in kinds
    stopped = kinds.count(SealStopped) > kinds.count(SealResumed)
    assert may_sign(state) == (registered and not stopped and SealCancelled not in kinds)


@given(st.lists(COMMANDS, max_size=25))
def test_whatever_is_commanded_it_is_made_registered_and_cancelled_once_and_by_two(commands: list[Command]) -> None:
    state, events = lived(commands)
    for kind in (SealApplied, SealMade, SealRegistered, SealCancelled):
        assert sum(isinstance(event, kind) for event in events) <= 1
    if isinstance(state, InUse | Stopped):
        assert state.registered.registered_by != state.of.applied_by
    assert not any(keeper == KEEPER_ELSEWHERE.id for event in events for name, keeper in event if name.endswith("_by"))


@given(st.lists(COMMANDS, max_size=25))
def test_its_state_follows_from_its_events_alone(commands: list[Command]) -> None:
    state, events = lived(commands)
    assert state_after(SEAL, events) == state
