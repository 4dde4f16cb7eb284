"""Every way to say no, as application/problem+json (RFC 9457) with a sentence in the asker's language.

What goes in is an exception; what comes out never holds an inner detail, a stack or a value that was sent.
"""

import math
from collections.abc import Mapping
from traceback import walk_tb
from typing import Any

import asyncpg
import structlog
from litestar import Request, Response
from litestar._multipart import parse_multipart_form
from litestar.exceptions import HTTPException, SerializationException, ValidationException
from litestar.exceptions.http_exceptions import RequestEntityTooLarge
from pydantic import BaseModel, ValidationError

from shared.contracts import errors
from shared.department.exchange import exchange_of
from shared.department.field_errors import MISSING, FieldError, field_errors, of_parameter, path_of
from shared.department.logs import place_of
from shared.department.problem_texts import (
    BUSY,
    CONFLICT,
    INTERNAL,
    INVALID,
    JSON_BROKEN,
    NOT_JSON,
    Kind,
    of_status,
    title_of,
)
from shared.department.reading import BoundedRequest
from shared.department.unreadable import Unreadable, part_undecodable, too_large
from shared.eventstore.transient import AWAY
from shared.standards.errors import NotValid
from shared.standards.text import Language

log = structlog.get_logger(__name__)

MEDIA_TYPE = "application/problem+json"
RETRY_AFTER = 2  # seconds, when nobody knows better
RETRY_AFTER_TOO_MANY = 60

STATUS: Mapping[type[errors.Refused], int] = {
    errors.Invalid: 422,
    errors.NotSignedIn: 401,
    errors.NotAllowed: 403,
    errors.NotFound: 404,
    errors.TooMany: 429,
    errors.KeyReused: 422,
    errors.Refused: 409,
}


class Problem(BaseModel):
    """RFC 9457, with the code for machines, the correlation id for asking back and the fields to correct."""

    type: str
    title: str
    status: int
    detail: str
    code: str
    instance: str | None = None
    correlation_id: str
    errors: list[FieldError] | None = None


def answer(request: Request[Any, Any, Any], error: Exception) -> Response[bytes]:
    """Litestar's exception handler for everything."""
    exchange = exchange_of(request.scope)
    language = exchange.language
    if isinstance(error, RequestEntityTooLarge) and isinstance(request, BoundedRequest):
        error = too_large(request.limit)
    if _is_of_a_part(error):
        error = part_undecodable()
    kind, fields = kind_of(error, language, exchange.text(b"content-type"))
    if kind.status >= 500:
        _tell_operator(kind, error, exchange.correlation_id)
    exchange.refusal = kind.code
    problem = problem_of(kind, language, exchange.correlation_id)
    problem.instance = request.scope["path"] if "route_handler" in request.scope else None
    problem.errors = fields or None
    return Response(
        problem.model_dump_json(exclude_none=True).encode(),
        status_code=kind.status,
        media_type=MEDIA_TYPE,
        headers={"content-language": language, **_headers(kind.status, error)},
    )


def _is_of_a_part(error: Exception) -> bool:
    """Whether a text part of a multipart body could not be decoded. Litestar decodes by whatever charset it names."""
    if not isinstance(error, LookupError | UnicodeError):
        return False
    return any(frame.f_code is parse_multipart_form.__code__ for frame, _ in walk_tb(error.__traceback__))


def problem_of(kind: Kind, language: Language, correlation_id: str) -> Problem:
    """A problem as it is told, without the fields of one request."""
    return Problem(
        type=f"urn:tongban:problem:{kind.code}",
        title=title_of(kind.status, kind.code).to(language),
        status=kind.status,
        detail=kind.detail.to(language),
        code=kind.code,
        correlation_id=correlation_id,
    )


def kind_of(error: Exception, language: Language, content_type: str | None = None) -> tuple[Kind, list[FieldError]]:
    """Status, code and sentence of an exception, and the fields it names."""
    match error:
        case errors.Invalid():
            told = [FieldError(field=name, message=text.to(language)) for name, text in error.fields.items()]
            return Kind(422, error.code, error.text), told
        case Unreadable():
            told = [FieldError(field=name, message=text.to(language)) for name, text in error.fields.items()]
            return Kind(error.status, error.code, error.text), told
        case errors.Refused():
            status = next(STATUS[cls] for cls in type(error).__mro__ if cls in STATUS)
            return Kind(status, error.code, error.text), []
        case NotValid():
            told = [FieldError(field=error.field, message=error.text.to(language))] if error.field else []
            return Kind(422, error.code, error.text), told
        case ValidationError():
            return INVALID, field_errors(error.errors(include_input=False), language)
        case ValidationException():
            return INVALID, _fields_of(error, language)
        case HTTPException(__cause__=SerializationException()):
            is_json = content_type is None or "json" in content_type
            return (JSON_BROKEN if is_json else NOT_JSON), []
        case HTTPException():
            return of_status(error.status_code), []
        case errors.ConcurrencyConflict():
            return CONFLICT, []
        case errors.Busy():
            return Kind(503, error.code, error.text), []
        case errors.Unavailable() | errors.OfNewerRelease():
            return BUSY, []
        case asyncpg.DataError():
            return INTERNAL, []
        case _ if isinstance(error, AWAY):
            return BUSY, []
        case _:
            return INTERNAL, []


def _fields_of(error: ValidationException, language: Language) -> list[FieldError]:
    """Litestar's own validation: pydantic's errors hang beneath it, or a missing parameter, or msgspec's messages."""
    cause = error.__cause__
    if isinstance(cause, KeyError):
        return [FieldError(field=path_of(cause.args), message=MISSING.to(language))]
    if pydantic_errors := getattr(cause, "errors", None):
        return field_errors(pydantic_errors, language)
    named = [
        (str(told["key"]), str(told.get("message", "")))
        for told in error.extra or ()
        if isinstance(told, dict) and "key" in told
    ]
    return [
        FieldError(field="body", message=MISSING.to(language))
        if name == "data"
        else FieldError(field=path_of([name]), message=of_parameter(message).to(language))
        for name, message in named
    ]


def _headers(status: int, error: Exception) -> dict[str, str]:
    if status == 401:
        is_missing = isinstance(error, errors.NotSignedIn) and error.code == "token_missing"
        return {"www-authenticate": "Bearer" if is_missing else 'Bearer error="invalid_token"'}  # RFC 6750 §3
    if status == 405 and isinstance(error, HTTPException):
        return dict(error.headers or {})
    if status == 429:
        seconds = error.facts.get("retry_after") if isinstance(error, errors.Refused) else None
        return {"retry-after": str(math.ceil(seconds) if isinstance(seconds, int | float) else RETRY_AFTER_TOO_MANY)}
    if status == 503:
        return {"retry-after": str(error.retry_after if isinstance(error, errors.Busy) else RETRY_AFTER)}
    return {}


def _tell_operator(kind: Kind, error: Exception, correlation_id: str) -> None:
    if kind.status == 503:
        log.warning("request not served", error=type(error).__name__, correlation_id=correlation_id)
    else:
        log.error("request failed", correlation_id=correlation_id, **place_of(error))
