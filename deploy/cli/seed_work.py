"""Plants the sample data in a running stack, over HTTP, and tells who can sign in."""

from pathlib import Path

from rich.table import Column, Table

from deploy.cli.terminal import console, tell
from deploy.runner import stack_file
from deploy.runner.errors import StackError
from deploy.secrets import ADMINISTRATOR, StackSecrets
from deploy.seed.insure import insure
from deploy.seed.marry import marry
from deploy.seed.plant import plant
from deploy.seed.plant_seals import plant_seals
from deploy.seed.samples import sample_insured, sample_marriages, sample_people, sample_staff
from shared.standards import divisions


async def plant_samples(data_dir: Path) -> None:
    """Plant, and tell who can sign in. StackError: identity is not part of this stack, or says no."""
    addresses = stack_file.read(data_dir).addresses
    identity = addresses.get("identity")
    if identity is None:
        raise StackError(f"identity does not run in {data_dir}: run `tongban up --only identity --data {data_dir}`")
    secrets = StackSecrets(data_dir)
    staff, people = sample_staff(), sample_people()
    tell(f"sample data: {len(staff)} staff and {len(people)} people …")
    planted = await plant(identity, secrets, staff, people)
    tell(f"sample data: {planted.appointed} staff appointed, {planted.entered} people entered")
    married = await marry(identity, secrets, staff, people, sample_marriages())
    tell(f"sample data: {married} marriages recorded")
    if insurance := addresses.get("insurance"):
        insured = await insure(identity, insurance, secrets, staff, sample_insured())
        tell(f"sample data: {insured} people insured")
    if "certificates" in addresses:
        tell(f"sample data: {await plant_seals(addresses, secrets, staff)} seals and signatures registered")
    console().print(who_can_sign_in(secrets))
    newcomer = people[0]
    tell(f"Everybody can open an account by phone, such as {newcomer.name} {newcomer.id_number[:]}; the code is")
    tell("shown by `tongban messages`. Who they are is proved at a counter: POST /verifications by a registrar.")


def who_can_sign_in(secrets: StackSecrets) -> Table:
    """Logins and passwords of the administrator and the sample staff."""
    whole = [Column(name, no_wrap=True) for name in ("login", "password")]  # to be typed off
    table = Table(*whole, "serves as", "in", box=None)
    table.add_row(ADMINISTRATOR, secrets.staff_password(ADMINISTRATOR), "administrator", "全国")
    for one in sample_staff():
        place = "全国" if one.division == divisions.WHOLE_COUNTRY else divisions.get(one.division).name
        table.add_row(one.login, secrets.staff_password(one.login), ", ".join(one.roles), place)
    return table
