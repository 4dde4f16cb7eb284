"""The broker's accounts, in a folder that is mounted as a whole: a running broker that is told to read anew sees them.

They hold hashes; the passwords are files of their own, the departments' and the operators' (`sys-nats-password`).
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
from shared.contracts.sharing import read_catalogue

ACCOUNTS = f"nats/{file.NAME}"


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
    catalogue = checked(read_catalogue(SHARING_FILE, CONTRACTS))
    names = {login: password_file(login, catalogue.jurisdiction) for login in logins(catalogue)}
    for name in names.values():
        folder.need(name, random_text)
    made = accounts(catalogue, hashing(lambda login: folder.read(names[login]).decode("ascii").strip()))
    text = file.text(made).encode()
    if folder.has(ACCOUNTS) and folder.read(ACCOUNTS) == text:
        return False
    folder.replace(ACCOUNTS, text)
    return True
