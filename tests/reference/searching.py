"""The search once more, in plain Python over the loaded rows that a viewer sees: no index, no statement."""

from __future__ import annotations

import re
from functools import cache
from typing import TYPE_CHECKING, Any

from models import SearchedType, SearchHit
from models.search.search_hits import FOUND
from resolvers.search_index.marked_texts import marked, passage
from resolvers.search_index.words import spellings, words_of

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

#: The type of a hit, by the name of the class of its object.
KINDS = {model.__name__: name for name, (model, _) in FOUND.items()}

#: A search that finds many random rows.
FINDS_MUCH = "apple OR zebra OR київ OR two OR sons OR emoji"


class Texts:
    """The words of one object: of its name, its title and each of its texts."""

    def __init__(self, entity: Any) -> None:
        declared = entity.searched
        self.name = words_of(getattr(entity, declared.name)) if declared.name else []
        self.title = words_of(getattr(entity, declared.title)) if declared.title else []
        values = [getattr(entity, name) for name in declared.texts]
        self.others = [words_of(text) for each in values for text in (each if isinstance(each, list) else [each])]
        words = {word for text in (self.title, *self.others) for word in text}
        self.like = frozenset(spelling for word in words for spelling in spellings(word))

    @classmethod
    def of(cls, entity: Any) -> Texts:
        """Return the texts of an entity, which are the same for every search."""
        found: Texts = vars(entity).setdefault("texts of a search", None) or cls(entity)
        vars(entity)["texts of a search"] = found
        return found

    def rank(self, query: str) -> int | None:
        """Return how well a search matches; None if it does not."""
        wanted, unwanted = terms(query)
        everything, heads = [self.name, self.title, *self.others], [self.name, self.title]
        length = min(len(self.title), 999)
        joined = (
            "".join(word for (word,) in wanted for word in words_of(word))
            if all(len(group) == 1 and not group[0].endswith("*") for group in wanted) and not unwanted
            else ""
        )
        if joined and joined == "".join(self.name):
            return length
        if any(_has(everything, term) for term in unwanted):
            return None
        if all(any(_has(heads, term) for term in group) for group in wanted):
            return 1000 + length
        if all(any(_has(everything, term) for term in group) for group in wanted):
            return 2000 + length
        if all(any(_has(everything, term) or self._is_like(term) for term in group) for group in wanted):
            return 3000 + length
        return None

    def _is_like(self, term: str) -> bool:
        words = words_of(term)
        if len(words) != 1 or term[0] == '"' or term.endswith("*"):
            return False
        return not self.like.isdisjoint(spellings(words[0]))


@cache
def terms(query: str) -> tuple[list[list[str]], list[str]]:
    """Return the groups of wanted terms, and the unwanted ones, each as it is written."""
    found = re.findall(r'-?"[^"]*"|\S+', query)
    wanted: list[list[str]] = []
    joins = False
    for term in found:
        if term == "OR":
            joins = True
        elif term[0] != "-" and words_of(term):
            if joins:
                wanted[-1].append(term)
            else:
                wanted.append([term])
            joins = False
    return wanted, [term[1:] for term in found if term[0] == "-" and words_of(term)]


def _has(texts: Sequence[Sequence[str]], term: str) -> bool:
    words, begins = words_of(term), term.endswith("*")
    for text in texts:
        for start in range(len(text) - len(words) + 1):
            *whole, last = text[start : start + len(words)]
            if whole == words[:-1] and (last.startswith(words[-1]) if begins else last == words[-1]):
                return True
    return False


def is_found(entity: Any, query: str) -> bool:
    """Return whether a search finds an object."""
    return Texts.of(entity).rank(query) is not None


def hits(entities: Mapping[str, Sequence[Any]], arguments: Mapping[str, Any]) -> list[SearchHit]:
    """Return the hits of a search among the entities that a viewer sees."""
    query, types, groups = arguments["query"], arguments.get("types"), arguments.get("groups")
    found = []
    for model, name in KINDS.items():
        for entity in entities[model]:
            rank, group = Texts.of(entity).rank(query), _group_of(entity)
            is_of_groups = groups is None or (group and {group.code, f"ExpertGroup:{group.id}"} & {*groups})
            if rank is not None and is_of_groups and (types is None or name.upper() in types):
                found.append(_hit(entity, name, rank, group, query))
    return found


def _group_of(entity: Any) -> Any:
    if type(entity).__name__ == "ExpertGroup":
        return entity
    names = entity.owned_through or entity.parent_relation
    for name in (names,) if isinstance(names, str) else names:
        owner = getattr(entity, name) if name else None
        if owner is not None:
            return _group_of(owner)
    return None


def _hit(entity: Any, name: str, rank: int, group: Any, query: str) -> SearchHit:
    declared = entity.searched
    values = [getattr(entity, each) for each in declared.texts]
    texts = [", ".join(each) if isinstance(each, list) else each for each in values if each]
    title = getattr(entity, declared.title) if declared.title else None
    made = SearchHit(id=entity.id, kind=SearchedType[name.upper()], rank=rank)
    made.reference = getattr(entity, declared.name) if declared.name else None
    vars(made).update({each: entity if each == name else None for each in FOUND}, group=group)
    parts = {"title": (marked, title), "snippet": (passage, " · ".join(texts))}
    for each, (mark, text) in parts.items():
        shown = [{"text": part.text, "isMatch": part.is_match} for part in mark(text, query)] if text else None
        vars(made)[each] = shown
    return made
