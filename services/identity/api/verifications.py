"""From a phone to a person: at a counter, or by an identity provider."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from litestar import Response, post
from litestar.di import NamedDependency
from litestar.params import JSONBody
from pydantic import BaseModel, Field

from services.identity.api.fields import Line, Name
from services.identity.api.proofs import ProofShown, proof_shown
from services.identity.api.tokens import TokenAnswer
from services.identity.domain import account
from services.identity.domain.session import session_over
from services.identity.phone_accounts import PhoneAccounts
from services.identity.sessions import Sessions
from services.identity.verification import AUDIENCE, Seen, Verification
from shared.contracts.errors import Refused
from shared.department.answer import Answer, words
from shared.department.assertions import LONGEST, Providers
from shared.department.body import Body
from shared.department.caller import Caller
from shared.department.powers import Power
from shared.department.responses import stored
from shared.eventstore.aggregate import Context
from shared.standards.id_number import IdNumber
from shared.standards.phone import MobileNumber


class PersonSeen(Body):
    name: Name
    id_number: IdNumber
    phone: MobileNumber
    document: Annotated[Line, Field(description="看到的证件 The document that was seen", examples=["居民身份证"])]


class Verified(BaseModel):
    citizen: UUID
    phone: str  # masked
    proof: ProofShown | None


class ProviderShown(Answer):
    name: str
    title: dict[str, str]  # zh, en
    is_stand_in: bool
    methods: list[str]


class Challenge(BaseModel):
    nonce: str
    audience: str
    ends_at: datetime
    providers: list[ProviderShown]


class AssertionGiven(Body):
    assertion: Annotated[str, Field(max_length=LONGEST)]


class VerifiedTokens(TokenAnswer):
    citizen: UUID
    proof: ProofShown | None


@post("/verifications", tags=["verification"], summary="窗口实名核验 / an officer saw the person and the card")
async def verify_at_counter(
    data: JSONBody[PersonSeen],
    power: NamedDependency[Power],
    context: NamedDependency[Context],
    verification: NamedDependency[Verification],
    now: NamedDependency[datetime],
) -> Response[Verified]:
    """By a registrar or the window of the division: the account of this phone and number is the person's from now on.

    The person has opened it by a code. The officer is named in what is recorded; a phone that it replaces is told.
    Nobody verifies themselves.
    """
    seen = Seen(data.name, data.id_number, data.phone, data.document)
    done = await verification.at_counter(seen, power, now, context)
    opened = done.state
    assert isinstance(opened, account.Opened)
    shown = proof_shown(opened)
    return stored(done, Verified(citizen=opened.citizen, phone=opened.phone.masked, proof=shown))


@post(
    "/me/verification/challenge",
    status_code=200,
    tags=["verification"],
    summary="开始在线核验 / begin to prove it on line",
)
async def challenge(
    caller: NamedDependency[Caller],
    phone_accounts: NamedDependency[PhoneAccounts],
    providers: NamedDependency[Providers],
    now: NamedDependency[datetime],
) -> Challenge:
    """What a provider's assertion must bear, and who may vouch. Asked for anew, the one before ends."""
    given = await phone_accounts.challenge(unverified(caller), now)
    if given is None:
        raise session_over()
    nonce, ends_at = given
    shown = [
        ProviderShown(
            name=one.name,
            title=words(one.text).model_dump(),
            is_stand_in=one.is_stand_in,
            methods=sorted(one.methods),
        )
        for one in providers.values()
    ]
    return Challenge(nonce=nonce, audience=AUDIENCE, ends_at=ends_at, providers=shown)


@post("/me/verification", status_code=200, tags=["verification"], summary="提交在线核验结果 / hand in the proof")
async def verify_online(
    data: JSONBody[AssertionGiven],
    caller: NamedDependency[Caller],
    context: NamedDependency[Context],
    verification: NamedDependency[Verification],
    sessions: NamedDependency[Sessions],
    now: NamedDependency[datetime],
) -> Response[VerifiedTokens]:
    """By the account's own token. Answers the tokens of a session as the person who was proved.

    A proof gives one session: sent again it is told the same tokens, until they were used or the session is over
    (401 session_over).
    """
    proved = await verification.by_provider(unverified(caller), data.assertion, now, context)
    opened = proved.account
    tokens = await sessions.open(opened, now, proved.context)
    body = VerifiedTokens(**dict(TokenAnswer.of(tokens)), citizen=opened.citizen, proof=proof_shown(opened))
    return stored(proved.done, body, 200)


def unverified(caller: Caller) -> UUID:
    """The account's id. Raises NotAllowed for staff, Refused for a person who has proved who they are."""
    id = caller.account()
    if caller.level == "verified":
        raise Refused(
            "already_verified",
            "您已完成实名核验，无需再次办理。",
            "You have proved who you are already; nothing more is needed.",
        )
    return id


HANDLERS = (verify_at_counter, challenge, verify_online)
