"""The broker's accounts, in a folder that is mounted as a whole: a running broker that is told to read anew sees them.

They hold hashes; the passwords are files of their own, the departments' and the operators' (`sys-nats-password`). The
catalogue that they were made from lies in a folder of its own, which departments follow.
"""

from deploy.composed.folder import SecretFolder
from deploy.composed.secrets import random_text
from deploy.road import file
from deploy.road.accounts import accounts, logins
from deploy.road.check import checked
from deploy.road.passwords import hashing
from deploy.road.work import password_file
from deploy.sharing import SHARING_FILE
from shared.contracts.catalogue import CONTRACTS
from shared.contracts.sharing import parse_catalogue, read_text

ACCOUNTS = f"nats/{file.NAME}"
CATALOGUE = f"sharing/{file.CATALOGUE}"


CLUSTER = "nats/cluster.conf"
NODES = ("nats", "nats-2", "nats-3")
"""As compose.cluster.yaml names them."""


def need_cluster(folder: SecretFolder) -> None:
    """By what the brokers of compose.cluster.yaml let one another in. One broker alone does not read it."""
    folder.need(CLUSTER, _cluster)


def _cluster() -> bytes:
    password = random_text().decode()
    routes = ", ".join(f'"nats://route:{password}@{node}:6222"' for node in NODES)
    return f'authorization {{ user: route, password: "{password}" }}\nroutes: [{routes}]\n'.encode()


def write_accounts(folder: SecretFolder) -> bool:
    """Made from the catalogue and the passwords; who has none is given one. Returns whether anything in it changed."""
    written = read_text(SHARING_FILE)
    catalogue = checked(parse_catalogue(written, SHARING_FILE.name, CONTRACTS))
    names = {login: password_file(login, catalogue.jurisdiction) for login in logins(catalogue)}
    for name in names.values():
        folder.need(name, random_text)
    made = accounts(catalogue, hashing(lambda login: folder.read(names[login]).decode("ascii").strip()))
    is_other = _keep(folder, ACCOUNTS, file.text(made).encode())
    _keep(folder, CATALOGUE, written.encode())
    return is_other


def _keep(folder: SecretFolder, name: str, content: bytes) -> bool:
    """Whether it was another before."""
    if folder.has(name) and folder.read(name) == content:
        return False
    folder.replace(name, content)
    return True
