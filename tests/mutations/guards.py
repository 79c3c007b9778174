"""The guards: where each stands, the source without it, and the tests of which one must fall then."""

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True)
class Guard:
    """A guard by name: `source` of the file at `path` becomes `broken`, and one of `tests` must fall."""

    name: str
    path: str
    source: str
    broken: str
    tests: str


TALKS: Final = "tests/conversations"
POLICY: Final = "bot/access/_policy.py"
MODEL: Final = "tests/model/test_model.py --model-examples=100 --timeout=0 -ksqlite"
"""Which courses ten examples take depends on every word of the code; a hundred meet each guard."""

MODEL_ON_SERVER: Final = "tests/model/test_model.py --model-examples=100 --timeout=0 -kpostgres"

GUARDS: Final = (
    Guard(
        "double press",
        "storage/commands.py",
        "if window is not None and not refused:",
        "if window is not None and refused:",
        f"{TALKS}/test_double_press.py",
    ),
    Guard(
        "redelivery",
        "storage/commands.py",
        "return Admitted(command=known, fresh=False, twin=None)",
        "return Admitted(command=known, fresh=True, twin=None)",
        "tests/dispatch/test_dispatch.py",
    ),
    Guard(
        "edits are not run",
        "bot/slack/inbound/_mentions.py",
        "if event.is_edited:\n            line",
        "if False:\n            line",
        f"{TALKS}/test_mentions.py",
    ),
    Guard(
        "age of an event",
        "bot/dispatch/_parsing.py",
        "now - request.typed_at < TOO_OLD",
        "now - request.typed_at < TOO_OLD * 1e6",
        f"{TALKS}/test_mentions.py",
    ),
    Guard(
        "grammar of stop",
        "bot/verbs/_selection.py",
        "if not leading_ids(text)[0]:",
        "if not text:",
        "tests/verbs/test_selection.py",
    ),
    Guard(
        "compare-and-set",
        "storage/session_changes.py",
        "where id = :id and ({condition}) returning *",
        "where id = :id and (({condition}) or 1) returning *",
        "tests/storage/test_sessions.py",
    ),
    Guard(
        "redirects",
        "bot/voximplant/_session_url.py",
        "if 300 <= status < 400:",
        "if 300 > status >= 400:",
        "tests/voximplant/test_session_url.py",
    ),
    Guard(
        "hosts",
        "bot/voximplant/_hosts.py",
        "raise HostRefused(url.host)\n        literal",
        "pass\n        literal",
        "tests/voximplant/test_hosts.py",
    ),
    Guard(
        "masking of sends",
        "bot/text/_json.py",
        "return _masked(body, [])",
        "return body if isinstance(body, str) else body.decode()",
        f"{TALKS}/test_send.py",
    ),
    Guard(
        "audit keeps its lines",
        "storage/sqlite/schema.py",
        "create trigger audit_keeps_lines before delete on audit begin",
        "create trigger audit_keeps_lines before delete on audit when 0 begin",
        "tests/storage/test_audit.py",
    ),
    Guard(
        "audit keeps its words",
        "storage/sqlite/_audit_chain.py",
        "    when not coalesce(\n",
        "    when 0 and not coalesce(\n",
        "tests/storage/test_audit.py",
    ),
    Guard(
        "signature of Slack",
        "bot/slack/inbound/_http.py",
        "return any(each.is_valid(body, timestamp, signature) for each in self._verifiers)",
        "return True",
        f"{TALKS}/test_http_mode.py",
    ),
    Guard(
        "signature of the inbox",
        "bot/directory/_inbox.py",
        "return any(right)",
        "return True",
        "tests/directory/test_inbox.py",
    ),
    Guard(
        "window of the inbox",
        "bot/directory/_inbox.py",
        "<= WINDOW.total_seconds()",
        ">= 0",
        "tests/directory/test_inbox.py",
    ),
    Guard(
        "signature of announcements",
        "bot/directory/_rows.py",
        "if members and self.secrets and not self._has_signed(text):",
        "if False:",
        "tests/directory/test_rows.py",
    ),
    Guard(
        "two agreeing readings",
        "bot/watch/_apply_history.py",
        'if session.end_seen_at is None:\n        event = f"The history says',
        'if False:\n        event = f"The history says',
        f"{TALKS}/test_history.py",
    ),
    Guard(
        "URLs are wiped at the end",
        "storage/history.py",
        "**dict.fromkeys(_URL_COLUMNS),",
        "",
        f"tests/storage {TALKS}/test_stop.py",
    ),
    Guard(
        "grants",
        POLICY,
        "if await self._is_granted(request, query.right, covering):",
        "if True:",
        f"{TALKS}/test_grants.py",
    ),
    Guard(
        "guests",
        POLICY,
        "if not facts.full:\n            raise",
        "if False:\n            raise",
        f"{TALKS}/test_policy.py",
    ),
    Guard(
        "strangers",
        POLICY,
        "if self._team not in facts.teams:",
        "if False:",
        f"{TALKS}/test_enterprise_grid.py {TALKS}/test_policy.py",
    ),
    Guard("shared channels", POLICY, "if facts.shared:", "if False:", f"{TALKS}/test_policy.py"),
    Guard(
        "sealing",
        "storage/sealing.py",
        "return self._fernet.encrypt(text.encode())",
        "return text.encode()",
        "tests/storage/test_sealing.py",
    ),
    Guard(
        "a key file that others may read",
        "storage/sealing.py",
        "if mode & 0o077:",
        "if mode & 0:",
        "tests/storage/test_sealing.py",
    ),
    Guard(
        "mode of the key file",
        "storage/sealing.py",
        "os.O_EXCL, 0o600)",
        "os.O_EXCL, 0o644)",
        "tests/storage/test_sealing.py",
    ),
    Guard(
        "mode of the database",
        "storage/sqlite/_engine.py",
        "            _close_to_others(path)\n",
        "",
        "tests/storage/test_store.py",
    ),
    Guard(
        "redaction by value",
        "bot/process/_redaction.py",
        "text = self._known.sub(HIDDEN, text)",
        "pass",
        "tests/process/test_redaction.py",
    ),
    Guard(
        "repr of a secret",
        "bot/voximplant/_secret.py",
        'return f"{type(self).__name__}(hidden)"',
        "return self._value",
        "tests/voximplant/test_session_url.py",
    ),
    Guard(
        "lanes",
        "bot/voximplant/_session_url.py",
        "lane = self._lanes.bulk if is_of_many else self._lanes.stop",
        "lane = self._lanes.bulk if is_of_many else self._lanes.send",
        "tests/voximplant/test_session_url.py",
    ),
    Guard(
        "record before act",
        "bot/verbs/_start.py",
        "lambda db: starts.record_call(db, session.id, command=context.command, now=services.clock.now(), owner=own)",
        "lambda db: True",
        f"{TALKS}/test_start.py tests/faults/test_recovery.py",
    ),
    Guard(
        "admissions first, in the writer",
        "storage/engine/_job_queue.py",
        "(self._first if each.first else self._others).append(each)",
        "self._others.append(each)",
        "tests/storage/test_store.py",
    ),
    Guard(
        "admissions first, in the event loop",
        "bot/process/_acks.py",
        "if not self._waiting and not self._work:",
        "if True:",
        "tests/process/test_acks.py",
    ),
    Guard(
        "order of sends",
        "bot/dispatch/_dispatch.py",
        "if not is_serial or not admitted.named:",
        "if True:",
        f"{TALKS}/test_send.py",
    ),
    Guard(
        "a stop passes sends",
        "bot/dispatch/_dispatch.py",
        "parsed.verb is not None and parsed.verb.serial and asked_form(parsed) is None",
        "parsed.verb is not None and asked_form(parsed) is None",
        f"{TALKS}/test_send.py",
    ),
    Guard(
        "a line for one person",
        "bot/slack/responses/_responses.py",
        'call_method(self.client, "chat.postEphemeral", message)',
        'call_method(self.client, "chat.postMessage", message)',
        f"{TALKS}/test_slack_trouble.py {TALKS}/test_mentions.py",
    ),
    Guard(
        "longest body",
        "bot/process/ops/_listener.py",
        "client_max_size=self._longest",
        "client_max_size=self._longest * 1000",
        "tests/process/ops/test_listener.py",
    ),
    Guard(
        "the lock of the second bot",
        "storage/lock.py",
        "fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)",
        "fcntl.flock(descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)",
        "tests/storage/test_lock.py",
    ),
    Guard(
        "a reading older than the stop",
        "bot/stops/_outcome.py",
        "session.history_version is None or session.history_version < session.stop.version",
        "session.history_version is None",
        f"{TALKS}/test_stop.py {TALKS}/test_history.py",
    ),
    Guard(
        "the audit has each step of a command",
        "storage/sqlite/schema.py",
        "audit_command_changed after update of state on commands\n    when old.state is not new.state begin",
        "audit_command_changed after update of state on commands\n    when 0 begin",
        MODEL,
    ),
    Guard(
        "the audit has each step of a session",
        "storage/sqlite/schema.py",
        "audit_session_changed after update of state on sessions\n    when old.state is not new.state begin",
        "audit_session_changed after update of state on sessions\n    when 0 begin",
        MODEL,
    ),
    Guard(
        "the audit has each step of a command, on a server",
        "storage/postgres/_audit.py",
        "when (old.state <> new.state) execute function audit_command();",
        "when (false) execute function audit_command();",
        MODEL_ON_SERVER,
    ),
    Guard(
        "the audit has each step of a session, on a server",
        "storage/postgres/_audit.py",
        "update of state on sessions for each row\n    when (old.state <> new.state)",
        "update of state on sessions for each row\n    when (false)",
        MODEL_ON_SERVER,
    ),
    Guard(
        "one outcome of a command",
        "storage/commands.py",
        "\" where id = ? and state in ('accepted', 'calling')\",",
        '" where id = ?",',
        "tests/storage/test_commands.py",
    ),
    Guard(
        "one outcome of a command, in the whole bot",
        "storage/commands.py",
        "\" where id = ? and state in ('accepted', 'calling')\",",
        '" where id = ?",',
        MODEL,
    ),
    Guard(
        "redelivery, in the whole bot",
        "storage/commands.py",
        "return Admitted(command=known, fresh=False, twin=None)",
        "return Admitted(command=known, fresh=True, twin=None)",
        "tests/model/test_states.py",
    ),
    Guard(
        "a key of its own for each intent, in the whole bot",
        "storage/commands.py",
        "known = next((each for each in others if each.key == new.key), None)\n",
        "known = next((each for each in others if each.key == new.key), None)\n"
        "    if known is not None:\n"
        '        new, known = NewCommand(**{**vars(new), "key": f"{new.key}, again"}), None\n',
        MODEL,
    ),
    Guard(
        "record before act, of a send",
        "storage/commands.py",
        "return mark_calling(db, command_id, now=now, owner=owner)",
        "return True",
        MODEL,
    ),
    Guard(
        "a stop that is resumed keeps its request id",
        "bot/stops/_delivery.py",
        "urls, request, stop.request_id, by=by",
        "urls, request, new_request_id(), by=by",
        MODEL,
    ),
    Guard(
        "a reading older than the stop, in the whole bot",
        "bot/stops/_outcome.py",
        "session.history_version is None or session.history_version < session.stop.version",
        "session.history_version is None",
        "tests/model/test_old_readings.py",
    ),
    Guard(
        "data in which Slack put an id in the place of a name",
        "bot/slack/inbound/_mentions.py",
        'return found["verb"].lower() if any(each in asked for each in made) else None',
        "return None",
        "tests/properties/test_delivery_properties.py",
    ),
    Guard(
        "JSON goes as it came",
        "bot/text/_json.py",
        "return Understood(text.encode(), repaired=False, changes=())",
        'return Understood(text.replace(": ", ":").encode(), repaired=False, changes=())',
        "tests/properties/test_json_properties.py",
    ),
    Guard(
        "room of a port",
        "bot/process/ops/_listener.py",
        "if len(self._connections) > self._room:",
        "if False:",
        "tests/faults/test_crowd.py",
    ),
    Guard(
        "token of a workspace",
        "bot/slack/api/_connection.py",
        "bot_token: str = field(repr=False)",
        "bot_token: str",
        "tests/test_dataclasses.py",
    ),
    Guard(
        "masking, wherever a secret could be",
        "bot/text/_json.py",
        "return _masked(body, [])",
        "return body if isinstance(body, str) else body.decode()",
        "tests/test_secrets.py",
    ),
    Guard(
        "log of a secret",
        "bot/life/app/_app.py",
        'log.info("connected to %s as %s", workspace.url, workspace.bot_name)',
        'log.info("connected to %s as %s", workspace.url, workspace.bot_token)',
        "tests/test_canaries.py",
    ),
)
