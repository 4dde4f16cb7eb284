"""`tongban check` and the SM2 seal: an altered one is found, whichever part of it was touched."""

import io
import json
import zipfile
from base64 import b64decode, b64encode
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from typer.testing import CliRunner

from deploy.cli.main import app
from deploy.secrets import new_signing_key, write_private
from services.certificates.checking.material import sorted_out
from services.certificates.checking.offline import Report, check
from services.certificates.credential.bundle import zipped
from services.certificates.credential.jws import NotReadable
from services.certificates.service import SERVICE
from shared.department.sm2 import Sm2
from tests.databases import Databases
from tests.department import running
from tests.services.certificates.office import Office, apply
from tests.until import until

OTHERS_KEY = Sm2().generate_pk(bytes.fromhex("11" * 32)).hex()


@pytest.fixture(scope="module")
async def bundle(databases: Databases, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[dict[str, bytes]]:
    key_file = tmp_path_factory.mktemp("key") / "ledger.pem"
    write_private(key_file, new_signing_key())
    async with (
        databases.fresh() as database,
        running(SERVICE, database, ledger_key_file=key_file) as department,
        Office(department) as office,
    ):
        citizen, reviewer = await office.citizen(), await office.reviewer()
        approved = await reviewer.post(f"/applications/{await apply(citizen)}/approve")
        certificate = approved.json()["certificate"]

        async def content() -> bytes | None:
            answer = await citizen.get(f"/certificates/{certificate}/bundle")
            return answer.content if answer.status_code == 200 else None

        with zipfile.ZipFile(io.BytesIO(await until(content))) as archive:
            yield {name: archive.read(name) for name in archive.namelist()}


def report(files: dict[str, bytes]) -> Report:
    return check(sorted_out(files), None, datetime.now(UTC), lambda _: [])


def with_seal(bundle: dict[str, bytes], **changes: str) -> dict[str, bytes]:
    return bundle | {"seal.sm2": json.dumps(json.loads(bundle["seal.sm2"]) | changes).encode()}


def test_the_bundles_seal_is_over_its_document(bundle: dict[str, bytes], tmp_path: Path) -> None:
    found = report(bundle)
    assert (found.verdict.code, found.is_sm2_sealed, found.is_in_ledger) == ("valid", True, True)
    file = tmp_path / "bundle.zip"
    file.write_bytes(zipped(bundle))
    result = CliRunner().invoke(app, ["check", str(file)])
    assert "SM2 seal: over this document" in result.output


def test_a_seal_with_one_bit_changed_is_found(bundle: dict[str, bytes]) -> None:
    signature = bytearray(b64decode(json.loads(bundle["seal.sm2"])["signature"]))
    signature[40] ^= 1
    found = report(with_seal(bundle, signature=b64encode(signature).decode()))
    assert (found.verdict.code, found.is_sm2_sealed) == ("altered", False)


@pytest.mark.parametrize("changes", [{"public_key": OTHERS_KEY}, {"digest_sm3": "0" * 64}])
def test_a_seal_with_another_key_or_digest_is_found(bundle: dict[str, bytes], changes: dict[str, str]) -> None:
    found = report(with_seal(bundle, **changes))
    assert (found.verdict.code, found.is_sm2_sealed) == ("altered", False)


def test_a_seal_made_anew_by_somebody_else_is_not_the_one_in_the_ledger(bundle: dict[str, bytes]) -> None:
    signer = Sm2(sk=bytes.fromhex("11" * 32), uid=b"1234567812345678", rnd_fn=lambda _: 7)
    r, s = signer.sign(bundle["certificate.pdf"])
    found = report(with_seal(bundle, public_key=OTHERS_KEY, signature=b64encode(r + s).decode()))
    assert (found.is_sm2_sealed, found.is_in_ledger, found.verdict.code) == (True, False, "altered")


def test_one_byte_added_to_the_document_breaks_its_seal(bundle: dict[str, bytes]) -> None:
    found = report(bundle | {"certificate.pdf": bundle["certificate.pdf"] + b"\n"})
    assert (found.verdict.code, found.is_sm2_sealed) == ("altered", False)


def test_without_the_document_nothing_is_said_of_its_seal(bundle: dict[str, bytes]) -> None:
    found = report({name: content for name, content in bundle.items() if name != "certificate.pdf"})
    assert (found.verdict.code, found.is_sm2_sealed) == ("valid", None)


def test_a_file_that_is_no_seal_is_named(bundle: dict[str, bytes]) -> None:
    with pytest.raises(NotReadable, match="SM2"):
        sorted_out(with_seal(bundle, public_key="04"))
