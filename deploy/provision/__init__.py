"""Setting up many village accounts, and their seals, from one file."""
