"""The parts that all engines share: the threads that run jobs, and what an engine is to them."""

from storage.engine._engine import Engine, EngineConnection
from storage.engine._threads import Reader, Writer

__all__ = ["Engine", "EngineConnection", "Reader", "Writer"]
