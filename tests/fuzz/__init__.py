"""The longer search for faults, `python -m tests.fuzz --minutes 5`. It begins with what is saved in `corpus`."""
