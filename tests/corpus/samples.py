"""Small real files of the formats that have no plain text."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from io import BytesIO
from zipfile import ZIP_DEFLATED, ZipFile

from docx.document import Document


@dataclass(frozen=True, slots=True)
class Shown:
    """A text at a place of a page, in points from its lower left corner."""

    text: str
    y: float = 700
    x: float = 72
    size: float = 11
    bold: bool = False


def toy_pdf(
    pages: Sequence[Sequence[Shown]],
    *,
    about: str = "",
    trailer: str = "",
    content: Mapping[int, bytes] | None = None,
    more: Sequence[bytes] = (),
    resources: str = "",
) -> bytes:
    """A PDF with an encoding of its own for the letters beyond ASCII.

    `content` replaces the drawing of pages, by index; `more` are objects numbered after all others
    (first number: 6 + 2 * pages), which `resources` may name.
    """
    letters = sorted({c for page in pages for shown in page for c in shown.text if c > "~"})
    codes = {letter: 128 + index for index, letter in enumerate(letters)}
    names = " ".join(f"/uni{ord(letter):04X}" for letter in letters)
    encoding = f"<</Type/Encoding/BaseEncoding/WinAnsiEncoding/Differences[128 {names}]>>"
    kids = " ".join(f"{6 + 2 * index} 0 R" for index in range(len(pages)))
    objects = [
        b"<</Type/Catalog/Pages 2 0 R>>",
        f"<</Type/Pages/Count {len(pages)}/Kids[{kids}]>>".encode(),
        *(
            f"<</Type/Font/Subtype/Type1/BaseFont/{name}/Encoding{encoding}>>".encode()
            for name in ("Helvetica", "Helvetica-Bold")
        ),
        f"<<{about}>>".encode(),
    ]
    for index, page in enumerate(pages):
        drawn = (content or {}).get(index) or b"BT %s ET" % b" ".join(
            b"/%s %g Tf 1 0 0 1 %g %g Tm <%s> Tj"
            % (
                b"B" if shown.bold else b"F",
                shown.size,
                shown.x,
                shown.y,
                bytes(codes.get(char, ord(char)) for char in shown.text).hex().encode(),
            )
            for shown in page
        )
        objects.append(
            b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Contents %d 0 R"
            b"/Resources<</Font<</F 3 0 R/B 4 0 R>>%s>>>>" % (7 + 2 * index, resources.encode())
        )
        objects.append(toy_stream(drawn))
    return _pdf([*objects, *more], trailer)


def toy_stream(content: bytes, entries: bytes = b"") -> bytes:
    return b"<</Length %d%s>>stream\n%s\nendstream" % (len(content), entries, content)


def _pdf(objects: Sequence[bytes], trailer: str) -> bytes:
    out = bytearray(b"%PDF-1.4\n")
    places = []
    for number, content in enumerate(objects, start=1):
        places.append(len(out))
        out += b"%d 0 obj\n%s\nendobj\n" % (number, content)
    table = len(out)
    out += b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1)
    out += b"".join(b"%010d 00000 n \n" % place for place in places)
    out += f"trailer\n<</Size {len(objects) + 1}/Root 1 0 R/Info 5 0 R{trailer}>>\n".encode()
    return bytes(out) + b"startxref\n%d\n%%%%EOF" % table


ENCRYPTED = (
    "/Encrypt<</Filter/Standard/V 1/R 2/P -4"
    f"/O<{'41' * 32}>/U<{'42' * 32}>>>/ID[<{'43' * 16}><{'43' * 16}>]"
)


def prose(lines: Sequence[str], y: float = 700, size: float = 11, pitch: float = 14) -> list[Shown]:
    """The lines of text under each other."""
    return [Shown(line, y - index * pitch, size=size) for index, line in enumerate(lines)]


def saved(document: Document) -> bytes:
    out = BytesIO()
    document.save(out)
    return out.getvalue()


def with_parts(archive: bytes, parts: Mapping[str, bytes | None]) -> bytes:
    """The ZIP archive with these parts put in, or taken out where None."""
    out = BytesIO()
    with ZipFile(BytesIO(archive)) as old, ZipFile(out, "w", ZIP_DEFLATED) as new:
        for name in old.namelist():
            if name not in parts:
                new.writestr(name, old.read(name))
        for name, content in parts.items():
            if content is not None:
                new.writestr(name, content)
    return out.getvalue()
