"""The certificate as a file in a folder, and what anybody finds out about it without asking a department."""

import asyncio
import shutil
from dataclasses import dataclass
from pathlib import Path
from uuid import UUID

from deploy.cli.check_work import report_on
from deploy.demo.actors import Actor
from deploy.demo.expectations import expect
from deploy.demo.scene import Scene
from deploy.demo.stories.village_checks import ANYONE
from deploy.qr_codes import codes_in
from services.certificates.checking.offline import Report
from services.certificates.credential.qr import statement_in
from shared.standards.text import Text

DEPARTMENT = "certificates"
PUBLIC = {"jwks.json": "/.well-known/jwks.json", "root.pem": "/trust/root.pem"}
STATUS_LIST = "status-list.jwt"
VALID_SIGNATURE = "Signature Validation: Signature is Valid."  # pdfsig


@dataclass(frozen=True, slots=True)
class Paper:
    """A folder with the certificate, and one beside it with what it is checked with: fetched once, asked never."""

    folder: Path

    @property
    def file(self) -> Path:
        return self.folder / "certificate.pdf"

    @property
    def altered(self) -> Path:
        return self.folder / "certificate-altered.pdf"

    @property
    def trust(self) -> Path:
        return self.folder / "trust"


async def is_taken_home(scene: Scene, tenant: Actor, certificate: UUID, folder: Path) -> Paper:
    paper = Paper(folder)
    paper.trust.mkdir(parents=True, exist_ok=True)
    answer = await tenant.get(DEPARTMENT, "/certificates/{certificate}/document", certificate=certificate)
    answer.must()
    paper.file.write_bytes(answer.content)
    size = f"{len(answer.content) / 1024:.0f} kB"
    sentence = Text(f"存下证照文件（{size}）：{paper.file}", f"keeps the document, {size}: {paper.file}")
    await scene.tell(tenant, sentence, answer)
    return paper


async def is_read_by_others(scene: Scene, reviewer: str, body: str, paper: Paper) -> None:
    """By poppler's pdfsig, where it is installed. `reviewer` and `body` are whom it is to name."""
    pdfsig = shutil.which("pdfsig")
    if pdfsig is None:
        scene.say(
            Text(
                "本机没有安装pdfsig（poppler-utils），这一步未做；以下仅由本系统核验",
                "pdfsig (poppler-utils) is not installed here: not tried; what follows is checked by our own programs",
            )
        )
        return
    process = await asyncio.create_subprocess_exec(
        pdfsig, "-nocert", str(paper.file), stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.DEVNULL
    )
    said = (await process.communicate())[0].decode()
    expect(DEPARTMENT, Text("pdfsig认可的签名数", "signatures that pdfsig finds valid"), 2, said.count(VALID_SIGNATURE))
    named = [line.partition("Common Name: ")[2] for line in said.splitlines() if "Common Name: " in line]
    expect(DEPARTMENT, Text("pdfsig读出的签名者", "signers that pdfsig names"), [reviewer, body], named)
    scene.say(
        Text(
            f"pdfsig（poppler，非本系统程序）：两处签名均有效，先{reviewer}，后{body}",
            "pdfsig (poppler's, not ours): both signatures are valid, the reviewer's and the village's",
        ),
        ANYONE,
    )


async def is_trusted_by(scene: Scene, paper: Paper) -> None:
    """The issuer's keys and the root of seals, which anybody may fetch beforehand."""
    anyone = scene.actor(ANYONE)
    for name, route in PUBLIC.items():
        answer = await anyone.get(DEPARTMENT, route)
        answer.must()
        (paper.trust / name).write_bytes(answer.content)
    sentence = Text(f"事先取得签发公钥和根证书：{paper.trust}", f"fetched keys and root beforehand: {paper.trust}")
    await scene.tell(anyone, sentence, answer)


async def fetches_the_status_list(scene: Scene, paper: Paper, address: str) -> None:
    """`address`: how it ends, as the QR code says."""
    anyone = scene.actor(ANYONE)
    answer = await anyone.get(DEPARTMENT, "/status-lists/{number}", number=address.rpartition("/")[2])
    answer.must()
    (paper.trust / STATUS_LIST).write_bytes(answer.content)
    sentence = Text("取得当前的状态列表", "fetches the status list as it is now, which tells of nobody whose it is")
    await scene.tell(anyone, sentence, answer)


async def is_scanned(scene: Scene, paper: Paper, identifier: str) -> str:
    """From a picture of the page, as a phone sees it; what it says is checked off line. Its status list's address."""
    codes = await asyncio.to_thread(codes_in, paper.file.read_bytes())
    expect(DEPARTMENT, Text("页面上的二维码数", "QR codes on the page"), 1, len(codes))
    scanned = paper.folder / "qr.txt"
    scanned.write_text(codes[0])
    report = await _is_checked(scanned, paper, "status_unknown")
    expect(DEPARTMENT, Text("二维码所说的证照", "what the QR code is of"), identifier, report.facts.identifier)
    assert report.facts.status is not None  # its status is unknown, not without a list
    scene.say(
        Text(
            f"把页面渲染成图片，扫出二维码；断网核验：签名正确，持证人{report.facts.holder}，状态须看状态列表",
            "scans the QR code from a picture of the page, and checks it off line: the signature is right; its status "
            "needs the status list",
        ),
        ANYONE,
    )
    return report.facts.status[0]


async def is_valid_off_line(scene: Scene, paper: Paper) -> None:
    report = await _is_checked(paper.file, paper, "valid")
    kinds = sorted(str(part.kind) for part in report.parts.values())
    expect(DEPARTMENT, Text("核验的部分", "parts that were checked"), ["document", "qr"], kinds)
    scene.say(
        Text(
            f"tongban check --trust {paper.trust} {paper.file}：文件与二维码一致，有效",
            f"tongban check --trust {paper.trust} {paper.file}: document and QR code agree, valid",
        ),
        ANYONE,
    )


async def is_found_out_when_a_byte_is_altered(scene: Scene, paper: Paper) -> None:
    true = paper.file.read_bytes()
    at = len(true) // 2
    altered = true[:at] + bytes([true[at] ^ 1]) + true[at + 1 :]
    paper.altered.write_bytes(altered)
    await _is_checked(paper.altered, paper, "altered")
    anyone = scene.actor(ANYONE)
    answer = await anyone.hand_in(DEPARTMENT, "/check", altered)
    expect(DEPARTMENT, Text("改动一字节的文件", "a document with one byte altered"), "altered", answer.must()["status"])
    sentence = Text(
        f"{len(true)}字节中改动1字节，断网、联网都当场识破：“{answer.body['message']}”",
        f"alters one byte of {len(true)}: found out, off line and on line",
    )
    await scene.tell(anyone, sentence, answer)


async def is_over_off_line(scene: Scene, paper: Paper) -> None:
    await _is_checked(paper.file, paper, "ended")
    scene.say(
        Text(
            "凭新的状态列表断网核验同一文件：已失效",
            "checks the same file off line by the new status list: it has ended",
        ),
        ANYONE,
    )


async def is_looked_up_by_its_code(scene: Scene, paper: Paper, expected: str) -> None:
    """What a phone's browser opens when it scans the page."""
    anyone = scene.actor(ANYONE)
    code = statement_in((paper.folder / "qr.txt").read_text())
    answer = await anyone.get(DEPARTMENT, "/check?c={code}", code=code)
    expect(DEPARTMENT, Text("扫码核验", "the scanned code, checked"), expected, answer.must()["status"])
    sentence = Text(f"扫码联网核验：“{answer.body['message']}”", f"opens the scanned address on line: {expected}")
    await scene.tell(anyone, sentence, answer)


async def _is_checked(file: Path, paper: Paper, expected: str) -> Report:
    """As `tongban check` does, with nothing but files."""
    report = await asyncio.to_thread(report_on, file, [paper.trust])
    expect(DEPARTMENT, Text(f"断网核验{file.name}", f"{file.name}, off line"), expected, report.verdict.code)
    return report
