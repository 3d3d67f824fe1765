"""What the Human Services Data Specification 3.1 says of the objects that we give, field by field: names, types, formats, closed lists of
words, what is required. Restated from Open Referral's published schema (openreferral/specification, branch 3.1, schema/*.json).

The published files are licensed CC BY-SA 4.0: what is made of them must be shared alike, which this repository (Apache-2.0) doesn't ask of
whoever uses it, so they are not kept here; names and types of fields are facts of an interface. Whoever has a copy compares the two:

    python tests/flow/registers/hsds_schema.py SPECIFICATION/schema

prints every difference, file by file, and ends with 1 if there is one.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

BASE = "https://json-schema.org/draft/2020-12/schema"
_WEEK = "MO TU WE TH FR SA SU"
_KINDS = "physical postal virtual"
_CLOSED = {
    ("service", "status"): ("active", "inactive", "defunct", "temporarily closed"),
    ("location", "location_type"): tuple(_KINDS.split()),
    ("address", "address_type"): tuple(_KINDS.split()),
    ("schedule", "wkst"): tuple(_WEEK.split()),
    ("schedule", "freq"): ("WEEKLY", "MONTHLY"),
}
# Arrays of other objects whose name isn't the field's without its s.
_ITEMS = {
    "additional_urls": "url", "additional_websites": "url", "addresses": "address", "funding": "funding", "metadata": "metadata",
    "accessibility": "accessibility", "capacities": "service_capacity",
}  # fmt: skip
# Objects whose name isn't the field's.
_ONE = {"taxonomy_detail": "taxonomy"}

# object: what is required; what tables require besides (their rows name what they belong to), and so do we; fields by how they are written.
FIELDS: dict[str, dict[str, str]] = {
    "service": {
        "required": "id name status",
        "tabular": "organization_id",
        "uuid": "id organization_id program_id",
        "string": "name alternate_name description status interpretation_services application_process fees_description wait_time fees "
        "accreditations eligibility_description assured_date licenses alert",
        "uri": "url", "email": "email assurer_email", "date-time": "last_modified", "number": "minimum_age maximum_age",
        "one": "organization program",
        "many": "additional_urls phones schedules service_areas service_at_locations languages funding cost_options required_documents "
        "contacts capacities attributes metadata",
    },
    "organization": {
        "required": "id name description",
        "uuid": "id parent_organization_id",
        "string": "name alternate_name description tax_status tax_id legal_status logo",
        "uri": "website uri", "email": "email", "number": "year_incorporated",
        "many": "additional_websites funding contacts phones locations programs organization_identifiers attributes metadata",
    },
    "service_at_location": {
        "required": "id",
        "tabular": "service_id location_id",
        "uuid": "id service_id location_id",
        "string": "description",
        "one": "location",
        "many": "service_areas contacts phones schedules attributes metadata",
    },
    "location": {
        "required": "id location_type",
        "uuid": "id organization_id",
        "string": "location_type name alternate_name description transportation external_identifier external_identifier_type",
        "uri": "url", "number": "latitude longitude",
        "many": "languages addresses contacts accessibility phones schedules attributes metadata",
    },
    "address": {
        "required": "id address_1 city state_province postal_code country address_type",
        "uuid": "id location_id",
        "string": "attention address_1 address_2 city region state_province postal_code country address_type",
        "many": "attributes metadata",
    },
    "phone": {
        "required": "id number",
        "uuid": "id location_id service_id organization_id contact_id service_at_location_id",
        "string": "number type description",
        "number": "extension",
        "many": "languages attributes metadata",
    },
    "schedule": {
        "required": "id",
        "uuid": "id service_id location_id service_at_location_id",
        "string": "valid_from valid_to dtstart until wkst freq byday byweekno bymonthday byyearday description opens_at closes_at "
        "attending_type notes",
        "uri": "schedule_link", "number": "timezone count interval",
        "many": "attributes metadata",
    },
    "attribute": {
        "required": "id",
        "tabular": "link_id taxonomy_term_id link_entity",
        "uuid": "id link_id taxonomy_term_id",
        "string": "link_type link_entity value label",
        "one": "taxonomy_term",
        "many": "metadata",
    },
    "taxonomy_term": {
        "required": "id name description",
        "uuid": "id parent_id taxonomy_id",
        "string": "code name description taxonomy language",
        "uri": "term_uri",
        "one": "taxonomy_detail",
        "many": "metadata",
    },
    "taxonomy": {
        "required": "id name description",
        "uuid": "id",
        "string": "name description version",
        "uri": "uri",
        "many": "metadata",
    },
}  # fmt: skip
# What a page of objects and the description of a feed are, of the specification's openapi.json.
PAGE: dict[str, Any] = {
    "type": "object",
    "properties": {
        **{field: {"type": "integer"} for field in ("total_items", "total_pages", "page_number", "size")},
        **{field: {"type": "boolean"} for field in ("first_page", "last_page", "empty")},
        "contents": {"type": "array"},
    },
    "required": ["empty"],
}
ABOUT: dict[str, Any] = {
    "type": "object",
    "properties": {"version": {"type": "string"}, **{field: {"type": "string", "format": "uri"} for field in ("profile", "openapi_url")}},
    "required": ["version", "profile", "openapi_url"],
}


def published(name: str) -> dict[str, Any]:
    """An object as the specification's own file has it, without its words: properties, what is required, what tables require besides."""
    told = FIELDS[name]
    properties = {field: _plain(way) | _closed(name, field) for way in _PLAIN for field in told.get(way, "").split()}
    properties |= {field: {"$ref": f"{_ONE.get(field, field)}.json"} for field in told.get("one", "").split()}
    many = {field: _ITEMS.get(field, field.removesuffix("s")) for field in told.get("many", "").split()}
    properties |= {field: {"type": "array", "items": {"$ref": f"{item}.json"}} for field, item in many.items()}
    return {"properties": properties, "required": told["required"].split(), "tabular_required": told.get("tabular", "").split()}


_PLAIN = ("uuid", "string", "uri", "email", "date-time", "number")


def _plain(way: str) -> dict[str, Any]:
    return {"type": way} if way in ("string", "number") else {"type": "string", "format": way}


def _closed(name: str, field: str) -> dict[str, Any]:
    words = _CLOSED.get((name, field))
    return {"enum": list(words)} if words else {}


def schema(name: str) -> dict[str, Any]:
    """A JSON Schema of one object with all it holds. Stricter than the published one in that it takes no other fields, and wants what
    tables want. Objects that we never give are left open."""
    return {"$schema": BASE, "$ref": f"#/$defs/{name}", "$defs": {one: _strict(one) for one in FIELDS}}


def schema_there() -> dict[str, Any]:
    """A service at a location as its endpoint gives it: with the service, which the compiled schema of that endpoint adds."""
    found = schema("service_at_location")
    there = found["$defs"]["service_at_location"]
    there["properties"]["service"] = {"$ref": "#/$defs/service"}
    return found


def _strict(name: str) -> dict[str, Any]:
    told = published(name)
    properties = {field: _inside(shape) for field, shape in told["properties"].items()}
    required = told["required"] + told["tabular_required"]
    return {"type": "object", "properties": properties, "required": required, "additionalProperties": False}


def _inside(shape: dict[str, Any]) -> dict[str, Any]:
    """References to files as references within one schema."""
    if "items" in shape:
        return shape | {"items": _inside(shape["items"])}
    if "$ref" not in shape:
        return shape
    name = shape["$ref"].removesuffix(".json")
    return {"$ref": f"#/$defs/{name}"} if name in FIELDS else {"type": "object"}


def differences(folder: Path) -> list[str]:
    """How the restatement differs from the published files in a folder, a line each. OSError, JSONDecodeError: a file that isn't there or
    isn't JSON."""
    found: list[str] = []
    for name in FIELDS:
        ours, theirs = published(name), json.loads((folder / f"{name}.json").read_text("utf-8"))
        fields = theirs["properties"]
        for field in sorted(ours["properties"].keys() | fields.keys()):
            here, there = ours["properties"].get(field), _kept(fields.get(field))
            if here != there:
                found.append(f"{name}.{field}: restated {json.dumps(here)}, published {json.dumps(there)}")
        for part in ("required", "tabular_required"):
            if sorted(ours[part]) != sorted(theirs.get(part, [])):
                found.append(f"{name}: {part} restated {ours[part]}, published {theirs.get(part, [])}")
    return found


def _kept(shape: dict[str, Any] | None) -> dict[str, Any] | None:
    """What of a published field binds a publisher; the rest are words. "%Y" is no format of JSON Schema."""
    if shape is None:
        return None
    kept = ("$ref",) if "$ref" in shape else ("type", "format", "enum", "items")
    return {key: shape[key] for key in kept if key in shape and shape[key] != "%Y"}


def main(folder: str) -> int:
    """Print the differences. 1 if there are any."""
    found = differences(Path(folder))
    print("\n".join(found) or f"{len(FIELDS)} objects agree with {folder}")
    return int(bool(found))


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1]))
