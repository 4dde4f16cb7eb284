import json, os
from tests.doors.conftest import five


async def test_dump(five):
    for n, d in five.items():
        async with d.client() as c:
            r = await c.get("/schema")
            out = os.environ["OUT"]
            os.makedirs(out, exist_ok=True)
            json.dump(r.json(), open(f"{out}/{n}.json", "w"), ensure_ascii=False, indent=1)
