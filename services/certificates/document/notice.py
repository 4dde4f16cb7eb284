"""The page of a refusal's notice: a letter to one person, of a template of its own. Pure but for `render_notice`."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from uuid import UUID

from services.certificates.document.glyphs import require_glyphs
from services.certificates.document.page import in_chinese
from services.certificates.document.rendering import TEMPLATES, Pictures
from services.certificates.domain.certificate_type import CertificateType
from services.certificates.domain.dates import day_in_china
from services.certificates.domain.issuer import Issuer
from shared.department.typeset import typeset
from shared.standards.text import Text


@dataclass(frozen=True, slots=True)
class NoticePage:
    title: Text
    number: str
    certificate: Text  # what is not given
    name: str
    id_number: str
    reason: str
    issuing_body: str
    issued_on: str
    reviewer: str

    def require_glyphs(self) -> None:
        """Raises Invalid "missing_glyph" for the first text that cannot be drawn."""
        require_glyphs(
            [
                ("name", Text("姓名", "name"), self.name + self.id_number),
                ("reason", Text("理由", "reason"), self.reason),
                ("issuing_body", Text("出具机关", "issuing body"), self.issuing_body),
                ("reviewer", Text("经办人", "reviewer"), self.reviewer),
            ]
        )


def notice_page(
    notice: UUID,
    type: CertificateType,
    form: Mapping[str, str],
    reason: str,
    issuer: Issuer,
    reviewer: str,
    at: datetime,
) -> NoticePage:
    assert type.refusal_notice is not None
    return NoticePage(
        title=type.refusal_notice,
        number=str(notice),
        certificate=type.name,
        name=form[type.holder_name],
        id_number=form[type.holder_code],
        reason=reason,
        issuing_body=issuer.name,
        issued_on=in_chinese(day_in_china(at)),
        reviewer=reviewer,
    )


def render_notice(page: NoticePage, pictures: Pictures, at: datetime) -> bytes:
    """Raises Broken when the page cannot be set. Blocks: call it in a thread."""
    data = asdict(page) | {"handwriting": pictures.handwriting.decode(), "seal": pictures.seal.decode()}
    return typeset(TEMPLATES / "notice.typ", data, at)
