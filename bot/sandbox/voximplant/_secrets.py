"""Secrets: AddSecret, GetSecrets, GetSecretValue, SetSecretInfo, DelSecret.

Documented are the parameters and the limits. That the results of AddSecret and GetSecretValue are lists is what the
official clients read; that a name is unique in its application, and the codes, are inferred. A session has the values
that the secrets had when it was started.
"""

import re
from dataclasses import replace

from bot.sandbox.voximplant._account import Secret
from bot.sandbox.voximplant._errors import ApiError, refuse
from bot.sandbox.voximplant._method import APPLICATION, DONE, PAGE, Answer, Method, MethodCall, page, shown

_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_]{0,63}")
_VALUE_LENGTH_MAX = 8192
_DESCRIPTION_LENGTH = 200
_SECRET = APPLICATION | {"secret_id", "secret_name"}
_CONTENT = frozenset({"description", "secret_value"})


def _add_secret(call: MethodCall) -> Answer:
    given = call.parameters
    application = call.required_application()
    name = _new_name(call, given.required_text("secret_name"), "secret_name")
    value = _checked_value(given.required_text("secret_value"))
    description = (given.text("description") or "")[:_DESCRIPTION_LENGTH]
    secret = call.account.add_secret(application, name, value, description, call.request.at)
    return {"result": [{"secret_id": secret.secret_id}]}


def _get_secrets(call: MethodCall) -> Answer:
    part = call.parameters.text("secret_name_part") or ""
    return page([_row(secret) for secret in _all(call) if part in secret.name], call.parameters.page())


def _get_secret_value(call: MethodCall) -> Answer:
    (secret,) = _chosen(call, lists=False)
    return {"result": [_row(secret) | {"secret_value": secret.value}]}


def _set_secret_info(call: MethodCall) -> Answer:
    given = call.parameters
    (secret,) = _chosen(call, lists=False)
    name, value, description = (given.text(each) for each in ("new_secret_name", "secret_value", "description"))
    if name is not None and name != secret.name:
        secret = replace(secret, name=_new_name(call, name, "new_secret_name"))
    call.account.secrets[secret.secret_id] = replace(
        secret,
        value=secret.value if value is None else _checked_value(value),
        description=secret.description if description is None else description[:_DESCRIPTION_LENGTH],
        modified=call.request.at,
    )
    return dict(DONE)


def _del_secret(call: MethodCall) -> Answer:
    every = call.parameters.text("secret_id") == "all"
    for secret in _all(call) if every else _chosen(call, lists=True):
        del call.account.secrets[secret.secret_id]
    return dict(DONE)


METHODS = {
    "AddSecret": Method(answer=_add_secret, parameters=APPLICATION | _CONTENT | {"secret_name"}),
    "GetSecrets": Method(answer=_get_secrets, parameters=APPLICATION | PAGE | {"secret_name_part"}),
    "GetSecretValue": Method(answer=_get_secret_value, parameters=_SECRET),
    "SetSecretInfo": Method(answer=_set_secret_info, parameters=_SECRET | _CONTENT | {"new_secret_name"}),
    "DelSecret": Method(answer=_del_secret, parameters=_SECRET),
}


def _all(call: MethodCall) -> list[Secret]:
    application = call.required_application()
    return [secret for secret in call.account.secrets.values() if secret.application == application]


def _chosen(call: MethodCall, *, lists: bool) -> list[Secret]:
    """Return the secrets that the call names by id or by name; without `lists` it is one. An unknown one is refused."""
    ids, names = call.parameters.numbers("secret_id"), call.parameters.names("secret_name")
    named = "secret_name" if ids is None else "secret_id"
    wanted: tuple[int | str, ...] = names or () if ids is None else ids
    if not wanted:
        raise ApiError(134, field_name="secret_id")
    known = {(secret.name if ids is None else secret.secret_id): secret for secret in _all(call)}
    if any(each not in known for each in wanted) or (len(wanted) > 1 and not lists):
        refuse(named)
    return [known[each] for each in wanted]


def _new_name(call: MethodCall, name: str, parameter: str) -> str:
    if not _NAME.fullmatch(name):
        refuse(parameter)
    if any(secret.name == name for secret in _all(call)):
        raise ApiError(493, f"The '{parameter}' is not unique.", field_name=parameter)
    return name


def _checked_value(value: str) -> str:
    if len(value) > _VALUE_LENGTH_MAX:
        refuse("secret_value")
    return value


def _row(secret: Secret) -> Answer:
    return {
        "secret_id": secret.secret_id,
        "secret_name": secret.name,
        "description": secret.description,
        "created": shown(secret.created),
        "modified": shown(secret.modified),
    }
