"""The number of a certificate: claimed, so that nobody else has it."""

from datetime import date
from uuid import UUID

from services.certificates.domain.certificate_type import CertificateType
from services.certificates.domain.serials import OF_ALL, SERIAL, ClaimSerial, candidates, claim_id, own_numbers
from shared.contracts.errors import Broken
from shared.eventstore.aggregate import Context
from shared.eventstore.store import Store


async def claim_number(
    store: Store, type: CertificateType, issuer: tuple[str, str], subject: UUID, day: date, context: Context
) -> str:
    """The first of the numbers that may be the subject's, an application's or a certificate's, and nobody had before.

    `issuer`: credit code and division.
    """
    code, division = issuer
    if type.numbering:
        numbers, series = own_numbers(subject, type.numbering.letter, division), OF_ALL
    else:
        numbers, series = candidates(subject, day), code
    for number in numbers:
        stream = SERIAL.stream(claim_id(series, type.type_code, number))
        claim = await store.execute(stream, SERIAL, ClaimSerial(subject), context)
        if claim.state == subject:
            return number
    raise Broken("candidates came to an end")
