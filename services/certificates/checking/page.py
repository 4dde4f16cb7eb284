"""The page that anyone checks a certificate on: no scripts, nothing from elsewhere, for screen readers and phones."""

from base64 import b64encode
from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Literal
from urllib.parse import parse_qsl, urlencode

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from services.certificates.checking.verdict import Code
from shared.standards.text import Language, Text

HERE = Path(__file__).parent
STYLE = (HERE / "page.css").read_text("utf-8")
_STYLE_HASH = b64encode(sha256(STYLE.encode()).digest()).decode()
POLICY = (
    f"default-src 'none'; style-src 'sha256-{_STYLE_HASH}'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
_PAGE = Environment(
    loader=FileSystemLoader(HERE), autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
).get_template("page.html")

Tone = Literal["good", "wait", "bad"]
TITLES: dict[Code, tuple[Tone, Text]] = {
    "valid": ("good", Text("真实有效", "Valid")),
    "suspended": ("wait", Text("已暂停", "Suspended")),
    "revoked": ("bad", Text("已撤销", "Revoked")),
    "superseded": ("wait", Text("已被取代", "Replaced")),
    "expired": ("wait", Text("已过期", "Expired")),
    "not_yet_valid": ("wait", Text("尚未生效", "Not valid yet")),
    "ended": ("bad", Text("已失效", "Ended")),
    "altered": ("bad", Text("已被改动", "Altered")),
    "forged": ("bad", Text("系伪造", "Forged")),
    "key_withdrawn": ("bad", Text("签发密钥已撤回", "Key withdrawn")),
    "unknown_issuer": ("bad", Text("签发机构不明", "Unknown issuer")),
    "unknown": ("bad", Text("查无此证", "Not found")),
    "malformed": ("wait", Text("无法识别", "Cannot be read")),
    "status_unknown": ("wait", Text("状态未知", "Status not known")),
}
SIGNS: dict[Tone, str] = {"good": "✓", "wait": "!", "bad": "✕"}

TEXTS: Mapping[str, Text] = {
    "heading": Text("电子证照核验", "Check an electronic certificate"),
    "lead": Text(
        "任何人均可核验，无需登录。为保护隐私，持证人信息已作遮盖。",
        "Open to everyone, without signing in. What concerns the holder is masked.",
    ),
    "identifier": Text("证照标识", "Identifier of the certificate"),
    "identifier_hint": Text(
        "印在证照上，以 1.2.156.3005.2 开头", "Printed on the certificate; it begins with 1.2.156.3005.2"
    ),
    "file": Text("证照文件", "File"),
    "file_hint": Text(
        "PDF、电子凭证或二维码内容（文本文件），不超过5 MB；核验后不保存",
        "A PDF, a credential, or the text of a QR code, 5 MB at most; it is not kept",
    ),
    "check": Text("核验", "Check"),
    "again": Text("核验另一份", "Check another one"),
    "type": Text("证照名称", "Certificate"),
    "body": Text("签发机构", "Issued by"),
    "holder": Text("持证人", "Holder"),
    "issued_on": Text("生效日期", "Valid from"),
    "valid_to": Text("有效期至", "Valid to"),
    "for_good": Text("长期", "without end"),
    "compare": Text("请将以上内容与对方出示的证照逐项比对。", "Compare this, line by line, with what is shown to you."),
    "other_language": Text("English", "中文"),
}


@dataclass(frozen=True, slots=True)
class Shown:
    """What the page says of a certificate; `lines` is empty where nothing may be told."""

    code: Code
    sentence: str
    lines: Mapping[str, str | None]  # key of TEXTS -> value


def render(shown: Shown | None, language: Language, root: str, query: str) -> str:
    """`root`: the way from the page's address to its department's; `query`: as it was asked, for the other language."""
    other: Language = "zh-CN" if language == "en" else "en"
    tone, title = TITLES[shown.code] if shown else ("good", TEXTS["heading"])
    asked = [(name, value) for name, value in parse_qsl(query) if name != "lang"]
    return _PAGE.render(
        language=language,
        other=other,
        switch="?" + urlencode([*asked, ("lang", other)]),
        root=root,
        style=STYLE,
        words={name: text.to(language) for name, text in TEXTS.items()},
        shown=shown,
        tone=tone,
        sign=SIGNS[tone],
        title=title.to(language),
    )
