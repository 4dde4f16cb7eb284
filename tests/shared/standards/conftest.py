"""Wall-clock time is a matter of benchmarks: a busy machine must not fail a property."""

from hypothesis import settings

settings.register_profile("no_deadline", deadline=None)
settings.load_profile("no_deadline")
