"""Whatever is done to a mandate, in any order: one that is over never acts again."""

from collections.abc import Sequence
from contextlib import suppress
from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st

from services.identity.domain.mandate import MANDATE, Accepted, Command, EndByDeath, NotGiven, Over, State
from shared.contracts.errors import Refused
from shared.contracts.event import Event
from shared.contracts.identity import MandateAccepted, MandateDeclined, MandateEnded, MandateGiven
from tests.services.identity.examples import NOW
from tests.services.identity.mandates import (
    ACCEPT,
    DECLINE,
    END_BY_MOTHER,
    END_BY_SON,
    GIVE,
    LAPSE,
    MOTHER,
    SON_ID,
    TOO_EARLY,
)

COMMANDS: tuple[Command, ...] = (
    GIVE,
    ACCEPT,
    DECLINE,
    END_BY_MOTHER,
    END_BY_SON,
    LAPSE,
    TOO_EARLY,
    EndByDeath(MOTHER.person, NOW + timedelta(hours=1)),
    EndByDeath(SON_ID, NOW + timedelta(hours=1)),
)
OVER = (MandateDeclined, MandateEnded)


def played(commands: Sequence[Command]) -> tuple[State, list[Event]]:
    state, events = MANDATE.initial, list[Event]()
    for command in commands:
        with suppress(Refused):
            for event in MANDATE.decide(state, command):
                events.append(event)
                state = MANDATE.evolve(state, event)
    return state, events


@given(st.lists(st.sampled_from(COMMANDS), max_size=12))
def test_a_mandate_that_is_over_stays_over(commands: list[Command]) -> None:
    _, events = played(commands)
    public = [event for event in events if isinstance(event, (MandateGiven, MandateAccepted, *OVER))]
    ends = [number for number, event in enumerate(public) if isinstance(event, OVER)]
    assert ends in ([], [len(public) - 1])
    assert sum(isinstance(event, MandateAccepted) for event in public) <= 1


@given(st.lists(st.sampled_from(COMMANDS), max_size=12))
def test_only_an_accepted_mandate_acts(commands: list[Command]) -> None:
    """What a subscriber keeps (accepted, not ended) and what the mandate itself says agree."""
    state, events = played(commands)
    accepted = any(isinstance(event, MandateAccepted) for event in events)
    over = any(isinstance(event, OVER) for event in events)
    assert isinstance(state, Accepted) == (accepted and not over)
    assert isinstance(state, Over) == over
    assert isinstance(state, NotGiven) == (not events)
