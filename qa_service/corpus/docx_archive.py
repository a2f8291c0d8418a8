"""The ZIP archive around a DOCX: bounded before anything is unpacked, its XML without DTDs."""

from io import BytesIO
from typing import Any
from zipfile import BadZipFile, ZipFile

from lxml import etree

from qa_service.errors import DocumentError

_MAX_ENTRIES = 5_000
_MAX_TOTAL = 200_000_000  # bytes, unpacked
# Word's XML packs to a tenth, text that repeats itself to a fiftieth; a bomb to a thousandth.
_MAX_RATIO = 150
_SMALL = 5_000_000  # bytes; so little may be packed as densely as it likes
_RELATION = "{http://schemas.openxmlformats.org/package/2006/relationships}Relationship"


class Archive:
    """The parts of a DOCX, unpacked in memory only and only those that are asked for."""

    def __init__(self, content: bytes) -> None:
        try:
            self._zip = ZipFile(BytesIO(content))
            entries = self._zip.infolist()
        except (BadZipFile, ValueError, OSError, NotImplementedError) as error:
            raise _damaged(error) from error
        total = sum(entry.file_size for entry in entries)
        if len(entries) > _MAX_ENTRIES or total > _MAX_TOTAL:
            raise DocumentError(
                f"unpacks to {len(entries):,} files of {total:,} bytes together; at most "
                f"{_MAX_ENTRIES:,} and {_MAX_TOTAL:,} are read. Split it."
            )
        if total > _SMALL and total > _MAX_RATIO * len(content):
            raise DocumentError(
                f"unpacks to {total // max(len(content), 1):,} times its size, which is what "
                "archives made to exhaust memory do. Save it anew from Word."
            )
        if any(entry.flag_bits & 1 for entry in entries):
            raise DocumentError("is protected by a password. Save it without one.")
        self._names = {entry.filename for entry in entries}

    def main_part(self) -> str:
        """The name of the part that holds the body."""
        relations = self.xml("_rels/.rels")
        for relation in relations.iter(_RELATION):
            if relation.get("Type", "").endswith("/officeDocument"):
                return str(relation.get("Target", "")).lstrip("/")
        raise _damaged("no main document is named in it")

    def xml(self, name: str, *, required: bool = True) -> Any:
        """The root of a part; None where it is absent and not required."""
        if name not in self._names:
            if required:
                raise _damaged(f"{name} is missing")
            return None
        try:
            with self._zip.open(name) as part:
                # The sizes checked above are claims: no more than was claimed is unpacked.
                content = part.read(self._zip.getinfo(name).file_size)
        except (BadZipFile, ValueError, OSError, NotImplementedError, EOFError) as error:
            raise _damaged(error) from error
        # Zero bytes left out, so that UTF-16 hides nothing.
        if b"<!DOCTYPE" in content.replace(b"\0", b""):
            raise _declares(name)
        parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False)
        try:
            root = etree.fromstring(content, parser)
        except etree.XMLSyntaxError as error:
            if error.code == etree.ErrorTypes.ERR_NO_MEMORY:
                raise MemoryError from error
            raise _damaged(f"{name}: {error}") from error
        if root.getroottree().docinfo.doctype:
            raise _declares(name)
        return root


def _damaged(reason: object) -> DocumentError:
    return DocumentError(
        f"is a damaged DOCX ({' '.join(str(reason).split())[:200]}). "
        "Open it in Word or LibreOffice and save it anew."
    )


def _declares(name: str) -> DocumentError:
    return DocumentError(
        f"declares a document type in its part {name}, which no Word document does and which can "
        "be used to read other files. Save it anew from Word."
    )
