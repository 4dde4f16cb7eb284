"""An issuer key that others may have is withdrawn: what is said of credentials under it, on line and off."""

from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

import httpx
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from services.certificates.checking.material import sorted_out
from services.certificates.checking.offline import check
from services.certificates.credential.bundle import CREDENTIAL, JWKS, QR, ROOT, STATUS_LIST
from services.certificates.credential.certificate import credential_of
from services.certificates.credential.jws import Withdrawn, joined, open_jws, public_keys, to_json
from services.certificates.credential.qr import qr_text, statement_in
from services.certificates.credential.sd_jwt import open_sd_jwt
from shared.contracts.certificates import CertificateIssued
from shared.contracts.identity import Role
from shared.standards.divisions import WHOLE_COUNTRY
from tests.services.certificates.issued import issue, issuer
from tests.services.certificates.office import Office, apply, problem

LEAK = {"reason": "compromised", "explanation": "备份介质在运输途中遗失，私钥可能外泄。"}


async def administrator(office: Office) -> httpx.AsyncClient:
    return await office.reviewer(WHOLE_COUNTRY, uuid4(), role=Role.administrator)


async def jwks(office: Office) -> dict[str, Any]:
    told: dict[str, Any] = (await (await office.anyone()).get("/.well-known/jwks.json")).json()
    return told


async def withdraw(office: Office) -> str:
    """The key in force, by two administrators; its id."""
    first, second = await administrator(office), await administrator(office)
    kid: str = (await jwks(office))["keys"][-1]["kid"]
    assert (await first.post(f"/issuer-keys/{kid}/withdrawal", json=LEAK)).status_code == 200
    assert problem(await first.post(f"/issuer-keys/{kid}/withdrawal/confirm")) == (403, "another_must_confirm")
    assert kid in {key["kid"] for key in (await jwks(office))["keys"]}
    done = await second.post(f"/issuer-keys/{kid}/withdrawal/confirm")
    assert [key["status"] for key in done.json()["keys"]] == ["withdrawn", "in_force"]
    return kid


async def shown(office: Office, issued: CertificateIssued) -> dict[str, str]:
    """What its holder has of it at the moment."""
    by = issuer(office.department)
    return {CREDENTIAL: await credential_of(by, issued), QR: await qr_text(by, issued)}


async def checked(office: Office, has: dict[str, str]) -> list[tuple[str, str | None]]:
    """Reason code and since when: of the credential, of the code."""
    anyone = await office.anyone()
    answers = [
        await anyone.post("/check", files={"file": (CREDENTIAL, has[CREDENTIAL])}),
        await anyone.get("/check", params={"c": statement_in(has[QR])}),
    ]
    return [(answer.json()["status"], answer.json()["since"]) for answer in answers]


async def test_what_it_signed_is_refused_with_a_reason_and_since_when(office: Office) -> None:
    issued = await issue(office.department)
    before = await shown(office, issued)
    assert [code for code, _ in await checked(office, before)] == ["valid", "valid"]
    kid = await withdraw(office)
    told = await jwks(office)
    assert kid not in {key["kid"] for key in told["keys"]}
    [revoked] = told["revoked_keys"]
    assert (revoked["kid"], revoked["revoked"]["reason"]) == (kid, "compromised")
    since = datetime.fromtimestamp(revoked["revoked"]["revoked_at"], UTC)
    assert {(code, datetime.fromisoformat(str(at))) for code, at in await checked(office, before)} == {
        ("key_withdrawn", since)
    }


async def test_its_holder_has_it_anew_under_another_key_and_it_stands_as_it_did(office: Office) -> None:
    issued = await issue(office.department)
    before = await shown(office, issued)
    kid = await withdraw(office)
    after = await shown(office, issued)
    assert [code for code, _ in await checked(office, after)] == ["valid", "valid"]
    trusted = public_keys(await jwks(office))
    one, other = (
        open_sd_jwt(has[CREDENTIAL], "dc+sd-jwt", keys)
        for has, keys in ((before, {kid: trusted_key(trusted[kid])}), (after, trusted))
    )
    assert one == other
    by_identifier = await (await office.anyone()).get(f"/check/{issued.identifier}")
    assert by_identifier.json()["status"] == "valid"


def trusted_key(key: Any) -> Any:
    return key.key if isinstance(key, Withdrawn) else key


async def test_off_line_a_fresh_set_of_keys_tells_it_and_an_old_one_beside_it_does_not_hide_it(office: Office) -> None:
    issued = await issue(office.department)
    has = {name: text.encode() for name, text in (await shown(office, issued)).items()}
    old = to_json(await jwks(office))
    await withdraw(office)
    fresh = to_json(await jwks(office))
    listed = (await (await office.anyone()).get(f"/status-lists/{issued.status_list}")).content
    now = datetime.now(UTC)
    for trust in ({"a": fresh, "b": listed}, {"a": old, "b": fresh, "c": listed}, {"a": fresh, "b": old, "c": listed}):
        report = check(sorted_out(has), sorted_out(trust), now, lambda _: [])
        assert (report.verdict.code, report.exit_code) == ("key_withdrawn", 1)
        assert report.verdict.since is not None
        assert "%" not in report.verdict.text.zh + report.verdict.text.en
    anew = {name: text.encode() for name, text in (await shown(office, issued)).items()}
    report = check(sorted_out(anew), sorted_out({JWKS: fresh, STATUS_LIST: listed}), now, lambda _: [])
    assert (report.verdict.code, report.exit_code) == ("valid", 0)


async def test_for_the_code_on_a_sealed_document_the_seal_answers(office: Office) -> None:
    citizen, reviewer = await office.citizen(), await office.reviewer()
    approved = await reviewer.post(f"/applications/{await apply(citizen)}/approve")
    certificate = approved.json()["certificate"]
    document = (await citizen.get(f"/certificates/{certificate}/document")).content
    code = (await citizen.get(f"/certificates/{certificate}/qr")).text
    await withdraw(office)
    anyone = await office.anyone()
    list_, _ = open_jws(
        statement_in(code), "tb-qr", {k: trusted_key(v) for k, v in public_keys(await jwks(office)).items()}
    )["s"]
    trust = sorted_out(
        {
            JWKS: to_json(await jwks(office)),
            ROOT: (await anyone.get("/trust/root.pem")).content,
            STATUS_LIST: (await anyone.get(f"/status-lists/{list_}")).content,
        }
    )
    now = datetime.now(UTC)
    report = check(sorted_out({"a.pdf": document}), trust, now, lambda _: [code])
    assert report.verdict.code == "valid"
    altered = document.replace(b"%PDF-1.7", b"%PDF-1.6")
    report = check(sorted_out({"a.pdf": altered}), trust, now, lambda _: [code])
    assert report.verdict.code == "altered"
    report = check(sorted_out({"a.txt": code.encode()}), trust, now, lambda _: [code])
    assert report.verdict.code == "key_withdrawn"


async def test_a_wrong_signature_under_its_name_is_forged(office: Office) -> None:
    has = await shown(office, await issue(office.department))
    await withdraw(office)
    signed, _, signature = statement_in(has[QR]).rpartition(".")
    wrong = f"{signed}.{signature[1:43]}{signature[0]}{signature[43:]}"
    answer = await (await office.anyone()).get("/check", params={"c": wrong})
    assert answer.json()["status"] == "forged"


async def test_only_administrators_of_the_whole_country_see_and_withdraw_keys(office: Office) -> None:
    kid = (await jwks(office))["keys"][0]["kid"]
    village = await office.reviewer(role=Role.administrator)
    assert (await village.get("/issuer-keys")).status_code == 403
    for path in ("", "/confirm", "/decline"):
        assert (await village.post(f"/issuer-keys/{kid}/withdrawal{path}", json=LEAK)).status_code == 403
        assert (
            await (await office.anyone()).post(f"/issuer-keys/{kid}/withdrawal{path}", json=LEAK)
        ).status_code == 401
    first = await administrator(office)
    assert problem(await first.post("/issuer-keys/none/withdrawal", json=LEAK)) == (404, "no_such_key")
    assert problem(await first.post(f"/issuer-keys/{kid}/withdrawal", json={"reason": "compromised"}))[0] == 422
    assert (await first.post(f"/issuer-keys/{kid}/withdrawal", json=LEAK)).status_code == 200
    [one] = (await (await administrator(office)).get("/issuer-keys")).json()["keys"]
    assert (one["status"], one["reason"], one["explanation"]) == ("in_force", "compromised", LEAK["explanation"])
    assert (await first.post(f"/issuer-keys/{kid}/withdrawal/decline")).status_code == 200
    [one] = (await first.get("/issuer-keys")).json()["keys"]
    assert one["withdrawal_proposed_by"] is None


@pytest.mark.parametrize("order", [1, -1])
def test_whatever_set_comes_first_a_withdrawal_holds(order: int) -> None:
    key = Ed25519PrivateKey.generate().public_key()
    gone = Withdrawn(key, datetime.now(UTC))
    first, second = ({"k": key}, {"k": gone})[::order]
    assert joined(first, second) == {"k": gone}
