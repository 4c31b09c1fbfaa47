"""Converts names between the API (`estimatedValue`) and the models (`estimated_value`)."""

import re
from functools import cache


@cache
def attribute_name(api_name: str) -> str:
    """Return the attribute name for a name in the API."""
    return re.sub(r"([A-Z])", r"_\1", api_name).lower()


@cache
def api_name(attribute: str) -> str:
    """Return the API's name for an attribute."""
    head, *tail = attribute.split("_")
    return head + "".join(part.capitalize() for part in tail)


@cache
def snake_case(type_name: str) -> str:
    """Return a type's name in snake case: `capability_need` for `CapabilityNeed`."""
    return re.sub(r"(?<!^)([A-Z])", r"_\1", type_name).lower()


@cache
def noun(type_name: str) -> str:
    """Return a type's name in plain words: `capability need` for `CapabilityNeed`."""
    return snake_case(type_name).replace("_", " ")


@cache
def noun_with_article(type_name: str) -> str:
    """Return a type's name in plain words with its article: `an expert group` for `ExpertGroup`."""
    words = noun(type_name)
    return f"{'an' if words[0] in 'aeiou' else 'a'} {words}"


@cache
def nouns(type_name: str) -> str:
    """Return the plural of a type's name in plain words: `deliveries` for `Delivery`."""
    words = noun(type_name)
    return f"{words[:-1]}ies" if words.endswith("y") else f"{words}s"
