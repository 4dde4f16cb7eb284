"""The road: the broker's accounts, made from the data-sharing catalogue, at its start and while it runs."""
