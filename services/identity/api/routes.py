"""All of identity's routes, and what their handlers may ask for beside what every department's may."""

from litestar import Router
from litestar.di import NamedDependency, Provide

from services.identity.api import (
    citizens,
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
)
from services.identity.household import Household
from services.identity.marriages import Marriages
from services.identity.sessions import Sessions
from services.identity.settings import IdentitySettings
from services.identity.sign_in import SignIn
from shared.eventstore.store import Store


def household(store: NamedDependency[Store], settings: NamedDependency[IdentitySettings]) -> Household:
    return Household(store, settings.pseudonyms)


def of_marriages(household: NamedDependency[Household]) -> Marriages:
    return Marriages(household)


def sign_in(household: NamedDependency[Household]) -> SignIn:
    return SignIn(household)


def sessions(store: NamedDependency[Store], settings: NamedDependency[IdentitySettings]) -> Sessions:
    return Sessions(store, settings.signing_key, settings.kid, settings.token_lifetime, settings.session_lifetime)


ROUTES = (
    Router(
        "/",
        route_handlers=[
            *citizens.HANDLERS,
            *tokens.HANDLERS,
            *me.HANDLERS,
            *people.HANDLERS,
            *deaths.HANDLERS,
            *people_import.HANDLERS,
            *marriages.HANDLERS,
            *marriages_import.HANDLERS,
            *households.HANDLERS,
            *staff.HANDLERS,
            *staff_import.HANDLERS,
            *lost_passwords.HANDLERS,
            *keys.HANDLERS,
        ],
        dependencies={
            "household": Provide(household, sync_to_thread=False),
            "marriages": Provide(of_marriages, sync_to_thread=False),
            "sign_in": Provide(sign_in, sync_to_thread=False),
            "sessions": Provide(sessions, sync_to_thread=False),
        },
    ),
)
