"""Bytes -> text: UTF-8 first, then what the bytes themselves declare, then a guess."""

import codecs
import re

from qa_service.errors import DocumentError
from qa_service.languages import detect_language

# UTF-32's mark starts with UTF-16's, so it is looked for first.
_MARKS = (
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_CHARSET = re.compile(rb"<meta[^>]{0,200}?charset\s*=\s*[\"']?\s*([\w.:-]{1,40})", re.IGNORECASE)
_CHARSET_XML = re.compile(rb"^\s*<\?xml[^>]{0,200}?encoding\s*=\s*[\"']([\w.:-]{1,40})")
# Python has codecs of no charset (`hex`, `punycode`); and what says UTF-8 here was not it.
_LEGACY = re.compile("cp|iso|koi8|mac|gb|big5|shift|euc|hz|johab|kz|ptcp|tis")
_DECLARED_WITHIN = 4096  # bytes; browsers look at 1,024
_GUESSED_FROM = 200_000  # bytes
_FEWEST = 4  # characters that tell UTF-16 from bytes with a zero among them
_WESTERN = frozenset("àáâäåæçèéêëìíîïñòóôöøùúûüÿßœÀÁÂÄÅÆÇÈÉÊËÌÍÎÏÑÒÓÔÖØÙÚÛÜŒ")
_WESTERN_LANGUAGES = frozenset(
    ("ca", "da", "de", "en", "es", "fi", "fr", "gl", "is", "it", "nb", "nl", "nn", "no", "pt", "sv")
)
_LATVIAN = frozenset("āčēģīķļņōŗšūžĀČĒĢĪĶĻŅŌŖŠŪŽ")
_CONTROLS = re.compile(r"[\x00-\x08\x0e-\x1f\x7f]")
_NO_TEXT = "holds NUL characters, so it is no text. Move it out of the corpus."


def decode_utf8(content: bytes) -> str:
    """The text, when it is UTF-8; a byte order mark stays in it."""
    try:
        text = content.decode("utf-8")
    except UnicodeDecodeError as error:
        raise DocumentError(f"byte {error.start} is not UTF-8. Save the file as UTF-8.") from error
    if "\0" in text:
        raise DocumentError(_NO_TEXT)
    return text


def decode(content: bytes, *, html: bool = False) -> str:
    """The text in whichever encoding it is: UTF-8, UTF-16, a declared one or a guessed one.

    With `html`, a charset that the page declares is believed before any guess is made.
    """
    for mark, encoding in _MARKS:
        if content.startswith(mark):
            return _decoded(content, encoding)
    try:
        text = content.decode("utf-8")
        if "\0" not in text:
            return text
    except UnicodeDecodeError:
        pass
    wide = _wide(content)
    declared = _declared(content) if html and not wide else ""
    encoding = wide or declared or _guessed(content)
    if not encoding:
        raise DocumentError(
            _NO_TEXT if b"\0" in content else "is text in no known encoding. Save it as UTF-8."
        )
    return _decoded(content, encoding)


def _decoded(content: bytes, encoding: str) -> str:
    try:
        text = content.decode(encoding)
    except UnicodeDecodeError as error:
        raise DocumentError(
            f"byte {error.start} is not {encoding.upper()}, which the file seems to be in. "
            "Save it as UTF-8."
        ) from error
    if "\0" in text:
        raise DocumentError(_NO_TEXT)
    return text


def _declared(content: bytes) -> str:
    head = content[:_DECLARED_WITHIN]
    found = _CHARSET.search(head) or _CHARSET_XML.search(head)
    try:
        name = codecs.lookup(found[1].decode()).name if found else ""
    except (LookupError, ValueError):
        return ""
    # Pages that say Latin-1 mean Windows-1252; browsers read them so.
    if name in ("iso8859-1", "ascii"):
        return "cp1252"
    return name if _LEGACY.match(name) else ""


def _wide(content: bytes) -> str:
    """UTF-16 without its mark: nearly every other byte of Western text is zero."""
    sample = content[:4096]
    half = len(sample) // 2
    if half < _FEWEST:
        return ""
    if sample[1::2].count(0) > 0.7 * half and 0 not in sample[0::2]:
        return "utf-16-le"
    if sample[0::2].count(0) > 0.7 * half and 0 not in sample[1::2]:
        return "utf-16-be"
    return ""


def _guessed(content: bytes) -> str:
    sample = content[:_GUESSED_FROM]
    if b"\0" in sample:
        return ""
    if _is_latvian(sample):
        return "cp1257"
    if _is_western(sample):
        return "cp1252"
    from charset_normalizer import from_bytes

    best = from_bytes(sample).best()
    if best is None or _CONTROLS.search(str(best)):
        return ""
    return best.encoding


# Both are asked first, as charset-normalizer takes most Latvian and Western text of a few
# sentences for Central European.


def _is_latvian(sample: bytes) -> bool:
    """Whether read as cp1257 the text has Latvian letters and hardly any other foreign ones."""
    foreign = _foreign(sample.decode("cp1257", errors="replace"))
    ours = sum(char in _LATVIAN for char in foreign)
    # Every Latvian sentence has a long vowel; Italian in cp1252 shares only consonants.
    return ours > 0.95 * len(foreign) and any(char in "āēīūĀĒĪŪ" for char in foreign)


def _is_western(sample: bytes) -> bool:
    """Whether read as cp1252 the text is in a Western language, with that language's letters."""
    text = sample.decode("cp1252", errors="replace")
    foreign = _foreign(text)
    return (
        _WESTERN.issuperset(foreign)
        and len(foreign) < 0.25 * sum(char.isalpha() for char in text)
        and detect_language(text) in _WESTERN_LANGUAGES
    )


def _foreign(text: str) -> list[str]:
    return [char for char in text if char > "\x7f" and (char.isalpha() or char == "\ufffd")]
