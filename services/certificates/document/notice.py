"""The page of a refusal's notice: a letter to one person, of a template of its own. Pure but for `render_notice`."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime

from services.certificates.document.glyphs import require_glyphs
from services.certificates.document.page import in_chinese
from services.certificates.document.rendering import TEMPLATES, Pictures
from services.certificates.domain.certificate_type import CertificateType
from services.certificates.domain.dates import day_in_china
from services.certificates.domain.issuer import Issuer
from services.certificates.domain.remedy import RefusalTerms, Remedy, title_of
from shared.department.typeset import typeset
from shared.standards.text import Text


@dataclass(frozen=True, slots=True)
class NoticePage:
    title: str
    number: str  # 文号
    certificate: str  # what is not given
    name: str
    id_number: str
    accepted_on: str
    organ: str  # what the body calls itself: 本机关, 本村（居）民委员会
    verb: str  # 不予出具
    reason: str
    provisions: Sequence[str]
    remedy: str
    is_private: bool  # for the applicant alone
    issuing_body: str
    issued_on: str
    reviewer: str

    def require_glyphs(self) -> None:
        """Raises Invalid "missing_glyph" for the first text that cannot be drawn."""
        require_glyphs(
            [
                ("name", Text("姓名", "name"), self.name + self.id_number),
                ("reason", Text("理由", "reason"), self.reason),
                ("provisions", Text("依据条款", "provisions"), "".join(self.provisions)),
                ("issuing_body", Text("作出机关", "issuing body"), self.issuing_body),
                ("reviewer", Text("经办人", "reviewer"), self.reviewer),
            ]
        )


@dataclass(frozen=True, slots=True)
class Refusal:
    """What is told by a notice."""

    type: CertificateType
    form: Mapping[str, str]
    accepted_at: datetime
    reason: str
    terms: RefusalTerms
    remedy: Remedy  # of the class of the body that refuses
    body: Issuer


def notice_page(of: Refusal, number: str, reviewer: str, at: datetime) -> NoticePage:
    return NoticePage(
        title=title_of(of.remedy, of.type).zh,
        number=number,
        certificate=of.type.name.zh,
        name=of.form[of.type.holder_name],
        id_number=of.form[of.type.holder_code],
        accepted_on=in_chinese(day_in_china(of.accepted_at)),
        organ=ORGANS.get(of.body.issuer_class, "本机关"),
        verb=of.remedy.verb.zh,
        reason=of.reason,
        provisions=tuple(of.terms.provisions),
        remedy=of.terms.remedy.zh,
        is_private=of.type.refusal_notice is not None,
        issuing_body=of.body.name,
        issued_on=in_chinese(day_in_china(at)),
        reviewer=reviewer,
    )


ORGANS = {"village": "本村（居）民委员会", "health": "本机构"}


def render_notice(page: NoticePage, pictures: Pictures, at: datetime) -> bytes:
    """Raises Broken when the page cannot be set. Blocks: call it in a thread."""
    data = asdict(page) | {"handwriting": pictures.handwriting.decode(), "seal": pictures.seal.decode()}
    return typeset(TEMPLATES / "notice.typ", data, at)
