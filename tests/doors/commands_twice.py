"""The same key for other commands, keys that are none, tokens that were used."""

from collections.abc import Iterator
from datetime import date, timedelta
from itertools import count
from uuid import uuid4

from shared.standards.check_digits import mod_11_2
from tests.doors.asking import Asking
from tests.doors.town import NOBODY, OWNER, TENANT, Town
from tests.doors.tried import Answer, Tried

VILLAGE = "130123100242"
_days = count()


def newcomer() -> dict[str, str]:
    """Somebody who is not in the register yet. Nobody bears their number: sequences above 995 are kept."""
    body = f"130125{date(1960, 1, 1) + timedelta(days=next(_days)):%Y%m%d}996"
    return {"name": "甄样例", "id_number": body + mod_11_2(body), "division": VILLAGE, "address": "东街1号"}


def keys_again(town: Town) -> Iterator[Tried]:
    """One Idempotency-Key for several commands; each key belongs to one."""
    tried = Tried("Idempotency-Key again", "the same twice; with another body, at another address, by another person")
    key, first, second = str(uuid4()), newcomer(), newcomer()
    with Asking(town, "identity", "registrar") as registrar:
        done = registrar.ask("POST", "/people", {"idempotency-key": key}, json=first)
        tried.note(done, lambda answer: answer.status == 201, "201")
        again = registrar.ask("POST", "/people", {"idempotency-key": key}, json=first)
        tried.note(again, lambda answer: answer.status == 201 and answer.body == done.body, "the same answer again")
        other = registrar.ask("POST", "/people", {"idempotency-key": key}, json=second)
        tried.note(other, _is_reused, "422 idempotency_key_reused for another body")
        person = done.json()["person"]
        elsewhere = registrar.ask("POST", f"/people/{person}/move", {"idempotency-key": key}, json=_move())
        tried.note(elsewhere, lambda answer: answer.body != done.body, "not the first answer at another address")
    with Asking(town, "certificates", OWNER) as one, Asking(town, "certificates", TENANT) as another:
        key = str(uuid4())
        wish = {"type": "residence", "form": {"village": VILLAGE, "residence_address": "东街2排6号"}}
        mine = one.ask("POST", "/applications", {"idempotency-key": key}, json=wish)
        tried.note(mine)
        theirs = another.ask("POST", "/applications", {"idempotency-key": key}, json=wish)
        id = (mine.json() or {}).get("application", "nothing of mine")
        tried.note(theirs, lambda answer: id.encode() not in answer.body, "nothing of who used the key before")
    yield tried


def _move() -> dict[str, str]:
    return {"division": VILLAGE, "address": "西街1号"}


def _is_reused(answer: Answer) -> bool:
    return answer.status == 422 and answer.code == "idempotency_key_reused"


def odd_keys(town: Town) -> Iterator[Tried]:
    """Keys that are none, in every department that takes commands from everybody."""
    tried = Tried("Idempotency-Key that is none", "201 characters, 60 kB, empty, blanks, NUL, Chinese, quotes, SQL")
    keys: tuple[tuple[bytes, bool], ...] = (
        (b"x" * 200, True),
        (b"' or 1=1--", False),
        (b"'or'1'='1", True),
        (b"x" * 201, False),
        (b"x" * 60_000, False),
        (b"", False),
        (b"a b", False),
        (b"a\tb", False),
        ("密钥".encode(), False),
        (b"\xff", False),
        (b'{"a":1}', True),
        (b"../../x", True),
    )
    with Asking(town, "identity", "registrar") as registrar:
        for key, is_one in keys:
            answer = registrar.ask("POST", "/people", {"idempotency-key": key}, json=newcomer())
            tried.note(answer, _is_taken if is_one else _is_not_taken, f"{'201' if is_one else '4xx'} for {key[:20]!r}")
    yield tried


def _is_taken(answer: Answer) -> bool:
    return answer.status == 201


def _is_not_taken(answer: Answer) -> bool:
    return answer.status in (422, 431)


def refresh_again(town: Town) -> Iterator[Tried]:
    """Refresh tokens that were used, cut, joined, of another session."""
    tried = Tried("refresh tokens again", "thrice at once, cut off, of another session, none")
    login, password = town.stack.administrator
    with Asking(town, "identity", NOBODY) as nobody:
        sessions = [nobody.ask("POST", "/staff/sign-in", json={"login": login, "password": password}) for _ in range(2)]
        for one in sessions:
            tried.note(one, lambda answer: answer.status == 200, "200")
        first, second = (str(one.json()["refresh_token"]) for one in sessions)
        successors = []
        for _ in range(3):  # within a minute, as two tabs do
            answer = nobody.ask("POST", "/token/refresh", json={"refresh_token": first})
            tried.note(answer, lambda answer: answer.status == 200, "200")
            successors.append(answer.json()["refresh_token"])
        if len(set(successors)) != 1:
            tried.complain("one refresh token had several successors")
        for token in _spoilt(second):
            answer = nobody.ask("POST", "/token/refresh", json={"refresh_token": token})
            tried.note(answer, lambda answer: answer.status in (400, 401, 422), f"no session for {token[:20]!r}")
        answer = nobody.ask("POST", "/token/refresh", json={"refresh_token": second})
        tried.note(answer, lambda answer: answer.status == 200, "200: the other session goes on")
    yield tried


def _spoilt(second: str) -> Iterator[str]:
    session, _, secret = second.partition(".")
    yield f"{session}.{secret[:-1]}"
    yield f"{session}."
    yield session
    yield f"{uuid4()}.{secret}"
    yield ""
    yield "."
    yield "\x00"
    yield "x" * 10_000
    yield f"{session}.{secret}' or '1'='1"
