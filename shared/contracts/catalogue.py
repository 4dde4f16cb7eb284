"""Every department's contract: the published language, whole."""

from shared.contracts.cases import CASES
from shared.contracts.certificates import CERTIFICATES
from shared.contracts.feed import Contract
from shared.contracts.identity import IDENTITY
from shared.contracts.insurance import INSURANCE
from shared.contracts.notification import NOTIFICATION

CONTRACTS: tuple[Contract, ...] = (IDENTITY, CERTIFICATES, NOTIFICATION, INSURANCE, CASES)
