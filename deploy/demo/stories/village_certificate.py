"""A tenant far from their own village needs a residence certificate for a child's schooling.

Hebei's village e-certificates: they apply from where they are, the village's clerk reviews on line, and the certificate
is there at once, as a file that anybody can check, on line and off. When its ground is gone it is revoked. Everything
is asked over HTTP, by whoever would ask it.
"""

import time
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from uuid import UUID

from deploy.demo.actors import Actor
from deploy.demo.expectations import expect_in
from deploy.demo.interruption import Interruption
from deploy.demo.scene import Scene
from deploy.demo.stories import village_checks as checks
from deploy.demo.stories import village_clerk as clerks
from deploy.demo.stories import village_paper as papers
from deploy.demo.stories import village_revocation as revocation
from deploy.demo.stories import village_tenant as tenants
from deploy.demo.stories.village_cast import REMARK, Cast
from shared.standards.text import Text

TITLE = Text("在外租住，为子女入学开居住证明", "A tenant needs a residence certificate for a child's schooling")

KILLS = MappingProxyType(
    {
        "identity": Interruption("identity", "/citizens", after=1),
        "certificates": Interruption("certificates", "/applications/{application}/approve"),
        "notification": Interruption("notification", "/applications/{application}/send-back"),
    }
)
"""Where in this story each department is best killed; the first answer of /citizens is to the mistyped number."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What the story came to."""

    tenant: Actor
    application: UUID
    certificate: UUID
    identifier: str
    fields: int  # of the form
    kept: tuple[str, ...]  # fields nobody had to type
    typed: tuple[str, ...]
    seconds: float  # from sending the application to holding the certificate
    paper: papers.Paper


async def play(scene: Scene, cast: Cast, folder: Path) -> Outcome:
    """`folder`: where the certificate is kept. Raises Unmet when something is not as it should be."""
    scene.teller.chapter(TITLE)
    scene.teller.chapter(Text("实名", "Proving who they are"))
    tenant = await tenants.signs_up(scene, cast)
    await tenants.is_told(scene, tenant, 1, Text("收到开户消息", "finds a notice that the account is open"))

    scene.teller.chapter(Text("申请", "Applying"))
    form = await tenants.opens_the_form(scene, tenant, cast)
    began = time.perf_counter()
    application = await tenants.applies(scene, tenant, cast, form)
    await tenants.is_told(scene, tenant, 2, Text("收到受理消息", "finds a notice that the application has come"))

    scene.teller.chapter(Text("审核", "Review"))
    clerk = await clerks.signs_in(scene, cast)
    await clerks.looks_at_what_waits(scene, clerk, cast, application)
    await clerks.sends_back(scene, clerk, application, form)
    notice = await tenants.is_told(
        scene, tenant, 3, Text("收到补正消息，写明哪一项、为什么", "is told which field, and why")
    )
    expect_in("notification", Text("消息写明原因", "the notice gives the reason"), REMARK, notice["body"])
    await tenants.puts_right(scene, tenant, cast, application)
    await clerks.approves(scene, clerk, application)

    scene.teller.chapter(Text("证照", "The certificate"))
    certificate = await tenants.finds_it_issued(scene, tenant, application)
    notice = await tenants.is_told(scene, tenant, 4, Text("收到签发消息", "finds a notice that it is issued"))
    held = await tenants.holds_it(scene, tenant, cast, certificate)
    identifier = held.identifier
    seconds = time.perf_counter() - began
    expect_in("notification", Text("消息写明标识", "the notice names it"), identifier, notice["body"])
    await tenants.reads(scene, tenant, notice)

    scene.teller.chapter(Text("核验", "Checking"))
    await checks.is_checked(scene, cast, identifier)
    await checks.is_found_out_when_altered(scene, identifier)

    scene.teller.chapter(Text("文件与二维码", "Document and QR code"))
    paper = await papers.is_taken_home(scene, tenant, certificate, folder)
    await papers.is_read_by_others(scene, cast.clerk.name, held.issuing_body, paper)
    await papers.is_trusted_by(scene, paper)
    status_list = await papers.is_scanned(scene, paper, identifier)
    await papers.fetches_the_status_list(scene, paper, status_list)
    await papers.is_valid_off_line(scene, paper)
    await papers.is_looked_up_by_its_code(scene, paper, "valid")
    await papers.is_found_out_when_a_byte_is_altered(scene, paper)

    scene.teller.chapter(Text("撤销", "Revoking"))
    await revocation.is_proposed(scene, clerk, certificate)
    await revocation.takes_another(scene, clerk, certificate)
    await revocation.is_confirmed(scene, cast, certificate)
    notice = await tenants.is_told(scene, tenant, 5, Text("收到撤销消息", "is told that it is revoked, and why"))
    expect_in("notification", Text("消息写明原因", "the notice gives the reason"), revocation.WHY, notice["body"])
    await revocation.is_known_to_everybody(scene, identifier, paper)
    await papers.is_looked_up_by_its_code(scene, paper, "revoked")
    await papers.fetches_the_status_list(scene, paper, status_list)
    await papers.is_over_off_line(scene, paper)
    await checks.happened_once(scene, tenant, application, certificate)
    typed = cast.typed().keys()
    return Outcome(
        tenant=tenant,
        application=application,
        certificate=certificate,
        identifier=identifier,
        fields=len(form.labels),
        kept=tuple(name for name in form.filled if name not in typed),
        typed=tuple(typed),
        seconds=seconds,
        paper=paper,
    )
