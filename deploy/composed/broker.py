"""The broker's logins, in a folder that is mounted as a whole: a running broker that is told to read anew sees them."""

import re

from deploy.composed.folder import SecretFolder
from deploy.nats_permissions import SHARING_FILE, configuration
from shared.contracts.catalogue import CONTRACTS
from shared.contracts.sharing import read_catalogue

ACCOUNTS = "nats/accounts.conf"


def write_accounts(folder: SecretFolder) -> bool:
    """Made from the catalogue and the passwords. Returns whether anything in it changed."""

    def password(found: re.Match[str]) -> str:
        return folder.read(f"{found[1].lower()}-nats-password").decode("ascii")

    made = configuration(read_catalogue(SHARING_FILE, CONTRACTS))
    text = re.sub(r"\$([A-Z]+)_NATS_PASSWORD", password, made).encode()
    if folder.has(ACCOUNTS) and folder.read(ACCOUNTS) == text:
        return False
    folder.replace(ACCOUNTS, text)
    return True
