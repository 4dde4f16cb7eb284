"""Seals, signatures and their keepers, as all tests here use them."""

from collections.abc import Iterator
from datetime import timedelta
from random import Random
from uuid import UUID

from services.certificates.domain.seal import SEAL, ids_for
from services.certificates.domain.seal_commands import (
    ApplyForSeal,
    CancelSeal,
    Command,
    Keeper,
    MakeSeal,
    Owner,
    RegisterSeal,
    ResumeSeal,
    StopSeal,
)
from services.certificates.domain.seal_use import SealUsed
from shared.contracts.event import Event
from tests.services.certificates.examples import (
    COMMITTEE,
    CREDIT_CODE,
    MINUTE,
    NOW,
    OTHER_VILLAGE,
    REVIEWER,
    VILLAGE,
    history,
)

COUNTY = "130123000000"
KEEPER = Keeper(UUID("0192c000-0000-7000-8000-000000000011"), COUNTY)
OTHER_KEEPER = Keeper(UUID("0192c000-0000-7000-8000-000000000012"), COUNTY)
KEEPER_ELSEWHERE = Keeper(UUID("0192c000-0000-7000-8000-000000000013"), OTHER_VILLAGE)

BODY = Owner("seal", COMMITTEE, CREDIT_CODE, VILLAGE)
OFFICER = Owner("signature", "审有民", str(REVIEWER.id), VILLAGE)

SEAL_ID = next(ids_for("seal", CREDIT_CODE))
SIGNATURE_ID = next(ids_for("signature", str(REVIEWER.id)))
VALID_FROM = NOW + MINUTE
VALID_TO = VALID_FROM + timedelta(days=5 * 365)

APPLY = ApplyForSeal(SEAL_ID, BODY, KEEPER, NOW)
APPLY_FOR_SIGNATURE = ApplyForSeal(SIGNATURE_ID, OFFICER, KEEPER, NOW)
CERTIFICATE = """\
-----BEGIN CERTIFICATE-----
MIICsTCCAlagAwIBAgIRAfCMUzXiWkFzCLI8p41YsvYwCgYIKoZIzj0EAwIwSjEL
MAkGA1UEBhMCQ04xDzANBgNVBAoMBumAmuWKnjEqMCgGA1UEAwwh6YCa5Yqe5pys
5Zyw55S15a2Q6K6k6K+B5qC56K+B5LmmMB4XDTIzMTIyMzAxMDUwMFoXDTI4MTIy
MzAxMDUwMFowgcoxCzAJBgNVBAYTAkNOMUswSQYDVQQKDELmsrPljJfnnIHnn7Pl
rrbluoTluILmraPlrprljr/mraPlrprplYfloZTlhYPluoTmnZHmnZHmsJHlp5Tl
kZjkvJoxSzBJBgNVBAMMQuays+WMl+ecgeefs+WutuW6hOW4guato+WumuWOv+at
o+WumumVh+WhlOWFg+W6hOadkeadkeawkeWnlOWRmOS8mjEhMB8GA1UEYQwYTlRS
Q04tNTQxMzAxMjNNRTAwMDEyNFhXMFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAE
JvkogHY6sxXed57Kp1RhlWrv/Z/yofZWp+7sAryLDsk4Y9uUzx/xSQJVo2unlHyX
4/2HxZ71tCYAN4i2zZk7J6OBmzCBmDAMBgNVHRMBAf8EAjAAMA4GA1UdDwEB/wQE
AwIGwDAdBgNVHQ4EFgQUYSipAcYO1UdnK/vhknjzlqUGkqkwHwYDVR0jBBgwFoAU
kYIvBe4N/2N9C4fLP9NFln0/X44wOAYDVR0RBDEwL4YtdXJuOnV1aWQ6NWJmNjI4
ZjQtOGQ1ZS01OTQxLTkyYmYtOTllNWY0MTNlZjQ5MAoGCCqGSM49BAMCA0kAMEYC
IQDWCV7l1qyH0uZALM3umSwzaxl2PZMnuffCrExpxQV9YAIhAM2wUXIANAgPhsbU
ll5NAEqs7vrxhupHJ6x3O5evoxDy
-----END CERTIFICATE-----
"""
ROOT = """\
-----BEGIN CERTIFICATE-----
MIIB2TCCAYCgAwIBAgIRAU/FA3irRlOs1N4OXdlt0GwwCgYIKoZIzj0EAwIwSjEL
MAkGA1UEBhMCQ04xDzANBgNVBAoMBumAmuWKnjEqMCgGA1UEAwwh6YCa5Yqe5pys
5Zyw55S15a2Q6K6k6K+B5qC56K+B5LmmMCAXDTIzMTIyMzAxMDAwMFoYDzIwNTMx
MjIzMDEwMDAwWjBKMQswCQYDVQQGEwJDTjEPMA0GA1UECgwG6YCa5YqeMSowKAYD
VQQDDCHpgJrlip7mnKzlnLDnlLXlrZDorqTor4HmoLnor4HkuaYwWTATBgcqhkjO
PQIBBggqhkjOPQMBBwNCAASEMgh/BZ2IU1kynVzuSA/jxiweVEtgx1rSD/3dpFET
UDojOdFDJVgrSY1xd/ciGHoqxKzwzSwVH42TdYp3lBIro0UwQzASBgNVHRMBAf8E
CDAGAQH/AgEAMA4GA1UdDwEB/wQEAwIBBjAdBgNVHQ4EFgQUkYIvBe4N/2N9C4fL
P9NFln0/X44wCgYIKoZIzj0EAwIDRwAwRAIgN1zRIUkBj6fAqIJXIIM9wtdnhZt6
FgncbntqDxnbfx0CIGtz4YZcm1qy5+XVQQWP8rlj+TBL9mRGiAFzeijWS3eo
-----END CERTIFICATE-----
"""
MAKE = MakeSeal(
    certificate=CERTIFICATE,
    issuer=ROOT,
    sm2_public_key="04" + "ab" * 64,
    image="cd" * 32,
    valid_from=VALID_FROM,
    valid_to=VALID_TO,
    keeper=KEEPER,
    now=NOW + MINUTE,
)
REGISTER = RegisterSeal(OTHER_KEEPER, NOW + 2 * MINUTE)
STOP = StopSeal("印章管理员离任", KEEPER, NOW + 3 * MINUTE)
RESUME = ResumeSeal(OTHER_KEEPER, NOW + 4 * MINUTE)
CANCEL = CancelSeal("名称变更", KEEPER, NOW + 5 * MINUTE)

APPLIED = history(SEAL, APPLY)
MADE = history(SEAL, APPLY, MAKE)
IN_USE = history(SEAL, APPLY, MAKE, REGISTER)
STOPPED = history(SEAL, APPLY, MAKE, REGISTER, STOP)
CANCELLED = history(SEAL, APPLY, MAKE, REGISTER, CANCEL)


def lives_of_seals(random: Random) -> Iterator[tuple[str, list[Event]]]:
    """Streams of all the seals an owner had, one after the other; the last one as far as chance would have it."""
    for owner in (BODY, OFFICER):
        for nth, seal in zip(range(3), ids_for(owner.kind, owner.code), strict=False):
            commands: list[Command] = [ApplyForSeal(seal, owner, KEEPER, NOW + nth * MINUTE), MAKE, REGISTER]
            commands += [STOP, RESUME] * random.randrange(3)
            commands = commands[: random.randrange(1, len(commands) + 1)] if nth == 2 else [*commands, CANCEL]
            yield SEAL.stream(seal), history(SEAL, *commands)


def used(certificate: UUID, minute: int) -> list[Event]:
    """That both signed a certificate."""
    return [
        SealUsed(seal=seal, certificate=certificate, digest="ef" * 32, used_at=NOW + minute * MINUTE)
        for seal in (SIGNATURE_ID, SEAL_ID)
    ]
