"""What Documents and their Passages come from besides the files: code, libraries, a setting."""

import sys
from hashlib import sha256
from importlib.metadata import version
from pathlib import Path

_CODE = ("corpus/*.py", "chunking.py", "languages.py", "schema.py", "sentences.py")
_LIBRARIES = (
    "charset-normalizer",
    "lxml",
    "markdown-it-py",
    "mdit-py-plugins",
    "py3langid",
    "pypdfium2",
    "pyyaml",
    "sentencex",
)


def parsing_sha256(passage_words: int) -> str:
    """Equal where equal files become equal Documents and Passages.

    It is of the code itself rather than of a number in it, which could be forgotten.
    """
    folder = Path(__file__).parent
    digest = sha256(f"{passage_words} {sys.version}".encode())
    for name in _LIBRARIES:
        digest.update(f"{name} {version(name)}\n".encode())
    for pattern in _CODE:
        for path in sorted(folder.glob(pattern)):
            digest.update(path.name.encode() + path.read_bytes())
    return digest.hexdigest()
