"""The metrics of a process, as Prometheus reads them."""

from bot.process.metrics._metrics import Metrics

__all__ = ["Metrics"]
