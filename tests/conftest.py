"""A busy machine makes no property false: examples may take as long as they take."""

from hypothesis import settings

settings.register_profile("unhurried", deadline=None)
settings.load_profile("unhurried")
