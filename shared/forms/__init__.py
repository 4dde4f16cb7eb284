"""Forms as data: the kinds of field, and filling them with what is known and what a person wrote. Pure."""
