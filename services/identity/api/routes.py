"""All of identity's routes, and what their handlers may ask for beside what every department's may."""

from litestar import Router
from litestar.di import NamedDependency, Provide

from services.identity.api import (
    citizens,
    codes,
    deaths,
    households,
    keys,
    lost_passwords,
    marriages,
    marriages_import,
    me,
    people,
    people_import,
    staff,
    staff_import,
    tokens,
    verifications,
)
from services.identity.appointing_file import RULES
from services.identity.devices import Devices
from services.identity.household import Household
from services.identity.http import (
    annulments,
    erasures,
    held_births,
    household_places,
    mandates,
    mandates_at_counter,
    people_find,
)
from services.identity.marriages import Marriages
from services.identity.phone_accounts import PhoneAccounts
from services.identity.sessions import Sessions
from services.identity.settings import IdentitySettings
from services.identity.sign_in import SignIn
from services.identity.trying import RefusedAppointments, Trying
from services.identity.use_cases.appointments import Appointments
from services.identity.use_cases.mandates import Mandates
from services.identity.verification import Verification
from shared.department.assertions import Providers
from shared.department.client_network import client_network
from shared.department.codes import Codes
from shared.department.counts import Counts
from shared.department.engine import Engine
from shared.department.exchange import exchange_of
from shared.department.message_gateway import MessageGateway, gateway_of
from shared.department.request import AnyRequest
from shared.eventstore.database import Pool
from shared.eventstore.store import Store


def household(store: NamedDependency[Store], settings: NamedDependency[IdentitySettings]) -> Household:
    return Household(store, settings.pseudonyms)


def appointments(household: NamedDependency[Household], trying: NamedDependency[Trying]) -> Appointments:
    return Appointments(household, RULES, RefusedAppointments(trying.counts))


def of_marriages(household: NamedDependency[Household]) -> Marriages:
    return Marriages(household)


def client(request: AnyRequest) -> str:
    """Whom tries are counted for."""
    return client_network(exchange_of(request.scope).client)


def of_mandates(household: NamedDependency[Household], pool: NamedDependency[Pool]) -> Mandates:
    return Mandates(household, pool)


def codes_by_phone(engine: NamedDependency[Engine], settings: NamedDependency[IdentitySettings]) -> Codes:
    return Codes.of(engine, settings, settings.pseudonyms.key("codes"))


def phone_accounts(pool: NamedDependency[Pool], settings: NamedDependency[IdentitySettings]) -> PhoneAccounts:
    return PhoneAccounts(pool, settings.pseudonyms)


def providers(settings: NamedDependency[IdentitySettings]) -> Providers:
    return settings.identity_providers


def message_gateway(pool: NamedDependency[Pool], settings: NamedDependency[IdentitySettings]) -> MessageGateway:
    return gateway_of(settings, pool)


def verification(
    household: NamedDependency[Household],
    phone_accounts: NamedDependency[PhoneAccounts],
    gateway: NamedDependency[MessageGateway],
    engine: NamedDependency[Engine],
    settings: NamedDependency[IdentitySettings],
) -> Verification:
    return Verification(household, phone_accounts, settings.identity_providers, gateway, engine.beside_answers.begin)


def trying(pool: NamedDependency[Pool], settings: NamedDependency[IdentitySettings]) -> Trying:
    return Trying(Counts(pool, settings.pseudonyms.key("counts")))


def devices(settings: NamedDependency[IdentitySettings]) -> Devices:
    return Devices(settings.pseudonyms.key("devices"))


def sign_in(
    household: NamedDependency[Household],
    phone_accounts: NamedDependency[PhoneAccounts],
    trying: NamedDependency[Trying],
    codes: NamedDependency[Codes],
    devices: NamedDependency[Devices],
) -> SignIn:
    return SignIn(household, phone_accounts, trying, codes, devices)


def sessions(
    store: NamedDependency[Store],
    settings: NamedDependency[IdentitySettings],
    trying: NamedDependency[Trying],
    devices: NamedDependency[Devices],
) -> Sessions:
    return Sessions(
        store,
        settings.signing_key,
        settings.kid,
        settings.token_lifetime,
        settings.session_lifetime,
        settings.pseudonyms.key("refresh"),
        devices,
        trying,
    )


ROUTES = (
    Router(
        "/",
        route_handlers=[
            *codes.HANDLERS,
            *citizens.HANDLERS,
            *verifications.HANDLERS,
            *tokens.HANDLERS,
            *me.HANDLERS,
            *people.HANDLERS,
            *people_find.HANDLERS,
            *deaths.HANDLERS,
            *annulments.HANDLERS,
            *erasures.HANDLERS,
            *household_places.HANDLERS,
            *held_births.HANDLERS,
            *people_import.HANDLERS,
            *marriages.HANDLERS,
            *marriages_import.HANDLERS,
            *households.HANDLERS,
            *mandates.HANDLERS,
            *mandates_at_counter.HANDLERS,
            *staff.HANDLERS,
            *staff_import.HANDLERS,
            *lost_passwords.HANDLERS,
            *keys.HANDLERS,
        ],
        dependencies={
            "household": Provide(household, sync_to_thread=False),
            "appointments": Provide(appointments, sync_to_thread=False),
            "marriages": Provide(of_marriages, sync_to_thread=False),
            "client": Provide(client, sync_to_thread=False),
            "codes": Provide(codes_by_phone, sync_to_thread=False),
            "phone_accounts": Provide(phone_accounts, sync_to_thread=False),
            "providers": Provide(providers, sync_to_thread=False),
            "gateway": Provide(message_gateway, sync_to_thread=False),
            "verification": Provide(verification, sync_to_thread=False),
            "trying": Provide(trying, sync_to_thread=False),
            "devices": Provide(devices, sync_to_thread=False),
            "mandates": Provide(of_mandates, sync_to_thread=False),
            "sign_in": Provide(sign_in, sync_to_thread=False),
            "sessions": Provide(sessions, sync_to_thread=False),
        },
    ),
)
