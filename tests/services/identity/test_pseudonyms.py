from uuid import RFC_4122

from services.identity.pseudonyms import Pseudonyms
from tests.services.identity.examples import LI_NUMBER, PHONE, WANG_NUMBER

NAMES = Pseudonyms("a secret of thirty-two characters")


def test_a_pseudonym_is_the_same_every_time() -> None:
    assert NAMES.id_number(WANG_NUMBER) == Pseudonyms("a secret of thirty-two characters").id_number(WANG_NUMBER)


def test_a_pseudonym_is_a_uuid_of_version_8() -> None:
    pseudonym = NAMES.id_number(WANG_NUMBER)

    assert (pseudonym.version, pseudonym.variant) == (8, RFC_4122)


def test_number_purpose_and_secret_each_make_another_pseudonym() -> None:
    made = {
        NAMES.id_number(WANG_NUMBER),
        NAMES.id_number(LI_NUMBER),
        NAMES.person(WANG_NUMBER, 0),
        NAMES.person(WANG_NUMBER, 1),
        NAMES.phone_account(WANG_NUMBER, PHONE),
        NAMES.phone_account(LI_NUMBER, PHONE),
        NAMES.phone_account(WANG_NUMBER, "13900000000"),
        NAMES.staff(WANG_NUMBER),
        Pseudonyms("another secret of 32 characters..").id_number(WANG_NUMBER),
    }

    assert len(made) == 9
