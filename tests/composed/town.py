"""A village with its clerk, and tenants who need certificates: everything by HTTP, through the gateway."""

import hmac
import json
import re
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Self

import httpx

from deploy.demo.stories.village_cast import VILLAGE, WRONG_FIELD, Cast
from deploy.known_stack import Whereabouts
from deploy.names import NAMES
from deploy.reach import Reached
from deploy.seed.samples import SampleStaff, sample_people, sample_staff
from deploy.sign_up import Entrance, post_by, sign_up
from deploy.stand_in import StandIn
from services.certificates.catalogue_files import catalogue
from shared.contracts.identity import Role
from shared.standards.divisions import is_within
from tests.composed.engine import Engine
from tests.composed.strangers import Stranger, must, stranger
from tests.until import until

CODE = re.compile(r"[0-9]{6}")


class Passwords:
    """Of the town's staff: they follow from a secret of the stack, so the town may be furnished again."""

    def __init__(self, secret: bytes) -> None:
        self._secret = secret

    def staff_password(self, login: str) -> str:
        return hmac.digest(self._secret, login.encode(), "sha256").hex()[:24]

    def one_time_password(self, login: str) -> str:
        return self.staff_password(f"{login}, once")


@dataclass(frozen=True, slots=True)
class AtTheCounter(Entrance):
    """The operator reads the code for them: nothing is sent to phones here."""

    engine: Engine

    async def codes(self, phone: str, purpose: str) -> list[str]:
        lines = (await self.engine.tool("messages", "identity", "--phone", phone, "--json")).splitlines()
        put = [json.loads(line) for line in lines]
        return [
            found.group() for one in put if one["kind"] == f"code {purpose}" and (found := CODE.search(one["text"]))
        ]


@dataclass(slots=True)
class Holder:
    """A tenant who holds a certificate."""

    name: str
    token: str
    certificate: str
    document: bytes = field(repr=False)


class Town:
    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._passwords = Passwords((engine.secrets / "identity-register-secret").read_bytes())
        self._exit = AsyncExitStack()
        self.administrator: dict[str, Any] = {}

    async def __aenter__(self) -> Self:
        certificate: Path = self._engine.secrets / "gateway-certificate"
        self.departments: dict[str, Stranger] = {
            name: await self._exit.enter_async_context(stranger(certificate, name)) for name in NAMES
        }
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._exit.aclose()

    async def furnish(self, login: str) -> None:
        """The first administrator appoints whom it takes, they enter people and have seals made."""
        password = (self._engine.secrets / "first-administrator-password").read_text()
        self.administrator = await self._sign_in(login, password)
        staff = [one for one in sample_staff() if self._is_needed(one)]
        for one in staff:
            await self._appoint(one)
        registrar = next(one for one in staff if Role.registrar in one.roles)
        people = [one for one in sample_people() if is_within(one.division, registrar.division)]
        rows = [one.model_dump(mode="json", exclude_none=True) for one in people]
        token = await self._token(registrar.login)
        report = must(await self.departments["identity"].post("/people/import", rows, token))
        assert {one["code"] for one in report["rejected"]} <= {"already_in_register"}, report
        clerk = next(one for one in staff if Role.reviewer in one.roles)
        await self._make_seals([one.login for one in staff if Role.seal_keeper in one.roles], clerk.login)

    @staticmethod
    def _is_needed(one: SampleStaff) -> bool:
        roles = set(one.roles)
        if Role.reviewer in roles:
            return one.division == VILLAGE
        return Role.seal_keeper in roles or (Role.registrar in roles and is_within(VILLAGE, one.division))

    async def certificate(self, tenant: str) -> Holder:
        """They sign up, apply, and hold what the clerk approves. AssertionError: it is not issued."""
        cast = Cast.of(self._passwords, tenant)  # type: ignore[arg-type]
        identity, certificates = self.departments["identity"], self.departments["certificates"]
        entrance = AtTheCounter(
            Reached(Whereabouts("identity")), StandIn.of(self._engine.secrets / "stand-in-key"), self._engine
        )
        token = await sign_up(post_by(identity.http), entrance, cast.newcomer)
        form = {**cast.typed(), WRONG_FIELD: cast.landlord.address}

        async def is_known() -> bool:  # what identity tells of them is on its way
            answer = await certificates.get("/catalogue/residence/form", token)
            return answer.status_code == 200 and any(one["value"] == tenant for one in answer.json()["fields"])

        await until(is_known, timeout=90, every=0.5, what=f"certificates knows {tenant}")
        application = must(await certificates.post("/applications", {"type": "residence", "form": form}, token), 201)
        place = f"/applications/{application['application']}"
        clerk = await self._token(cast.clerk.login)
        must(await certificates.post(f"{place}/approve", None, clerk))

        async def is_issued() -> bool:
            return bool(must(await certificates.get(place, token))["status"] == "issued")

        await until(is_issued, timeout=120, every=0.5, what=f"the certificate of {tenant} is issued")
        issued = must(await certificates.get(place, token))["certificate"]
        document = await certificates.get(f"/certificates/{issued}/document", token)
        assert document.content.startswith(b"%PDF-"), document.status_code
        holder = Holder(tenant, token, issued, document.content)
        await self.is_valid(holder)

        async def is_told() -> bool:
            notices = must(await self.departments["notification"].get("/inbox", token))["notices"]
            return "certificate_issued" in {one["template"] for one in notices}

        await until(is_told, timeout=120, every=0.5, what=f"{tenant} is told of the certificate")
        return holder

    async def is_valid(self, holder: Holder) -> None:
        """As anybody finds who hands the document in."""
        status = must(await self.departments["certificates"].hand_in("/check", holder.document))["status"]
        assert status == "valid", status

    async def _appoint(self, one: SampleStaff) -> None:
        """Whoever is there already, or has chosen a password already, is as they should be."""
        identity, once = self.departments["identity"], self._passwords.one_time_password(one.login)
        appointment = {**one.model_dump(mode="json"), "password": once}
        answer = await identity.post("/staff", appointment, self.administrator["access_token"])
        if answer.status_code != httpx.codes.CONFLICT:
            must(answer, 201)
        await identity.post("/staff/first-password", {"login": one.login, "password": once, "new": self._password(one)})
        await self._token(one.login)

    def _password(self, one: SampleStaff) -> str:
        return self._passwords.staff_password(one.login)

    async def _sign_in(self, login: str, password: str) -> dict[str, Any]:
        credentials = {"login": login, "password": password}
        tokens: dict[str, Any] = must(await self.departments["identity"].post("/staff/sign-in", credentials))
        return tokens

    async def _token(self, login: str) -> str:
        return str((await self._sign_in(login, self._passwords.staff_password(login)))["access_token"])

    async def refreshed(self) -> None:
        """The administrator's session goes on."""
        old = {"refresh_token": self.administrator["refresh_token"]}
        self.administrator = must(await self.departments["identity"].post("/token/refresh", old))
        must(await self.departments["identity"].get("/staff", self.administrator["access_token"]))

    async def _make_seals(self, keepers: list[str], clerk: str) -> None:
        """Of the village, and the clerk's signature; one keeper has them made, another registers them."""
        listed = must(await self.departments["identity"].get("/staff", self.administrator["access_token"], limit=100))
        number = next(one["staff"] for one in listed["staff"] if one["login"] == clerk)
        body = next(one for one in catalogue().bodies if one.division == VILLAGE)
        rows = [
            {"kind": "seal", "division": body.division, "credit_code": body.credit_code},
            {"kind": "signature", "staff": number},
        ]
        certificates = self.departments["certificates"]
        first, second = [await self._token(login) for login in keepers]

        async def are_made() -> bool:  # who the clerk is may be on its way
            report = must(await certificates.post("/seals/import", {"rows": rows}, first))
            return {one["code"] for one in report["rejected"]} <= {"already_living"}

        await until(are_made, timeout=60, every=0.5, what="the seals are made")
        made = [
            one["seal"] for one in must(await certificates.get("/seals", first))["seals"] if one["status"] == "made"
        ]
        assert not must(await certificates.post("/seals/registrations", {"seals": made}, second))["rejected"]
