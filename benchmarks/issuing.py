"""Certificates issued one after the other, and where the time of one goes: page, signature, seal, SM2 seal, storing.

The applications are approved beforehand; keys lie sealed in PostgreSQL, as they do by default.
"""

import asyncio
import base64
import os
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime
from uuid import UUID

from uuid_utils.compat import uuid7

from benchmarks.departments import NOWHERE
from benchmarks.figures import Case, Contender, Figure, Options, in_turns, percentiles
from benchmarks.servers import Servers
from deploy.sharing import SHARING_FILE
from services.certificates.bodies import Bodies
from services.certificates.catalogue_files import catalogue
from services.certificates.certification import LocalAuthority
from services.certificates.credential.qr import qr_text
from services.certificates.document import hands, signing
from services.certificates.document.making import Signers, page_for
from services.certificates.document.rendering import Pictures, render
from services.certificates.documents import PDF, Documents, documents_of
from services.certificates.domain import forms
from services.certificates.domain.application import APPLICATION, SubmitApplication
from services.certificates.domain.certificate import Particulars, drawn_up
from services.certificates.domain.dates import day_in_china
from services.certificates.domain.review import ApproveApplication
from services.certificates.domain.reviewer import Reviewer
from services.certificates.domain.seal import SEAL, ids_for
from services.certificates.domain.seal_commands import ApplyForSeal, Keeper, Owner, RegisterSeal
from services.certificates.issuing import Issuing
from services.certificates.seal_making import SealMaking
from services.certificates.sealing import signing_pair
from services.certificates.service import SERVICE
from services.certificates.settings import CertificatesSettings
from shared.department import files
from shared.department.engine import Engine
from shared.eventstore.aggregate import Context

NOW = datetime.now(UTC)
VILLAGE = "130123100242"
TYPE = catalogue().types["residence"][-1]
ISSUER = catalogue().issuers["village", VILLAGE]
OFFICER, CITIZEN = uuid7(), uuid7()
OWNERS = (
    Owner("seal", ISSUER.name, ISSUER.credit_code, VILLAGE),
    Owner("signature", "审有民", str(OFFICER), VILLAGE),
)
KNOWN = {"person.name": "张三", "person.id_number": "130123198503120019", "person.birth_date": "1985-03-12"}
GIVEN = {"village": VILLAGE, "residence_address": "3排12号", "residence_since": "2021-09-01", "purpose": "employment"}
FORM = forms.complete(TYPE, GIVEN, KNOWN, day_in_china(NOW))
PARTS = 0.3  # of a measurement's time, for each part
PREPARED = 0.005  # seconds that issuing one takes at least: how many to approve beforehand


async def run(servers: Servers, options: Options) -> AsyncIterator[Case]:
    database = await servers.department()
    master = servers.directory / "key-master.txt"
    master.write_bytes(base64.b64encode(os.urandom(32)))
    settings = CertificatesSettings(
        database_url=database.app_url,
        database_owner_url=database.owner_url,
        nats_url=NOWHERE,
        http_port=1,
        sharing_file=SHARING_FILE,
        key_master_file=master,
    )
    async with Engine(
        SERVICE,
        database_url=settings.database_url,
        database_owner_url=settings.database_owner_url,
        nats_url=settings.nats_url,
        sharing_file=settings.sharing_file,
    ) as engine:
        documents = documents_of(engine.store, engine.pool, settings)
        await _put_seals_in_use(engine, documents)
        issuing = Issuing(engine.store, engine.pool, catalogue(), documents)
        parts = await _parts(engine, documents)

        async def whole() -> Figure:
            approved = await _approved(engine, int(options.seconds / PREPARED))
            return await _measure(lambda: issuing.issue(next(approved), NOW), options.seconds)

        lines = await in_turns(
            (
                Contender("ours", "ours", whole),
                *(
                    Contender(f"of it: {name}", "ours", lambda work=work: _measure(work, PARTS * options.seconds))  # type: ignore[misc]
                    for name, work in parts.items()
                ),
            ),
            options.rounds,
        )
    yield Case("issuing", "an approval to its certificate, one after the other", "certificates/s", lines, ())


async def _put_seals_in_use(engine: Engine, documents: Documents) -> None:
    first, second = Keeper(uuid7(), VILLAGE), Keeper(uuid7(), VILLAGE)
    keys = documents.issuer.keys
    authority = LocalAuthority(engine.store, keys)
    making = SealMaking(engine.store, keys, authority, Bodies(catalogue().issuers.values()))
    for owner in OWNERS:
        seal = next(ids_for(owner.kind, owner.code))
        await engine.store.execute(SEAL.stream(seal), SEAL, ApplyForSeal(seal, owner, first, NOW), Context())
        await making.make(seal, first, NOW, Context())
        await engine.store.execute(SEAL.stream(seal), SEAL, RegisterSeal(second, NOW), Context())


async def _approved(engine: Engine, count: int) -> Iterator[UUID]:
    """So many applications, approved and not yet issued."""
    reviewer, chain = Reviewer(OFFICER, VILLAGE), TYPE.chain(VILLAGE, ISSUER)

    async def one() -> UUID:
        id = uuid7()
        stream = APPLICATION.stream(id)
        submit = SubmitApplication(id, CITIZEN, FORM, NOW, chain)
        await engine.store.execute(stream, APPLICATION, submit, Context())
        await engine.store.execute(stream, APPLICATION, ApproveApplication(reviewer, NOW), Context())
        return id

    return iter(await asyncio.gather(*(one() for _ in range(count))))


async def _parts(engine: Engine, documents: Documents) -> dict[str, Callable[[], Awaitable[object]]]:
    """What a document takes, each part on the outcome of the one before."""
    pair = await signing_pair(engine.pool, engine.store, issuer_code=ISSUER.credit_code, reviewer=OFFICER, now=NOW)
    signers, keys = Signers(OFFICER, *pair), documents.issuer.keys
    says = drawn_up(Particulars(uuid7(), CITIZEN, TYPE, ISSUER, "1", FORM.values, day_in_china(NOW), NOW))
    page = page_for(says, TYPE, signers, await qr_text(documents.issuer, says))
    pictures = Pictures(signers.signature.image, signers.seal.image)
    drawn = render(page, pictures, TYPE.template, NOW)
    signed = await signing.sign(drawn, keys, signers.signature, hands.REVIEWER, NOW)
    sealed = await signing.sign(signed, keys, signers.seal, hands.SEAL, NOW)
    number = iter(range(10**9))
    return {
        "QR statement": lambda: qr_text(documents.issuer, says),
        "page": lambda: asyncio.to_thread(
            render, replace(page, number=str(next(number))), pictures, TYPE.template, NOW
        ),
        "reviewer's signature": lambda: signing.sign(drawn, keys, signers.signature, hands.REVIEWER, NOW),
        "body's seal": lambda: signing.sign(signed, keys, signers.seal, hands.SEAL, NOW),
        "SM2 seal": lambda: keys.sign(signers.seal.sm2_key, sealed),
        "storing the file": lambda: files.put(engine.pool, PDF, sealed + str(next(number)).encode()),
    }


async def _measure(once: Callable[[], Awaitable[object]], seconds: float) -> Figure:
    took: list[float] = []
    begun = now = time.perf_counter()
    while now - begun < seconds:
        before = now
        await once()
        now = time.perf_counter()
        took.append(now - before)
    return Figure(len(took) / (now - begun), *percentiles(took))
