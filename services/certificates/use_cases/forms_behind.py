"""The form that a certificate follows from."""

from collections.abc import Mapping

from services.certificates.domain.application import APPLICATION
from services.certificates.domain.application_state import NotSubmitted
from services.certificates.domain.certificate import CERTIFICATE
from services.certificates.domain.life_events import CorrectionDecided
from shared.contracts.certificates import CertificateIssued
from shared.eventstore.store import Store


async def form_behind(store: Store, of: CertificateIssued) -> Mapping[str, str] | None:
    """Its application's, or that of the correction it came of. None: there is no application."""
    if of.version > 1 and of.replaces:
        before = await store.load(CERTIFICATE.stream(of.replaces), CERTIFICATE)
        decided = [event.data.form for event in before.events if isinstance(event.data, CorrectionDecided)]
        if decided:
            return decided[-1]
    application = (await store.stand(APPLICATION.stream(of.application), APPLICATION)).state
    return None if isinstance(application, NotSubmitted) else application.of.form
