"""The files that compose.yaml is told by: secrets, the broker's accounts, and a .env that holds no secret."""
