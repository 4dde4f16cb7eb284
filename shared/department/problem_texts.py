"""The sentences of problems that no rule of a department stands behind."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from shared.standards.text import Text


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of problem: HTTP status, code for machines, and a sentence that says what to do."""

    status: int
    code: str
    detail: Text


INVALID = Kind(
    422,
    "invalid",
    Text(
        zh="填写的内容有误，请按提示逐项更正后重新提交。",
        en="Some of what you sent is not right; please correct the fields named and send it again.",
    ),
)
JSON_BROKEN = Kind(
    400,
    "json_broken",
    Text(
        zh="请求正文不是有效的JSON，请检查后重新发送。",
        en="The body is not valid JSON; please check it and send it again.",
    ),
)
NOT_JSON = Kind(
    415,
    "media_type_not_supported",
    Text(zh="请以 application/json 格式发送请求正文。", en="Please send the body as application/json."),
)
CONFLICT = Kind(
    409,
    "concurrency_conflict",
    Text(
        zh="他人正在同时办理此事项，请刷新后重试。",
        en="Someone else was changing this at the same moment; please look again and retry.",
    ),
)
BUSY = Kind(
    503,
    "unavailable",
    Text(
        zh="系统暂时无法应答，请稍后以同一 Idempotency-Key 重试，不会重复办理。",
        en="The system cannot answer right now; retry shortly with the same Idempotency-Key and nothing is done twice.",
    ),
)
INTERNAL = Kind(
    500,
    "internal_error",
    Text(
        zh="系统出错，请稍后重试；如仍未解决，请将 correlation_id 提供给客服。",
        en="Something went wrong on our side; please retry, and if it stays, tell us the correlation_id.",
    ),
)

BAD_REQUEST = Kind(
    400, "bad_request", Text(zh="请求有误，请检查后重新发送。", en="The request is not right; please check it.")
)

_BY_STATUS: Mapping[int, Kind] = {
    kind.status: kind
    for kind in (
        BAD_REQUEST,
        NOT_JSON,
        BUSY,
        INTERNAL,
        Kind(401, "not_signed_in", Text(zh="请先登录再办理。", en="Please sign in first.")),
        Kind(403, "not_allowed", Text(zh="您没有办理此项业务的权限。", en="You may not do this.")),
        Kind(
            404,
            "no_such_address",
            Text(zh="没有这个地址，请核对网址。", en="There is no such address; please check it."),
        ),
        Kind(
            405,
            "method_not_allowed",
            Text(zh="此地址不支持该操作，请查阅接口说明 /schema。", en="This address does not do that; see /schema."),
        ),
        CONFLICT,
        INVALID,
        Kind(
            408,
            "request_timed_out",
            Text(
                zh="请求未在时限内发送完整，请检查网络后重新发送。",
                en="The request did not arrive in time; please check your connection and send it again.",
            ),
        ),
        Kind(
            413,
            "body_too_large",
            Text(
                zh="内容超过上限（一般为1 MiB，提交文件以该处说明为准），请缩小后重新发送。",
                en="This is more than may be sent (1 MiB as a rule; where files are taken it says how much); "
                "please send less.",
            ),
        ),
        Kind(
            414,
            "address_too_long",
            Text(zh="网址过长，请缩短后重试。", en="The address is too long; please shorten it."),
        ),
        Kind(
            421,
            "no_such_host",
            Text(
                zh="这里没有这个网站，请核对网址中的域名。",
                en="There is no such site here; please check the host name in the address.",
            ),
        ),
        Kind(
            431,
            "headers_too_large",
            Text(
                zh="网址或请求头过长，请缩短后重新发送。",
                en="The address or the headers are too long; please shorten them and send the request again.",
            ),
        ),
        Kind(429, "too_many", Text(zh="操作过于频繁，请稍后再试。", en="Too many requests; please wait a little.")),
    )
}

_TITLES: Mapping[int, Text] = {
    400: Text(zh="请求有误", en="Bad request"),
    401: Text(zh="尚未登录", en="Not signed in"),
    403: Text(zh="没有权限", en="Not allowed"),
    404: Text(zh="未找到", en="Not found"),
    405: Text(zh="不支持的操作", en="Method not allowed"),
    408: Text(zh="请求超时", en="Request timed out"),
    409: Text(zh="不符合办理条件", en="Refused as things stand"),
    200: Text(zh="已办理", en="Done"),
    201: Text(zh="已存储", en="Stored"),
    204: Text(zh="已办理，无内容", en="Done; nothing to say"),
    304: Text(zh="未改变", en="Not modified"),
    414: Text(zh="网址过长", en="Address too long"),
    413: Text(zh="内容过大", en="Too large"),
    415: Text(zh="格式不支持", en="Media type not supported"),
    421: Text(zh="没有这个网站", en="No such site"),
    422: Text(zh="内容有误", en="Not valid"),
    429: Text(zh="过于频繁", en="Too many requests"),
    431: Text(zh="请求头过长", en="Headers too large"),
    500: Text(zh="系统错误", en="Internal error"),
    503: Text(zh="暂时不可用", en="Unavailable for now"),
}


_REFUSED: Sequence[tuple[re.Pattern[str], Text]] = (
    (re.compile(r"not_ones_own_matter|stand_aside"), Text(zh="应当回避", en="Yours to stand aside from")),
    (
        re.compile(r"^another_|_by_another$|^not_your|^not_this_person|^not_theirs|^not_oneself"),
        Text(zh="应由他人办理", en="For somebody else to do"),
    ),
    (
        re.compile(r"^not_needed$|^not_issued_here|^not_listed_for|_elsewhere$|^not_for_|serves_no_longer"),
        Text(zh="不在此办理", en="Not done here"),
    ),
    (
        re.compile(r"changed|conflict|_since$|_meanwhile$|^not_what_it_says|mistaken"),
        Text(zh="情况已有变化", en="Changed meanwhile"),
    ),
    (
        re.compile(r"^already_|_already$|_taken$|_reused$|_used$|^repeated|^proposed|^handed_in|^later_month_closed$"),
        Text(zh="已经办理过", en="Done before"),
    ),
    (re.compile(r"_not_over$"), Text(zh="尚未到办理时间", en="Too early")),
    (
        re.compile(
            r"_over$|_closed$|expired|cancelled|retired|withdrawn|terminated|dead|died|dismissed|lapsed|^out_of_time"
        ),
        Text(zh="已经终止", en="Over"),
    ),
    (
        re.compile(r"not_yet|_known_yet|waits|^with_the_|_open$|^being_|^held$|stopped|^still_|^later_|^earlier_"),
        Text(zh="尚待办理", en="Waits for something else"),
    ),
    (re.compile(r"^too_many|_used_up$|^beyond"), Text(zh="超出限额", en="Beyond the limit")),
    (re.compile(r"^no_|^not_|^nothing_|_needed$|_missing$"), Text(zh="条件尚不具备", en="Something is missing")),
)
"""The first that a refusal's code is of."""


def of_status(status: int) -> Kind:
    """What an HTTP status without further word means."""
    return _BY_STATUS.get(status) or (INTERNAL if status >= 500 else BAD_REQUEST)


def title_of(status: int, code: str = "") -> Text:
    """What a problem is headed by. A refusal (409) is headed by its kind, which its code tells."""
    if status == 409:
        return next((title for words, title in _REFUSED if words.search(code)), _TITLES[409])
    return _TITLES.get(status) or _TITLES[500 if status >= 500 else 400]
