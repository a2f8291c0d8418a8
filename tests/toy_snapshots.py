"""Snapshots of two small files, sealed but not published."""

from pathlib import Path

from toys import write_files

from qa_service.snapshot import Snapshot, new_folder, seal


def toy_snapshot(index_dir: Path, **facts: object) -> Snapshot:
    """A sealed folder of two files, one of them nested; not published."""
    index_dir.mkdir(exist_ok=True)
    folder = write_files(new_folder(index_dir), {"a.bin": b"\0\1", "dir/b.txt": "text"})
    known: dict[str, object] = {
        "encoder": "toy",
        "encoder_fingerprint": "0123456789abcdef",
        "dimension": 2,
        "passage_words": 80,
        "parsing": "0" * 64,
        "documents": 1,
        "passages": 3,
        "content": "0" * 64,
    }
    return seal(folder, **known | facts)
