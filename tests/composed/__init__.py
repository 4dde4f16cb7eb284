"""Uses a composed stack as citizens, staff, operators and accidents do, and looks at what its containers may do.

`.ci/compose` runs it. `python -m tests.composed DIRECTORY`: the stack is up, .env and secrets/ are in DIRECTORY.
"""
