"""A sealed PDF at the public door: as it was issued, with a byte changed, or sealed by somebody else."""

import io
import zipfile
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from typer.testing import CliRunner

from deploy.cli.main import app
from deploy.qr_codes import codes_in
from deploy.secrets import new_signing_key, write_private
from services.certificates.service import SERVICE
from shared.contracts.certificates import CertificateRevoked
from tests.databases import Databases
from tests.department import running
from tests.services.certificates.examples import COMMITTEE, ZHANG
from tests.services.certificates.issued import NOW, append
from tests.services.certificates.office import Office, apply
from tests.until import until


@dataclass(frozen=True)
class Sealed:
    """A certificate that was applied for, approved, drawn and sealed; its bundle; and a stranger's document."""

    office: Office
    identifier: str
    certificate: str
    bundle: dict[str, bytes]
    strangers: bytes

    async def checked(self, content: bytes) -> tuple[str, str | None]:
        """Reason code, and whose it is."""
        anyone = await self.office.anyone()
        answer = await anyone.post("/check", files={"file": ("certificate.pdf", content)})
        assert answer.status_code == 200, answer.text
        return answer.json()["status"], answer.json()["holder"]


@pytest.fixture(scope="module")
async def sealed(databases: Databases, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Sealed]:
    key_file = tmp_path_factory.mktemp("key") / "ledger.pem"
    write_private(key_file, new_signing_key())
    async with (
        databases.fresh() as elsewhere,
        running(SERVICE, elsewhere) as stranger,
        Office(stranger) as their_office,
        databases.fresh() as database,
        running(SERVICE, database, ledger_key_file=key_file) as department,
        Office(department) as office,
    ):
        _, _, theirs = await issued(their_office)
        identifier, certificate, bundle = await issued(office)
        yield Sealed(office, identifier, certificate, bundle, theirs["certificate.pdf"])


async def issued(office: Office) -> tuple[str, str, dict[str, bytes]]:
    citizen, reviewer = await office.citizen(), await office.reviewer()
    application = await apply(citizen)
    assert (await reviewer.post(f"/applications/{application}/approve")).status_code == 200
    [certificate] = (await citizen.get("/certificates")).json()["certificates"]

    async def bundle() -> bytes | None:
        answer = await citizen.get(f"/certificates/{certificate['certificate']}/bundle")
        return answer.content if answer.status_code == 200 else None

    with zipfile.ZipFile(io.BytesIO(await until(bundle))) as archive:
        return (
            certificate["identifier"],
            certificate["certificate"],
            {name: archive.read(name) for name in archive.namelist()},
        )


async def test_a_sealed_document_is_valid(sealed: Sealed) -> None:
    assert await sealed.checked(sealed.bundle["certificate.pdf"]) == ("valid", "张*")


async def test_a_changed_byte_is_found_wherever_it_is(sealed: Sealed) -> None:
    true = sealed.bundle["certificate.pdf"]
    for place in range(200, len(true), len(true) // 25):
        changed = true[:place] + bytes([true[place] ^ 1]) + true[place + 1 :]
        status, holder = await sealed.checked(changed)
        assert (status in ("altered", "unknown_issuer"), holder) == (True, None), place
    assert await sealed.checked(true + b"\n") == ("altered", None)


async def test_a_document_that_others_sealed_is_of_an_unknown_issuer(sealed: Sealed) -> None:
    """Its roots are not ours, whatever names it bears."""
    assert await sealed.checked(sealed.strangers) == ("unknown_issuer", None)


async def test_the_code_on_the_page_is_the_one_that_is_checked(sealed: Sealed) -> None:
    [code] = codes_in(sealed.bundle["certificate.pdf"])
    assert code.encode() == sealed.bundle["qr.txt"]
    anyone = await sealed.office.anyone()
    told = (await anyone.get("/check", params={"c": code.partition("c=")[2]})).json()
    assert (told["status"], told["identifier"], told["issuing_body"]) == ("valid", sealed.identifier, COMMITTEE)


def offline(tmp_path: Path, sealed: Sealed, content: bytes, *trusted: str) -> tuple[int, str]:
    """Exit code and what is said first."""
    file, trust = tmp_path / "certificate.pdf", tmp_path / "trust"
    file.write_bytes(content)
    trust.mkdir(exist_ok=True)
    for name in trusted:
        (trust / name).write_bytes(sealed.bundle[name])
    result = CliRunner().invoke(app, ["check", str(file), "--trust", str(trust)])
    return result.exit_code, result.output.partition(":")[0]


def test_the_document_alone_is_checked_off_line(sealed: Sealed, tmp_path: Path) -> None:
    true = sealed.bundle["certificate.pdf"]
    everything = ("root.pem", "jwks.json", "status-list.jwt")
    assert offline(tmp_path, sealed, true, *everything) == (0, "valid")
    assert offline(tmp_path, sealed, sealed.strangers, *everything) == (1, "unknown_issuer")
    changed = true[:5000] + bytes([true[5000] ^ 1]) + true[5001:]
    assert offline(tmp_path, sealed, changed, *everything)[0] == 1


async def test_a_revoked_document_is_said_to_be_revoked(sealed: Sealed) -> None:
    """The last test of this certificate."""
    revoked = CertificateRevoked(
        certificate=sealed.certificate,
        citizen=ZHANG,
        certificate_type="residence",
        identifier=sealed.identifier,
        reason="issued_in_error",
        explanation="误发",
        revoked_at=NOW,
    )
    await append(sealed.office.department, revoked.certificate, revoked)
    assert await sealed.checked(sealed.bundle["certificate.pdf"]) == ("revoked", "张*")
