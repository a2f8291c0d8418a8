import pytest

from qa_service.corpus.decoding import decode, decode_utf8
from qa_service.errors import DocumentError

LATVIAN = "Republika tika pasludināta maijā, un tās valdība sanāca Gendžē."


@pytest.mark.parametrize(
    "text",
    [
        LATVIAN,
        "Rīga",
        "Īss teksts ar garumzīmēm: ēka, šķūnis, ģerbonis, ņēma, ļoti, čūska, ūdens.",
        "„Pēdiņas” – un domuzīme.",
    ],
)
@pytest.mark.parametrize("encoding", ["utf-8", "cp1257", "utf-16", "utf-16-le", "utf-32"])
def test_latvian_is_read_in_each_of_its_encodings(text: str, encoding: str) -> None:
    assert decode(text.encode(encoding)) == text


def test_a_utf8_mark_stays_in_the_text() -> None:
    assert decode(b"\xef\xbb\xbfText") == "\ufeffText"


@pytest.mark.parametrize(
    ("text", "encoding"),
    [
        ("Здравствуйте, мир. Это текст на русском языке, он короткий.", "cp1251"),
        ("Die größte Stadt heißt München, und sie ist schön.", "cp1252"),
        ("The café’s “naïve” owner said it was a façade.", "cp1252"),
        ("La città è bella, però è più cara.", "cp1252"),
        ("Příliš žluťoučký kůň úpěl ďábelské ódy.", "cp1250"),
        ("Zażółć gęślą jaźń, tak się mówi po polsku.", "cp1250"),
    ],
)
def test_other_encodings_are_guessed(text: str, encoding: str) -> None:
    assert decode(text.encode(encoding)) == text


@pytest.mark.parametrize(
    "head",
    ['<meta charset="windows-1257">', "<meta http-equiv=x content='text/html; charset=cp1257'>"],
)
def test_the_charset_of_a_page_is_believed_before_any_guess(head: str) -> None:
    text = f"{head}<p>Zażółć ir svešs vārds"
    assert decode(text.encode("cp1257"), html=True) == text


def test_a_page_that_says_latin1_is_windows_1252() -> None:
    text = '<meta charset="iso-8859-1"><p>“quoted” café'
    assert decode(text.encode("cp1252"), html=True) == text


def test_a_wrong_declaration_does_not_spoil_utf8() -> None:
    text = f'<meta charset="windows-1257"><p>{LATVIAN}'
    assert decode(text.encode(), html=True) == text


@pytest.mark.parametrize("charset", ["utf-8", "utf-16", "hex", "no-such-thing"])
def test_a_declaration_that_cannot_be_true_is_passed_over(charset: str) -> None:
    text = f'<meta charset="{charset}"><p>{LATVIAN}'
    assert decode(text.encode("cp1257"), html=True) == text


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"a\0b", "NUL"),
        (b"caf\xe9 \0", "NUL"),
        (b"\xff\xfea", "is not UTF-16"),
        ("te\0xt".encode("utf-16"), "NUL"),
    ],
)
def test_what_is_no_text_is_refused(content: bytes, reason: str) -> None:
    with pytest.raises(DocumentError, match=reason):
        decode(content)


def test_only_utf8_is_read_where_nothing_else_is_allowed() -> None:
    assert decode_utf8("Rīga".encode()) == "Rīga"
    with pytest.raises(DocumentError, match="byte 1 is not UTF-8"):
        decode_utf8("Rīga".encode("cp1257"))
