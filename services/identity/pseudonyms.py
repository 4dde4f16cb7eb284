"""Names for streams that must be found by an ID number or login without telling it."""

from datetime import date
from hashlib import sha256
from hmac import digest
from uuid import UUID

from shared.standards.id_number import IdNumber

SIGNS = "0123456789abcdefghjkmnpqrstvwxyz"  # Crockford's base 32: nothing to be taken for another sign


class Pseudonyms:
    """UUIDv8 (RFC 9562 §5.8) of HMAC-SHA256 under a secret: the same for the same text, telling nothing without it."""

    def __init__(self, secret: str) -> None:
        self._secret = secret.encode()

    @property
    def fingerprint(self) -> str:
        """Tells one secret from another and nothing else."""
        return self._of("fingerprint", "").hex

    def id_number(self, number: IdNumber) -> UUID:
        return self._of("id number", number)

    def person(self, number: IdNumber, claims: int) -> UUID:
        """The person entered under a number that was claimed `claims` times before."""
        return self._of("person", f"{number} {claims}")

    def newborn(self, reference: UUID) -> UUID:
        """The person entered for an item of a case."""
        return self._of("newborn", str(reference))

    def birth(self, mother: UUID, born_on: date, order: str) -> UUID:
        return self._of("birth", f"{mother} {born_on} {order}")

    def birth_certificate(self, identifier: str) -> UUID:
        return self._of("birth certificate", identifier)

    def marriage(self, licence: str) -> UUID:
        """The marriage that a licence stands for."""
        return self._of("marriage", licence)

    def staff(self, login: str) -> UUID:
        return self._of("staff", login)

    def phone_account(self, number: IdNumber, phone: str) -> UUID:
        """The account that somebody with this phone opens under this number."""
        return self._of("phone account", f"{number} {phone}")

    def officer(self, number: IdNumber) -> UUID:
        """The person whose appointments are decided together, under whatever logins."""
        return self._of("officer", number)

    def phone(self, phone: str) -> bytes:
        return self._of("phone", phone).bytes

    def key(self, purpose: str) -> bytes:
        """A key of 32 bytes for one purpose alone."""
        return digest(self._secret, f"key\n{purpose}".encode(), sha256)

    def initial_password(self, text: str) -> str:
        """16 signs of 5 bits in groups of four, easy to type: the same for the same text, guessed by nobody."""
        code = digest(self._secret, f"initial password\n{text}".encode(), sha256)
        signs = "".join(SIGNS[byte & 31] for byte in code[:16])
        return "-".join(signs[start : start + 4] for start in range(0, 16, 4))

    def _of(self, purpose: str, text: str) -> UUID:
        code = bytearray(digest(self._secret, f"{purpose}\n{text}".encode(), sha256)[:16])
        code[6] = code[6] & 0x0F | 0x80
        code[8] = code[8] & 0x3F | 0x80
        return UUID(bytes=bytes(code))
