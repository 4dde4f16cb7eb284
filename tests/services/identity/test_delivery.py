"""A mother's births: pure. Never two children for one day and order; what is too close waits for two."""

from dataclasses import replace
from datetime import date, timedelta
from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.identity.domain.delivery import (
    DELIVERY,
    ClaimDelivery,
    ConfirmDecision,
    Deliveries,
    EndProposal,
    FreeDelivery,
    KnownChild,
    ProposeDecision,
)
from services.identity.domain.events import DeliveryBirthHeld, HeldDecision
from services.identity.register_rules_file import REGISTER_RULES
from shared.contracts.errors import NotFound, Refused
from tests.services.identity.examples import NOW

RULES = REGISTER_RULES[-1]
MOTHER, CASE = UUID(int=900), UUID(int=901)
ONE, OTHER = UUID(int=1), UUID(int=2)
LI, WANG = UUID(int=11), UUID(int=12)
PROPOSAL = UUID(int=77)
DAY = date(2023, 12, 22)


def claiming(newborn: UUID, days: int = 0, order: str = "first", *children: KnownChild) -> ClaimDelivery:
    born_on = DAY + timedelta(days=days)
    return ClaimDelivery(
        newborn, MOTHER, CASE, newborn, born_on, order, "寓小满", "130123100242", tuple(children), RULES, NOW
    )


def after(state: Deliveries, *commands: object) -> Deliveries:
    for command in commands:
        for event in DELIVERY.decide(state, command):  # type: ignore[arg-type]
            state = DELIVERY.evolve(state, event)
    return state


def status(state: Deliveries, newborn: UUID) -> str | None:
    return state.births[newborn].status if newborn in state.births else None


def decided_by_two(newborn: UUID, decision: HeldDecision) -> tuple[ProposeDecision, ConfirmDecision]:
    return (
        ProposeDecision(newborn, PROPOSAL, decision, "已核对分娩记录", LI, NOW),
        ConfirmDecision(newborn, PROPOSAL, LI, WANG, NOW),
    )


def proven(proof: str) -> ClaimDelivery:
    return replace(claiming(ONE), of_parents=("parentage_proof",), parentage_proof=proof)


def test_a_proof_is_held_released_for_itself_and_looked_at_anew_when_changed() -> None:
    held = after(Deliveries(), proven("鉴12"))
    assert (status(held, ONE), held.births[ONE].reasons) == ("held", ("parentage_proof",))
    assert DELIVERY.decide(held, proven("鉴12")) == []
    released = after(held, *decided_by_two(ONE, "release"))
    assert status(after(released, proven("鉴12")), ONE) == "standing"
    assert status(after(released, proven("鉴13")), ONE) == "held"


def test_a_proof_sent_back_is_mended_by_another_or_by_none() -> None:
    back = after(Deliveries(), proven("鉴12"), *decided_by_two(ONE, "send_back"))
    assert status(after(back, proven("鉴12")), ONE) == "send_back"
    assert status(after(back, proven("鉴13")), ONE) == "held"
    assert status(after(back, claiming(ONE)), ONE) == "standing"


def test_twins_of_one_day_or_over_midnight_are_two() -> None:
    for days in (0, 1):
        state = after(Deliveries(), claiming(ONE), claiming(OTHER, days, "second"))
        assert [status(state, ONE), status(state, OTHER)] == ["standing", "standing"]


def test_the_same_day_and_order_is_one_child() -> None:
    with pytest.raises(Refused, match="birth_already_entered"):
        after(Deliveries(), claiming(ONE), claiming(OTHER))


@pytest.mark.parametrize(
    ("days", "order", "reason"),
    [(1, "first", "same_order"), (-1, "second", "same_order"), (2, "second", "too_close"), (240, "first", "too_close")],
)
def test_what_is_too_close_to_be_another_birth_is_held(days: int, order: str, reason: str) -> None:
    state = after(Deliveries(), claiming(ONE))
    [held] = DELIVERY.decide(state, claiming(OTHER, days, order))
    assert isinstance(held, DeliveryBirthHeld)
    assert (held.reasons, held.beside) == ((reason,), (ONE,))


def test_a_birth_more_than_eight_months_later_is_another_delivery() -> None:
    state = after(Deliveries(), claiming(ONE), claiming(OTHER, 241))
    assert status(state, OTHER) == "standing"


def test_a_child_that_a_registrar_entered_is_looked_at() -> None:
    state = after(Deliveries(), claiming(ONE, 0, "first", KnownChild(OTHER, DAY)))
    assert state.births[ONE].reasons == ("known_child",)


def test_two_officers_release_refuse_or_send_back() -> None:
    held = after(Deliveries(), claiming(ONE), claiming(OTHER, 1))
    released = after(held, *decided_by_two(OTHER, "release"), claiming(OTHER, 1))
    assert status(released, OTHER) == "standing"
    refused = after(held, *decided_by_two(OTHER, "refuse"), claiming(OTHER, 1))
    assert status(refused, OTHER) == "refuse"
    mended = after(held, *decided_by_two(OTHER, "send_back"), claiming(OTHER, 1, "second"))
    assert status(mended, OTHER) == "standing"


def test_one_officer_does_not_decide_alone() -> None:
    held = after(Deliveries(), claiming(ONE), claiming(OTHER, 1))
    proposed = after(held, ProposeDecision(OTHER, PROPOSAL, "release", "已核对", LI, NOW))
    with pytest.raises(Refused, match="another_officer_needed"):
        after(proposed, ConfirmDecision(OTHER, PROPOSAL, LI, LI, NOW))
    with pytest.raises(Refused, match="proposed_already"):
        after(proposed, ProposeDecision(OTHER, UUID(int=78), "refuse", "不对", WANG, NOW))


def test_a_proposal_that_ended_is_not_confirmed() -> None:
    held = after(Deliveries(), claiming(ONE), claiming(OTHER, 1))
    propose, confirm = decided_by_two(OTHER, "release")
    with pytest.raises(NotFound, match="no_such_proposal"):
        after(held, propose, EndProposal(OTHER, PROPOSAL, WANG, NOW), confirm)


def test_a_birth_that_is_freed_may_be_entered_anew() -> None:
    state = after(Deliveries(), claiming(ONE), FreeDelivery(ONE, NOW), claiming(OTHER))
    assert status(state, OTHER) == "standing"


NEWBORNS = [UUID(int=number) for number in range(1, 6)]
CLAIMS = st.builds(
    claiming, st.sampled_from(NEWBORNS), st.sampled_from([0, 1, 2, 100, 240, 241]), st.sampled_from(RULES.orders)
)
ACTS = st.one_of(
    CLAIMS.map(lambda command: (command,)),
    st.builds(decided_by_two, st.sampled_from(NEWBORNS), st.sampled_from(["release", "refuse", "send_back"])),
    st.sampled_from(NEWBORNS).map(lambda newborn: (FreeDelivery(newborn, NOW),)),
)


@settings(max_examples=500, deadline=None)
@given(st.lists(ACTS, max_size=25))
def test_however_lives_go_no_child_is_entered_twice_and_none_is_stuck(acts: list[tuple[object, ...]]) -> None:
    state = Deliveries()
    claims: dict[UUID, ClaimDelivery] = {}
    for act in acts:
        for command in act:
            if isinstance(command, ClaimDelivery):
                if status(state, command.newborn) == "standing":
                    continue  # it is entered: no case asks again with other facts
                claims[command.newborn] = command
            try:
                state = after(state, command)
            except Refused:
                if isinstance(command, ClaimDelivery):
                    state = after(state, FreeDelivery(command.newborn, NOW))  # as `Births` does
                break
    standing = [(one.born_on, one.order) for one in state.births.values() if one.status == "standing"]
    assert len(standing) == len(set(standing))
    for newborn, claim in claims.items():
        if status(state, newborn) != "standing":
            others = [FreeDelivery(one, NOW) for one in NEWBORNS if one != newborn]  # annulled, or withdrawn
            anew = claiming(UUID(int=99), (claim.born_on - DAY).days, claim.order)
            assert status(after(state, *others, FreeDelivery(newborn, NOW), anew), anew.newborn) == "standing"
        if status(state, newborn) == "held":
            two = decided_by_two(newborn, "release")
            free = EndProposal(newborn, PROPOSAL, LI, NOW) if state.births[newborn].proposal else None
            way_out = after(state, *([free] if free else []), *two, claim)
            assert status(way_out, newborn) == "standing"
