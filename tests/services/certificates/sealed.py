"""Seals and signatures in use, for tests that issue."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from services.certificates.catalogue_files import catalogue
from services.certificates.certification import LocalAuthority, Subject
from services.certificates.domain.dates import years_after
from services.certificates.domain.seal import SEAL, ids_for
from services.certificates.domain.seal_commands import ApplyForSeal, Keeper, MakeSeal, Owner, RegisterSeal
from services.certificates.keys import keys_of, signing_key, sm2_key
from services.certificates.settings import CertificatesSettings
from services.certificates.x509 import Validity
from shared.department import files
from shared.eventstore.aggregate import Context
from tests.department import Department
from tests.services.certificates.examples import (
    COLLEAGUE,
    NOW,
    OTHER_VILLAGE,
    REVIEWER,
    VILLAGE,
)

ROUND = b"""<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 100 100">
<circle cx="50" cy="50" r="47" fill="none" stroke="#d00" stroke-width="3"/>
<path d="M50 35 L59 62 L36 45 L64 45 L41 62Z" fill="#d00"/></svg>"""
STROKE = b"""<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 120 40">
<path d="M5 30 C 20 0, 30 40, 50 15 S 80 35, 110 10" fill="none" stroke="#000" stroke-width="2"/></svg>"""

COUNTY = "130123000000"
KEEPER = Keeper(UUID("0192c000-0000-7000-8000-000000000011"), COUNTY)
OTHER_KEEPER = Keeper(UUID("0192c000-0000-7000-8000-000000000012"), COUNTY)
SEALS = tuple(
    Owner("seal", body.name, body.credit_code, body.division)
    for body in catalogue().bodies
    if body.division in (VILLAGE, OTHER_VILLAGE)
)


def signature_of(reviewer: UUID) -> Owner:
    return Owner("signature", "审有民" if reviewer == REVIEWER.id else "同有事", str(reviewer), COUNTY)


OWNERS = (*SEALS, signature_of(REVIEWER.id), signature_of(COLLEAGUE.id))


async def give_seals(department: Department, owners: Sequence[Owner] = OWNERS) -> dict[str, UUID]:
    """Both villages' seals and the reviewers' signatures: registered at `NOW`, for ten years. Their ids by owner."""
    return {owner.code: await put_in_use(department, owner) for owner in owners}


async def put_in_use(department: Department, owner: Owner, *, at: datetime = NOW, years: int = 10) -> UUID:
    engine, settings = department.engine, department.settings
    assert isinstance(settings, CertificatesSettings)
    seal = next(ids_for(owner.kind, owner.code))
    keys = keys_of(engine.pool, settings)
    key, sm2 = await keys.make(signing_key(seal), "ES256"), await keys.make(sm2_key(seal), "SM2")
    validity = Validity(at, years_after(at, years))
    subject = Subject(seal, owner.kind, owner.name, owner.code, owner.name)
    certified = await LocalAuthority(engine.store, keys).certify(subject, key, validity, at)
    make = MakeSeal(
        certificate=certified.certificate,
        issuer=certified.issuer,
        sm2_public_key=sm2.text,
        image=await files.put(engine.pool, "image/svg+xml", ROUND if owner.kind == "seal" else STROKE),
        valid_from=validity.begin,
        valid_to=validity.end,
        keeper=KEEPER,
        now=at,
    )
    for command in (ApplyForSeal(seal, owner, KEEPER, at), make, RegisterSeal(OTHER_KEEPER, at)):
        await engine.store.execute(SEAL.stream(seal), SEAL, command, Context())
    return seal
