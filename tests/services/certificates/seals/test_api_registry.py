"""The registry as anyone reads it, and what keepers see of a seal's uses."""

from uuid import uuid4

import pytest
from cryptography import x509

from services.certificates.domain.seal_use import SealUsed
from shared.contracts.event import Event
from shared.eventstore.aggregate import Aggregate, Context
from tests.department import Department
from tests.services.certificates.examples import COMMITTEE, NOW, OTHER_VILLAGE, VILLAGE
from tests.services.certificates.office import Office, problem
from tests.services.certificates.seals import desk
from tests.services.certificates.seals.examples import COUNTY

# 22 Chinese characters are 66 bytes; RFC 5280 counts characters, of which 64 are allowed
pytestmark = pytest.mark.filterwarnings("ignore:Attribute's length must be")

_AS_TOLD: Aggregate[None, Event] = Aggregate("told", None, lambda _, event: [event], lambda state, _: state)


async def test_anyone_reads_an_entry_and_checks_it_against_the_root(office: Office) -> None:
    seal = await desk.in_use(office)
    anyone = await office.anyone()
    entry = (await anyone.get(f"/seals/{seal}")).json()
    assert (entry["status"], entry["owner_name"], entry["division_name"][-4:]) == ("in_use", COMMITTEE, "塔元庄村")
    assert entry["applied_at"] < entry["made_at"] < entry["registered_at"]
    assert len(entry["sm2_public_key"]) == 130
    root = (await anyone.get("/trust/root.pem")).text
    own, issuer = (x509.load_pem_x509_certificate(one.encode()) for one in entry["certificates"])
    assert entry["certificates"][1] == root
    own.verify_directly_issued_by(issuer)
    issuer.verify_directly_issued_by(issuer)


async def test_the_root_is_the_same_before_and_after_it_is_needed(office: Office) -> None:
    anyone = await office.anyone()
    first = await anyone.get("/trust/root.pem")
    assert first.headers["content-type"] == "application/pem-certificate-chain"
    entry = (await anyone.get(f"/seals/{await desk.in_use(office)}")).json()
    assert entry["certificates"][1] == first.text == (await anyone.get("/trust/root.pem")).text


async def test_anyone_sees_the_picture_and_nothing_in_it_may_run(office: Office) -> None:
    keeper = await desk.keeper(office)
    seal = await desk.applied(keeper)
    anyone = await office.anyone()
    assert problem(await anyone.get(f"/seals/{seal}/image")) == (404, "no_such_seal")
    await keeper.post(f"/seals/{seal}/make", json={})
    image = await anyone.get(f"/seals/{seal}/image")
    assert (image.headers["content-type"], image.content[:5]) == ("image/svg+xml", b"<svg ")
    assert "sandbox" in image.headers["content-security-policy"]


async def test_what_is_not_registered_is_not_found(office: Office) -> None:
    anyone = await office.anyone()
    for path in ("", "/image"):
        assert problem(await anyone.get(f"/seals/{uuid4()}{path}")) == (404, "no_such_seal")
    assert problem(await (await desk.keeper(office)).get(f"/seals/{uuid4()}/uses")) == (404, "no_such_seal")


async def test_the_list_is_by_division_and_comes_in_pages(department: Department, office: Office) -> None:
    anyone = await office.anyone()
    assert (await anyone.get("/seals")).json() == {"seals": [], "next": None}
    await desk.appointed(department)
    keeper = await desk.keeper(office)
    wanted = [desk.VILLAGE_SEAL, desk.SIGNATURE, {"kind": "seal", "division": OTHER_VILLAGE}]
    applied = [await desk.applied(keeper, one) for one in wanted]

    async def listed(**query: str) -> list[str]:
        return [one["seal"] for one in (await anyone.get("/seals", params=query)).json()["seals"]]

    assert await listed() == await listed(division=COUNTY) == applied[::-1]
    assert await listed(division=VILLAGE) == [applied[1], applied[0]]
    assert await listed(division=VILLAGE, kind="signature") == [applied[1]]
    assert await listed(division="450000000000") == []
    first = (await anyone.get("/seals", params={"limit": "2"})).json()
    assert await listed(limit="2", after=first["next"]) == [applied[0]]
    assert problem(await anyone.get("/seals", params={"division": "1301"})) == (422, "division_code")


async def test_a_keeper_sees_each_use_of_a_seal(department: Department, office: Office) -> None:
    seal = await desk.in_use(office)
    keeper = await desk.keeper(office)
    assert (await keeper.get(f"/seals/{seal}/uses")).json() == {"uses": [], "next": None}
    certificate = uuid4()
    used = SealUsed(seal=seal, certificate=certificate, digest="ab" * 32, used_at=NOW)
    await department.engine.store.execute(f"certificate-{certificate}", _AS_TOLD, used, Context())
    [use] = (await keeper.get(f"/seals/{seal}/uses")).json()["uses"]
    assert (use["certificate"], use["digest"]) == (str(certificate), "ab" * 32)
