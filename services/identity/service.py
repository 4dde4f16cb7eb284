"""Public security: identity. Names the rooms, nothing else."""

from services.identity.api.routes import ROUTES
from services.identity.domain.events import PRIVATE_EVENTS, PRIVATE_UPCASTS
from services.identity.erasing import ERASURE, keep_erasing
from services.identity.reactions import ASKED, LOOK_AGAIN, VOCABULARY, WAKERS
from services.identity.read_models.erasure_answers import ERASURE_ANSWERS
from services.identity.read_models.held_births import HELD_BIRTHS
from services.identity.read_models.household_register import HOUSEHOLD_REGISTER
from services.identity.read_models.mandates_given import MANDATES_GIVEN
from services.identity.read_models.staff_directory import STAFF_DIRECTORY
from services.identity.read_models.standing_marriages import STANDING_MARRIAGES
from services.identity.read_models.wards import WARDS
from services.identity.settings import IdentitySettings
from services.identity.start import (
    appoint_first_administrator,
    keep_desk,
    keep_ending_mandates,
    keep_widowing,
    pin_register_secret,
    publish_register_rules,
    publish_signing_key,
)
from services.identity.timers import LAPSING, RESTORING
from shared.contracts.identity import IDENTITY
from shared.department.item_desk import item_desk
from shared.department.powers import powers_beside
from shared.department.service import Service
from shared.messaging.asked_item import PRIVATE_ITEM_EVENTS
from shared.messaging.erasure_request import PRIVATE_ERASURE_EVENTS

SERVICE = Service(
    IDENTITY,
    private_events=(*PRIVATE_EVENTS, *PRIVATE_ITEM_EVENTS, *PRIVATE_ERASURE_EVENTS),
    private_upcasts=PRIVATE_UPCASTS,
    read_models=(
        HOUSEHOLD_REGISTER,
        STAFF_DIRECTORY,
        STANDING_MARRIAGES,
        WARDS,
        MANDATES_GIVEN,
        HELD_BIRTHS,
        item_desk(VOCABULARY, WAKERS),
        ERASURE.read_model,
        ERASURE_ANSWERS,
    ),
    reactions=(ASKED, LOOK_AGAIN),
    timers=(RESTORING, LAPSING, ERASURE.timer),
    routes=ROUTES,
    powers=powers_beside(__file__),
    settings=IdentitySettings,
    erasure=ERASURE,
    on_start=(keep_desk, keep_widowing, keep_ending_mandates, keep_erasing),
    on_standing=(pin_register_secret, publish_signing_key, publish_register_rules, appoint_first_administrator),
)
