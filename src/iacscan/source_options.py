"""The options of the command line that say more about inputs: the source of plans, and values for what inputs leave open."""

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final, NamedTuple, TypeVar

import click

from .errors import InputError, UsageError

F = TypeVar("F", bound=Callable[..., Any])

_SOURCE: Final = (
    click.option(
        "--source",
        metavar="DIR",
        envvar="IACSCAN_SOURCE",
        help="The Terraform source of the plans. By default, what lies beside a plan or here, if it declares what the plan does.",
    ),
    click.option("--no-source", is_flag=True, help="Judge plans without their source."),
)
_VALUES: Final = (
    click.option(
        "--var-file",
        "var_files",
        metavar="FILE",
        multiple=True,
        help="Variables for Terraform source, besides terraform.tfvars and *.auto.tfvars.",
    ),
    click.option(
        "--parameters",
        "parameters_file",
        metavar="FILE",
        help="Values for the parameters of a template: JSON, in the forms that aws cloudformation deploy takes.",
    ),
)
_BEFORE: Final = click.option(
    "--before",
    metavar="FILE",
    default="",
    help="An older version of the template, or the change set that brings it: findings tell what is new or worse.",
)


class Values(NamedTuple):
    """What is given from outside: files of variables for Terraform source, parameters of a template by name."""

    var_files: tuple[str, ...]
    parameters: dict[str, str]


def with_source(command: F) -> F:
    """Give a command the options that say which source plans were made from."""
    return _with(command, _SOURCE)


def with_values(command: F) -> F:
    """Give a command the options that give values to what inputs leave open."""
    return _with(command, _VALUES)


def with_before(command: F) -> F:
    """Give a command the option that names the older version of a template."""
    return _BEFORE(command)


def _with(command: F, options: tuple[Callable[[F], F], ...]) -> F:
    for option in reversed(options):
        command = option(command)
    return command


def values_of(chosen: dict[str, Any]) -> Values:
    """The values that are chosen. Raises UsageError if one of the files is not there, or not as it should be."""
    files: tuple[str, ...] = chosen["var_files"]
    for file in files:
        if not Path(file).is_file():
            message = f"--var-file: there is no file {file}"
            raise UsageError(message)
    given: str | None = chosen["parameters_file"]
    if given is None:
        return Values(files, {})
    from .load.cloudformation_template import read_parameters  # noqa: PLC0415  help and version need nothing that loads

    try:
        return Values(files, read_parameters(Path(given)))
    except InputError as error:
        message = f"--parameters: {error}"
        raise UsageError(message) from error


def source_of(chosen: dict[str, Any]) -> str | None:
    """The directory that is chosen; empty for none, None if it is to be looked for. Raises UsageError if there is none."""
    given: str | None = chosen.get("source")
    if chosen.get("no_source"):
        if click.get_current_context().get_parameter_source("source") is click.core.ParameterSource.COMMANDLINE:
            message = "--source and --no-source exclude each other"
            raise UsageError(message)
        return ""
    if given is None:
        return None
    from .load.terraform_names import is_source  # noqa: PLC0415  help and version need nothing that loads

    try:
        if any(map(is_source, os.listdir(given))):  # noqa: PTH208  a text, as the user wrote it
            return given
    except OSError as error:
        message = f"--source: the directory {given} cannot be read: {error.strerror}"
        raise UsageError(message) from error
    message = f"--source: there is no Terraform file (*.tf) in {given}"
    raise UsageError(message)
