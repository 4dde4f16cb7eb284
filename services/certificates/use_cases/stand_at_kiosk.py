"""Proving who stands at a kiosk: by a code to the phone of a verified account, or by a card reading.

Neither answers nor their time tell whether a name and a number belong together or have an account.
"""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from services.certificates.domain.desk import not_matched
from services.certificates.read_models.people import match_person
from services.certificates.use_cases.kiosk_tickets import Ticket, open_ticket
from shared.department import assertions
from shared.department.assertions import Providers
from shared.department.codes import Codes, Purpose, code_wrong
from shared.eventstore.database import Pool
from shared.standards.id_number import IdNumber
from shared.standards.person_name import is_same_name
from shared.standards.phone import MobileNumber
from shared.standards.text import Text

KIOSK = Purpose("kiosk", Text("自助终端办理", "using a kiosk"))

REACHED = """
select p.person, p.name, c.phone from people p join citizens c on c.citizen = p.person
where p.id_number = $1 and p.died_on is null
"""


@dataclass(frozen=True, slots=True)
class Reached:
    person: UUID
    phone: MobileNumber


@dataclass(frozen=True, slots=True)
class StandAtKiosk:
    """At one kiosk."""

    pool: Pool
    codes: Codes
    providers: Providers
    kiosk: UUID

    @property
    def audience(self) -> str:
        """What a card reading for this kiosk is made out to."""
        return f"certificates:kiosk:{self.kiosk}"

    async def ask_code(self, name: str, number: IdNumber, now: datetime) -> None:
        """Raises TooMany for a kiosk that asks too often; never says whether one was sent."""
        reached = await self._reached(name, number)
        await self.codes.ask(KIOSK, reached.phone if reached else None, now, f"kiosk {self.kiosk}")

    async def by_code(self, name: str, number: IdNumber, code: str, now: datetime) -> Ticket:
        """Raises Invalid "code_wrong", for nobody's name and number too."""
        reached = await self._reached(name, number)
        is_right = await self.codes.use(KIOSK, reached.phone if reached else "", code, now)
        if reached is None or not is_right:
            raise code_wrong()
        return await open_ticket(self.pool, self.kiosk, reached.person, "code", now)

    async def by_card(self, assertion: str, now: datetime) -> Ticket:
        """Raises Invalid "assertion_wrong", "no_such_person"; Refused "assertion_used"."""
        proof = assertions.verify(assertion, self.providers, self.audience, now)
        await assertions.spend(self.pool, proof)
        person = await match_person(self.pool, proof.name, proof.id_number)
        if person is None or person.died_on is not None:
            raise not_matched("assertion")
        return await open_ticket(self.pool, self.kiosk, person.person, "card", now)

    async def _reached(self, name: str, number: IdNumber) -> Reached | None:
        """Who bears both and has a verified account with a phone."""
        rows = await self.pool.fetch(REACHED, number)
        found = next((row for row in rows if is_same_name(row["name"], name)), None)
        return Reached(found["person"], MobileNumber(found["phone"])) if found else None
