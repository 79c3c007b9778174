"""What is counted and measured while a process runs, as Prometheus reads it."""

from bot.process.metrics._metrics import Metrics

__all__ = ["Metrics"]
