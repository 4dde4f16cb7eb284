"""The holder's credential, its issuer's keys, its status list, its place in the ledger, and the bundle of all."""

import io
import json
import zipfile
from base64 import b64decode
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from jwcrypto.jwk import JWKSet
from sd_jwt.verifier import SDJWTVerifier

from deploy.embedded.department_database import DepartmentDatabase
from deploy.secrets import new_signing_key, write_private
from services.certificates.credential.jws import NotReadable, from_json, peek, public_keys
from services.certificates.credential.proof import NotProven, proof_of, read_proof, verify
from services.certificates.credential.qr import open_qr, statement_in
from services.certificates.credential.status_list import Status, StatusList, open_status_list
from services.certificates.service import SERVICE
from shared.contracts.certificates import (
    CertificateIssued,
)
from shared.contracts.identity import Role
from shared.eventstore.ledger_keys import id_of
from shared.eventstore.ledger_rotation import rotate, withdraw
from shared.eventstore.signed_head import HeadSigner
from shared.standards.divisions import WHOLE_COUNTRY
from tests.department import running
from tests.services.certificates.examples import COMMITTEE, CREDIT_CODE, ID_NUMBER, LI
from tests.services.certificates.issued import CONTENT, DAY, NOW, SECRETS, URL, append, happened, issue
from tests.services.certificates.office import Office, fields, problem
from tests.until import until


async def keys(office: Office) -> dict[str, Any]:
    answer = await (await office.anyone()).get("/.well-known/jwks.json")
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


async def credential(office: Office, issued: CertificateIssued, **query: str) -> str:
    answer = await (await office.citizen()).get(f"/certificates/{issued.certificate}/credential", params=query)
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"] == "application/dc+sd-jwt"
    return answer.text


async def read_elsewhere(office: Office, text: str) -> dict[str, Any]:
    """By the `sd-jwt` package, with the keys of the department's address."""
    ring = JWKSet.from_json(json.dumps(await keys(office)))
    claims: dict[str, Any] = SDJWTVerifier(text, lambda _, header: ring.get_key(header["kid"])).get_verified_payload()
    return claims


async def status_list(office: Office, number: int) -> StatusList:
    answer = await (await office.anyone()).get(f"/status-lists/{number}")
    assert answer.headers["content-type"] == "application/statuslist+jwt"
    return open_status_list(answer.text, public_keys(await keys(office)))


async def test_a_credential_says_what_the_certificate_says(office: Office) -> None:
    issued = await issue(office.department)
    claims = await read_elsewhere(office, await credential(office, issued))
    assert (claims["iss"], claims["vct"]) == (URL, "urn:tongban:certificate:residence")
    assert (claims["identifier"], claims["issuing_body"], claims["issuing_body_code"]) == (
        issued.identifier,
        COMMITTEE,
        CREDIT_CODE,
    )
    assert claims["exp"] - claims["nbf"] > 180 * 24 * 3600
    assert claims["iat"] == int(issued.issued_at.timestamp())
    entry = claims["status"]["status_list"]
    assert entry == {"idx": issued.status_index, "uri": f"{URL}/status-lists/{issued.status_list}"}
    assert (claims["holder_name"], claims["holder_code"], claims["content"]) == ("张三", ID_NUMBER, CONTENT)


async def test_residence_is_shown_without_the_id_number(office: Office) -> None:
    issued = await issue(office.department)
    text = await credential(office, issued, disclose="holder_name,content.residence_address")
    claims = await read_elsewhere(office, text)
    assert (claims["holder_name"], claims["content"]) == ("张三", {"residence_address": "3排12号"})
    assert "holder_code" not in claims
    nothing = await read_elsewhere(office, await credential(office, issued, disclose=""))
    assert not {"holder_name", "holder_code"} & nothing.keys()


async def test_a_claim_it_does_not_have_is_named(office: Office) -> None:
    issued = await issue(office.department)
    answer = await (await office.citizen()).get(
        f"/certificates/{issued.certificate}/credential", params={"disclose": "holder_name,phone"}
    )
    assert problem(answer) == (422, "no_such_claim")
    assert fields(answer) == {"disclose"}


async def test_the_same_certificate_is_the_same_credential_after_a_new_key_too(office: Office) -> None:
    issued = await issue(office.department)
    before = await credential(office, issued)
    assert await credential(office, issued) == before
    administrator = await office.reviewer(WHOLE_COUNTRY, role=Role.administrator)
    renewed = await administrator.post("/issuer-keys")
    assert renewed.status_code == 201
    assert await credential(office, issued) == before
    assert [key["kid"] for key in (await keys(office))["keys"]][1:] == [renewed.json()["kid"]]
    await read_elsewhere(office, before)
    later = await issue(office.department, application=uuid4(), serial="2", issued_at=NOW + timedelta(minutes=1))
    assert (await read_elsewhere(office, await credential(office, later)))["identifier"] == later.identifier


async def test_only_an_administrator_of_the_whole_country_renews_the_key_and_once_per_request(office: Office) -> None:
    village = await office.reviewer(role=Role.administrator)
    assert problem(await village.post("/issuer-keys"))[0] == 403
    assert problem(await (await office.citizen()).post("/issuer-keys"))[0] == 403
    assert problem(await (await office.anyone()).post("/issuer-keys"))[0] == 401
    administrator = await office.reviewer(WHOLE_COUNTRY, role=Role.administrator, key="once")
    assert (await administrator.post("/issuer-keys")).json() == (await administrator.post("/issuer-keys")).json()
    assert len((await keys(office))["keys"]) == 1


async def test_no_private_part_leaves_with_the_keys(office: Office) -> None:
    await issue(office.department)
    [key] = (await keys(office))["keys"]
    assert key.keys() == {"kty", "crv", "x", "kid", "use", "alg"}
    metadata = (await (await office.anyone()).get("/.well-known/jwt-vc-issuer")).json()
    assert metadata == {"issuer": URL, "jwks": {"keys": [key], "revoked_keys": []}}


@pytest.mark.parametrize("what", ["credential", "qr", "proof", "bundle"])
async def test_somebody_elses_certificate_does_not_exist(office: Office, what: str) -> None:
    issued = await issue(office.department)
    stranger = await office.citizen(LI)
    for certificate in (issued.certificate, uuid4()):
        answer = await stranger.get(f"/certificates/{certificate}/{what}")
        assert problem(answer) == (404, "no_such_certificate")
    assert problem(await (await office.anyone()).get(f"/certificates/{issued.certificate}/{what}"))[0] == 401


@pytest.mark.parametrize(
    ("life", "status"),
    [
        ([], Status.VALID),
        (["suspended"], Status.SUSPENDED),
        (["suspended", "reinstated"], Status.VALID),
        (["suspended", "revoked"], Status.INVALID),
        (["superseded"], Status.INVALID),
    ],
)
async def test_the_status_list_says_how_each_certificate_stands(
    office: Office, life: list[str], status: Status
) -> None:
    issued = await issue(office.department)
    other = await issue(office.department, application=uuid4(), serial="2")
    for event in life:
        await append(office.department, issued.certificate, happened(issued)[event])
    assert issued.status_list is not None and issued.status_index is not None and other.status_index is not None
    found = await status_list(office, issued.status_list)
    assert found.uri == f"{URL}/status-lists/{issued.status_list}"
    assert (found.status(issued.status_index), found.status(other.status_index)) == (status, Status.VALID)


async def test_a_list_is_signed_anew_when_a_status_changes_and_not_otherwise(office: Office) -> None:
    issued = await issue(office.department)
    anyone = await office.anyone()

    async def signed() -> str:
        claims = peek((await anyone.get(f"/status-lists/{issued.status_list}")).text)
        return str(claims["status_list"]["lst"])

    before = await signed()
    assert await signed() == before
    await append(office.department, issued.certificate, happened(issued)["revoked"])
    assert await signed() != before


@pytest.mark.parametrize("number", ["1", "0", "9223372036854775807"])
async def test_a_list_nobody_is_in_does_not_exist(office: Office, number: str) -> None:
    assert problem(await (await office.anyone()).get(f"/status-lists/{number}")) == (404, "no_such_status_list")


async def test_the_qr_code_says_little_and_is_small(office: Office) -> None:
    issued = await issue(office.department)
    text = (await (await office.citizen()).get(f"/certificates/{issued.certificate}/qr")).text
    assert text.startswith(f"{URL}/check?c=")
    assert len(text) < 500
    assert not any(secret in str(peek(statement_in(text))) for secret in SECRETS)
    told = open_qr(statement_in(text), public_keys(await keys(office)))
    assert (str(told.identifier), told.holder_masked, told.valid_from, told.valid_to) == (
        issued.identifier,
        "张*",
        DAY,
        issued.valid_to,
    )
    assert told.status == (issued.status_list, issued.status_index)
    assert told.is_about("张三", str(ID_NUMBER))
    assert not told.is_about("张三", str(ID_NUMBER)[:-1] + "8")


@pytest.fixture
async def witnessed(database: DepartmentDatabase, tmp_path: Path) -> AsyncIterator[tuple[Office, str]]:
    """A department whose ledger is signed, and its ledger's key."""
    key_file = tmp_path / "ledger.pem"
    write_private(key_file, new_signing_key())
    async with running(SERVICE, database, ledger_key_file=key_file) as department, Office(department) as office:
        assert department.engine.signer is not None
        yield office, (await department.engine.signer.keys(department.engine.pool)).present


async def once_in_the_ledger(office: Office, issued: CertificateIssued, what: str) -> bytes:
    """`proof` or `bundle`; until then the answer is to come again."""
    citizen = await office.citizen()

    async def content() -> bytes | None:
        answer = await citizen.get(f"/certificates/{issued.certificate}/{what}")
        assert answer.status_code in (200, 503), answer.text
        return answer.content if answer.status_code == 200 else None

    return await until(content)


async def test_the_proof_is_checked_off_line_and_is_about_this_certificate(witnessed: tuple[Office, str]) -> None:
    office, key = witnessed
    issued = await issue(office.department)
    proof = read_proof(await once_in_the_ledger(office, issued, "proof"))
    assert verify(proof, key).identifier == issued.identifier
    stranger = HeadSigner("certificates", Ed25519PrivateKey.generate())
    with pytest.raises(NotProven):
        verify(proof, stranger.key)
    for change in (
        {"position": proof.position + 1},
        {"size": proof.size + 1},
        {"leaf": proof.root},
        {"root": proof.leaf},
        {"path": [*proof.path, proof.leaf]},
        {"entry": proof.entry[4:]},
        {"checkpoint": None},
        {"checkpoint": stranger.sign(proof.size, b64decode(proof.root)).note},
    ):
        with pytest.raises(NotProven):
            verify(proof.model_copy(update=change), key)


async def test_a_proof_of_another_event_is_none_of_a_certificate(witnessed: tuple[Office, str]) -> None:
    """Though it is in the ledger, and signed."""
    office, key = witnessed
    issued = await issue(office.department)
    await once_in_the_ledger(office, issued, "proof")
    engine = office.department.engine
    event = await engine.pool.fetchval("select id from events where type = 'certificates.StatusEntryClaimed'")
    with pytest.raises(NotReadable):
        verify(await proof_of(engine, event), key)


async def test_the_bundle_holds_all_that_checking_off_line_needs(witnessed: tuple[Office, str]) -> None:
    office, key = witnessed
    issued = await issue(office.department)
    content = await once_in_the_ledger(office, issued, "bundle")
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        files = {name: archive.read(name) for name in archive.namelist()}
    assert files.keys() >= {"credential.sd-jwt", "qr.txt", "jwks.json", "status-list.jwt", "root.pem"}
    assert files["ledger.key"].decode() == key
    assert verify(read_proof(files["proof.json"]), key).identifier == issued.identifier
    assert (await read_elsewhere(office, files["credential.sd-jwt"].decode()))["holder_name"] == "张三"


async def test_a_proof_stays_checkable_when_the_ledger_key_was_rotated(
    witnessed: tuple[Office, str], tmp_path: Path
) -> None:
    office, key = witnessed
    issued = await issue(office.department)
    before = read_proof(await once_in_the_ledger(office, issued, "proof"))
    engine = office.department.engine
    keys = await rotate(engine.pool, str(engine.member), tmp_path / "ledger.pem")
    with zipfile.ZipFile(io.BytesIO(await once_in_the_ledger(office, issued, "bundle"))) as archive:
        after = read_proof(archive.read("proof.json"))
        statements = from_json(archive.read("ledger-keys.json"), dict)["statements"]
        assert archive.read("ledger.key").decode() == keys.present
    for proof in (before, after):
        for trusted in (key, keys.present):
            assert verify(proof, trusted, statements).identifier == issued.identifier
    with pytest.raises(NotProven):
        verify(after, key)
    keys = await withdraw(engine.pool, str(engine.member), tmp_path / "ledger.pem", id_of(key), before.size - 1)
    with pytest.raises(NotProven):
        verify(before, keys.present, keys.statements)


async def test_without_a_ledger_key_a_proof_has_no_signed_head(office: Office) -> None:
    issued = await issue(office.department)
    proof = read_proof(await once_in_the_ledger(office, issued, "proof"))
    assert proof.checkpoint is None
