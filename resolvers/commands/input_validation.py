"""Validates inputs before any database access, and reports all faults at once, each with its path."""

from __future__ import annotations

import re
from decimal import Decimal  # noqa: TC003 - pydantic reads the annotation
from typing import TYPE_CHECKING, Annotated, Any, LiteralString, NoReturn

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, create_model
from pydantic import ValidationError as Faults
from pydantic_core import PydanticCustomError

from models import classified_label
from models.code_lists.cpv_codes import cpv_code, cpv_fault
from models.money import Money, Price
from resolvers.commands.errors import INPUT, ValidationError, Violation
from resolvers.core.attributes import Kind, is_unit_price
from resolvers.core.codecs import codec_of, to_json
from resolvers.core.errors import BadUserInputError
from resolvers.core.limits import MAX_LIST_ITEMS
from resolvers.core.naming import api_name, noun_with_article
from resolvers.core.text import is_control, is_invisible, normalized
from resolvers.core.urls import url_fault
from resolvers.query.global_ids import key_from_global_id

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from resolvers.commands.input_fields import InputField

#: The maximum number of characters of each text in a list.
WORD_LENGTH = 40
#: A text field with a higher maximum than this may have several lines.
LINE_LENGTH = 2000
#: A code: visible ASCII characters.
CODE = re.compile(r"[!-~]+")

#: Pydantic's types of errors, each with our sentence: what is wrong, and what to send instead.
SENTENCES = {
    "missing": "The field is missing. Send a value.",
    "greater_than_equal": "The value is less than {ge}. Send {ge} or more.",
    "less_than_equal": "The value is greater than {le}. Send {le} or less.",
    "string_too_long": "The text has more than {max_length} characters. Shorten it to at most {max_length}.",
    "too_long": "The list has more than {max_length} items. Send at most {max_length}.",
}

#: How Pydantic gives the bound of a type that is not its own.
DECIMAL = re.compile(r"Decimal\('(.+)'\)")


def checker(name: str, fields: Sequence[InputField]) -> type[BaseModel]:
    """Return the Pydantic model that validates an input with these fields."""
    members: Any = {field.name: _member(field, name) for field in fields}
    return create_model(name, __config__=ConfigDict(extra="forbid", frozen=True), **members)


def check(model: type[BaseModel], values: Mapping[str, Any]) -> dict[str, Any]:
    """Return the validated values, without the fields that the input omits. Raises ValidationError with all faults."""
    try:
        found: dict[str, Any] = _read_fields(model.model_validate(values))
    except Faults as faults:
        raise ValidationError(_violation(fault) for fault in faults.errors(include_url=False)) from None
    return found


def _read_fields(found: Any) -> Any:
    if isinstance(found, BaseModel):
        return {name: _read_fields(getattr(found, name)) for name in found.model_fields_set}
    if isinstance(found, list):
        return [_read_fields(item) for item in found]
    return found


def _violation(fault: Any) -> Violation:
    path = tuple(api_name(step) if isinstance(step, str) else str(step) for step in fault["loc"])
    if fault["input"] is None:
        message = "The value must not be null. Omit the field to keep its value."
    else:
        # Our own checks bring their sentence with them.
        sentence = SENTENCES.get(fault["type"])
        bounds = {name: DECIMAL.sub(r"\1", str(bound)) for name, bound in fault.get("ctx", {}).items()}
        message = sentence.format(**bounds) if sentence else fault["msg"]
    return Violation((*INPUT, *path), fault["type"], f"{message.rstrip('.')}.")


def _member(field: InputField, owner: str) -> tuple[Any, Any]:
    kind = _type(field, owner)
    if field.nullable and not field.required:
        kind = kind | None
    return kind, ... if field.required else None


def _type(field: InputField, owner: str) -> Any:
    if field.kind is Kind.COLLECTION:
        item: Any = checker(f"{owner}_{field.name}", field.item_fields) if field.item_fields else _id_of(field)
        return Annotated[list[item], Field(max_length=MAX_LIST_ITEMS), AfterValidator(_different)]
    if field.kind is Kind.ONE_OF:
        return Annotated[checker(f"{owner}_{field.name}", field.item_fields), AfterValidator(_exactly_one)]
    return _plain(field) if field.kind in PLAIN else CHECKED[field.kind](field)


def _id_of(field: InputField) -> Any:
    target = field.target.__name__ if field.target else ""

    def read(value: Any) -> str:
        try:
            return key_from_global_id(str(value), "This", target)
        except BadUserInputError as error:
            code, found = "id", error.message.partition(". ")[0]
            reason = f"{found}. Send the `id` of {noun_with_article(target)}, as lists and lookups show it"
            raise PydanticCustomError(code, "{reason}", {"reason": reason}) from None

    return Annotated[str, BeforeValidator(read)]


def _plain(field: InputField) -> Any:
    codec, rule = codec_of(field.kind, field.enum), PLAIN[field.kind]

    def read(value: Any) -> Any:
        try:
            # GraphQL scalars have already parsed dates and times; converted back, they have the codec's form.
            return codec.from_json(to_json(value))
        except ValueError:
            _fail(rule, f"The value must be {codec.label}")

    return Annotated[Any, BeforeValidator(read), Field(ge=field.minimum, le=field.maximum)]


def _words(_field: InputField) -> Any:
    word: Any = _text(WORD_LENGTH)
    return Annotated[list[word], Field(max_length=MAX_LIST_ITEMS), AfterValidator(_different)]


def _text(most: int | None, *, code: bool = False, url: bool = False, nullable: bool = False) -> Any:
    several_lines = most is None or most > LINE_LENGTH
    limited = Annotated[str, Field(max_length=most)]
    # Check the code before normalisation, which would turn the Kelvin sign into an ASCII K.
    kind = Annotated[limited, AfterValidator(_code)] if code else limited
    clean = AfterValidator(_cleaner(several_lines=several_lines, nullable=nullable))
    return Annotated[kind, clean, AfterValidator(_url)] if url else Annotated[kind, clean]


def _text_of(field: InputField) -> Any:
    nullable = field.nullable and not field.required
    kind = _text(field.maximum, code=field.is_code, url=field.is_url, nullable=nullable)
    return Annotated[kind, AfterValidator(_cpv)] if field.is_cpv else kind


def _cpv(text: str) -> str:
    fault = cpv_fault(text)
    if fault:
        _fail("cpv_check_digit", fault)
    return cpv_code(text)


def _url(text: str) -> str:
    fault = url_fault(text)
    if fault:
        _fail("url", fault)
    return text


def _code(text: str) -> str:
    if text.strip() and CODE.fullmatch(text.strip()) is None:
        _fail("text_code", "The code must contain only ASCII letters, digits and punctuation, without spaces")
    return text


def _cleaner(*, several_lines: bool, nullable: bool) -> Callable[[str], str]:
    def clean(text: str) -> str:
        for character in text:
            # People compare names by eye; longer texts may need invisible characters that join or turn letters.
            unfit = is_control(character) and character not in "\n\t" if several_lines else is_invisible(character)
            if unfit:
                reason = f"The text contains the invisible character U+{ord(character):04X}. Remove it"
                _fail("text_character", reason)
        text = normalized(text)
        if not text:
            _fail(
                "text_empty", f"The text is empty. Write at least one character{', or send null' if nullable else ''}"
            )
        label = classified_label(text)
        if label:
            reason = f"The text contains {label}, a marking of classified information. This system is not accredited"
            _fail("classified", f"{reason} for it; remove the classified content")
        return text

    return clean


def _different(items: list[Any]) -> list[Any]:
    keys = [_key(item) if isinstance(item, BaseModel) else item for item in items]
    keys = [key for key in keys if key is not None]
    if len(set(map(str, keys))) < len(keys):
        _fail("list_repeated", "The list contains the same item twice. Remove the duplicate")
    return items


def _exactly_one(found: BaseModel) -> BaseModel:
    if len(found.model_fields_set) != 1:
        _fail("one_of", "Set exactly one of its fields")
    return found


def _key(item: BaseModel) -> Any:
    """Return what identifies an item of a list: its id, or the URL of a source."""
    return getattr(item, "url" if "url" in type(item).model_fields else "id", None)


class _Amount(BaseModel):
    """An amount of money in an input."""

    model_config = ConfigDict(extra="forbid")

    amount: Decimal
    currency: str


def _money(field: InputField) -> Any:
    kind = Price if field.attribute and is_unit_price(*field.attribute) else Money
    money = AfterValidator(lambda found: _amount(found, kind))
    return Annotated[_Amount, money] if field.is_signed else Annotated[_Amount, money, AfterValidator(_not_negative)]


def _amount(found: _Amount, kind: type[Money | Price]) -> Money | Price:
    try:
        return kind.of(found.amount, found.currency)
    except ValueError as error:
        _fail("money", str(error))


def _not_negative(money: Money | Price) -> Money | Price:
    if money.minor < 0:
        _fail("money", "The amount must not be negative")
    return money


def _fail(rule: LiteralString, reason: str) -> NoReturn:
    raise PydanticCustomError(rule, "{reason}", {"reason": reason})


#: The kinds that a codec reads, each with the rule that a wrong value breaks.
PLAIN: dict[Kind, LiteralString] = {
    Kind.BIG_INTEGER: "int_type",
    Kind.BOOLEAN: "bool_type",
    Kind.DATE: "date_type",
    Kind.ENUM: "enum",
    Kind.INTEGER: "int_type",
    Kind.MOMENT: "datetime_type",
    Kind.QUANTITY: "quantity",
    Kind.EXCHANGE_RATE: "exchange_rate",
}

#: The other kinds: the allowed values depend on the field.
CHECKED: dict[Kind, Callable[[InputField], Any]] = {
    Kind.MONEY: _money,
    Kind.REFERENCE: _id_of,
    Kind.TEXT: _text_of,
    Kind.TEXTS: _words,
}
