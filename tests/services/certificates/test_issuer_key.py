"""The issuer's keys: one follows the other, and one that others may have is withdrawn by two."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from functools import reduce
from uuid import UUID

import pytest

from services.certificates.domain.issuer_key import (
    Command,
    ConfirmWithdrawal,
    DeclineWithdrawal,
    IssuerKeyPublished,
    IssuerKeyWithdrawalDeclined,
    IssuerKeyWithdrawalProposed,
    IssuerKeyWithdrawn,
    ProposeWithdrawal,
    PublishIssuerKey,
    State,
    decide,
    evolve,
    key_at,
)
from shared.contracts.errors import Invalid, NotAllowed, NotFound, Refused
from shared.contracts.event import Event

NOW = datetime(2023, 12, 24, 9, 0, tzinfo=UTC)
DAY = timedelta(days=1)
ONE, OTHER = UUID(int=1), UUID(int=2)
FIRST, SECOND, THIRD = (
    IssuerKeyPublished(
        kid=f"k{nth}", name=f"credential-issuer-{nth}", public_key=f"x{nth}", published_at=NOW + nth * DAY
    )
    for nth in (1, 2, 3)
)
NEXT = PublishIssuerKey("k3", "credential-issuer-3", "x3", NOW + 3 * DAY)
LATER = NOW + 3 * DAY


def proposed(kid: str, by: UUID = ONE) -> IssuerKeyWithdrawalProposed:
    return IssuerKeyWithdrawalProposed(
        kid=kid, reason="compromised", explanation="备份介质遗失", proposed_by=by, proposed_at=LATER
    )


def withdrawn(kid: str) -> IssuerKeyWithdrawn:
    return IssuerKeyWithdrawn(kid=kid, reason="compromised", proposed_by=ONE, decided_by=OTHER, withdrawn_at=LATER)


def after(*events: Event) -> State:
    return reduce(evolve, events, State())


def confirm(kid: str, by: UUID = OTHER) -> ConfirmWithdrawal:
    return ConfirmWithdrawal(kid, by, LATER, NEXT)


def propose(kid: str, explanation: str = " 备份介质遗失 ") -> ProposeWithdrawal:
    return ProposeWithdrawal(kid, "compromised", explanation, ONE, LATER)


def test_one_proposes_and_another_confirms() -> None:
    assert decide(after(FIRST, SECOND), propose("k1")) == [proposed("k1")]
    assert decide(after(FIRST, SECOND, proposed("k1")), confirm("k1")) == [withdrawn("k1")]


def test_the_key_in_force_is_withdrawn_together_with_its_successors_coming() -> None:
    assert decide(after(FIRST, SECOND, proposed("k2")), confirm("k2")) == [THIRD, withdrawn("k2")]


def test_who_proposed_it_may_take_it_back_and_then_it_may_be_proposed_anew() -> None:
    declined = IssuerKeyWithdrawalDeclined(kid="k1", declined_by=ONE, declined_at=LATER)
    assert decide(after(FIRST, proposed("k1")), DeclineWithdrawal("k1", ONE, LATER)) == [declined]
    assert decide(after(FIRST, proposed("k1"), declined), propose("k1")) == [proposed("k1")]


@pytest.mark.parametrize(
    ("given", "command", "refusal", "code"),
    [
        ([FIRST, proposed("k1")], confirm("k1", ONE), NotAllowed, "another_must_confirm"),
        ([FIRST], confirm("k1"), Refused, "nothing_proposed"),
        ([FIRST], DeclineWithdrawal("k1", ONE, LATER), Refused, "nothing_proposed"),
        ([FIRST, proposed("k1")], propose("k1"), Refused, "withdrawal_waits"),
        ([FIRST], propose("k7"), NotFound, "no_such_key"),
        ([FIRST], confirm("k7"), NotFound, "no_such_key"),
        ([FIRST, SECOND, withdrawn("k1")], propose("k1"), Refused, "key_withdrawn"),
        ([FIRST, SECOND, withdrawn("k1")], confirm("k1"), Refused, "key_withdrawn"),
        ([FIRST], propose("k1", "  "), Invalid, None),
    ],
)
def test_what_is_refused(given: Sequence[Event], command: Command, refusal: type[Refused], code: str | None) -> None:
    with pytest.raises(refusal) as refused:
        decide(after(*given), command)
    assert code in (None, refused.value.code)


def test_what_a_withdrawn_key_was_to_sign_the_next_one_signs() -> None:
    keys = after(FIRST, SECOND, THIRD)
    assert [key_at(keys, NOW + nth * DAY).kid for nth in (0, 1, 2, 3, 9)] == ["k1", "k1", "k2", "k3", "k3"]
    keys = after(FIRST, SECOND, THIRD, withdrawn("k1"), withdrawn("k2"))
    assert {key_at(keys, NOW + nth * DAY).kid for nth in (0, 1, 2, 3, 9)} == {"k3"}
