"""What to call a division in an address, and what a village's committee is called on seals and certificates.

The published names of villages are those of their committees, long or short (塔元庄村民委员会, 塔元庄村委会), and leave
out the 村 of the village's own name unless it is written twice (增村村民委员会). Derived from them here:

- 村民委员会, 村委会 -> place 塔元庄村, committee 塔元庄村村民委员会;
- 居民委员会, 居委会 -> place 诸福屯社区, committee 诸福屯社区居民委员会;
- neither, village code 001-199 (江滨社区) -> a residents' committee too; from 400 on it is a place that statistics
  count (a campus, a prison, a farm) and has no committee of its own.
"""

import re

from shared.standards.divisions import Division, ancestors, get
from shared.standards.errors import NotValid

_COMMITTEE = re.compile(r"(?P<place>.+?)(?:(?P<villagers>村民委员会|村委会)|居民委员会|居委会)")


def full_name(code: str) -> str:
    """'河北省石家庄市正定县正定镇塔元庄村'. Raises NotValid "unknown_division"."""
    division = get(code)
    return _join([*(above.name for above in _places_above(division)), _place_name(division)])


def village_committee_name(code: str) -> str:
    """The full legal name of the committee, '河北省石家庄市正定县正定镇塔元庄村村民委员会'.

    Raises NotValid "unknown_division", and "no_committee" for what is no village or has none.
    """
    division = get(code)
    committee = _committee_name(division)
    if committee is None:
        raise NotValid(
            "no_committee",
            "该行政区划没有村民委员会或居民委员会，请选择所在的村或社区。",
            "This division has no villagers' or residents' committee; please choose the village or community.",
        )
    return _join([*(above.name for above in _places_above(division)), committee])


def _places_above(division: Division) -> list[Division]:
    return [above for above in ancestors(division.code) if not above.is_placeholder]


def _place_name(division: Division) -> str:
    if division.is_placeholder:
        return ""
    match = _COMMITTEE.fullmatch(division.name) if division.level == "village" else None
    if match is None:
        return division.name
    place = match["place"]
    return f"{place}村" if match["villagers"] and not place.endswith("村") else place


def _committee_name(division: Division) -> str | None:
    if division.level != "village":
        return None
    match = _COMMITTEE.fullmatch(division.name)
    if match is None and division.code[9:] >= "200":
        return None
    villagers = match is not None and match["villagers"]
    return _place_name(division) + ("村民委员会" if villagers else "居民委员会")


def _join(names: list[str]) -> str:
    """Names from the province down. One that opens with the name above it (唐山市 + 唐山市汉沽管理区) replaces it."""
    kept: list[str] = []
    for name in names:
        if kept and name.startswith(kept[-1]):
            kept.pop()
        kept.append(name)
    return "".join(kept)
