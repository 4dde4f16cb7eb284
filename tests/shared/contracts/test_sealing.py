"""Sealed fields: what is stored in place of a personal field, and how it is read again."""
