"""The connections of one instance: requests, the leader's duties and commands each have their own, so that none of them
waits behind the others. PostgreSQL shows whose a session is: `application_name`.
"""

from collections.abc import AsyncIterator, Awaitable
from contextlib import AbstractAsyncContextManager, asynccontextmanager

from shared.eventstore.database import Pool, connect_pool
from shared.eventstore.group_commit import TOGETHER
from shared.eventstore.limits import DUTY_CONNECTIONS, KEY_CONNECTIONS, REQUEST_CONNECTIONS, WRITING_CONNECTIONS


def instance_pools(url: str, name: str, keeps: str) -> tuple[AbstractAsyncContextManager[Pool], ...]:
    """For requests, duties and commands, not yet opened."""
    return (
        _pool(connect_pool(url, name=name, max_size=REQUEST_CONNECTIONS, keeps=keeps)),
        _pool(connect_pool(url, name=f"{name} duties", min_size=1, max_size=DUTY_CONNECTIONS, keeps=keeps)),
        _pool(
            connect_pool(
                url,
                name=f"{name} commands",
                min_size=1,
                max_size=WRITING_CONNECTIONS,
                keeps=keeps,
                settings=TOGETHER.session,
            )
        ),
    )


def key_pool(url: str, name: str) -> AbstractAsyncContextManager[Pool]:
    """For the keys of personal fields."""
    return _pool(connect_pool(url, name=f"{name} keys", min_size=0, max_size=KEY_CONNECTIONS))


@asynccontextmanager
async def _pool(opening: Awaitable[Pool]) -> AsyncIterator[Pool]:
    pool = await opening
    try:
        yield pool
    finally:
        await pool.close()
