"""Checks a department's history against its own ledger and against what its neighbours have witnessed."""
