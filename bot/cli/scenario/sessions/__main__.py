"""`python -m bot.cli.scenario.sessions`: runs sessions of scenarios, each in a process of its own.

Jobs come in on standard input, results go out on standard output, a line of JSON each; no source is an argument. This
process loads the simulator once, runs nothing itself, and forks for each job: a scenario that crashes the engine, eats
memory or never returns costs its own run. The kernel ends a run that takes too long, whatever it is at. It ends with
its parent, however that ends: then standard input is over.
"""

import contextlib
import os
import resource
import selectors
import signal
import sys
from collections import deque
from typing import Final, NoReturn

from bot.cli.scenario.sessions._observation import Answer, Breakage, Broken, Order, Result, Run, answer_line, read_order
from bot.cli.scenario.sessions._session_run import observe, parse

_STDIN: Final = 0
_STDOUT: Final = 1
_STDERR: Final = 2
_PROCESSOR_S: Final = 8
"""The processor time of a run; what goes on turn by turn stops before that by itself."""
_WALL_S: Final = 60
"""The time of a run by the clock: for what waits without computing."""
_MEMORY_BYTES: Final = 512 * 1024 * 1024
"""The address space beyond this process's own: the scenario's 16 MB, its log, and room for all else."""
_CHUNK: Final = 65_536


class _Runs:
    """The runs that are on their way, by the pipe in which each result arrives."""

    def __init__(self, at_once: int) -> None:
        self._at_once = at_once
        self._selector = selectors.DefaultSelector()
        self._pids: dict[int, tuple[int, int]] = {}
        self._results: dict[int, bytearray] = {}
        self._waiting: deque[Order] = deque()
        self._more = True

    def serve(self) -> None:
        """Run every job of standard input, and return when the last result is written."""
        self._selector.register(_STDIN, selectors.EVENT_READ)
        rest = b""
        while self._more or self._pids:
            for key, _ in self._selector.select():
                if key.fd == _STDIN:
                    rest = self._read_jobs(rest)
                else:
                    self._read_result(key.fd)
            while self._waiting and len(self._pids) < self._at_once:
                self._fork(self._waiting.popleft())

    def end(self) -> None:
        """Kill what still runs: nobody waits for it any more."""
        for pid, _ in self._pids.values():
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)

    def _read_jobs(self, rest: bytes) -> bytes:
        chunk = os.read(_STDIN, _CHUNK)
        if not chunk:
            self._selector.unregister(_STDIN)
            self._more = False
            self._waiting.clear()
            self.end()
            return b""
        *lines, rest = (rest + chunk).split(b"\n")
        self._waiting += [read_order(line) for line in lines]
        return rest

    def _fork(self, order: Order) -> None:
        reading, writing = os.pipe()
        pid = os.fork()
        if pid == 0:
            os.close(reading)
            _run(order, writing)
        os.close(writing)
        self._pids[reading] = pid, order.number
        self._results[reading] = bytearray()
        self._selector.register(reading, selectors.EVENT_READ)

    def _read_result(self, reading: int) -> None:
        chunk = os.read(reading, _CHUNK)
        self._results[reading] += chunk
        if chunk:
            return
        self._selector.unregister(reading)
        os.close(reading)
        pid, number = self._pids.pop(reading)
        result = bytes(self._results.pop(reading))
        _, status = os.waitpid(pid, 0)
        if os.waitstatus_to_exitcode(status) != 0:
            result = answer_line(Answer(number, Broken(_breakage(os.waitstatus_to_exitcode(status)))))
        _write(_STDOUT, result)


def _run(order: Order, writing: int) -> NoReturn:
    """Run a job in this process, which was made for it, write the result, and end."""
    code = _OUT_OF_MEMORY
    try:
        _limit()
        result: Result = observe(order.job) if isinstance(order.job, Run) else parse(order.job)
        _write(writing, answer_line(Answer(order.number, result)))
        code = 0
    except MemoryError:
        pass
    except BaseException as error:  # noqa: BLE001 - it ends this process; its text may hold a customer's source
        frame = error.__traceback__
        while frame is not None and frame.tb_next is not None:
            frame = frame.tb_next
        where = "" if frame is None else f" in {frame.tb_frame.f_code.co_qualname}, line {frame.tb_lineno}"
        _write(_STDERR, f"{type(error).__name__}{where}\n".encode())
        code = _FAULT
    finally:
        os._exit(code)


_OUT_OF_MEMORY: Final = 3
_FAULT: Final = 4


def _limit() -> None:
    """Limit this process, for good; the default action of both signals ends it in the middle of anything."""
    devnull = os.open(os.devnull, os.O_RDWR)
    for each in (_STDIN, _STDOUT):
        os.dup2(devnull, each)
    signal.signal(signal.SIGALRM, signal.SIG_DFL)
    signal.setitimer(signal.ITIMER_REAL, _WALL_S)
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_CPU, (_PROCESSOR_S, _PROCESSOR_S))
    with contextlib.suppress(OSError, ValueError):  # macOS has no such limit, and the engine has its own
        resource.setrlimit(resource.RLIMIT_AS, (_own_memory() + _MEMORY_BYTES,) * 2)


def _own_memory() -> int:
    """Return the address space of this process now; raises OSError where the system does not say."""
    with open("/proc/self/statm", encoding="ascii") as file:  # noqa: PTH123 - no path, but the system's word
        return int(file.read().split()[0]) * resource.getpagesize()


def _breakage(code: int) -> Breakage:
    if code in {-signal.SIGALRM, -signal.SIGXCPU, -signal.SIGKILL}:
        return Breakage.endless
    return {_OUT_OF_MEMORY: Breakage.memory, _FAULT: Breakage.fault}.get(code, Breakage.crashed)


def _write(descriptor: int, data: bytes) -> None:
    while data:
        data = data[os.write(descriptor, data) :]


def _serve() -> None:
    observe(Run(scripts=(), until_s=1, processor_s=1))  # what is loaded and read at a first run, no other needs to
    runs = _Runs(at_once=max(len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else 1, 1))
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the command, which then lets go of this process
    try:
        runs.serve()
    finally:
        runs.end()


if __name__ == "__main__":
    sys.excepthook = lambda kind, _error, _trace: _write(_STDERR, f"{kind.__name__}\n".encode())
    _serve()
