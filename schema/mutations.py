"""The root of mutations: one field for each command."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import strawberry

from resolvers.commands.command import all_commands
from resolvers.commands.errors import CommandError
from resolvers.commands.runner import run_command
from resolvers.core.naming import api_name
from schema.builder.fields import make_type
from schema.builder.mutation_inputs import input_type, plain
from schema.builder.mutation_results import error_payload, result_union, success_payload, success_type

if TYPE_CHECKING:
    from resolvers.commands.command import Command


def mutation_type() -> Any:
    """Make the mutation type."""
    return make_type("Mutation", "The root of all mutations.", [_field(command) for command in all_commands()])


def _field(command: Command) -> Any:
    name = api_name(command.name)
    type_name = name[0].upper() + name[1:]
    success = success_type(command, type_name)

    async def resolve(info: strawberry.Info, input: Any) -> Any:  # noqa: A002 - the contract calls it so
        try:
            return success_payload(success, command, await run_command(info.context, command, plain(input)))
        except CommandError as refusal:
            return error_payload(refusal)

    described = strawberry.argument(description="The input of the mutation.")
    kind: Any = Annotated[input_type(f"{type_name}Input", f"The input of {name}.", command.all_fields), described]
    resolve.__annotations__ = {"info": strawberry.Info, "input": kind, "return": result_union(type_name, success)}
    made = strawberry.mutation(resolver=resolve, description=command.doc)
    made.python_name = command.name
    return made
