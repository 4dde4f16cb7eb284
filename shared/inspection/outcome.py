"""How an examination ended, and the sentence for one that was not finished."""

from collections.abc import Mapping
from typing import Literal

from shared.contracts.errors import Busy, Invalid, TongbanError
from shared.inspection.limits import MIB
from shared.standards.text import Text

Cause = Literal[
    "processor", "time", "memory", "size", "decoded", "depth", "objects", "pages", "pixels", "signatures", "failed"
]
CODE = "file_not_examined"
TOO_LARGE = "file_too_large"
BUSY = "inspector_busy"
RETRY_AFTER = 5  # seconds

CAUSES: Mapping[Cause, Text] = {
    "processor": Text("处理所需运算过多", "it takes too much processor time"),
    "time": Text("处理时间过长", "it takes too long"),
    "memory": Text("处理所需内存过多", "it takes too much memory"),
    "size": Text("读出的内容过大", "what was read from it is too much"),
    "decoded": Text("解压后的内容过大", "it unpacks to too much"),
    "depth": Text("内部结构嵌套过深", "its parts are nested too deep"),
    "objects": Text("内部对象过多", "it consists of too many objects"),
    "pages": Text("页数过多", "it has too many pages"),
    "pixels": Text("图片像素过多", "a picture in it has too many pixels"),
    "signatures": Text("签名过多", "it has too many signatures"),
    "failed": Text("读取时出错", "reading it failed"),
}


class BeyondLimits(TongbanError):
    """The file holds more than is looked at."""

    def __init__(self, cause: Cause) -> None:
        super().__init__(cause)
        self.cause = cause


def not_examined(cause: Cause, field: str = "file") -> Invalid:
    """The refusal of a file that was not, or not wholly, looked at. `field`: where it was sent."""
    why = CAUSES[cause]
    text = Text(
        f"文件无法在限定范围内完成检查：{why.zh}。请提交签发时的原始文件，或重新导出、扫描后再提交。",
        f"The file could not be examined within limits: {why.en}. "
        "Please hand in the original file, or export or scan it anew.",
    )
    return Invalid(CODE, *text, fields={field: text})


def too_large(limit: int, field: str = "file") -> Invalid:
    """`limit`: bytes that are taken."""
    most = f"{limit // MIB} MB" if limit >= MIB else f"{limit // 1000} kB"
    text = Text(f"文件不能超过{most}，请压缩后重新提交。", f"A file may have {most} at most; please make it smaller.")
    return Invalid(TOO_LARGE, *text, fields={field: text})


def busy() -> Busy:
    return Busy(
        BUSY,
        "正在检查的文件较多，请稍后重新提交。",
        "Many files are being examined right now; please send this one again in a moment.",
        retry_after=RETRY_AFTER,
    )
