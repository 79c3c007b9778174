"""Wiring of the announcements of sessions: the rounds, the look-ups, the intake and, if it has a port, the inbox.

The leader alone makes rounds. What comes in at an inbox, and what is looked up after a stop, is settled where it came.
"""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass

from bot.directory import ClaimChecks, Inbox, Intake, LookUpQueue, LookUps, Refusals, Rounds
from bot.life._services import ProcessParts, host_rules
from bot.ports import Services


@dataclass(frozen=True, kw_only=True)
class AnnouncedParts:
    """The parts that read what sessions announce of themselves, none of them running yet."""

    rounds: Rounds
    look_ups: LookUps
    intake: Intake
    inbox: Inbox | None

    @property
    def steps(self) -> Sequence[Callable[[], Awaitable[None]]]:
        """Return the bodies of the loops that settle what comes in here, but for the leader's rounds."""
        return self.look_ups.step, self.intake.step, self.intake.verify_step


def build_announced(parts: ProcessParts, services: Services, queue: LookUpQueue) -> AnnouncedParts:
    """Build them; all four check claims in the same way, and offer them to the same intake."""
    settings, metrics = parts.settings, parts.metrics
    secrets = [each.get_secret_value().encode() for each in settings.announce_secrets]
    checks = ClaimChecks(hosts=host_rules(settings), secrets=secrets)
    refusals = Refusals(lambda reason: metrics.announcements_refused.labels(reason).inc())
    intake = Intake(services, refusals, parts.tasks)
    rounds = Rounds(services, checks, refusals, intake.offer, intake.recorded)
    inbox = None
    if settings.inbox_port is not None:
        inbox = Inbox(
            settings.inbox_host,
            settings.inbox_port,
            checks=checks,
            refusals=refusals,
            on_claim=lambda claim: intake.offer([claim]),
            clock=parts.platform_clock,
            metrics=metrics,
        )
    look_ups = LookUps(services, checks, refusals, intake.offer, queue=queue, rounds=rounds, tasks=parts.tasks)
    return AnnouncedParts(rounds=rounds, look_ups=look_ups, intake=intake, inbox=inbox)
