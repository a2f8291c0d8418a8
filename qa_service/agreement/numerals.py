"""Numbers in words, English and Latvian: "twenty-six", "divdesmit seši", "1,5 miljoni"."""

from collections.abc import Sequence
from decimal import Decimal

from qa_service.agreement.tokens import Token, listed

_WORDS = {
    "en": {
        word: number
        for number, word in enumerate(
            listed(
                "zero one two three four five six seven eight nine ten eleven twelve thirteen "
                "fourteen fifteen sixteen seventeen eighteen nineteen twenty"
            )
        )
    }
    | {
        f"{ten}ty": number * 10
        for number, ten in enumerate(listed("thir for fif six seven eigh nine"), 3)
    },
    "lv": {f"vien{end}": 1 for end in listed("s a u am ai as")}
    | {
        f"{base}{end}": number
        for number, base in ((2, "div"), *enumerate(listed("cetr piec ses septin aston devin"), 4))
        for end in listed("i as u us iem am os")
    }
    | dict.fromkeys(listed("tris triju trim trijas trijos"), 3)
    | {"nulle": 0, "desmit": 10, "desmiti": 10}
    | {
        f"{base}{ten}": number * 10 if ten == "desmit" else number + 10
        for number, base in enumerate(listed("vien div tris cetr piec ses septin aston devin"), 1)
        for ten in ("padsmit", "desmit")
        if (number, ten) != (1, "desmit")
    },
}
_SCALES = {
    "en": {"hundred": 100, "thousand": 1000, "million": 10**6, "billion": 10**9},
    "lv": dict.fromkeys(listed("simts simti simtu simtus simtiem simtam"), 100)
    | dict.fromkeys(listed("tukstotis tukstosi tukstosu tukstosus tukstosiem tukstoti tukst"), 1000)
    | {f"miljon{end}": 10**6 for end in listed("s i u us iem am a")}
    | {f"miljard{end}": 10**9 for end in listed("s i u us iem am a")},
}


def is_number(word: str, language: str) -> bool:
    """Whether a folded word is a numeral or part of one."""
    return word in _WORDS.get(language, ()) or word in _SCALES.get(language, ())


def read_number(found: Sequence[Token], place: int, language: str) -> tuple[Decimal | None, int]:
    """The number that begins at `place`, None if there is none, and where it ends."""
    scales, words = _SCALES.get(language, {}), _WORDS.get(language, {})
    if place < len(found) and found[place].value is not None:
        value = found[place].value
        if found[place].ordinal or value is None:
            return None, place
        place += 1
        while place < len(found) and found[place].text in scales:
            value *= scales[found[place].text]
            place += 1
        return value, place
    total = part = 0
    last_scale = 10**12  # thousands follow millions
    below: float = float("inf")  # what the next word must stay under: twenty five, not five twenty
    began = place
    while place < len(found):
        word = found[place].text
        after = found[place + 1].text if place + 1 < len(found) else ""
        if place > began and word in ("-", "and") and is_number(after, language):
            if word == "and" and (language != "en" or below < 100):
                return None, place
        elif word in words:
            if words[word] >= below:
                return None, place
            part += words[word]
            below = 10 if words[word] >= 20 else 0
        elif word == "hundred" or scales.get(word) == 100:
            if part > 9:
                return None, place
            part, below = max(part, 1) * 100, 100
        elif word in scales:
            if scales[word] >= last_scale:
                return None, place
            last_scale = scales[word]
            total, part, below = total + max(part, 1) * scales[word], 0, 1000
        else:
            break
        place += 1
    return (Decimal(total + part), place) if place > began else (None, place)
