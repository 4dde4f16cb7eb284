"""`tongban check`: off line, with what is trusted in files."""

import io
import json
import zipfile
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import segno
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from typer.testing import CliRunner, Result

from deploy.cli.main import app
from deploy.secrets import new_signing_key, write_private
from services.certificates.checking.material import sorted_out
from services.certificates.checking.offline import check
from services.certificates.credential.bundle import zipped
from services.certificates.credential.certificate import credential_of
from services.certificates.credential.issuer import kid_of
from services.certificates.credential.jws import encode, to_json
from services.certificates.service import SERVICE
from shared.contracts.certificates import CertificateIssued
from shared.eventstore.signed_head import HeadSigner
from tests.databases import Databases
from tests.department import running
from tests.doors import hostile_pdf
from tests.services.certificates.issued import append, happened, issue, issuer, lists_of
from tests.services.certificates.office import Office
from tests.until import until

TRUST = ("jwks.json", "ledger.key", "status-list.jwt")


@dataclass(frozen=True)
class Held:
    """What its holder has of a certificate, and what the issuer tells everybody."""

    issued: CertificateIssued
    bundle: dict[str, bytes]
    presentation: str  # without the ID number
    other_bundle: dict[str, bytes]  # of another certificate
    after: dict[str, str]  # what happened later -> the status list then


@pytest.fixture(scope="module")
async def held(databases: Databases, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Held]:
    key_file = tmp_path_factory.mktemp("key") / "ledger.pem"
    write_private(key_file, new_signing_key())
    async with (
        databases.fresh() as database,
        running(SERVICE, database, ledger_key_file=key_file) as department,
        Office(department) as office,
    ):
        issued = await issue(department)
        other = await issue(department, application=issued.certificate, serial="2")
        bundle, other_bundle = await fetched(office, issued), await fetched(office, other)
        after = {}
        assert issued.status_list is not None
        for event in ("suspended", "reinstated", "revoked"):
            await append(department, issued.certificate, happened(issued)[event])
            after[event] = await lists_of(department).token(issued.status_list, datetime.now(UTC))
        presentation = await credential_of(issuer(department), issued, ["content.residence_address"])
        yield Held(issued, bundle, presentation, other_bundle, after)


async def fetched(office: Office, issued: CertificateIssued) -> dict[str, bytes]:
    citizen = await office.citizen()

    async def content() -> bytes | None:
        answer = await citizen.get(f"/certificates/{issued.certificate}/bundle")
        return answer.content if answer.status_code == 200 else None

    with zipfile.ZipFile(io.BytesIO(await until(content))) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


@pytest.fixture
def trust(held: Held, tmp_path: Path) -> Path:
    folder = tmp_path / "trust"
    folder.mkdir()
    for name in TRUST:
        (folder / name).write_bytes(held.bundle[name])
    return folder


def run(file: Path, *options: object) -> Result:
    return CliRunner().invoke(app, ["check", str(file), *map(str, options)])


def written(tmp_path: Path, name: str, content: bytes | str) -> Path:
    file = tmp_path / name
    file.write_bytes(content if isinstance(content, bytes) else content.encode())
    return file


def test_a_bundle_is_valid_by_what_the_issuer_told_everybody(held: Held, tmp_path: Path, trust: Path) -> None:
    file = written(tmp_path, "bundle.zip", zipped(held.bundle))
    result = run(file, "--trust", trust)
    assert result.exit_code == 0, result.output
    assert "valid: This certificate is genuine" in result.output
    assert "ledger: its issuing is in it" in result.output
    assert "status: as of" in result.output
    told = json.loads(run(file, "--trust", trust, "--json").stdout)
    assert (told["status"], told["is_trusted"], told["is_in_ledger"]) == ("valid", True, True)
    assert told["facts"]["identifier"] == held.issued.identifier


def test_a_bundle_alone_is_only_self_consistent(held: Held, tmp_path: Path) -> None:
    result = run(written(tmp_path, "bundle.zip", zipped(held.bundle)))
    assert result.exit_code == 2
    assert result.output.startswith("self-consistent")


def test_a_bundle_is_checked_unpacked_too(held: Held, tmp_path: Path, trust: Path) -> None:
    folder = tmp_path / "unpacked"
    folder.mkdir()
    for name, content in held.bundle.items():
        (folder / name).write_bytes(content)
    assert run(folder, "--trust", trust).exit_code == 0


def test_residence_is_proven_without_the_id_number(held: Held, tmp_path: Path, trust: Path) -> None:
    result = run(written(tmp_path, "shown.sd-jwt", held.presentation), "--trust", trust)
    assert result.exit_code == 0, result.output
    assert "content.residence_address: 3排12号" in result.output
    assert held.issued.holder_code not in result.output


def test_a_photographed_qr_code_is_checked(held: Held, tmp_path: Path, trust: Path) -> None:
    picture = tmp_path / "photo.png"
    segno.make(held.bundle["qr.txt"].decode(), error="m", micro=False).save(str(picture), scale=4)
    result = run(picture, "--trust", trust)
    assert result.exit_code == 0, result.output
    assert "holder: 张*" in result.output
    blank = tmp_path / "blank.png"
    segno.make("nothing of ours", micro=False).save(str(blank))
    assert run(blank, "--trust", trust).exit_code == 1


@pytest.mark.parametrize(
    ("event", "code", "exit_code"), [("suspended", "suspended", 1), ("reinstated", "valid", 0), ("revoked", "ended", 1)]
)
def test_a_later_status_list_says_what_happened(
    held: Held, tmp_path: Path, trust: Path, event: str, code: str, exit_code: int
) -> None:
    file = written(tmp_path, "qr.txt", held.bundle["qr.txt"])
    (trust / "status-list.jwt").write_text(held.after[event])
    result = run(file, "--trust", trust, "--json")
    assert (json.loads(result.stdout)["status"], result.exit_code) == (code, exit_code)


def test_without_a_status_list_its_status_is_said_to_be_unknown(held: Held, tmp_path: Path, trust: Path) -> None:
    file = written(tmp_path, "qr.txt", held.bundle["qr.txt"])
    (trust / "status-list.jwt").unlink()
    result = run(file, "--trust", trust)
    assert result.exit_code == 2
    assert "status: not known off line; fetch /status-lists/" in result.output


def test_a_status_list_too_old_or_by_another_key_is_not_believed(held: Held) -> None:
    shown = sorted_out({"qr.txt": held.bundle["qr.txt"]})
    trust = sorted_out({name: held.bundle[name] for name in TRUST})
    soon, late = datetime.now(UTC), datetime.now(UTC) + timedelta(days=2)
    assert check(shown, trust, soon, no_codes).verdict.code == "valid"
    assert check(shown, trust, late, no_codes).verdict.code == "status_unknown"
    stranger = sorted_out({"jwks.json": jwks(Ed25519PrivateKey.generate())})
    stranger.status_lists.append(held.after["revoked"])
    assert check(shown, stranger, soon, no_codes).verdict.code == "unknown_issuer"


def no_codes(_: bytes) -> list[str]:
    return []


def jwks(key: Ed25519PrivateKey, kid: str | None = None) -> bytes:
    x = encode(key.public_key().public_bytes_raw())
    return to_json({"keys": [{"kty": "OKP", "crv": "Ed25519", "x": x, "kid": kid or kid_of(x)}]})


def test_what_the_trusted_issuer_did_not_sign_is_of_an_unknown_one(held: Held, tmp_path: Path) -> None:
    stranger = written(tmp_path, "jwks.json", jwks(Ed25519PrivateKey.generate()))
    result = run(written(tmp_path, "bundle.zip", zipped(held.bundle)), "--trust", stranger)
    assert (result.exit_code, result.output.split(":")[0]) == (1, "unknown_issuer")


def test_a_bundle_made_of_two_certificates_does_not_hold(held: Held, tmp_path: Path, trust: Path) -> None:
    for name in ("credential.sd-jwt", "proof.json"):
        mixed = held.bundle | {name: held.other_bundle[name]}
        result = run(written(tmp_path, "mixed.zip", zipped(mixed)), "--trust", trust)
        assert (result.exit_code, result.output.split(":")[0]) == (1, "altered"), name


def test_a_head_signed_by_another_ledger_does_not_hold(held: Held, tmp_path: Path, trust: Path) -> None:
    (trust / "ledger.key").write_text(HeadSigner("certificates", Ed25519PrivateKey.generate()).key)
    result = run(written(tmp_path, "bundle.zip", zipped(held.bundle)), "--trust", trust)
    assert result.exit_code == 1
    assert "ledger: the proof does not hold" in result.output


def test_altered_and_forged_are_told_apart(held: Held, tmp_path: Path, trust: Path) -> None:
    credential = held.bundle["credential.sd-jwt"].decode()
    jws, first, *rest = credential.split("~")
    altered = "~".join([jws, encode(to_json(["salt", "holder_name", "李四"])), *rest])
    qr = held.bundle["qr.txt"].decode()
    forged = qr.rpartition(".")[0] + "." + encode(bytes(64))
    for name, content, code in (
        ("a.sd-jwt", altered, "altered"),
        ("q.txt", forged, "forged"),
        ("x", first, "malformed"),
    ):
        result = run(written(tmp_path, name, content), "--trust", trust)
        assert (result.exit_code, result.output.split(":")[0]) == (1, code), result.output


@pytest.mark.parametrize("content", [b"PK\x03\x04broken", b'{"keys": 1}', b'{"entry": 1}', b"{"])
def test_what_cannot_be_read_cannot_be_told(tmp_path: Path, content: bytes) -> None:
    result = run(written(tmp_path, "file", content))
    assert result.exit_code == 2
    assert result.stderr.startswith("tongban: ")


def test_an_archive_that_would_grow_without_end_is_not_unpacked(tmp_path: Path) -> None:
    result = run(written(tmp_path, "bomb.zip", zipped({"zeros": bytes(30 * 1024 * 1024)})))
    assert (result.exit_code, "too much" in result.stderr) == (2, True)


def test_without_any_key_nothing_can_be_told(held: Held, tmp_path: Path) -> None:
    result = run(written(tmp_path, "qr.txt", held.bundle["qr.txt"]))
    assert result.exit_code == 2
    assert "--trust" in result.stderr


@pytest.mark.parametrize(
    ("hostile", "why"),
    [(hostile_pdf.inflating_table(1), "too many objects"), (hostile_pdf.nested_arrays(), "too deep")],
)
def test_a_file_that_costs_too_much_cannot_be_told(tmp_path: Path, trust: Path, hostile: bytes, why: str) -> None:
    result = run(written(tmp_path, "hostile.pdf", hostile), "--trust", trust)
    assert (result.exit_code, result.stdout) == (2, "")
    assert "could not be examined within limits" in result.stderr
    assert why in result.stderr
