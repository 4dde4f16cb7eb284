"""Entries of status lists: nobody's twice, the same again when asked again, and nothing is issued without one."""

import asyncio
from dataclasses import replace
from datetime import date
from itertools import islice
from uuid import UUID, uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.certificates.credential.status_lists import StatusLists
from services.certificates.domain import status_entry
from services.certificates.domain.status_entry import (
    SIZE,
    STATUS_ENTRY,
    TRIES,
    ClaimStatusEntry,
    StatusEntryClaimed,
    candidates,
    claim_id,
    decide,
)
from shared.contracts.errors import Misconfigured
from shared.department.key_store import SealedKeys
from shared.eventstore.aggregate import Context
from shared.eventstore.master_keys import MasterKey
from tests.department import Department
from tests.services.certificates.issued import NOW, lists_of

DAY = date(2026, 3, 1)
ONE, OTHER = UUID(int=1), UUID(int=2)


def test_the_first_to_claim_an_entry_has_it_for_good() -> None:
    assert decide(None, ClaimStatusEntry(ONE)) == [StatusEntryClaimed(certificate=ONE)]
    assert decide(ONE, ClaimStatusEntry(ONE)) == []
    assert decide(ONE, ClaimStatusEntry(OTHER)) == []


@given(st.uuids(), st.dates(date(2023, 1, 1), date(2199, 12, 31)))
def test_a_certificate_has_the_same_entries_in_the_lists_of_its_month(certificate: UUID, day: date) -> None:
    found = list(islice(candidates(certificate, day), 3 * TRIES))
    assert found == list(islice(candidates(certificate, day.replace(day=1)), 3 * TRIES))
    month = day.year * 100 + day.month
    assert [entry.list for entry in found] == [month * 100 + number for number in (1, 2, 3) for _ in range(TRIES)]
    assert all(0 <= entry.index < SIZE for entry in found)


async def test_many_at_once_never_share_an_entry(department: Department, monkeypatch: pytest.MonkeyPatch) -> None:
    """In lists so small that nearly all of them meet."""
    monkeypatch.setattr(status_entry, "SIZE", 16)
    lists = lists_of(department)
    claimed = await asyncio.gather(*(lists.enter(uuid4(), DAY, NOW, Context()) for _ in range(40)))
    assert len({claim_id(entry) for entry in claimed}) == 40
    assert {entry.list for entry in claimed} > {20260301}


async def test_asked_again_it_is_the_same_entry(department: Department) -> None:
    lists, context = lists_of(department), Context(key="approval\nstatus")
    first = await lists.enter(ONE, DAY, NOW, context)
    assert await lists.enter(ONE, DAY, NOW, context) == first
    taken = await department.engine.store.load(STATUS_ENTRY.stream(claim_id(first)), STATUS_ENTRY)
    assert (taken.state, taken.version) == (ONE, 1)


async def test_no_entry_is_given_while_its_list_cannot_be_signed(department: Department) -> None:
    lists = lists_of(department)
    await lists.enter(ONE, DAY, NOW, Context())
    other_master = SealedKeys(department.engine.pool, lambda: [MasterKey(bytes(32))])
    broken = StatusLists(lists.pool, replace(lists.issuer, keys=other_master))
    with pytest.raises(Misconfigured):
        await broken.enter(OTHER, DAY, NOW, Context())
