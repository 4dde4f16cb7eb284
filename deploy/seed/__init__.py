"""Sample staff and people for trying Tongban out; all of them fictional."""
