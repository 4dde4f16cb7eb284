"""The department's rooms, named."""

from datetime import timedelta
from functools import partial

from services.certificates.api import ROUTES
from services.certificates.case_items import ASKED, ITEM_DESK, CaseItems
from services.certificates.catalogue_files import catalogue
from services.certificates.dismissing import Dismissing
from services.certificates.documents import documents_of
from services.certificates.domain.application_overdue import ApplicationOverdue
from services.certificates.domain.authority import AuthorityFounded
from services.certificates.domain.catalogue_version import CatalogueVersionPublished
from services.certificates.domain.evidence import EvidenceStored, EvidenceSwept
from services.certificates.domain.guardian import GuardianshipEnded
from services.certificates.domain.issuer_key import PRIVATE_KEY_EVENTS
from services.certificates.domain.life_events import PRIVATE_LIFE_EVENTS, CorrectionDecided
from services.certificates.domain.notice_issued import NoticeIssued
from services.certificates.domain.printing import CertificatePrinted
from services.certificates.domain.refilling import ApplicationRefilled
from services.certificates.domain.seal_use import SealUsed
from services.certificates.domain.serials import SerialClaimed
from services.certificates.domain.status_entry import StatusEntryClaimed
from services.certificates.domain.upload_day import UploadCounted
from services.certificates.erasing import ERASURE
from services.certificates.escalating import Escalating
from services.certificates.facts.asked_about import ASKED_ABOUT
from services.certificates.facts.entitlement import askable_facts
from services.certificates.facts.question import PRIVATE_FACT_EVENTS
from services.certificates.facts.register_entries import REGISTER_ENTRIES
from services.certificates.following import Following
from services.certificates.gauges import GAUGES
from services.certificates.inspection.jobs import JOBS
from services.certificates.issuing import Issuing
from services.certificates.keys import keys_of
from services.certificates.noticing import Noticing
from services.certificates.read_models.acting_guardians import ACTING_GUARDIANS
from services.certificates.read_models.births import BIRTHS
from services.certificates.read_models.catalogue_versions import CATALOGUE_VERSIONS
from services.certificates.read_models.certificates import CERTIFICATES as ISSUED_CERTIFICATES
from services.certificates.read_models.changes import CHANGES
from services.certificates.read_models.citizens import CITIZENS
from services.certificates.read_models.holdings import HOLDINGS
from services.certificates.read_models.my_applications import MY_APPLICATIONS
from services.certificates.read_models.people import PEOPLE
from services.certificates.read_models.review_queue import REVIEW_QUEUE
from services.certificates.read_models.seal_certificates import SEAL_CERTIFICATES
from services.certificates.read_models.seal_uses import SEAL_USES
from services.certificates.read_models.seals import SEALS
from services.certificates.read_models.status_list import STATUS_LIST
from services.certificates.read_models.terminated_reviews import TERMINATED_REVIEWS
from services.certificates.read_models.to_escalate import TO_ESCALATE
from services.certificates.read_models.to_issue import TO_ISSUE
from services.certificates.read_models.to_notify import TO_NOTIFY
from services.certificates.read_models.to_replace import TO_REPLACE
from services.certificates.read_models.uploads import UPLOADS
from services.certificates.read_models.workload import WORKLOAD
from services.certificates.replacing import Replacing
from services.certificates.settings import CertificatesSettings
from services.certificates.sweeping_uploads import EVERY, SweepingUploads
from services.certificates.timers import TIMERS
from services.certificates.unguarding import Unguarding
from shared.contracts.certificates import CERTIFICATES, CertificateIssued, CertificateSuperseded
from shared.contracts.identity import GuardiansNamed, StaffDismissed
from shared.department.engine import Engine
from shared.department.mandates import MANDATES
from shared.department.powers import powers_beside
from shared.department.service import Service
from shared.department.settings import Settings
from shared.department.sweeping import keep_sweeping
from shared.eventstore.wake import Wake
from shared.inspection.inspector import Inspector
from shared.messaging.asked_item import PRIVATE_ITEM_EVENTS
from shared.messaging.erasure_request import PRIVATE_ERASURE_EVENTS


async def keep_issuing(engine: Engine, settings: Settings) -> None:
    """Raises Misconfigured when the catalogue this release ships is not right."""
    assert isinstance(settings, CertificatesSettings)
    documents = documents_of(engine.store, engine.pool, settings)
    # whoever approves, refuses or corrects sees to what follows; the sweeps, to what was broken off
    issuing = Issuing(engine.store, engine.pool, catalogue(), documents)
    engine.add_duty(partial(keep_sweeping, Wake(), issuing.sweep))
    noticing = Noticing(engine.store, engine.pool, catalogue(), keys_of(engine.pool, settings))
    engine.add_duty(partial(keep_sweeping, Wake(), noticing.sweep))
    dismissing = Dismissing(engine.store, engine.pool)
    engine.add_duty(partial(keep_sweeping, engine.waking(StaffDismissed), dismissing.sweep))


async def keep_answering_cases(engine: Engine, _settings: Settings) -> None:
    desk = CaseItems(engine.store, engine.pool, catalogue()).desk()
    engine.add_duty(partial(desk.keep_working, engine.waking(*ITEM_DESK.events)))


async def keep_escalating(engine: Engine, _settings: Settings) -> None:
    escalating = Escalating(engine.store, engine.pool)
    engine.add_duty(partial(keep_sweeping, engine.waking(ApplicationOverdue), escalating.sweep))


async def examine_files(engine: Engine, settings: Settings) -> None:
    assert isinstance(settings, CertificatesSettings)
    engine.use_inspector(Inspector(JOBS, workers=settings.inspectors, waiting=settings.inspections_waiting))


async def keep_sweeping_uploads(engine: Engine, settings: Settings) -> None:
    assert isinstance(settings, CertificatesSettings)
    sweeping = SweepingUploads(engine.store, timedelta(days=settings.unused_upload_days))
    engine.add_duty(partial(keep_sweeping, Wake(), sweeping.sweep, every=EVERY))


async def keep_living(engine: Engine, settings: Settings) -> None:
    """Raises Misconfigured when the facts that may be asked are not right."""
    askable_facts()
    assert isinstance(settings, CertificatesSettings)
    documents = documents_of(engine.store, engine.pool, settings)
    following = Following(engine.store, engine.pool, catalogue())
    replacing = Replacing(engine.store, engine.pool, catalogue(), documents)
    engine.add_duty(partial(keep_sweeping, engine.waking(*CHANGES.events, CertificateSuperseded), following.sweep))
    engine.add_duty(partial(keep_sweeping, engine.waking(CorrectionDecided), replacing.correct_waiting))
    engine.add_duty(partial(keep_sweeping, engine.waking(CertificateIssued), replacing.settle_waiting))
    unguarding = Unguarding(engine.store, engine.pool)
    engine.add_duty(partial(keep_sweeping, engine.waking(GuardiansNamed), unguarding.sweep))


SERVICE = Service(
    CERTIFICATES,
    private_events=(
        CatalogueVersionPublished,
        SerialClaimed,
        StatusEntryClaimed,
        EvidenceStored,
        EvidenceSwept,
        UploadCounted,
        CertificatePrinted,
        ApplicationOverdue,
        ApplicationRefilled,
        NoticeIssued,
        GuardianshipEnded,
        AuthorityFounded,
        SealUsed,
        *PRIVATE_KEY_EVENTS,
        *PRIVATE_LIFE_EVENTS,
        *PRIVATE_FACT_EVENTS,
        *PRIVATE_ITEM_EVENTS,
        *PRIVATE_ERASURE_EVENTS,
    ),
    read_models=(
        CATALOGUE_VERSIONS,
        PEOPLE,
        CITIZENS,
        ACTING_GUARDIANS,
        MANDATES,
        MY_APPLICATIONS,
        REVIEW_QUEUE,
        WORKLOAD,
        TO_ESCALATE,
        ISSUED_CERTIFICATES,
        STATUS_LIST,
        TO_ISSUE,
        TERMINATED_REVIEWS,
        TO_NOTIFY,
        SEALS,
        SEAL_CERTIFICATES,
        SEAL_USES,
        HOLDINGS,
        TO_REPLACE,
        CHANGES,
        BIRTHS,
        REGISTER_ENTRIES,
        ASKED_ABOUT,
        ITEM_DESK,
        UPLOADS,
        ERASURE.read_model,
    ),
    reactions=(ASKED, *ERASURE.reactions),
    timers=(*TIMERS, ERASURE.timer),
    routes=(ROUTES,),
    powers=powers_beside(__file__),
    settings=CertificatesSettings,
    gauges=GAUGES,
    erasure=ERASURE,
    on_start=(
        examine_files,
        keep_issuing,
        keep_escalating,
        keep_living,
        keep_answering_cases,
        keep_sweeping_uploads,
        ERASURE.keep_erasing,
    ),
)
