"""What is known of an applicant, and so need not be asked."""

from shared.forms.fields import Source

SOURCES: frozenset[Source] = frozenset(
    {
        "person.name",
        "person.id_number",
        "person.birth_date",
        "person.sex",
        "person.division",
        "person.county",
        "person.household",
        "person.address",
        "person.full_address",
        "citizen.phone",
    }
)
OF_THE_REGISTER: frozenset[Source] = frozenset({"person.name", "person.id_number", "person.birth_date", "person.sex"})
"""What nobody may write himself: sharing provides it, and it is not a matter of choice."""
OF_THE_HOUSEHOLD: frozenset[Source] = frozenset(
    {"person.division", "person.county", "person.household", "person.address", "person.full_address"}
)
"""Where somebody's household is registered: changes when it moves."""
