"""Codes by phone: sent rarely, good once, for one purpose, for minutes; told by no answer."""

import asyncio
import re
from datetime import UTC, datetime, timedelta
from itertools import count

import pytest

from shared.contracts.errors import TooMany, Unavailable
from shared.department import beside_answers, message_gateway
from shared.department.codes import CLIENT_HOUR, LIVES, MOST_TRIES, Codes, Purpose
from shared.department.tidying import tidy
from shared.standards.phone import MobileNumber
from shared.standards.text import Text
from tests.department import Department
from tests.until import until

SIGN_UP = Purpose("sign_up", Text("注册账户", "opening an account"))
KIOSK = Purpose("kiosk", Text("自助打印", "printing at a kiosk"))
SECRET = b"a secret of the tests"

_phones = count(1)
_clients = count(1)


def fresh_phone() -> MobileNumber:
    return MobileNumber(f"139{next(_phones):08}")


def fresh_client() -> str:
    n = next(_clients)
    return f"10.1.{n // 250}.{n % 250}"


@pytest.fixture
def codes(department: Department) -> Codes:
    return Codes.of(department.engine, department.settings, SECRET)


async def put(department: Department, phone: str, at_least: int = 1) -> list[str]:
    """The codes in the sink, the latest first."""

    async def look() -> list[str] | None:
        found = await message_gateway.newest(department.engine.pool, phone)
        texts = [re.search(r"\d{6}", one.text) for one in found]
        return [one.group() for one in texts if one] if len(found) >= at_least else None

    return await until(look)


async def asked(department: Department, codes: Codes, phone: MobileNumber, now: datetime) -> str:
    await codes.ask(SIGN_UP, phone, now, fresh_client())
    return (await put(department, phone))[0]


async def test_a_code_is_good_once(department: Department, codes: Codes) -> None:
    phone, now = fresh_phone(), datetime.now(UTC)
    code = await asked(department, codes, phone, now)

    assert await codes.use(SIGN_UP, phone, code, now)
    assert not await codes.use(SIGN_UP, phone, code, now)


async def test_a_code_serves_the_request_it_served_again(department: Department, codes: Codes) -> None:
    phone, now = fresh_phone(), datetime.now(UTC)
    code = await asked(department, codes, phone, now)

    assert await codes.use(SIGN_UP, phone, code, now, "one request")
    assert await codes.use(SIGN_UP, phone, code, now, "one request")
    assert not await codes.use(SIGN_UP, phone, code, now, "another")


async def test_a_code_is_good_for_its_purpose_and_phone_only(department: Department, codes: Codes) -> None:
    phone, now = fresh_phone(), datetime.now(UTC)
    code = await asked(department, codes, phone, now)

    assert not await codes.use(KIOSK, phone, code, now)
    assert not await codes.use(SIGN_UP, fresh_phone(), code, now)
    assert await codes.use(SIGN_UP, phone, code, now)


async def test_a_code_lives_for_minutes(department: Department, codes: Codes) -> None:
    phone, now = fresh_phone(), datetime.now(UTC)
    code = await asked(department, codes, phone, now)

    assert not await codes.use(SIGN_UP, phone, code, now + LIVES)


async def test_guessing_at_a_code_ends_after_five(department: Department, codes: Codes) -> None:
    phone, now = fresh_phone(), datetime.now(UTC)
    code = await asked(department, codes, phone, now)
    wrong = "000000" if code != "000000" else "111111"

    assert not any([await codes.use(SIGN_UP, phone, wrong, now) for _ in range(MOST_TRIES)])
    assert not await codes.use(SIGN_UP, phone, code, now)


async def test_neither_code_nor_phone_is_stored_in_clear(department: Department, codes: Codes) -> None:
    phone, now = fresh_phone(), datetime.now(UTC)
    code = await asked(department, codes, phone, now)

    rows = await department.engine.pool.fetch("select * from codes")
    assert not any(code.encode() in bytes(row["code"]) or phone.encode() in bytes(row["phone"]) for row in rows)


async def test_a_second_code_within_the_minute_is_not_sent(department: Department, codes: Codes) -> None:
    phone, now = fresh_phone(), datetime.now(UTC)
    await asked(department, codes, phone, now)
    await codes.ask(SIGN_UP, phone, now + timedelta(seconds=10), fresh_client())
    await codes.ask(SIGN_UP, phone, now + timedelta(seconds=70), fresh_client())

    assert len(await put(department, phone, 2)) == 2


async def test_one_stranger_does_not_use_up_a_phones_day(department: Department, codes: Codes) -> None:
    phone, now, stranger = fresh_phone(), datetime.now(UTC), fresh_client()
    for n in range(12):
        await codes.ask(SIGN_UP, phone, now + timedelta(minutes=20 * n), stranger)
        await department.engine.beside_answers.done()
    owner = now + timedelta(hours=5)
    await codes.ask(SIGN_UP, phone, owner, fresh_client())

    assert len(await put(department, phone, 7)) == 7


async def test_a_client_that_asks_too_often_is_told_when_to_come_again(codes: Codes) -> None:
    now, client = datetime.now(UTC), fresh_client()
    for _ in range(CLIENT_HOUR.most):
        await codes.ask(SIGN_UP, fresh_phone(), now, client)
    with pytest.raises(TooMany) as refusal:
        await codes.ask(SIGN_UP, fresh_phone(), now, client)
    assert refusal.value.facts["retry_after"] == 3600


async def test_what_waits_beside_answers_is_bounded(department: Department) -> None:
    held = asyncio.Event()

    async def wait() -> None:
        await held.wait()

    try:
        with pytest.raises(Unavailable):
            for _ in range(beside_answers.MOST + 1):
                department.engine.beside_answers.begin(wait)
    finally:
        held.set()


async def test_the_sink_keeps_the_newest_only(department: Department, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(message_gateway, "MOST_KEPT", 3)
    await department.engine.beside_answers.done()  # of other tests
    sink = message_gateway.gateway_of(department.settings, department.engine.pool)
    phone = fresh_phone()
    for n in range(5):
        await sink.send(message_gateway.Message(phone, "test", f"message {n}"))

    kept = await message_gateway.newest(department.engine.pool)
    assert [one.text for one in kept] == ["message 4", "message 3", "message 2"]


async def test_what_is_past_is_swept(department: Department, codes: Codes) -> None:
    phone, now = fresh_phone(), datetime.now(UTC)
    await asked(department, codes, phone, now)
    await tidy(department.engine.pool, now + timedelta(days=2))

    for table in ("codes", "counts", "messages"):
        assert await department.engine.pool.fetchval(f"select count(*) from {table}") == 0
