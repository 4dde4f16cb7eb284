"""What commands of an engine send to the database, counted."""

from contextlib import AsyncExitStack

from shared.department.engine import Engine


async def listened(engine: Engine) -> list[str]:
    """Grows with every statement that is sent for commands from now on."""
    pool = engine.store._commands
    statements: list[str] = []
    async with AsyncExitStack() as stack:
        for _ in range(pool.get_max_size()):  # every connection there can be
            connection = await stack.enter_async_context(pool.acquire())
            connection.add_query_logger(lambda query: statements.append(query.query.strip()))
    return statements


def appends(statements: list[str]) -> list[str]:
    return [statement for statement in statements if "insert into events" in statement]
