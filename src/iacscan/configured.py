"""The options of the command line that say which configuration counts, and what it adds to the others.

An option that is given counts for more than a variable of the environment (`IACSCAN_FAIL_ON`), and that for more than the configuration.
"""

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, TypeVar

import click
from click.core import ParameterSource

from .errors import UsageError

if TYPE_CHECKING:
    from .baseline import Baseline
    from .config import Config

F = TypeVar("F", bound=Callable[..., Any])

_CONFIGURATION: Final = (
    click.option(
        "--config",
        "config_file",
        metavar="FILE",
        envvar="IACSCAN_CONFIG",
        help="Read the configuration from FILE, not from .iacscan.yaml or pyproject.toml here.",
    ),
    click.option("--no-config", is_flag=True, help="Read no configuration, and no baseline that lies here."),
)
_INLINE: Final = click.option(
    "--inline-ignores/--no-inline-ignores",
    default=True,
    show_default=True,
    envvar="IACSCAN_INLINE_IGNORES",
    help="Whether suppressions in what is scanned count.",
)
_BASELINE: Final = click.option(
    "--baseline",
    "baseline_file",
    metavar="FILE",
    envvar="IACSCAN_BASELINE",
    help="Findings that are known (from `iacscan baseline`); .iacscan-baseline.json here by default.",
)


def with_configuration(command: F) -> F:
    """Give a command the options that say which configuration counts."""
    for option in reversed(_CONFIGURATION):
        command = option(command)
    return command


def configurable(command: F) -> F:
    """Give a command the same, and the option that says whether suppressions in what is scanned count."""
    return with_configuration(_INLINE(command))


def with_baseline(command: F) -> F:
    """Give a command the option that names a baseline."""
    return _BASELINE(command)


def configure(chosen: dict[str, Any]) -> "Config":
    """Find the configuration, and put what it says into the options that neither a flag nor the environment sets.

    Raises UsageError if it is not as it should be.
    """
    from .config import NOTHING, load  # noqa: PLC0415  help and version need neither

    if chosen["no_config"]:
        if chosen["config_file"] is not None:
            message = "--config and --no-config exclude each other"
            raise UsageError(message)
        return NOTHING
    config = load(chosen["config_file"])
    context = click.get_current_context()
    for name, value in config.options.items():
        if name in chosen and context.get_parameter_source(name) is ParameterSource.DEFAULT:
            chosen[name] = value
    return config


def known(config: "Config", given: str | None) -> "Baseline | None":
    """The baseline: the one that is given, or the configuration's. Raises UsageError if it cannot be read."""
    file = config.baseline if given is None else Path(given)
    if file is None:
        return None
    from .baseline import read  # noqa: PLC0415  only where there is a baseline

    try:
        return read(file.read_bytes(), str(file))
    except OSError as error:
        message = f"the baseline {file} cannot be read: {error.strerror}"
        raise UsageError(message) from error
