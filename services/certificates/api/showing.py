"""An application as it stands, with what lies beside it: its certificate, and who decided."""

from services.certificates.api.application_answers import ApplicationShown, show_application
from services.certificates.catalogue_now import current_catalogue
from services.certificates.domain import refusals
from services.certificates.domain.application_state import Approved, InReview, NotSubmitted, State, Withdrawn
from services.certificates.read_models.certificates import certificate_for
from shared.department.staff import find_appointment
from shared.eventstore.database import Pool


async def show(pool: Pool, state: State) -> ApplicationShown:
    """Raises NotFound for one that was never submitted."""
    if isinstance(state, NotSubmitted):
        raise refusals.no_such_application()
    catalogue = await current_catalogue(pool)
    match state:
        case InReview() | Withdrawn():
            return show_application(state, catalogue)
        case _:
            appointment = await find_appointment(pool, state.reviewer) if state.reviewer else None
            is_approved = isinstance(state, Approved)
            return show_application(
                state,
                catalogue,
                reviewer=appointment.name if appointment else None,
                certificate=await certificate_for(pool, state.of.application) if is_approved else None,
            )
