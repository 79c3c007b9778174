"""Sessions of scenarios in a child process, the only part of a check that loads the sandbox: orders and observations.

The face has the words between both processes. The child's own code is in `__main__`.
"""

from bot.cli.scenario.sessions._observation import (
    Absent,
    Breakage,
    Broken,
    CallSeen,
    Delivery,
    Ending,
    Flaw,
    Job,
    Observation,
    Order,
    Parse,
    Parsed,
    Registered,
    Request,
    Result,
    Run,
    Script,
    Timed,
    order_line,
    read_answer,
)

__all__ = [
    "Absent", "Breakage", "Broken", "CallSeen", "Delivery", "Ending", "Flaw", "Job", "Observation", "Order", "Parse",
    "Parsed", "Registered", "Request", "Result", "Run", "Script", "Timed", "order_line", "read_answer",
]  # fmt: skip
