"""The whole bot under everything that may happen, in any order."""

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis.stateful import run_state_machine_as_test

from tests.model.machine import Model


def test_whatever_happens_the_promises_hold(engine: str, pytestconfig: pytest.Config) -> None:
    """No order of commands, crashes, clocks and bad answers doubles, loses, leaks or misstates anything."""
    on_server = engine == "postgres"
    courses = pytestconfig.getoption("--model-examples")
    run_state_machine_as_test(  # type: ignore[no-untyped-call]
        lambda: Model(on_server=on_server),
        settings=settings(
            max_examples=courses // 2 if on_server else courses,  # it takes three times as long there
            stateful_step_count=20,
            derandomize=True,
            database=None,
            phases=[Phase.generate],  # a failing example is made small by `python -m tests.fuzz`
            deadline=None,
            suppress_health_check=list(HealthCheck),
        ),
    )
