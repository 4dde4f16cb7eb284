"""What is claimed before a newborn is entered: its place in the mother's deliveries, the birth, and its certificate.

A claim of an entry that was annulled holds no more: whoever claims next frees it first.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from uuid import UUID

from services.identity.domain import birth_claim
from services.identity.domain.birth import Birth
from services.identity.domain.birth_claim import BIRTH_CLAIM, ClaimBirth, ReleaseBirth
from services.identity.domain.delivery import DELIVERY, ClaimDelivery, FreeDelivery, KnownChild, OneBirth
from services.identity.domain.person import Annulled, Dead, Entered
from services.identity.domain.register_rules import RegisterRules
from services.identity.household import Household
from services.identity.read_models.wards import wards_of
from shared.eventstore.aggregate import Context


@dataclass(frozen=True, slots=True)
class Claimant:
    """A newborn about to be entered. `reference`: of the case's item; `mother` is a person id."""

    newborn: UUID
    case: UUID
    reference: UUID
    birth: Birth
    mother: UUID
    division: str  # of the household it joins
    of_parents: tuple[str, ...] = ()  # why two officers look at the parents first


@dataclass(frozen=True, slots=True)
class BirthClaims:
    household: Household

    async def claim(self, of: Claimant, rules: RegisterRules, now: datetime, context: Context) -> OneBirth:
        """How the birth stands among the mother's; the rest is claimed only when it is `standing`.

        Raises Refused, having released nothing.
        """
        store, anew = self.household.store, replace(context, key=None)
        stream, birth = DELIVERY.stream(of.mother), of.birth
        corrected = await self._looked_at(of, now, anew)
        command = ClaimDelivery(
            newborn=of.newborn,
            mother=of.mother,
            case=of.case,
            reference=of.reference,
            born_on=birth.born_on,
            order=birth.order,
            child_name=birth.name,
            division=of.division,
            children=await self._children(of.mother),
            rules=rules,
            now=now,
            corrected=corrected,
            of_parents=of.of_parents,
            parentage_proof=birth.parentage_proof,
        )
        state = (await store.execute(stream, DELIVERY, command, anew)).state
        own = state.births[of.newborn]
        if own.status == "standing":
            for claim in self._streams(birth, of.mother):
                await self._release_annulled(claim, of.newborn, now, anew)
                await store.execute(claim, BIRTH_CLAIM, ClaimBirth(of.newborn, now), anew)
        return own

    async def release(self, newborn: UUID, birth: Birth, mother: UUID, now: datetime, context: Context) -> None:
        """Nobody was entered for it. What was never claimed is left as it is."""
        store, anew = self.household.store, replace(context, key=None)
        for claim in self._streams(birth, mother):
            await store.execute(claim, BIRTH_CLAIM, ReleaseBirth(newborn, now), anew)
        await store.execute(DELIVERY.stream(mother), DELIVERY, FreeDelivery(newborn, now), anew)

    async def _children(self, mother: UUID) -> tuple[KnownChild, ...]:
        """Whom the register names her as a guardian of."""
        states = [await self.household.state(ward) for ward in await wards_of(self.household.store.pool, mother)]
        return tuple(KnownChild(one.person, one.id_number.birth_date) for one in states if isinstance(one, Entered))

    async def _looked_at(self, of: Claimant, now: datetime, context: Context) -> Mapping[UUID, date]:
        """When the mother's other children were born by the register as it is now; annulled ones are freed."""
        stream, born = DELIVERY.stream(of.mother), {}
        for other in (await self.household.store.stand(stream, DELIVERY)).state.births:
            match await self.household.state(other):
                case Annulled() if other != of.newborn:
                    await self.household.store.execute(stream, DELIVERY, FreeDelivery(other, now), context)
                case Entered(id_number=number) | Dead(Entered(id_number=number)):
                    born[other] = number.birth_date
        return born

    async def _release_annulled(self, claim: str, newborn: UUID, now: datetime, context: Context) -> None:
        state = (await self.household.store.stand(claim, BIRTH_CLAIM)).state
        if (
            isinstance(state, birth_claim.Claimed)
            and state.newborn != newborn
            and await self._is_annulled(state.newborn)
        ):
            await self.household.store.execute(claim, BIRTH_CLAIM, ReleaseBirth(state.newborn, now), context)

    async def _is_annulled(self, person: UUID) -> bool:
        return isinstance(await self.household.state(person), Annulled)

    def _streams(self, birth: Birth, mother: UUID) -> tuple[str, str]:
        """Of the birth, which claims from before deliveries were kept stand on too, and of its certificate."""
        pseudonyms = self.household.pseudonyms
        return (
            BIRTH_CLAIM.stream(pseudonyms.birth(mother, birth.born_on, birth.order)),
            BIRTH_CLAIM.stream(pseudonyms.birth_certificate(birth.certificate)),
        )
