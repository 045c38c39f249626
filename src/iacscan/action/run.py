"""Which run of a workflow this is, from what the runner says about it."""

import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Final

import msgspec
from msgspec import Struct

from .. import __version__
from ..errors import UsageError
from ..report._untrusted import command_message

_SWITCHES: Final = {"true": True, "false": False}


class _Repository(Struct, frozen=True):
    full_name: str
    visibility: str = ""


class _Side(Struct, frozen=True):
    sha: str
    repo: _Repository | None = None  # null where the fork has been deleted


class _PullRequest(Struct, frozen=True):
    number: int
    head: _Side
    base: _Side


class _WorkflowRun(Struct, frozen=True):
    event: str
    head_sha: str
    html_url: str
    head_branch: str | None = None
    head_repository: _Repository | None = None


class Event(Struct, frozen=True):
    """What is used of https://docs.github.com/en/webhooks/webhook-events-and-payloads; GitHub wrote it, not the pull request."""

    repository: _Repository | None = None
    pull_request: _PullRequest | None = None
    workflow_run: _WorkflowRun | None = None

    @property
    def is_fork(self) -> bool:
        """Whether the change comes from a repository that is not the one it is proposed to."""
        pull = self.pull_request
        if pull is None:
            return False
        return pull.head.repo is None or pull.base.repo is None or pull.head.repo.full_name != pull.base.repo.full_name


class Run(Struct, frozen=True):
    """The run: its repository (`owner/name`), what set it off, the page that shows it, and GitHub's address and token."""

    repository: str
    event: Event
    page: str
    api: str
    graphql: str
    token: str


def read_run(environment: Mapping[str, str]) -> Run:
    """Return the run that the environment describes.

    Raises UsageError outside of GitHub Actions, and where the action's code is not of the version that the caller expects.
    """
    expected = environment.get(variable("version"), "").removeprefix("v")
    if expected and expected != __version__:
        message = f"version: {expected} is expected, but the action at this commit is {__version__}"
        raise UsageError(message)
    try:
        event = msgspec.json.decode(Path(environment["GITHUB_EVENT_PATH"]).read_bytes(), type=Event)
    except (OSError, msgspec.MsgspecError) as error:
        message = f"the event of this run cannot be read: {type(error).__name__}"
        raise UsageError(message) from error
    except KeyError as error:
        message = f"{error.args[0]} is not set; this is a part of the GitHub Action and runs nowhere else"
        raise UsageError(message) from error
    server, repository = required(environment, "GITHUB_SERVER_URL"), required(environment, "GITHUB_REPOSITORY")
    return Run(
        repository=repository,
        event=event,
        page=f"{server}/{repository}/actions/runs/{required(environment, 'GITHUB_RUN_ID')}",
        api=required(environment, "GITHUB_API_URL"),
        graphql=required(environment, "GITHUB_GRAPHQL_URL"),
        token=environment.get(variable("token"), ""),
    )


def required(environment: Mapping[str, str], name: str) -> str:
    """Return a variable. Raises UsageError if it is not set or empty."""
    value = environment.get(name, "")
    if not value:
        message = f"{name} is not set; this is a part of the GitHub Action and runs nowhere else"
        raise UsageError(message)
    return value


def variable(name: str) -> str:
    """The variable in which action.yml passes an input on: `fail-on` is `INPUT_FAIL_ON`."""
    return f"INPUT_{name.upper().replace('-', '_')}"


def switch(environment: Mapping[str, str], name: str, **others: bool) -> bool:
    """Read a switch: true, false, or one of the others. Raises UsageError for anything else, which must not mean "off"."""
    known = _SWITCHES | others
    value = environment.get(variable(name), "").strip().lower()
    if value not in known:
        message = f"{name}: {value or 'nothing'} is none of {', '.join(known)}"
        raise UsageError(message)
    return known[value]


def say(kind: str, text: str) -> None:
    """Show text on the page of the run, as an error, a warning or a notice."""
    log(f"::{kind} title=iacscan::{command_message(text)}")


def log(text: str) -> None:
    """Write to the log of the step, at once: what a failed step has said stands before what the runner says of it."""
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()
