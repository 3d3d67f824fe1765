"""What the Human Services Data Specification 3.1 asks of the objects that we give, restated from its published schemas (Open Referral,
openreferral/specification, schema/*.json at 3.1, CC BY-SA 4.0): names, types, what is required, and closed lists of words.

The published files themselves are not kept here: their licence asks that what is made of them be shared alike. Set LINLI_HSDS_SCHEMA to a
copy of schema/compiled/service.json and the test asks that file too. Fields that aren't the specification's are refused, which is stricter.
"""

from __future__ import annotations

from typing import Any

UUID, TEXT, NUMBER = {"type": "string", "format": "uuid"}, {"type": "string"}, {"type": "number"}
URI = {"type": "string", "format": "uri"}
WEEK = ["MO", "TU", "WE", "TH", "FR", "SA", "SU"]


def _words(*words: str) -> dict[str, Any]:
    return {"type": "string", "enum": list(words)}


def _many(name: str) -> dict[str, Any]:
    return {"type": "array", "items": {"$ref": f"#/$defs/{name}"}}


def _one(name: str) -> dict[str, Any]:
    return {"$ref": f"#/$defs/{name}"}


# object: (required, ids, texts, others)
_OBJECTS: dict[str, tuple[str, str, str, dict[str, Any]]] = {
    "service": (
        "id name status", "id organization_id program_id",
        "name alternate_name description email interpretation_services application_process fees_description accreditations "
        "eligibility_description assured_date assurer_email alert last_modified",
        {
            "url": URI, "status": _words("active", "inactive", "defunct", "temporarily closed"), "minimum_age": NUMBER,
            "maximum_age": NUMBER, "organization": _one("organization"), "phones": _many("phone"), "schedules": _many("schedule"),
            "service_at_locations": _many("service_at_location"), "attributes": _many("attribute"),
        },
    ),
    "organization": (
        "id name description", "id parent_organization_id", "name alternate_name description email legal_status logo",
        {"website": URI, "uri": URI, "year_incorporated": NUMBER, "phones": _many("phone"), "locations": _many("location")},
    ),
    "service_at_location": (
        "id", "id service_id location_id", "description",
        {"location": _one("location"), "phones": _many("phone"), "schedules": _many("schedule"), "attributes": _many("attribute")},
    ),
    "location": (
        "id location_type", "id organization_id",
        "name alternate_name description transportation external_identifier external_identifier_type",
        {
            "location_type": _words("physical", "postal", "virtual"), "url": URI, "latitude": NUMBER, "longitude": NUMBER,
            "addresses": _many("address"), "phones": _many("phone"), "schedules": _many("schedule"), "attributes": _many("attribute"),
        },
    ),
    "address": (
        "id address_1 city state_province postal_code country address_type", "id location_id",
        "attention address_1 address_2 city region state_province postal_code country",
        {"address_type": _words("physical", "postal", "virtual")},
    ),
    "phone": (
        "id number", "id location_id service_id organization_id contact_id service_at_location_id", "number type description",
        {"extension": NUMBER},
    ),
    "schedule": (
        "id", "id service_id location_id service_at_location_id",
        "valid_from valid_to dtstart until byday byweekno bymonthday byyearday description opens_at closes_at attending_type notes",
        {
            "timezone": NUMBER, "count": NUMBER, "interval": NUMBER, "wkst": _words(*WEEK), "freq": _words("WEEKLY", "MONTHLY"),
            "schedule_link": URI,
        },
    ),
    "attribute": (
        "id link_id taxonomy_term_id link_entity", "id link_id taxonomy_term_id", "link_type link_entity value label",
        {"taxonomy_term": _one("taxonomy_term")},
    ),
    "taxonomy_term": (
        "id name description", "id parent_id taxonomy_id", "code name description taxonomy language", {"term_uri": URI},
    ),
}  # fmt: skip


def _object(required: str, ids: str, texts: str, others: dict[str, Any]) -> dict[str, Any]:
    properties = dict.fromkeys(ids.split(), UUID) | dict.fromkeys(texts.split(), TEXT) | others
    return {"type": "object", "properties": properties, "required": required.split(), "additionalProperties": False}


SCHEMA: dict[str, Any] = {
    "$schema": "https://json-schema.org/draft/2020-12/schema",
    "$ref": "#/$defs/service",
    "$defs": {name: _object(*parts) for name, parts in _OBJECTS.items()},
}
ORGANIZATION = SCHEMA | {"$ref": "#/$defs/organization"}
