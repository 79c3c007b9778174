"""The commits of a store, counted on its own connection: it is the only one of them that writes."""

from typing import cast

from storage.connection import Job
from storage.engine import EngineConnection
from storage.store import Store


async def counted_commits(store: Store) -> list[None]:
    """Return a list that grows with each commit, the one from which on they are counted included."""
    commits = list[None]()

    def begin(db: EngineConnection) -> None:
        commit = db.commit

        def counted() -> None:
            commits.append(None)
            commit()

        db.commit = counted  # type: ignore[method-assign]

    await store.write(cast("Job[None]", begin))
    return commits
