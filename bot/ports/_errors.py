"""The errors that become a sentence for the person.

    Answerable              one sentence for the person: what happened, what did not, what to do next
    ├─ UsageProblem         the command could not be understood; dispatch adds the verb's usage
    ├─ NoSuchSession        no session of that id that the asker may see
    ├─ NoSuchRule           no rule of that name, or more than one
    ├─ RulesUnreadable      a rule's name could not be looked up, so nothing was started
    ├─ NotNow               understood and allowed, but not in the session's present state
    ├─ CannotPost           Slack did not take the card, so nothing was started
    ├─ CannotShow           a form could not be opened on the person's screen
    ├─ CannotShare          Slack did not take a file
    ├─ LogUnavailable       a session's log could not be found or fetched
    ├─ NotAdopted           what was given to adopt cannot be taken
    ├─ CutOff               this process was away for too long, and another one settled its command
    └─ Denied               the policy says no

Errors of the platform have their own tree in `bot.voximplant.errors`.
"""

from typing import ClassVar

from bot.text import plain
from storage.command import CommandState


class Answerable(Exception):  # noqa: N818 - named for what it is to the person, who is not told of errors
    """An error with one sentence for the person; `state` is the state of the command's row."""

    state: ClassVar[CommandState] = CommandState.refused

    def __init__(self, sentence: str) -> None:
        super().__init__(plain(sentence))
        self.sentence = sentence


class UsageProblem(Answerable):
    """The command does not fit its grammar. Nothing was done."""


class NoSuchSession(Answerable):
    """The session does not exist, or the asker may not see it: both get the same answer."""


class NoSuchRule(Answerable):
    """The name is no rule's, or several rules'. Nothing was started."""


class RulesUnreadable(Answerable):
    """The account's rules could not be read, so a command with a rule's name was not done."""

    state = CommandState.failed


class NotNow(Answerable):
    """The session's state forbids this."""


class CannotPost(Answerable):
    """Slack did not take the session's card, so nothing was started."""

    state = CommandState.failed


class CannotShow(Answerable):
    """A form could not be opened on the person's screen. Nothing was done."""

    state = CommandState.failed


class CannotShare(Answerable):
    """Slack did not take a file, so it is not in the thread."""

    state = CommandState.failed


class LogUnavailable(Answerable):
    """The log of a session could not be found or fetched. Nothing was posted."""

    state = CommandState.failed


class NotAdopted(Answerable):
    """The session of an `adopt` cannot be taken over. Nothing was adopted."""


class CutOff(Answerable):
    """This process was cut off from the database for so long that another one settled its command. Nothing was sent."""

    state = CommandState.failed


class Denied(Answerable):
    """The policy denies this to this person, here."""

    state = CommandState.denied
