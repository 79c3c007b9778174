"""How this Slack says no."""

from typing import Any, NoReturn


class SlackError(Exception):
    """A refusal: the one word Slack puts into `error`, and what stands beside it.

    `problems` are the sentences of `response_metadata.messages`; `beside` are further keys of the answer,
    such as `needed` and `provided` of `missing_scope`.
    """

    def __init__(self, word: str, *problems: str, **beside: Any) -> None:
        super().__init__(word, *problems)
        self.word = word
        self.problems = problems
        self.beside = beside

    def answer(self) -> dict[str, Any]:
        """Give the JSON body of the refusal: `{"ok": false, "error": …}`."""
        body: dict[str, Any] = {"ok": False, "error": self.word, **self.beside}
        if self.problems:
            body["response_metadata"] = {"messages": [f"[ERROR] {problem}" for problem in self.problems]}
        return body


def refuse(word: str, *problems: str, **beside: Any) -> NoReturn:
    """Say no. Raises SlackError."""
    raise SlackError(word, *problems, **beside) from None
