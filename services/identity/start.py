"""What identity sees to before it serves. Several instances may start at once; the second finds it done."""

from datetime import UTC, datetime
from functools import partial
from uuid import UUID

import structlog

from services.identity import passwords
from services.identity.appointing_file import RULES
from services.identity.births import STAYS, Births
from services.identity.domain.appointing_rules import Post
from services.identity.domain.officer import OFFICER, GivePost
from services.identity.domain.password import check_password
from services.identity.domain.published_rules import PUBLISHED_RULES, PublishRules
from services.identity.domain.published_rules import STREAM as RULES_STREAM
from services.identity.domain.register_secret import REGISTER_SECRET, PinRegisterSecret
from services.identity.domain.signing_key import SIGNING_KEY, PublishSigningKey
from services.identity.domain.staff import STAFF, AppointStaff, NamePerson, NotAppointed, Serving, State, login_name
from services.identity.household import Household
from services.identity.marriages import Marriages
from services.identity.reactions import ITEM, VOCABULARY, WAKERS
from services.identity.read_models.mandates_given import MANDATES_GIVEN
from services.identity.read_models.standing_marriages import STANDING_MARRIAGES
from services.identity.register_rules_file import REGISTER_RULES
from services.identity.settings import IdentitySettings
from services.identity.use_cases.end_mandates import EndMandates
from services.identity.widowing import Widowing
from shared.contracts.errors import Broken, Misconfigured, Refused
from shared.contracts.event import Metadata
from shared.contracts.identity import Role
from shared.department.engine import Engine
from shared.department.item_desk import Action, ItemDesk, item_desk
from shared.department.settings import Settings
from shared.department.sweeping import keep_sweeping
from shared.department.tokens import public_part
from shared.eventstore.aggregate import Context
from shared.standards.divisions import WHOLE_COUNTRY

log = structlog.get_logger(__name__)

ITSELF = Metadata(actor="department:identity")
FIRST = frozenset({Role.administrator})


async def pin_register_secret(engine: Engine, settings: Settings) -> None:
    """Raises Misconfigured when the register was begun under another secret."""
    command = PinRegisterSecret(_own(settings).pseudonyms.fingerprint, datetime.now(UTC))
    await engine.store.execute(REGISTER_SECRET.stream("1"), REGISTER_SECRET, command, Context(ITSELF))


async def publish_signing_key(engine: Engine, settings: Settings) -> None:
    """Raises Misconfigured when the key was retired."""
    own = _own(settings)
    command = PublishSigningKey(own.kid, public_part(own.signing_key), datetime.now(UTC))
    try:
        done = await engine.store.execute(SIGNING_KEY.stream(own.kid), SIGNING_KEY, command, Context(ITSELF))
    except Refused as refusal:
        raise Misconfigured(f"SIGNING_KEY_FILE: {refusal.text.en}") from None
    log.info("signing key", kid=own.kid, published_now=bool(done.events))


async def publish_register_rules(engine: Engine, _settings: Settings) -> None:
    """Raises Misconfigured when a version that was published has been changed."""
    command = PublishRules(REGISTER_RULES, datetime.now(UTC))
    stream = PUBLISHED_RULES.stream(RULES_STREAM)
    done = await engine.store.execute(stream, PUBLISHED_RULES, command, Context(ITSELF))
    log.info("rules of the register", version=REGISTER_RULES[-1].version, published_now=len(done.events))


async def appoint_first_administrator(engine: Engine, settings: Settings) -> None:
    """For the whole country, so that someone can appoint the others. Raises Misconfigured."""
    own = _own(settings)
    if own.first_administrator_login is None or own.first_administrator_password is None:
        return
    password = own.first_administrator_password.get_secret_value()
    try:
        login = login_name(own.first_administrator_login)
        check_password(password, known_to_others=(login,))
        id = own.pseudonyms.staff(login)
        state = (await engine.store.stand(STAFF.stream(id), STAFF)).state
        officer = own.pseudonyms.officer(own.first_administrator) if own.first_administrator else None
        if officer and _is_nobody_yet(state):
            await _name_person(engine, id, officer)
        if isinstance(state, NotAppointed):
            await _appoint(engine, id, login, await passwords.hashed(password), officer)
        elif officer and _is_nobody_yet(state):
            await engine.store.execute(STAFF.stream(id), STAFF, NamePerson(officer), Context(ITSELF))
    except Refused as refusal:
        raise Misconfigured(f"FIRST_ADMINISTRATOR_LOGIN and _PASSWORD: {refusal.text.en}") from None
    if officer is None and _is_nobody_yet(state):
        log.warning("nobody said who the first administrator is: set FIRST_ADMINISTRATOR_ID_NUMBER", staff=str(id))


def _is_nobody_yet(state: State) -> bool:
    """Whether no person bears the login."""
    return isinstance(state, NotAppointed) or (isinstance(state, Serving) and state.officer is None)


async def _name_person(engine: Engine, id: UUID, officer: UUID) -> None:
    post = Post(id, FIRST, WHOLE_COUNTRY)
    command = GivePost(post, None, RULES, datetime.now(UTC))
    await engine.store.execute(OFFICER.stream(officer), OFFICER, command, Context(ITSELF))


async def _appoint(engine: Engine, id: UUID, login: str, password_hash: str, officer: UUID | None) -> None:
    command = AppointStaff(
        staff=id,
        name="系统管理员",
        login=login,
        roles=FIRST,
        division=WHOLE_COUNTRY,
        password_hash=password_hash,
        now=datetime.now(UTC),
        officer=officer,
    )
    # the key: of two instances that start at once, the second is told the outcome of the first
    context = Context(ITSELF, key=f"first administrator\n{id}")
    await engine.store.execute(STAFF.stream(id), STAFF, command, context)
    log.info("first administrator appointed", staff=str(id))


async def keep_desk(engine: Engine, settings: Settings) -> None:
    """What cases ask of public security is done by the leader."""
    births = Births(Household(engine.store, _own(settings).pseudonyms))
    actions = {"enter_birth": Action(births.enter, births.undo, stays=STAYS)}
    desk = ItemDesk(engine.store, engine.pool, ITEM, actions)
    engine.add_duty(partial(desk.keep_working, engine.waking(*item_desk(VOCABULARY, WAKERS).events)))


async def keep_widowing(engine: Engine, settings: Settings) -> None:
    """Marriages end with a death, whoever recorded it."""
    marriages = Marriages(Household(engine.store, _own(settings).pseudonyms))
    wake = engine.waking(*STANDING_MARRIAGES.events)
    engine.add_duty(partial(keep_sweeping, wake, Widowing(marriages, engine.pool).sweep))


async def keep_ending_mandates(engine: Engine, _settings: Settings) -> None:
    """Mandates end with the death of a party, whoever recorded it."""
    wake = engine.waking(*STANDING_MARRIAGES.events, *MANDATES_GIVEN.events)
    engine.add_duty(partial(keep_sweeping, wake, EndMandates(engine.store, engine.pool).sweep))


def _own(settings: Settings) -> IdentitySettings:
    if not isinstance(settings, IdentitySettings):
        raise Broken("identity was started with another department's settings")
    return settings
