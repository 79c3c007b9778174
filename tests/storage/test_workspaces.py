from datetime import timedelta

from sqlite_utils import Database

from storage import workspaces
from storage.workspaces import Known

from .conftest import NOW


def test_the_workspace_served_last_is_known(db: Database) -> None:
    """Nothing is known at first; then the workspace that was served last is, with its present address."""
    assert workspaces.known(db) is None
    workspaces.record(db, Known("T1", "https://one.slack.com/"), now=NOW)
    workspaces.record(db, Known("T2", "https://two.slack.com/"), now=NOW + timedelta(days=1))
    assert workspaces.known(db) == Known("T2", "https://two.slack.com/")
    workspaces.record(db, Known("T1", "https://renamed.slack.com/"), now=NOW + timedelta(days=2))
    assert workspaces.known(db) == Known("T1", "https://renamed.slack.com/")
