from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from sqlite_utils import Database

from storage import scenario_checks
from storage.scenario_checks import ScenarioCheck, Verdict, fingerprint, sources_digest, stop_digest

from .conftest import NOW

STOP = stop_digest(b'{"command": "stop"}', "application/json")
SOURCES = sources_digest(["kit", "VoxEngine.terminate()"])
MARK = "2026-03-01 02:14:00"
CHECK = ScenarioCheck(
    digest=SOURCES,
    stop=STOP,
    verdict=Verdict.stops_otherwise,
    with_kit=Verdict.stops_with_kit,
    has_kit=False,
    works='stop = "0"',
    sentence="It ends by 0.",
    checked_at=NOW,
)


def test_a_check_is_found_by_its_sources_and_stop(db: Database) -> None:
    """A check is found by the digests of what was run, and replaces the earlier one of the same."""
    assert scenario_checks.of(db, SOURCES, STOP) is None
    scenario_checks.keep(db, CHECK)
    assert scenario_checks.of(db, SOURCES, STOP) == CHECK
    later = replace(CHECK, verdict=Verdict.stops, works=None, with_kit=None, checked_at=NOW + timedelta(days=1))
    scenario_checks.keep(db, later)
    assert scenario_checks.of(db, SOURCES, STOP) == later
    assert scenario_checks.of(db, sources_digest(["VoxEngine.terminate()", "kit"]), STOP) is None


def test_a_rule_is_known_while_it_is_as_it_was(db: Database) -> None:
    """A check counts for a rule while its scenarios and its stop are those that were checked, and no longer."""
    mark = fingerprint([(1, MARK), (2, MARK)])
    assert mark is not None
    scenario_checks.keep(db, CHECK)
    assert scenario_checks.of_rule(db, 7, mark, STOP) is None
    scenario_checks.keep_rule(db, 7, mark, SOURCES)
    assert scenario_checks.of_rule(db, 7, mark, STOP) == CHECK
    others = [[(2, MARK), (1, MARK)], [(1, MARK)], [(1, MARK), (2, "2026-03-01 02:14:01")], [(1, MARK), (3, MARK)]]
    for changed in others:
        assert scenario_checks.of_rule(db, 7, fingerprint(changed), STOP) is None
    assert scenario_checks.of_rule(db, 7, None, STOP) is None
    assert scenario_checks.of_rule(db, 8, mark, STOP) is None
    assert scenario_checks.of_rule(db, 7, mark, stop_digest(b"0", "text/plain")) is None
    scenario_checks.keep_rule(db, 7, mark, sources_digest(["another"]))
    assert scenario_checks.of_rule(db, 7, mark, STOP) is None


def test_what_has_no_time_has_no_fingerprint() -> None:
    """Scenarios of which the platform does not say when they were modified cannot be known to be the same."""
    assert fingerprint([]) is None
    assert fingerprint([(1, MARK), (2, None)]) is None
    assert fingerprint([(1, "")]) is None
    aware = datetime(2026, 3, 1, tzinfo=UTC)
    assert fingerprint([(1, aware)]) == fingerprint([(1, aware)]) is not None


def test_digests_tell_their_parts_apart() -> None:
    """Two lists of sources, or two stops, never have the same digest because their parts join to the same text."""
    assert sources_digest(["ab", "c"]) != sources_digest(["a", "bc"]) != sources_digest(["abc"])
    stops = [stop_digest(b"0", "a"), stop_digest(b"0", "a", "/x"), stop_digest(b"0", "a", "", "GET")]
    assert len({*stops, stop_digest(b"0a", ""), stop_digest(b"", "0a")}) == 5
    assert sources_digest(["\ud83d"])  # half a pair, as a source may hold it


@pytest.mark.parametrize(
    ("verdict", "with_kit", "has_kit", "consequences"),
    [
        (Verdict.stops, None, False, {"listens"}),
        (Verdict.stops, Verdict.stops, False, {"listens"}),
        (Verdict.stops_with_kit, None, True, {"listens"}),
        (Verdict.stops_with_kit, None, False, {"is_deaf", "kit_helps"}),
        (Verdict.does_nothing, Verdict.stops_with_kit, False, {"is_deaf", "kit_helps"}),
        (Verdict.does_nothing, Verdict.throws, False, {"is_deaf"}),
        (Verdict.does_nothing, None, True, {"is_deaf"}),
        (Verdict.throws, None, False, {"is_deaf"}),
        (Verdict.cannot_tell, Verdict.stops_with_kit, False, set()),
    ],
)
def test_a_verdict_has_its_consequences(
    verdict: Verdict,
    with_kit: Verdict | None,
    has_kit: bool,  # noqa: FBT001 - a column of the table above
    consequences: set[str],
) -> None:
    """Whether a rule listens, is known not to, and would with the kit, follows from the check alone."""
    check = replace(CHECK, verdict=verdict, with_kit=with_kit, has_kit=has_kit)
    assert {name for name in ("listens", "is_deaf", "kit_helps") if getattr(check, name)} == consequences
