"""Settings shared by all tests."""

import hypothesis

# The same examples in every run, however slow the machine: a failure is a change in the code.
hypothesis.settings.register_profile(
    "repeatable",
    derandomize=True,
    deadline=None,
    database=None,
    max_examples=20,
    suppress_health_check=[hypothesis.HealthCheck.too_slow],
)
hypothesis.settings.load_profile("repeatable")
