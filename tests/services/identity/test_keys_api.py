"""The signing keys over HTTP."""

import pytest
from joserfc import jwt
from joserfc.jwk import KeySet

from shared.contracts.identity import Role
from tests.department import KID
from tests.services.identity.examples import ZHENGDING
from tests.services.identity.office import Office, appointment, code

NATION = "000000000000"


async def test_integrators_see_the_keys_in_force(identity: Office) -> None:
    async with identity.client() as client:
        answer = await client.get("/.well-known/jwks.json")

    keys = {key["kid"]: key for key in answer.json()["keys"]}
    assert len(keys) == 2  # of the file, and of the tests
    assert all(
        (key["kty"], key["crv"], key["alg"], key["use"]) == ("OKP", "Ed25519", "EdDSA", "sig") for key in keys.values()
    )
    assert answer.headers["cache-control"] == "public, max-age=300"


@pytest.mark.filterwarnings("ignore:EdDSA is deprecated")  # RFC 9864's new name is read by few yet
async def test_the_keys_check_the_tokens_identity_issues(identity: Office) -> None:
    async with await identity.desk(Role.administrator) as desk:
        await desk.post("/staff", json=appointment("he.police"))
    async with identity.client() as client:
        keys = KeySet.import_key_set((await client.get("/.well-known/jwks.json")).json())
        tokens = await identity.staff_sign_in("he.police")

    claims = jwt.decode(tokens["access_token"], keys, algorithms=["EdDSA"]).claims
    assert (claims["iss"], claims["kind"], claims["roles"], claims["division"]) == (
        "identity",
        "staff",
        ["registrar"],
        ZHENGDING,
    )


async def test_no_private_key_is_told(identity: Office) -> None:
    async with identity.client() as client:
        assert all("d" not in key for key in (await client.get("/.well-known/jwks.json")).json()["keys"])


async def test_an_administrator_of_the_country_retires_a_key(new_identity: Office) -> None:
    async with await new_identity.desk(Role.administrator, division=NATION) as client:
        retired = await client.post(f"/signing-keys/{KID}/retire")
        left = [key["kid"] for key in (await client.get("/.well-known/jwks.json")).json()["keys"]]

    assert retired.status_code == 200
    assert len(left) == 1
    assert KID not in left


async def test_the_key_in_use_is_not_retired(identity: Office) -> None:
    async with await identity.desk(Role.administrator, division=NATION) as client:
        (in_use,) = (
            key["kid"] for key in (await client.get("/.well-known/jwks.json")).json()["keys"] if key["kid"] != KID
        )
        assert code(await client.post(f"/signing-keys/{in_use}/retire")) == (409, "key_in_use")


async def test_an_unknown_key_is_not_retired(identity: Office) -> None:
    async with await identity.desk(Role.administrator, division=NATION) as client:
        assert code(await client.post("/signing-keys/unknown/retire")) == (404, "no_such_key")


async def test_a_key_is_no_countys_business(identity: Office) -> None:
    async with await identity.desk(Role.administrator, division=ZHENGDING) as client:
        assert code(await client.post(f"/signing-keys/{KID}/retire")) == (403, "role_needed")
