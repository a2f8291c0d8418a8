"""What a file is by its first bytes, whatever its name says."""

_SIGNATURES = (
    (b"%PDF-", "a PDF"),
    (b"\x89PNG\r\n", "a PNG image"),
    (b"\xff\xd8\xff", "a JPEG image"),
    (b"GIF87a", "a GIF image"),
    (b"GIF89a", "a GIF image"),
    (b"II*\0", "a TIFF image"),
    (b"MM\0*", "a TIFF image"),
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "an old or an encrypted Office file"),
    (b"{\\rtf", "an RTF document"),
    (b"\x1f\x8b", "a gzip archive"),
    (b"7z\xbc\xaf", "a 7-Zip archive"),
    (b"Rar!\x1a", "a RAR archive"),
    (b"BZh91AY&SY", "a bzip2 archive"),
    (b"\xfd7zXZ", "an xz archive"),
    (b"\x7fELF", "a program"),
    (b"MZ\x90", "a program"),
    (b"SQLite format 3\0", "an SQLite database"),
)
# ZIP archives by the names in them, which stand unpacked.
_ARCHIVES = (
    (b"word/document", "a Word document (DOCX)"),
    (b"xl/workbook", "an Excel workbook"),
    (b"ppt/presentation", "a PowerPoint presentation"),
    (b"mimetypeapplication/epub", "an EPUB book"),
    (b"mimetypeapplication/vnd.oasis", "an OpenDocument file"),
)
_PDF_WITHIN = 1024  # bytes; readers of PDFs allow so much before the mark
_PAGE = (b"<!doctype html", b"<html", b"<?xml", b"<head", b"<body")

PDF, DOCX, TEXT, PAGE = "a PDF", "a Word document (DOCX)", "text", "an HTML page"


def looks_like(content: bytes) -> str:
    """The kind of a file in words; TEXT for what no signature tells."""
    if content.startswith(b"PK\x03\x04"):
        return next((name for mark, name in _ARCHIVES if mark in content), "a ZIP archive")
    found = next((name for mark, name in _SIGNATURES if content.startswith(mark)), "")
    if found:
        return found
    start = content[:_PDF_WITHIN].lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    return PAGE if start.startswith(_PAGE) else TEXT


def may_be_pdf(content: bytes) -> bool:
    """Whether a file that is named so is a PDF: some have other bytes before their mark."""
    return b"%PDF-" in content[:_PDF_WITHIN]
