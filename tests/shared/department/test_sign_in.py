"""Which tokens are believed, and what is said about the others."""

import base64
import hashlib
import hmac
import json
from datetime import UTC, datetime, timedelta
from time import monotonic
from typing import Any
from uuid import UUID, uuid4

import pytest
from joserfc import jwt
from joserfc.jwk import OKPKey
from pytest import MonkeyPatch

from shared.contracts.errors import Broken, NotSignedIn
from shared.contracts.identity import Role, SigningKeyPublished, SigningKeyRetired, StaffAppointed, StaffDismissed
from shared.department import sign_in, tokens
from shared.department.caller import Caller
from shared.department.engine import SILENT_AFTER
from tests.department import KID, Department
from tests.until import until

HOUR = timedelta(hours=1)
COUNTY = "130433000000"
ELSEWHERE = "130123000000"


def now() -> datetime:
    return datetime.now(UTC)


def part(value: Any) -> str:
    return base64.urlsafe_b64encode(json.dumps(value).encode()).rstrip(b"=").decode()


def claims(**changes: Any) -> dict[str, Any]:
    at = int(now().timestamp())
    whole: dict[str, Any] = {"iss": "identity", "sub": str(uuid4()), "kind": "citizen", "roles": [], "division": None}
    return {**whole, "iat": at, "exp": at + 3600, "jti": str(uuid4()), **changes}


def signed(key: OKPKey, header: dict[str, Any] | None = None, **changes: Any) -> str:
    return jwt.encode(header or {"alg": "Ed25519", "kid": KID}, claims(**changes), key, algorithms=["Ed25519"])


def with_header(department: Department, **header: Any) -> str:
    """A token of the right key whose header says something else."""
    message = f"{part(header)}.{part(claims())}"
    signature = department.private_key.private_key.sign(message.encode())  # type: ignore[union-attr]
    return f"{message}.{base64.urlsafe_b64encode(signature).rstrip(b'=').decode()}"


async def code_for(department: Department, token: str | None, scheme: str = "Bearer") -> str:
    """The problem's code, or 'welcome'. Sentences must be there in both languages."""
    headers = {} if token is None else {"authorization": f"{scheme} {token}"}
    said = {}
    for language in ("zh", "en"):
        async with department.client(language=language, **headers) as client:
            answer = await client.get("/who")
        if answer.status_code == 200:
            return "welcome"
        assert answer.status_code == 401
        assert answer.headers["www-authenticate"].startswith("Bearer")
        assert token is None or token not in answer.text
        said[language] = answer.json()["detail"]
    assert "登录" in said["zh"]
    assert "sign in" in said["en"].lower()
    code: str = answer.json()["code"]
    return code


async def test_a_token_of_a_known_key_is_believed_again_and_again(department: Department) -> None:
    token = department.token()
    assert [await code_for(department, token) for _ in range(2)] == ["welcome", "welcome"]
    assert await code_for(department, token, scheme="bearer") == "welcome"


async def test_no_token(department: Department) -> None:
    assert await code_for(department, None) == "token_missing"


@pytest.mark.parametrize("token", ["", "x", "a.b.c", "a.b", "ü.ü.ü", "." * 5000, "[" * 3000])
async def test_what_is_no_token(department: Department, token: str) -> None:
    async with department.client() as client:
        answer = await client.get("/who", headers={b"authorization": b"Bearer " + token.encode()})
    assert (answer.status_code, answer.json()["code"]) == (401, "token_malformed")


async def test_another_scheme(department: Department) -> None:
    assert await code_for(department, "dXNlcjpwYXNz", scheme="Basic") == "token_malformed"


async def test_a_header_of_brackets_nested_deep(department: Department) -> None:
    header = base64.urlsafe_b64encode(b"[" * 2900).decode().rstrip("=")
    assert await code_for(department, f"{header}.e30.AA") == "token_malformed"


async def test_claims_of_brackets_nested_deep(department: Department) -> None:
    message = f"{part({'alg': 'EdDSA', 'kid': KID})}.{base64.urlsafe_b64encode(b'[' * 1000).decode().rstrip('=')}"
    signature = department.private_key.private_key.sign(message.encode())  # type: ignore[union-attr]
    token = f"{message}.{base64.urlsafe_b64encode(signature).rstrip(b'=').decode()}"
    assert await code_for(department, token) == "token_malformed"


async def test_an_expired_token(department: Department) -> None:
    assert await code_for(department, department.token(now=now() - HOUR - timedelta(seconds=6))) == "token_expired"


async def test_a_token_that_expires_while_it_is_remembered() -> None:
    verified = tokens.Verified(Caller("citizen", uuid4()), KID, now(), now() + HOUR)
    tokens.judge(verified, now() + HOUR + timedelta(seconds=4))
    with pytest.raises(NotSignedIn) as refusal:
        tokens.judge(verified, now() + HOUR + timedelta(seconds=6))
    assert refusal.value.code == "token_expired"


async def test_clocks_may_differ_by_seconds_only(department: Department) -> None:
    assert await code_for(department, department.token(now=now() + timedelta(seconds=3))) == "welcome"
    assert await code_for(department, department.token(now=now() + timedelta(minutes=1))) == "token_not_yet_valid"


async def test_a_token_signed_by_another_key_under_our_kid(department: Department) -> None:
    token = tokens.issue(tokens.new_private_key(), KID, Caller("citizen", uuid4()), now(), HOUR)
    assert await code_for(department, token) == "token_signature_wrong"


async def test_claims_changed_after_signing(department: Department) -> None:
    header, body, signature = department.token().split(".")
    changed = json.loads(base64.urlsafe_b64decode(body + "==")) | {"kind": "staff"}
    assert await code_for(department, f"{header}.{part(changed)}.{signature}") == "token_signature_wrong"


async def test_an_unknown_key(department: Department) -> None:
    token = tokens.issue(tokens.new_private_key(), "nobody", Caller("citizen", uuid4()), now(), HOUR)
    assert await code_for(department, token) == "token_key_unknown"


@pytest.mark.parametrize("algorithm", ["none", "HS256", "Ed25519", "EdDSA ", None])
async def test_a_token_may_not_choose_its_algorithm(department: Department, algorithm: str | None) -> None:
    assert await code_for(department, with_header(department, alg=algorithm, kid=KID)) == "token_malformed"


async def test_the_public_key_is_no_symmetric_secret(department: Department) -> None:
    message = f"{part({'alg': 'HS256', 'kid': KID})}.{part(claims())}"
    secret = tokens.public_part(department.private_key).encode()
    mac = hmac.new(secret, message.encode(), hashlib.sha256).digest()
    token = f"{message}.{base64.urlsafe_b64encode(mac).rstrip(b'=').decode()}"
    assert await code_for(department, token) == "token_malformed"


async def test_no_signature_at_all(department: Department) -> None:
    token = f"{part({'alg': 'none', 'kid': KID})}.{part(claims())}."
    assert await code_for(department, token) == "token_malformed"


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"iss": "me"}, "token_issuer_wrong"),
        ({"iss": None}, "token_issuer_wrong"),
        ({"sub": "me"}, "token_malformed"),
        ({"kind": "god"}, "token_malformed"),
        ({"roles": None}, "token_malformed"),
        ({"exp": "soon"}, "token_malformed"),
        ({"exp": 10**18}, "token_malformed"),
        ({"exp": int(now().timestamp()) + 90_000}, "token_malformed"),  # longer than any of ours may live
        ({"roles": ["reviewer", "a role of a later release"]}, "welcome"),
    ],
)
async def test_claims_signed_but_not_ours(department: Department, changes: dict[str, Any], code: str) -> None:
    header, body = {"alg": "EdDSA", "kid": KID}, claims(**changes)
    token = jwt.encode(header, body, department.private_key, registry=tokens._REGISTRY)
    assert await code_for(department, token) == code


async def test_a_token_without_kid(department: Department) -> None:
    assert await code_for(department, with_header(department, alg="EdDSA")) == "token_malformed"


def test_no_token_is_issued_for_longer_than_a_day() -> None:
    with pytest.raises(Broken):
        tokens.issue(tokens.new_private_key(), KID, Caller("citizen", uuid4()), now(), timedelta(hours=25))


async def test_a_key_published_while_running_is_found(department: Department) -> None:
    key, kid = tokens.new_private_key(), f"new-{uuid4()}"
    token = tokens.issue(key, kid, Caller("citizen", uuid4()), now(), HOUR)
    await publish(department, kid, key)

    async def is_welcome() -> bool:
        return await code_for(department, token) == "welcome"

    await until(is_welcome, what="the new key is found")


async def test_a_retired_key_signs_nothing_more_but_its_earlier_tokens_end_by_themselves(
    department: Department, monkeypatch: MonkeyPatch
) -> None:
    monkeypatch.setattr(sign_in, "KEYS_FRESH", 0.0)  # notice retirements at each request
    key, kid = tokens.new_private_key(), f"old-{uuid4()}"
    await publish(department, kid, key)
    retired_at = now() - timedelta(minutes=10)
    earlier = tokens.issue(key, kid, Caller("citizen", uuid4()), retired_at - timedelta(minutes=1), HOUR)
    later = tokens.issue(key, kid, Caller("citizen", uuid4()), retired_at + timedelta(minutes=1), HOUR)
    assert [await code_for(department, token) for token in (earlier, later)] == ["welcome", "welcome"]
    await department.give(f"signing-key-{kid}", SigningKeyRetired(kid=kid, retired_at=retired_at))
    assert [await code_for(department, token) for token in (earlier, later)] == ["welcome", "token_key_retired"]


async def test_a_key_that_cannot_be_read_spoils_no_other(department: Department, monkeypatch: MonkeyPatch) -> None:
    monkeypatch.setattr(sign_in, "KEYS_FRESH", 0.0)
    await department.give(
        "signing-key-broken", SigningKeyPublished(kid="broken", public_key="AAAA", published_at=now())
    )
    assert await code_for(department, department.token()) == "welcome"
    broken = tokens.issue(tokens.new_private_key(), "broken", Caller("citizen", uuid4()), now(), HOUR)
    assert await code_for(department, broken) == "token_key_unknown"


async def test_remembered_tokens_are_bounded(department: Department, monkeypatch: MonkeyPatch) -> None:
    monkeypatch.setattr(sign_in, "MOST_REMEMBERED", 3)
    check = sign_in.TokenCheck(department.engine.pool)
    for _ in range(5):
        await check.caller(f"Bearer {department.token()}", now())
    assert len(check._remembered) == 3


async def test_roles_count_at_an_address(department: Department) -> None:
    reviewer = department.token("staff", roles=[Role.reviewer], division="130433000000")
    async with department.client(reviewer) as client:
        assert (await client.post("/review/130433200000")).status_code == 201
        assert (await client.post("/review/130400000000")).json()["code"] == "outside_division"
        assert (await client.post("/mine")).json()["code"] == "citizens_only"


async def appoint(department: Department, at: datetime, staff: UUID | None = None, division: str = COUNTY) -> UUID:
    """Identity says that somebody serves as a reviewer there since then."""
    id = staff or uuid4()
    said = StaffAppointed(staff=id, name="审有民", roles=frozenset({Role.reviewer}), division=division, appointed_at=at)
    await department.give(f"staff-{id}", said)
    return id


async def dismiss(department: Department, id: UUID, at: datetime) -> None:
    await department.give(f"staff-{id}", StaffDismissed(staff=id, dismissed_at=at))


def reviewer_token(department: Department, id: UUID, **changes: Any) -> str:
    return department.token("staff", id, [Role.reviewer], COUNTY, **changes)


async def review(department: Department, token: str, division: str) -> str:
    """The problem's code, or 'done'."""
    async with department.client(token) as client:
        answer = await client.post(f"/review/{division}")
    return "done" if answer.is_success else str(answer.json()["code"])


async def test_who_was_dismissed_is_refused_from_the_next_request_on(department: Department) -> None:
    id = await appoint(department, now() - HOUR)
    token = reviewer_token(department, id)
    assert await code_for(department, token) == "welcome"
    await dismiss(department, id, now())
    assert await code_for(department, token) == "dismissed"


async def test_a_dismissal_in_the_very_second_of_the_token_counts(department: Department) -> None:
    at = now().replace(microsecond=0)
    id = await appoint(department, at - HOUR)
    token = reviewer_token(department, id, now=at)
    await dismiss(department, id, at)
    assert await code_for(department, token) == "dismissed"


async def test_who_was_moved_acts_as_what_they_were_moved_to(department: Department) -> None:
    id = await appoint(department, now() - HOUR)
    token = reviewer_token(department, id)
    await appoint(department, now(), id, ELSEWHERE)
    assert await review(department, token, COUNTY) == "outside_division"
    assert await review(department, token, ELSEWHERE) == "done"


async def test_a_token_issued_after_what_was_heard_is_believed(department: Department) -> None:
    id = await appoint(department, now() - HOUR, division=ELSEWHERE)
    assert await review(department, reviewer_token(department, id), COUNTY) == "done"


async def test_who_was_never_heard_of_is_believed_by_the_token(department: Department) -> None:
    assert await code_for(department, reviewer_token(department, uuid4())) == "welcome"


async def test_a_dismissal_nobody_heard_of_leaves_the_token_to_its_end(department: Department) -> None:
    id = await appoint(department, now() - 2 * HOUR)
    assert await code_for(department, reviewer_token(department, id)) == "welcome"
    ended = reviewer_token(department, id, now=now() - HOUR - timedelta(seconds=6))
    assert await code_for(department, ended) == "token_expired"


@pytest.fixture
def identity_away(department: Department, monkeypatch: MonkeyPatch) -> None:
    """Nothing of identity has been heard for longer than its heads are apart."""
    monkeypatch.setattr(department.engine, "_heard_identity", monotonic() - SILENT_AFTER - 1)


@pytest.fixture
def identity_there(department: Department, monkeypatch: MonkeyPatch) -> None:
    """Its head has just been heard."""
    monkeypatch.setattr(department.engine, "_heard_identity", monotonic())


def ended_token(department: Department, id: UUID, until: timedelta | None) -> str:
    """It ended an hour ago; its session goes on `until` from now."""
    at = now()
    return reviewer_token(department, id, now=at - 2 * HOUR, until=None if until is None else at + until)


async def test_an_ended_token_is_honoured_to_its_sessions_end(department: Department, identity_away: None) -> None:
    id = await appoint(department, now() - 3 * HOUR)
    assert await code_for(department, ended_token(department, id, HOUR)) == "welcome"


async def test_no_ended_token_is_honoured_beyond_its_session(department: Department, identity_away: None) -> None:
    id = await appoint(department, now() - 3 * HOUR)
    assert await code_for(department, ended_token(department, id, timedelta(seconds=-6))) == "token_expired"
    assert await code_for(department, ended_token(department, id, None)) == "token_expired"


async def test_an_ended_token_is_refused_while_identity_is_there(department: Department, identity_there: None) -> None:
    id = await appoint(department, now() - 3 * HOUR)
    assert await code_for(department, ended_token(department, id, HOUR)) == "token_expired"


async def test_a_dismissal_counts_while_identity_is_away(department: Department, identity_away: None) -> None:
    id = await appoint(department, now() - 3 * HOUR)
    token = ended_token(department, id, HOUR)
    assert await code_for(department, token) == "welcome"
    await dismiss(department, id, now() - HOUR / 2)
    assert await code_for(department, token) == "dismissed"


async def test_a_citizens_ended_token_is_refused_all_the_same(department: Department, identity_away: None) -> None:
    token = department.token(now=now() - 2 * HOUR, until=now() + HOUR)
    assert await code_for(department, token) == "token_expired"


async def publish(department: Department, kid: str, key: OKPKey) -> None:
    event = SigningKeyPublished(kid=kid, public_key=tokens.public_part(key), published_at=now())
    await department.give(f"signing-key-{kid}", event)
