"""`tongban ledger-key`: what an operator types to look at a department's keys and change them."""

import json
import stat
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from deploy.embedded.department_database import DepartmentDatabase
from deploy.secrets import new_signing_key, write_private
from shared.eventstore.database import connect_pool, migrate
from shared.eventstore.ledger_signer import LedgerSigner
from tests.deploy.terminal import tongban


@pytest.fixture
async def key_file(
    database: DepartmentDatabase, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[Path]:
    """Of cases, which has started once."""
    path = tmp_path / "cases.pem"
    write_private(path, new_signing_key())
    await migrate(database.owner_url, database.app)
    async with await connect_pool(database.app_url, name="cases") as pool:
        await LedgerSigner("local.cases", path).settle(pool)
        await pool.execute(
            "insert into log (position, stream, version, leaf)"
            " select n, 's-' || n, 1, sha256(n::text::bytea) from generate_series(1, 5) n"
        )
    monkeypatch.setenv("CASES_DATABASE_URL", database.app_url)
    monkeypatch.setenv("CASES_LEDGER_KEY_FILE", str(path))
    yield path


async def command(*words: str) -> str:
    code, output, errors = await tongban("ledger-key", *words)
    assert code == 0, errors
    return output


async def shown() -> list[tuple[str, int | None, bool]]:
    rows = [json.loads(line) for line in (await command("show", "cases", "--json")).splitlines()]
    return [(one["id"], one["until"], one["is_withdrawn"]) for one in rows]


async def test_a_stolen_key_is_rotated_and_withdrawn(key_file: Path) -> None:
    [(first, _, _)] = await shown()
    code, _, errors = await tongban("ledger-key", "withdraw", "cases", first, "--after", "3")
    assert (code, errors) == (1, f"tongban: cases: {first} is the present key: rotate it first, then withdraw it\n")
    second = (await command("rotate", "cases")).split()[3]
    assert await shown() == [(first, 5, False), (second, None, False)]
    await command("withdraw", "cases", first, "--after", "3")
    assert f"cases: {first}  counts for 3 events and no more, WITHDRAWN, since " in await command("show", "cases")
    assert stat.S_IMODE(key_file.stat().st_mode) == 0o600


async def test_a_lost_key_is_replaced_and_it_is_said_what_follows(key_file: Path) -> None:
    [(first, _, _)] = await shown()
    key_file.unlink()
    code, output, errors = await tongban("ledger-key", "accept", "cases")
    assert (code, "run `tongban witness renew` at each" in errors) == (0, True)
    assert [id for id, _, _ in await shown()] == [first, output.split()[3]]
    assert stat.S_IMODE(key_file.stat().st_mode) == 0o600


async def test_with_another_departments_key_file_nothing_is_changed(key_file: Path) -> None:
    write_private(key_file, new_signing_key())
    code, _, errors = await tongban("ledger-key", "rotate", "cases")
    assert (code, "the key file does not hold the key that signs this ledger" in errors) == (1, True)
