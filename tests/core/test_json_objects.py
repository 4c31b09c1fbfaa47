"""An object of JSON with a key twice is refused, and the key is named."""

from __future__ import annotations

import json

import pytest

from resolvers.core.json_objects import RepeatedKeyError, unique_keys


def test_objects_without_a_repeated_key_are_read_as_they_are() -> None:
    assert json.loads('{"a": {"a": 1}, "b": [{}, {"b": null}]}', object_pairs_hook=unique_keys) == {
        "a": {"a": 1},
        "b": [{}, {"b": None}],
    }


@pytest.mark.parametrize(
    ("text", "key", "value"),
    [
        ('{"a": 1, "a": 2}', "a", 2),
        ('{"a": 1, "b": 1, "b": 2, "a": 3}', "a", 3),
        ('{"a": {"x": 1, "x": [2]}, "a": 1}', "x", [2]),
        ('[{"\\u0061": 1, "a": null}]', "a", None),
    ],
)
def test_the_first_key_that_occurs_twice_is_named_with_its_last_value(text: str, key: str, value: object) -> None:
    with pytest.raises(RepeatedKeyError) as caught:
        json.loads(text, object_pairs_hook=unique_keys)
    assert (caught.value.key, caught.value.value) == (key, value)
