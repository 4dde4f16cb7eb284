"""A bare Litestar route: a pydantic body in, one INSERT, a pydantic answer out."""

from typing import Any

import asyncpg
import uvloop
from litestar import Litestar, post
from litestar.params import JSONBody
from uuid_utils.compat import uuid7

from benchmarks.departments import Form, Stored
from benchmarks.peers.bare_inserts import INSERT, TABLE
from benchmarks.workers.serving import serve
from benchmarks.workers.worker import orders


async def main() -> None:
    first: dict[str, Any] = await orders()
    async with asyncpg.create_pool(first["database_url"], min_size=2, max_size=16) as pool:
        await pool.execute(TABLE)

        @post("/applications")
        async def submit(data: JSONBody[Form]) -> Stored:
            id = uuid7()
            await pool.execute(INSERT, id, data.model_dump_json())
            return Stored(application=id)

        await serve(Litestar([submit], openapi_config=None, logging_config=None), token="")


if __name__ == "__main__":
    uvloop.run(main())
