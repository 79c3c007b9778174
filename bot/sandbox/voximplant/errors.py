"""The platform's refusals, as its Management API words them."""

INVALID_PARAMETER = 496

_MESSAGES = {
    100: "Authorization failed.",
    104: "The command is forbidden.",
    127: "There is not enough money on the account.",
    375: "The rule has no scenario.",
    447: "The token has a wrong format.",
    454: "The token lives too long.",
    455: "The token was issued in the future.",
    456: "The token has expired.",
}


class ApiError(Exception):
    """A refusal, sent with HTTP 200. With a `field_name` it is that parameter which is invalid."""

    def __init__(self, code: int, *, field_name: str | None = None) -> None:
        self.code = code
        self.field_name = field_name
        self.msg = _MESSAGES[code] if field_name is None else f"The '{field_name}' parameter is invalid."
        super().__init__(f"{code}: {self.msg}")

    def body(self) -> dict[str, object]:
        """Word it as it is sent: `{"error": {"code", "msg", "field_name"?}}`."""
        error: dict[str, object] = {"code": self.code, "msg": self.msg}
        if self.field_name is not None:
            error["field_name"] = self.field_name
        return {"error": error}
