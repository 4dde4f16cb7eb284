"""The doors of a running stack are shut: a few tries of each kind; `make attack` tries many."""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator

import pytest

from tests.doors import addresses, commands_twice, contents, described, forged_tokens, powers_matrix, wires
from tests.doors.things import find_things
from tests.doors.town import Town, opened
from tests.doors.tried import Tried

SHOWN = 10  # wrong answers in a failure


@pytest.fixture(scope="session")
async def town(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Town]:
    async with opened(tmp_path_factory.mktemp("doors")) as opened_town:
        await asyncio.to_thread(find_things, opened_town)
        yield opened_town


async def _hold(town: Town, *attacks: Callable[[Town], Iterator[Tried]]) -> None:
    def attack() -> list[str]:
        return [sentence for one in attacks for tried in one(town) for sentence in tried.wrong]

    wrong = await asyncio.to_thread(attack)
    assert not wrong, f"{len(wrong)} wrong answers:\n" + "\n".join(wrong[:SHOWN])


async def test_nobody_passes_where_the_table_names_somebody(town: Town) -> None:
    await _hold(town, powers_matrix.strangers)


async def test_a_citizen_passes_at_their_level_only(town: Town) -> None:
    await _hold(town, powers_matrix.citizens)


async def test_a_role_passes_where_it_has_a_row(town: Town) -> None:
    await _hold(town, lambda town: powers_matrix.roles(town, one_of=12))


async def test_nobody_sees_the_matters_of_others(town: Town) -> None:
    await _hold(town, powers_matrix.anothers_matters)


async def test_who_was_dismissed_passes_nowhere(town: Town) -> None:
    await _hold(town, powers_matrix.dismissed)


async def test_no_forged_token_is_honoured(town: Town) -> None:
    await _hold(town, forged_tokens.forged_tokens)


async def test_a_key_and_a_refresh_token_are_used_once(town: Town) -> None:
    await _hold(town, commands_twice.keys_again, commands_twice.odd_keys, commands_twice.refresh_again)


async def test_bytes_that_are_no_http_end_in_a_refusal(town: Town) -> None:
    await _hold(town, wires.smuggling, wires.broken_heads, addresses.roundabout_addresses)


async def test_files_and_their_names_do_no_harm(town: Town) -> None:
    await _hold(town, contents.file_names)


async def test_what_is_described_is_answered_without_an_error(town: Town) -> None:
    await _hold(town, lambda town: described.described(town, 1, most_let_in=1))
