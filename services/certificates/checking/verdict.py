"""What is to be said of a certificate that somebody shows. Pure; on line and off, by whatever it was recognised."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal

from shared.standards.shanghai import day_in_shanghai
from shared.standards.text import Text

Life = Literal["valid", "suspended", "revoked", "superseded"]
Listed = Literal["valid", "suspended", "ended"]  # what a status list tells: not whether revoked or superseded
Flaw = Literal["altered", "forged", "key_withdrawn", "unknown_issuer", "unknown", "malformed"]
Code = Life | Literal["expired", "not_yet_valid", "ended", "status_unknown"] | Flaw


@dataclass(frozen=True, slots=True)
class Standing:
    """How a certificate stands. `life` None: it is not known, for lack of its status list."""

    valid_from: date | None  # None: not known
    valid_to: date | None  # the last day counts; None: without end
    life: Life | Listed | None = "valid"
    since: datetime | None = None
    superseded_by: str | None = None  # identifier


@dataclass(frozen=True, slots=True)
class Verdict:
    code: Code
    since: datetime | None = None
    superseded_by: str | None = None
    slip: Text | None = None  # what is wrong with something malformed

    @property
    def holds(self) -> bool:
        return self.code == "valid"

    @property
    def text(self) -> Text:
        """A sentence that says what to do."""
        lead = self.slip or SENTENCES[self.code]
        if self.code not in ("suspended", "revoked", "superseded", "key_withdrawn"):
            return lead
        day = day_in_shanghai(self.since) if self.since else None
        by = self.superseded_by
        return Text(
            lead.zh.format(since=f"已于{day:%Y年%m月%d日}" if day else "已", by=f"（{by}）" if by else ""),
            lead.en.format(since=f" on {day}" if day else "", by=f" ({by})" if by else ""),
        )


SENTENCES: dict[Code, Text] = {
    "valid": Text("该证照真实有效。", "This certificate is genuine and in force."),
    "expired": Text("该证照真实，但已超过有效期。", "This certificate is genuine, but no longer in force."),
    "not_yet_valid": Text(
        "该证照真实，但尚未到生效日期。", "This certificate is genuine, but its first day is still to come."
    ),
    "suspended": Text(
        "该证照{since}暂停使用，恢复前请勿采信。",
        "This certificate was suspended{since}; do not rely on it until it holds again.",
    ),
    "revoked": Text("该证照{since}撤销，请勿采信。", "This certificate was revoked{since}; do not rely on it."),
    "superseded": Text(
        "该证照{since}被新版证照{by}取代，请持有人出示新版。",
        "This certificate was replaced{since} by a newer one{by}; ask the holder for that one.",
    ),
    "ended": Text(
        "该证照已撤销或已被新版取代，请勿采信。",
        "This certificate was revoked, or replaced by a newer one; do not rely on it.",
    ),
    "altered": Text(
        "内容与签发时不符，已被改动，请勿采信。",
        "This is not what was issued: it has been altered. Do not rely on it.",
    ),
    "forged": Text(
        "二维码中的签名不正确，系伪造，请勿采信。",
        "The signature in this QR code is wrong: it is forged. Do not rely on it.",
    ),
    "key_withdrawn": Text(
        "签发它的密钥{since}撤回，凭其签名不能再采信；请按证照标识核验，或请持有人重新下载凭证或二维码。",
        "The key that signed it was withdrawn{since}, so the signature proves nothing any more; check it by its "
        "identifier, or ask the holder for a fresh credential or code.",
    ),
    "unknown_issuer": Text(
        "不是由本系统认可的签发机构签发的，请勿采信，或向其所称的签发机构核实。",
        "It was not signed by an issuer known here; do not rely on it, or ask the body that it names.",
    ),
    "unknown": Text(
        "未查到该证照，请核对标识；如仍查不到，请勿采信。",
        "No such certificate was issued here; please compare the identifier, and do not rely on the paper otherwise.",
    ),
    "malformed": Text(
        "无法识别，请核对证照标识，或提交证照原件（PDF）、电子凭证或二维码内容。",
        "This cannot be read; please compare the identifier, or hand in the PDF, the credential or the QR code's text.",
    ),
    "status_unknown": Text(
        "签名正确，但离线无法获知其当前状态；请联网核验，或提供状态列表。",
        "The signatures are right, but its present status is not known off line; check on line, or give a status list.",
    ),
}


def judge(standing: Standing | None, today: date) -> Verdict:
    """None: nobody issued it. What ends it for good comes first, then what may pass."""
    if standing is None:
        return Verdict("unknown")
    if standing.life in ("revoked", "superseded", "ended"):
        return Verdict(standing.life, standing.since, standing.superseded_by)
    if standing.valid_to is not None and standing.valid_to < today:
        return Verdict("expired")
    if standing.life == "suspended":
        return Verdict("suspended", standing.since)
    if standing.valid_from is None or standing.life is None:
        return Verdict("status_unknown")
    return Verdict("valid" if standing.valid_from <= today else "not_yet_valid")
