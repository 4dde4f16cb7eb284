"""Backups of PostgreSQL servers, the archive of what they write, and the way back."""
