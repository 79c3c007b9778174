"""The longer search for faults, `python -m tests.fuzz --minutes 5`. Failing examples are kept in `corpus`."""
