"""Guards what is stored for ever: every schema of every event ever shipped stays readable, by us and by subscribers."""
