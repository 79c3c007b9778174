"""Refusals of the Web API."""

from typing import Any, NoReturn


class SlackError(Exception):
    """A refusal by the error code that Slack puts into `error`.

    `problems` are the sentences of `response_metadata.messages`; `beside` are further keys of the answer,
    such as `needed` and `provided` of `missing_scope`.
    """

    def __init__(self, code: str, *problems: str, **beside: Any) -> None:
        super().__init__(code, *problems)
        self.code = code
        self.problems = problems
        self.beside = beside

    def answer(self) -> dict[str, Any]:
        """Return the JSON body of the refusal: `{"ok": false, "error": …}`."""
        body: dict[str, Any] = {"ok": False, "error": self.code, **self.beside}
        if self.problems:
            body["response_metadata"] = {"messages": [f"[ERROR] {problem}" for problem in self.problems]}
        return body


def refuse(code: str, *problems: str, **beside: Any) -> NoReturn:
    """Raise SlackError."""
    raise SlackError(code, *problems, **beside) from None
