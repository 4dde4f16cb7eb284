"""What a citizen has five departments store in a day stays below the bound that follows from the limits."""

import asyncio

import pytest

from tests.doors import storage_bound
from tests.doors.storing import store_all_one_may
from tests.doors.town import opened

COMMANDS, KILOBYTES, FILES, UNUSED = 40, 200, 2, 100
OF_ITSELF = 6 * 1024 * 1024
"""What five databases grow by meanwhile without anybody's doing: signed heads, first pages of tables and indexes."""


async def test_a_citizen_stores_less_than_the_bound(
    tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in {
        "CITIZEN_COMMANDS_A_DAY": COMMANDS,
        "CITIZEN_KILOBYTES_A_DAY": KILOBYTES,
        "UPLOADS_A_DAY": FILES,
        "UNUSED_UPLOADS_MB": UNUSED,
    }.items():
        monkeypatch.setenv(name, str(value))
    async with opened(tmp_path_factory.mktemp("storing"), played=False) as town:
        stored = await asyncio.to_thread(store_all_one_may, town)
    bound = storage_bound.total(
        storage_bound.of_a_citizen(commands=COMMANDS, kilobytes=KILOBYTES, uploads=FILES, unused_megabytes=UNUSED)
    )
    assert stored.files == FILES
    assert max(stored.requests.values()) <= COMMANDS
    assert stored.growth <= bound + OF_ITSELF, f"{stored} of {bound}"
