"""That the notice of a refusal was made: part of an application's history, not told in any feed."""

from datetime import datetime
from uuid import UUID

from shared.contracts.event import Event


class NoticeIssued(Event):
    """Private. Hashes are SHA-256, 64 hexadecimal digits."""

    application: UUID
    notice: UUID
    issuing_body: str  # full legal name
    issuing_body_code: str  # GB 32100
    reviewer: UUID
    signature: UUID
    seal: UUID
    document: str  # hash of the PDF
    sm2_seal: str  # over the PDF, base64
    issued_at: datetime
    number: str = ""  # 文号; empty: of an earlier release, whose notices bear their id
