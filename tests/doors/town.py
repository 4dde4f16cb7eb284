"""A running stack with sample data and played stories: what attackers stand before, and who they may be."""

import copy
import io
import secrets
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any
from uuid import UUID

import httpx
from joserfc.jwk import OKPKey

from deploy.demo.exchange import Exchange
from deploy.demo.plain import PlainTeller
from deploy.demo.scene import Scene
from deploy.demo.stage import sample_data, staged
from deploy.demo.stories import away_from_home, birth, village_certificate
from deploy.demo.stories.away_cast import MOTHER as PATIENTS_NAME
from deploy.demo.stories.away_cast import AwayCast
from deploy.demo.stories.birth_cast import MOTHER, MOTHER_CORRECTED, BirthCast
from deploy.demo.stories.village_cast import TENANT as TENANTS_NAME
from deploy.demo.stories.village_cast import Cast
from deploy.demo.wording import Spoken
from deploy.runner.stack import Stack
from deploy.seed.samples import sample_staff
from deploy.sign_up import Newcomer
from shared.contracts.identity import Role
from shared.department import tokens
from shared.department.caller import Caller
from shared.standards.shanghai import SHANGHAI
from shared.standards.text import Text

NOBODY = "nobody"
OWNER = "citizen"  # the mother of the story of a birth: most things are hers
TENANT = "tenant"  # of the village story: an application, a certificate that was revoked
ACCOUNT = "account"  # a phone and nothing more
ANOTHER = "another citizen"  # has an account and nothing of the owner's
ANOTHERS_NAME = "尤可信"
PATIENT = "patient"  # whose treatment was settled
EARLIER = timedelta(minutes=1)
LIFETIME = timedelta(hours=12)
PATIENCE = 60.0  # seconds for an answer
A_PAGE = 100

Things = Mapping[tuple[str, str], tuple[str, ...]]
"""What is there, by department and kind: "identity", "person"."""


@dataclass(eq=False)
class Town:
    """Tokens are signed with the stack's own key: signing in is tried elsewhere."""

    stack: Stack
    key: OKPKey
    callers: dict[str, Caller]  # by who they are: a role's name, OWNER, ANOTHER
    people: dict[str, UUID] = field(default_factory=dict)  # by name
    things: dict[tuple[str, str], tuple[str, ...]] = field(default_factory=dict)
    appointed: dict[str, Caller] = field(default_factory=dict)  # for attacks, by login
    owned: dict[tuple[str, str], tuple[str, str]] = field(default_factory=dict)  # a citizen's: whose, and which

    @property
    def addresses(self) -> Mapping[str, str]:
        return self.stack.addresses

    @property
    def kid(self) -> str:
        return self.key.thumbprint()

    def token(self, who: str) -> str | None:
        """None for nobody."""
        return None if who == NOBODY else self.token_of(self.callers[who])

    def token_of(self, caller: Caller, *, earlier: timedelta = EARLIER) -> str:
        return tokens.issue(self.key, self.kid, caller, datetime.now(UTC) - earlier, LIFETIME)

    def headers(self, who: str | Caller) -> dict[str, str]:
        token = self.token_of(who) if isinstance(who, Caller) else self.token(who)
        return {} if token is None else {"authorization": f"Bearer {token}"}

    def client(self, who: str = NOBODY) -> httpx.Client:
        """Asks any department, by whole address."""
        return httpx.Client(headers=self.headers(who), timeout=PATIENCE, trust_env=False)

    @cache  # noqa: B019 - as long as the town, which is as long as its tests
    def document(self, department: str) -> dict[str, Any]:
        """Its OpenAPI document, as it is served."""
        with self.client() as client:
            document: dict[str, Any] = client.get(f"{self.addresses[department]}/schema").raise_for_status().json()
            return document

    @cache  # noqa: B019 - likewise
    def schema(self, department: str) -> dict[str, Any]:
        """The document with every parameter written out where it belongs."""
        document = copy.deepcopy(self.document(department))
        shared = document.get("components", {}).get("parameters", {})
        for item in document["paths"].values():
            for operation in item.values():
                operation["parameters"] = [
                    shared[one["$ref"].rsplit("/", 1)[-1]] if "$ref" in one else one
                    for one in operation.get("parameters", ())
                ]
        return document


@asynccontextmanager
async def opened(directory: Path, *, played: bool = True) -> AsyncIterator[Town]:
    """A stack in `directory`: people, staff, insurance, seals; `played`: a village certificate, two births, a
    settlement."""
    async with Stack(directory, tell=lambda _: None) as stack:
        await stack.ready()
        async with staged(stack, PlainTeller(Spoken.en, io.StringIO())) as scene:
            await sample_data(scene, stack)
            if played:
                await village_certificate.play(scene, Cast.of(stack.secrets), directory)
                await birth.play(scene, BirthCast.of(stack.secrets), stack.halt, stack.resume)
                await away_from_home.play(scene, AwayCast.of(stack.secrets), stack.halt, stack.resume)
            yield await _settled_in(stack, scene, owner=MOTHER_CORRECTED if played else MOTHER)


async def _settled_in(stack: Stack, scene: Scene, *, owner: str) -> Town:
    key = OKPKey.import_key(stack.secrets.signing_key_file.read_text("ascii"))
    login, password = stack.administrator
    identity = scene.departments["identity"]
    signed_in = (await identity.post("/staff/sign-in", {"login": login, "password": password})).must()
    bearer = {"authorization": f"Bearer {signed_in['access_token']}"}
    callers = {"administrator": _staff((await identity.get("/me", bearer)).must())}
    rows = {row["login"]: row for row in (await identity.get(f"/staff?limit={A_PAGE}", bearer)).must()["staff"]}
    registrars = []
    for one in sample_staff():
        for role in one.roles:
            callers.setdefault(role, _staff(rows[one.login]))
            if role is Role.registrar:
                registrars.append(_staff(rows[one.login]))
    town = Town(stack, key, callers)
    people: dict[str, UUID] = {}
    for registrar in registrars:
        bearer = {"authorization": f"Bearer {town.token_of(registrar)}"}
        shown = (await identity.get(f"/people?limit={A_PAGE}", bearer)).must()["people"]
        people |= {row["name"]: UUID(row["person"]) for row in shown}
    names = {OWNER: owner, PATIENT: PATIENTS_NAME, TENANT: TENANTS_NAME, ANOTHER: ANOTHERS_NAME}
    for who, name in names.items():
        callers[who] = Caller("citizen", people[name])
    callers[ACCOUNT] = await _opens_an_account(scene)
    town.people = people
    town.things = dict(_known(scene, people))
    return town


async def _opens_an_account(scene: Scene) -> Caller:
    """By phone and no more, under a name and number that nobody bears."""
    somebody = scene.actor(Text("账户", "account"))

    async def post(route: str, body: object, token: str | None) -> Exchange:
        return await somebody.post("identity", route, body)

    newcomer = Newcomer("甄样例", "13012519590101996X", "13900139000", secrets.token_urlsafe(12))
    code, _ = await scene.entrance.ask_code(post, newcomer.phone)
    opened = (await somebody.post("identity", "/citizens", newcomer.claim(code))).must(201)
    return Caller("citizen", UUID(opened["account"]), level="account")


def _staff(row: Mapping[str, Any]) -> Caller:
    roles = frozenset(map(Role, row["roles"]))
    return Caller("staff", UUID(row["staff"]), roles, row["division"], row.get("department"))


def _known(scene: Scene, people: Mapping[str, UUID]) -> Iterator[tuple[tuple[str, str], tuple[str, ...]]]:
    """What no list shows."""
    for department in scene.departments:
        stored = [str(event) for one in scene.exchanges if one.department == department for event in one.event_ids]
        yield (department, "event_id"), tuple(stored)
        yield (department, "feed"), tuple({one.feed: None for one in scene.journeys.published})
        yield (department, "sequence"), tuple(map(str, range(1, 4)))
    yield ("insurance", "person"), tuple(map(str, people.values()))
    yield ("insurance", "month"), (f"{datetime.now(SHANGHAI):%Y-%m}",)
    yield ("insurance", "hospital"), ("450103001000",)
    yield ("cases", "item"), ("birth_medical", "household_entry")
