"""How long an index of names takes to make, and a name to look up, in CPU time.

    ./run python benchmarks/matching_speed.py

25,000 invented things, half of them cities and half the bodies that run them: once with few names,
once with about seven each, as a gazetteer gives them. Names are looked up as they are, and with a
slip of the pen.
"""

import gc
import random
import sys
import time
from collections.abc import Callable, Sequence
from typing import Final

from generate import SYLLABLES

from kg.matching import Index, Matcher, Name, Record
from kg.names import BodyKind, prepare

THINGS: Final = 25_000
LOOKED_UP: Final = 1_000
OTHER_NAMES: Final = (0, 5)  # of a city, besides its main name and one other
_WORDS: Final = ("", "", "Sankt ", "La ", "Bad ")
_COUNTRIES: Final = 30


def records(number: int, others: int, seed: int = 1) -> list[Record]:
    """Return invented records, the same for the same arguments; cities with some other names."""
    chance = random.Random(seed)  # noqa: S311 - invented names, no secrets
    found: list[Record] = []
    for place in range(number // 2):
        text, *rest = (_name(chance) for _ in range(1 + others))
        country = f"x:country/{place % _COUNTRIES}"
        hidden = (Name(each, "", "hidden") for each in (f"{text}os", *rest))
        names = (Name(text, "lt"), *hidden)
        city = Record(f"x:city/{place}", names=names, country=country, is_located=True)
        own = (Name(f"Municipality of {text}", "en"), *(n._replace(of=city.iri) for n in names))
        body = Record(
            f"x:body/{place}",
            names=own,
            country=country,
            body=BodyKind.CITY,
            governs=(city.iri,),
            is_located=True,
        )
        found += [city, body]
    return found


def _name(chance: random.Random) -> str:
    parts = (chance.choice(SYLLABLES)[0] for _ in range(chance.randint(2, 4)))
    return chance.choice(_WORDS) + "".join(parts).title()


def mistyped(text: str, chance: random.Random) -> str:
    """Return a text without one of its letters."""
    place = chance.randrange(len(text))
    return text[:place] + text[place + 1 :]


def seconds(work: Callable[[], object]) -> float:
    """Return the CPU time of some work."""
    start = time.process_time()
    work()
    return time.process_time() - start


def spread(times: Sequence[float]) -> str:
    """Return the median, the 95th percentile and the maximum of some times, in milliseconds."""
    ordered = sorted(times)
    picked = (ordered[len(ordered) // 2], ordered[len(ordered) * 95 // 100], ordered[-1])
    return "median {:.2f} ms, 95 % within {:.2f} ms, at most {:.2f} ms".format(
        *(1000 * each for each in picked)
    )


def main() -> None:
    """Measure, and tell."""
    prepare()
    for others in OTHER_NAMES:
        measure(records(THINGS, others))


def measure(made: list[Record]) -> None:
    """Measure with some records, and tell."""
    chance = random.Random(2)  # noqa: S311 - no secrets either
    indexes: list[Index] = []
    making = seconds(lambda: indexes.append(Index(made)))
    preparing = seconds(indexes[0].prepare)
    gc.freeze()  # as the server does: what is made stays, and is not searched for garbage
    matcher = Matcher(indexes[0])
    asked = chance.sample(made, LOOKED_UP)
    right = [seconds(lambda r=r: matcher.match(r.label, r.country)) for r in asked]
    slips = [mistyped(record.label, chance) for record in asked]
    wrong = [
        seconds(lambda s=s, r=r: matcher.match(s, r.country))
        for s, r in zip(slips, asked, strict=True)
    ]
    names = sum(len(record.names) for record in made)
    sys.stdout.write(
        f"{len(made):,} things, {names:,} names: {making + preparing:.2f} s to make the index\n"
        f"a name that is there: {spread(right)}\na name with a slip:   {spread(wrong)}\n"
    )


if __name__ == "__main__":
    main()
