"""Documents deleted since a Snapshot was built: gone from answers before the next one is there.

`index/deleted.json` says when each was deleted. Whoever serves a Snapshot whose build began
before that leaves the Document out, also after a rollback; one whose build began later read the
corpus without it, or with what was put there anew.
"""

import json
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from pathlib import Path

from qa_service.errors import DamagedSnapshotError
from qa_service.snapshot import (
    deletions_lock,
    id_at,
    published_folders,
    unpublished_folders,
    write_atomically,
)
from qa_service.stores import Store
from qa_service.stores.visible import VisibleStore

_FILE = "deleted.json"
_KEPT = timedelta(days=1)  # a server may serve a removed Snapshot until it has opened the next


def delete(index_dir: Path, document_id: str) -> None:
    """Leave a Document out of all Snapshots there are, that of a running build too.

    Call it when its file is gone from the corpus.
    """
    with deletions_lock(index_dir):
        begun = [*published_folders(index_dir), *unpublished_folders(index_dir)]
        now = max([id_at(datetime.now(UTC)), *(folder.name for folder in begun)])
        known = {**_known(index_dir), document_id: now}
        write_atomically(index_dir / _FILE, json.dumps(known, ensure_ascii=False, indent=1))


def deleted(index_dir: Path, snapshot_id: str) -> frozenset[str]:
    """The ids deleted after the build of this Snapshot began."""
    return frozenset(name for name, when in _known(index_dir).items() if when >= snapshot_id)


def visible(store: Store, index_dir: Path, snapshot_id: str) -> Store:
    """The Store of a Snapshot without what was deleted since."""
    hidden = deleted(index_dir, snapshot_id)
    return VisibleStore(store, hidden) if hidden else store


def forget(index_dir: Path) -> None:
    """Drop what no Snapshot can hold any more."""
    oldest = min((folder.name for folder in published_folders(index_dir)), default="")
    limit = min(oldest, id_at(datetime.now(UTC) - _KEPT))
    with deletions_lock(index_dir):
        known = _known(index_dir)
        kept = {name: when for name, when in known.items() if when >= limit}
        if kept != known:
            write_atomically(index_dir / _FILE, json.dumps(kept, ensure_ascii=False, indent=1))


def _known(index_dir: Path) -> Mapping[str, str]:
    # Read for every question: small, as what no Snapshot can hold is dropped.
    path = index_dir / _FILE
    try:
        return _parsed(path.read_bytes())
    except FileNotFoundError:
        return {}
    except (ValueError, TypeError) as error:  # nobody may see what was deleted
        raise DamagedSnapshotError(
            f"The list of deleted documents {str(path)!r} is damaged. See that what was deleted "
            "is not in the corpus, then remove that file and run `qa-service build`."
        ) from error


@lru_cache(maxsize=8)
def _parsed(content: bytes) -> Mapping[str, str]:
    return dict(json.loads(content))
