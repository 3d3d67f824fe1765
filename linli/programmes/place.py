"""Where someone must be registered, live, be insured or study becomes the rule's first condition."""

from __future__ import annotations

from typing import Any

from linli.rules.source import Entry

PREFIXES = {"registered": "registered", "lives": "living", "insured": "insured", "studies": "study"}
WORDS = {
    "registered": ("户籍在", "registered in"),
    "lives": ("常住", "living in"),
    "insured": ("参保在", "insured in"),
    "studies": ("就读在", "studying in"),
}
LEVELS = {4: "prefecture", 6: "county"}
CONDITION = "place"


def place_condition(programme: Entry) -> dict[str, Any]:
    """The condition `place` for a programme file's entry.

    A household belongs where its head does; the fact asked is <situation>_prefecture for a 4-digit area, <situation>_county for 6 digits.
    """
    place = programme.value["place"].value
    situation, area = str(place["eligibility"].value), str(place["area"].value)
    fact = f"{PREFIXES[situation]}_{LEVELS[len(area)]}"
    test = f"{fact} = '{area}'"
    if programme.value["subject"].value == "household":
        test = f"household_any({test}, role = 'head')"
    zh, en = WORDS[situation]
    return {"id": CONDITION, "zh": f"{zh}{place['zh'].value}", "en": f"{en} {place['en'].value}", "when": test}
