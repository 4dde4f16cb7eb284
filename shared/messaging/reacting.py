"""Carries out reactions in the very transaction that takes in the events they answer."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from shared.contracts.errors import ConcurrencyConflict
from shared.contracts.event import Recorded
from shared.contracts.registry import Registry
from shared.eventstore import append, read_model
from shared.eventstore.aggregate import Aggregate, Context, Instruction
from shared.eventstore.append import Row
from shared.eventstore.command_trace import command_span
from shared.eventstore.database import Connection
from shared.eventstore.read_model import ReadModel
from shared.eventstore.store import Loaded, doubt_keys, handled, keys_ready, prepare, repeated, stand_many
from shared.messaging.reaction import Reaction

ROUNDS = 10  # looks at streams that others write meanwhile, before the transaction is given up


class Contended(ConcurrencyConflict):
    """Others wrote a stream again and again while we decided about it: with fewer events at once it will go."""


Wanted = tuple[Context, Instruction]


async def run(
    connection: Connection,
    reactions: Sequence[Reaction],
    events: Sequence[Recorded],
    registry: Registry,
    models: Sequence[ReadModel],
) -> int:
    """Decide and store what a batch of events leads to, by two statements whatever its size.

    Ids follow from the causing event and the reaction, so the same event never leads twice to the same.
    Where another writer is first, only that stream is looked at and decided anew; what has got in keeps its place. So
    a writer may hammer: its insert makes ours wait, and when it commits we have the start of it.
    Returns how many events were stored. Raises Contended when that did not do; then nothing is stored.
    """
    wanted = [
        (context_of(cause, registry.department, f"{reaction.name} {nth}"), instruction)
        for cause in events
        for reaction in reactions
        if isinstance(cause.data, reaction.events)
        for nth, instruction in enumerate(reaction.react(cause))
    ]
    stored: list[Row] = []
    for _ in range(ROUNDS):
        if not wanted:
            break
        rows = await _decided(connection, wanted, registry)
        lost = await append.insert_unless_lost(connection, rows)
        stored += [row for row in rows if row.event.stream not in lost]
        for row in rows:
            if row.keys and row.event.stream in lost:
                doubt_keys([row.event.data], row.event.stream, registry)
        wanted = [one for one in wanted if one[1].stream in lost]
    if wanted:
        raise Contended(f"{len(wanted)} decisions: others were first, {ROUNDS} times")
    await read_model.group(models, (row.event for row in stored)).run(connection)
    return len(stored)


async def _decided(connection: Connection, wanted: Sequence[Wanted], registry: Registry) -> list[Row]:
    """What the streams as they stand make of the instructions, each stream's in order."""
    streams = {instruction.stream: instruction.aggregate for _, instruction in wanted}
    states = await stand_many(connection, streams, registry)
    long = [context for context, instruction in wanted if states[instruction.stream].before]
    known = await handled(connection, long) if long else set()
    rows: list[Row] = []
    for context, instruction in wanted:
        loaded = states[instruction.stream]
        if repeated(loaded, context) or context.event_id(0) in known:
            continue
        with command_span(instruction.aggregate.name, context.metadata):
            decided = instruction.aggregate.decide(loaded.state, instruction.command)
            await keys_ready(decided, instruction.stream, registry)
            made = prepare(loaded, decided, context, registry)
        rows += made
        states[instruction.stream] = _with(loaded, instruction.aggregate, made)
    return rows


def context_of(cause: Recorded, department: str, purpose: str) -> Context:
    """Who decides is this department; why is the event; the story goes on."""
    return Context(
        metadata=replace(
            cause.metadata,
            actor=f"department:{department}",
            causation_id=str(cause.id),
            correlation_id=cause.metadata.correlation_id or str(cause.id),
            request=None,
        ),
        key=f"{cause.id}\n{purpose}",
    )


def _with(loaded: Loaded[Any], aggregate: Aggregate[Any, Any], made: Sequence[Row]) -> Loaded[Any]:
    events = [row.event for row in made]
    state = loaded.state
    for event in events:
        state = aggregate.evolve(state, event.data)
    return Loaded(loaded.stream, state, (*loaded.events, *events), loaded.before)
