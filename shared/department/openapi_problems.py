"""Problems as the OpenAPI document tells them: one answer a status."""

from typing import Any

from shared.department.examples import PREFIX
from shared.department.problem_texts import of_status, title_of
from shared.department.problems import MEDIA_TYPE


def problem_of(status: int) -> dict[str, Any]:
    return {"$ref": f"#/components/responses/Problem{status}"}


def problem_response(status: int) -> dict[str, Any]:
    kind = of_status(status)
    example = {
        "type": f"urn:tongban:problem:{kind.code}",
        "title": title_of(status).zh,
        "status": status,
        "detail": kind.detail.zh,
        "code": kind.code,
        "correlation_id": "01928c3e-7c1a-7d52-9f7b-2f1f6f3a9b10",
    }
    if status == 422:
        example["errors"] = [{"field": "id_number", "message": "公民身份号码应为18位，请核对后重新输入。"}]
    made: dict[str, Any] = {
        "description": f"{title_of(status).zh} / {title_of(status).en}",
        "content": {MEDIA_TYPE: {"schema": {"$ref": f"{PREFIX}Problem"}, "example": example}},
    }
    if status in (429, 503):
        made["headers"] = {
            "Retry-After": {
                "description": "多少秒后重试 / seconds until another try",
                "schema": {"type": "integer", "minimum": 0},
                "example": 2,
            }
        }
    if status == 401:
        made["headers"] = {
            "WWW-Authenticate": {"description": "RFC 6750", "schema": {"type": "string"}, "example": "Bearer"}
        }
    return made
