"""The department's rooms, named."""

from services.notification.api import INBOX
from services.notification.domain.notice import NoticeWritten
from services.notification.erasing import ERASURE
from services.notification.reactions import TELL
from services.notification.read_models.my_notices import MY_NOTICES
from shared.contracts.notification import NOTIFICATION
from shared.department.powers import powers_beside
from shared.department.service import Service
from shared.messaging.erasure_request import PRIVATE_ERASURE_EVENTS

SERVICE = Service(
    NOTIFICATION,
    private_events=(NoticeWritten, *PRIVATE_ERASURE_EVENTS),
    read_models=(MY_NOTICES, ERASURE.read_model),
    reactions=(TELL, *ERASURE.reactions),
    timers=(ERASURE.timer,),
    routes=(INBOX,),
    powers=powers_beside(__file__),
    erasure=ERASURE,
    on_start=(ERASURE.keep_erasing,),
)
