"""Looks for words in everything that a running stack keeps of events, on disk and in tables, byte by byte."""

from collections.abc import Collection, Iterator
from pathlib import Path

import asyncpg

from deploy.names import NAMES
from deploy.runner.stack import Stack
from deploy.seed.samples import sample_people, sample_staff

SEALED_TABLES = (
    "events",
    "inbox",
    "outbox",
    "log",
    "snapshots",
    "parked",
    "phantoms",
    "lost_events",
    "stuck",
    "timers",
    "person_keys",
    "key_outbox",
    "key_readers",
    "missing_keys",
    "ledger_nodes",
    "witnessed",
)
PHONES = "138001380"  # all phones of the stories begin so


def words_of_people() -> list[str]:
    """Names and numbers of the sample people who hold no office, and the beginning of every phone."""
    officials = {one.name for one in sample_staff()}
    people = [one for one in sample_people() if one.name not in officials]
    return [*(one.name for one in people), *(str.__str__(one.id_number) for one in people), PHONES]


async def found(stack: Stack, words: Collection[str]) -> list[str]:
    """'<place>: <word>' for each word that can be read in broker store, event tables or log."""
    return [*_in_files(stack.data_dir, words), *[one for name in NAMES for one in await _in_tables(stack, name, words)]]


def _in_files(data_dir: Path, words: Collection[str]) -> Iterator[str]:
    logs = [file for name in NAMES for file in (data_dir / name).rglob("*.log")]
    store = [file for file in (data_dir / "nats").rglob("*") if file.is_file() and file.name != "sharing.yaml"]
    assert store, "the broker has a store"
    assert logs, "departments have logs"
    for file in (*store, *logs):
        content = file.read_bytes()
        yield from (f"{file.relative_to(data_dir)}: {word}" for word in words if word.encode() in content)


async def _in_tables(stack: Stack, name: str, words: Collection[str]) -> list[str]:
    connection = await asyncpg.connect(stack.postgres.url(name))
    try:
        hits = []
        for table in SEALED_TABLES:
            rows = await connection.fetch(
                f"select word from unnest($1::text[]) as word "
                f"where exists (select from {table} t where strpos(t::text, word) > 0)",
                list(words),
            )
            hits += [f"{name}.{table}: {row['word']}" for row in rows]
        return hits
    finally:
        await connection.close()
