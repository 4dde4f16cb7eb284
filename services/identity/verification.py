"""From a phone to a person: at a counter, or by an identity provider.

The account that proved the phone becomes the person's: a verified account that they had before passes to the new phone
and password, its sessions end, and the phone before is told.
"""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

from services.identity.domain import account
from services.identity.domain.account import ACCOUNT, AtCounter, ByProvider, NotInRegister, Proof, VerifyCitizen
from services.identity.domain.entry_fields import line
from services.identity.domain.events import PasswordSet
from services.identity.domain.session import session_over
from services.identity.household import Household
from services.identity.phone_accounts import PhoneAccount, PhoneAccounts
from services.identity.use_cases.officers import stand_aside
from shared.contracts.errors import NotFound, Refused
from shared.contracts.identity import AccountPhoneChanged
from shared.department import assertions
from shared.department.assertions import Providers
from shared.department.message_gateway import Message, MessageGateway
from shared.department.powers import Power
from shared.eventstore.aggregate import Context
from shared.eventstore.store import Done, repeated
from shared.standards.id_number import IdNumber
from shared.standards.phone import MobileNumber

AUDIENCE = "identity"

Later = Callable[[Callable[[], Awaitable[None]]], None]


@dataclass(frozen=True, slots=True)
class Seen:
    """Whom an officer has before them, and the document that says so."""

    name: str
    id_number: IdNumber
    phone: MobileNumber
    document: str


@dataclass(frozen=True, slots=True)
class Proved:
    """`context`: under the key of the assertion, which gives one session at most."""

    done: Done[account.State]
    account: account.Opened
    context: Context


@dataclass(frozen=True, slots=True)
class Verification:
    household: Household
    phone_accounts: PhoneAccounts
    providers: Providers
    gateway: MessageGateway
    later: Later

    async def at_counter(self, seen: Seen, power: Power, now: datetime, context: Context) -> Done[account.State]:
        """Raises NotFound when the phone was not proved under this number, NotInRegister, Invalid.

        Raises NotAllowed for somebody of another division, and Refused for the officer's own account.
        """
        document = line("document", seen.document)
        if repeat := await self._repeated(seen.id_number, context):
            return repeat
        opened = await self.phone_accounts.of(seen.id_number, seen.phone, now)
        if opened is None:
            raise NotFound(
                "no_account",
                "该手机号码尚未以此公民身份号码注册，请当事人先用手机验证码注册账户。",
                "No account was opened with this phone and ID number; please let the person open one first, by a code.",
            )
        id, entry = await self.household.find(seen.id_number)
        if not account.is_of_register(entry, seen.name, seen.id_number):
            raise NotInRegister
        power.serve(entry.division)
        by = power.caller.id
        await stand_aside(self.household, by, seen.id_number, id)
        return await self._verify(seen.name, seen.id_number, opened, AtCounter(by, document), now, context)

    async def by_provider(self, id: UUID, assertion: str, now: datetime, context: Context) -> Proved:
        """By who is signed in to the account. The same assertion sent again finds its first outcome.

        Raises Invalid when the assertion is not right, Refused when it is another person's, NotInRegister, and
        NotSignedIn when it comes again after the account's password or proof has changed.
        """
        opened = await self.phone_accounts.find(id, now)
        proof = assertions.verify(assertion, self.providers, AUDIENCE, now)
        metadata = replace(context.metadata, request=None)  # the key is not the sender's
        context = Context(metadata, key=f"account:{id}\nassertion {proof.provider.name} {proof.jti}")
        if repeat := await self._repeated(proof.id_number, context):
            return Proved(repeat, still_newest(repeat), context)
        if opened is None:
            raise session_over()
        is_asked_for = opened.nonce is not None and opened.nonce_until is not None and now < opened.nonce_until
        if not is_asked_for or proof.nonce != opened.nonce:
            raise assertions.wrong()
        if not self.phone_accounts.is_of(id, proof.id_number, opened.phone):
            raise Refused(
                "another_person",
                "核验的公民身份号码与注册时填写的不一致，请用本人的号码重新注册。",
                "The ID number that was proved is not the one this account was opened under; please open one under it.",
            )
        by = ByProvider(proof.provider.name, proof.provider.text, proof.provider.is_stand_in, proof.method, proof.jti)
        done = await self._verify(proof.name, proof.id_number, opened, by, now, context)
        return Proved(done, still_newest(done), context)

    async def _repeated(self, number: IdNumber, context: Context) -> Done[account.State] | None:
        """The first outcome of a request that comes again; its account is gone by then."""
        id, _ = await self.household.find(number)
        return repeated(await self.household.store.load(ACCOUNT.stream(id), ACCOUNT), context)

    async def _verify(
        self, name: str, number: IdNumber, opened: PhoneAccount, proof: Proof, now: datetime, context: Context
    ) -> Done[account.State]:
        id, entry = await self.household.find(number)
        if not account.is_of_register(entry, name, number):
            raise NotInRegister
        store, stream = self.household.store, ACCOUNT.stream(id)
        before = (await store.stand(stream, ACCOUNT)).state
        command = VerifyCitizen(entry, name, number, opened.phone, opened.password_hash, proof, now)
        done = await store.execute(stream, ACCOUNT, command, context)
        await self.phone_accounts.close(opened.id)
        if isinstance(before, account.Opened) and any(isinstance(one.data, AccountPhoneChanged) for one in done.events):
            self.later(lambda: self.gateway.send(Message(before.phone, "phone_replaced", REPLACED)))
        return done


def still_newest(done: Done[account.State]) -> account.Opened:
    """The account, unless its password or proof has changed since. Raises NotSignedIn."""
    opened = done.state
    set_at = [one.data.set_at for one in done.events if isinstance(one.data, PasswordSet)]
    if not isinstance(opened, account.Opened) or set_at != [opened.password_set_at]:
        raise session_over()
    return opened


REPLACED = (
    "【通办】您的实名账户已改用新的手机号码，本号码不再用于登录。如非本人办理，请立即到派出所窗口查询。"
    " Your account now uses another phone. If this was not you, please ask at a police station at once."
)
