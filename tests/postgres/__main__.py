"""`python -m tests.postgres`: the last lines of `make test` where there is no PostgreSQL; else none."""

from tests.postgres.programs import MISSING, programs

if programs() is None:
    print(f"The tests on PostgreSQL were not run: {MISSING} Then `make test` runs them, too.")  # noqa: T201 - for who runs it
