"""Status lists, against the vectors of draft-ietf-oauth-status-list (§4.1 and Appendix C)."""

import zlib
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.certificates.credential.jws import NotReadable, encode
from services.certificates.credential.status_list import (
    LONGEST,
    TYP,
    Status,
    claims_of,
    compressed,
    decompressed,
    open_status_list,
    packed,
)
from services.certificates.domain.status_entry import SIZE
from tests.services.certificates.test_sd_jwt import KEYS, signed

NOW = datetime(2026, 3, 1, 8, 30, 45, tzinfo=UTC)
URI = "https://certificates.example/status-lists/20260301"
SECTION_4_1 = {
    1: ([1, 0, 0, 1, 1, 1, 0, 1, 1, 1, 0, 0, 0, 1, 0, 1], "b9a3", "eNrbuRgAAhcBXQ"),
    2: ([1, 2, 0, 3, 0, 1, 0, 1, 1, 2, 3, 3], "c944f9", "eNo76fITAAPfAgc"),
}
APPENDIX_C_2_BITS = {
    0: 1, 1993: 2, 25460: 1, 159495: 3, 495669: 1, 554353: 1, 645645: 2, 723232: 1, 854545: 1, 934534: 2, 1000345: 3
}  # fmt: skip
APPENDIX_C_2_BITS_HEX = (
    "78daeddb310d00211000412ea1a04004fe5520ed357c28c81d3312b6df68bc65480000000000406e2101000000000000000000000000"
    "0000000000000000000000000000000000000040795b0200000000000000000000000000000000000000000000000000000000000000"
    "0000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000080f4ba0400"
    "000000000000000000000000406d764a000000000000000000000000000000000000000000e092210100000000000000000000000000"
    "0000000000fc131200000000000000000000000000000000000000000000000000000000000000c0912e010000000000000000000000"
    "00000000000000c07d4b02000000000000000000000000000000a8614a0000000000000000000000406a1fcd60010c"
)


@pytest.mark.parametrize("bits", SECTION_4_1)
def test_the_drafts_small_lists(bits: int) -> None:
    statuses, content, text = SECTION_4_1[bits]
    made = packed(dict(enumerate(statuses)), len(statuses), bits)
    assert (made.hex(), compressed(made), decompressed(text)) == (content, text, made)


def test_the_drafts_list_of_a_million() -> None:
    made = packed(APPENDIX_C_2_BITS, 2**20, 2)
    assert compressed(made) == encode(bytes.fromhex(APPENDIX_C_2_BITS_HEX))


@given(st.dictionaries(st.integers(0, SIZE - 1), st.sampled_from(Status), max_size=50))
def test_every_entry_reads_as_it_was_written(statuses: dict[int, Status]) -> None:
    found = open_status_list(signed(claims_of(URI, statuses, NOW), TYP), KEYS)
    assert all(found.status(index) == status for index, status in statuses.items())
    assert sum(byte.bit_count() for byte in found.content) == sum(status.bit_count() for status in statuses.values())


def test_a_list_holds_for_a_day_from_its_minute() -> None:
    found = open_status_list(signed(claims_of(URI, {}, NOW), TYP), KEYS)
    assert (found.uri, found.issued_at) == (URI, NOW.replace(second=0))
    assert not found.has_expired(NOW + timedelta(hours=23))
    assert found.has_expired(NOW + timedelta(days=1))
    assert claims_of(URI, {}, NOW) == claims_of(URI, {}, NOW + timedelta(seconds=14))


@pytest.mark.parametrize("index", [-1, SIZE])
def test_an_entry_beyond_the_end_is_none(index: int) -> None:
    found = open_status_list(signed(claims_of(URI, {}, NOW), TYP), KEYS)
    with pytest.raises(NotReadable):
        found.status(index)


@pytest.mark.parametrize(
    "listed",
    [
        None,
        {},
        {"bits": 3, "lst": "eNo76fITAAPfAgc"},
        {"bits": "x", "lst": "eNo76fITAAPfAgc"},
        {"bits": 2, "lst": 5},
        {"bits": 2, "lst": "AAAA"},
        {"bits": 2, "lst": "eNo76fITAAPf"},
        {"bits": 2, "lst": encode(zlib.compress(bytes(LONGEST + 1)))},
    ],
    ids=["missing", "empty", "3 bits", "no number", "no text", "not zlib", "cut off", "a bomb"],
)
def test_what_is_no_list_cannot_be_read(listed: object) -> None:
    claims = claims_of(URI, {}, NOW) | {"status_list": listed}
    with pytest.raises(NotReadable):
        open_status_list(signed(claims, TYP), KEYS)
