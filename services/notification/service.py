"""The department's rooms, named."""

from services.notification.api import INBOX
from services.notification.domain.notice import NoticeWritten
from services.notification.reactions import TELL
from services.notification.read_models.my_notices import MY_NOTICES
from shared.contracts.notification import NOTIFICATION
from shared.department.powers import powers_beside
from shared.department.service import Service

SERVICE = Service(
    NOTIFICATION,
    private_events=(NoticeWritten,),
    read_models=(MY_NOTICES,),
    reactions=(TELL,),
    routes=(INBOX,),
    powers=powers_beside(__file__),
)
