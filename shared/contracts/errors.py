"""Every way Tongban says no, grouped by who must act. The docstring of a class is its meaning.

Each group has one answer at each edge: a problem+json in HTTP, a stop-and-retry or a park in a subscription.
Sentences are for people: they say what to do, in Chinese and English, and never repeat personal data.
"""

from collections.abc import Mapping

from shared.standards.text import Text


class TongbanError(Exception):
    """Root of everything Tongban raises on purpose."""


# The caller must act


class Refused(TongbanError):
    """The rules say no to this request as things stand (409). `code` is for machines, `text` for people."""

    def __init__(self, code: str, zh: str, en: str, **facts: object) -> None:
        super().__init__(f"{code}: {en}")
        self.code = code
        self.text = Text(zh=zh, en=en)
        self.facts: Mapping[str, object] = facts


class Invalid(Refused):
    """What was sent cannot be right, whatever the state (422). `fields` names what to correct."""

    def __init__(
        self, code: str, zh: str, en: str, *, fields: Mapping[str, Text] | None = None, **facts: object
    ) -> None:
        super().__init__(code, zh, en, **facts)
        self.fields = dict(fields or {})


class NotSignedIn(Refused):
    """No valid token came with the request (401)."""


class NotAllowed(Refused):
    """The caller is known and may not do this (403)."""


class NotFound(Refused):
    """Nothing of that name that the caller may see (404)."""


class TooMany(Refused):
    """Too often in too short a time (429)."""


class KeyReused(Refused):
    """An Idempotency-Key came back with another request (422)."""

    def __init__(self) -> None:
        super().__init__(
            "idempotency_key_reused",
            "该 Idempotency-Key 已用于另一项请求；请为新请求换一个新的键。",
            "This Idempotency-Key was used for another request; send a new key with a new request.",
        )


# Try again


class ConcurrencyConflict(TongbanError):
    """Someone else wrote this stream first: load it anew and decide again."""


class Unavailable(TongbanError):
    """A part we need does not answer now (database, broker); whether the last step took effect may be unknown."""


class Busy(Unavailable):
    """A part of ours has its hands full, and nothing was done (503): the same again after `retry_after` seconds."""

    def __init__(self, code: str, zh: str, en: str, *, retry_after: int) -> None:
        super().__init__(f"{code}: {en}")
        self.code = code
        self.text = Text(zh=zh, en=en)
        self.retry_after = retry_after


# The operator must act


class Poison(TongbanError):
    """A stored or received event cannot be read or handled; repeating will not help."""


class OfNewerRelease(Poison):
    """An event is of a type or schema that only a newer release has: ask an instance of that one (503)."""


class Misconfigured(TongbanError):
    """A setting is missing or wrong; the message names it."""


class Away(Misconfigured, Unavailable):
    """A setting that may be put right while we run, and is read again then: a file of keys (503). Nothing is wrong with
    the request or the event that met it."""


# The developer must act


class Broken(TongbanError):
    """An invariant of the code itself does not hold."""
