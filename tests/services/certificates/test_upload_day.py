"""How much one person may bring: so many files a day, and so many bytes that no application names."""

from datetime import UTC, datetime
from functools import reduce

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.certificates.domain.upload_day import CountUpload, Quota, State, UploadCounted, decide, evolve
from shared.contracts.errors import TooMany

NOW = datetime(2023, 12, 24, 9, 0, tzinfo=UTC)  # 17:00 in China
QUOTA = Quota(files_a_day=3, unused_bytes=1000)


def upload(name: str, size: int = 100, *, held: int = 0, used: tuple[str, ...] = ()) -> CountUpload:
    return CountUpload(name, size, held, frozenset(used), QUOTA, NOW)


def test_a_file_is_counted_once_a_day() -> None:
    counted = UploadCounted(sha256="a", size=100, counted_at=NOW)
    assert decide({}, upload("a")) == [counted]
    assert decide(evolve({}, counted), upload("a")) == []


def test_one_more_than_may_come_in_a_day_is_refused_until_midnight() -> None:
    with pytest.raises(TooMany) as refused:
        decide({"a": 1, "b": 1, "c": 1}, upload("d"))
    assert (refused.value.code, refused.value.facts["retry_after"]) == ("too_many_uploads", 7 * 3600)
    assert decide({"a": 1, "b": 1, "c": 1}, upload("c")) == []


@pytest.mark.parametrize(
    ("counted", "command", "is_taken"),
    [
        ({}, upload("a", 1000), True),
        ({}, upload("a", 1001), False),
        ({}, upload("a", 100, held=900), True),
        ({}, upload("a", 100, held=901), False),
        ({"b": 901}, upload("a", 100), False),
        ({"b": 901}, upload("a", 100, used=("b",)), True),
    ],
)
def test_what_no_application_names_yet_is_held_within_bounds(
    counted: State, command: CountUpload, is_taken: bool
) -> None:
    if is_taken:
        assert len(decide(counted, command)) == 1
        return
    with pytest.raises(TooMany) as refused:
        decide(counted, command)
    assert refused.value.code == "too_much_unused"


@given(st.lists(st.tuples(st.sampled_from("abcdef"), st.integers(1, 600))), st.integers(0, 1000))
def test_whatever_comes_both_bounds_hold(brought: list[tuple[str, int]], held: int) -> None:
    counted: State = {}
    for name, size in brought:
        try:
            counted = reduce(evolve, decide(counted, upload(name, size, held=held)), counted)
        except TooMany:
            continue
    assert len(counted) <= QUOTA.files_a_day
    assert held + sum(counted.values()) <= QUOTA.unused_bytes
