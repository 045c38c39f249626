"""What is asked of GitHub, with nothing but Python's own library: one file of the base branch, and comments.

https://docs.github.com/en/rest/repos/contents and https://docs.github.com/en/graphql. It is the only place of iacscan that
uses the network, and only `action.yml` comes here.
"""

import json
from http import HTTPStatus
from typing import Any, Final
from urllib.error import HTTPError, URLError
from urllib.parse import quote
from urllib.request import HTTPRedirectHandler, Request, build_opener

from ..errors import InputError
from .run import Run

_TIMEOUT: Final = 30.0  # seconds
_LARGEST: Final = 20_000_000  # bytes of an answer
_SCHEMES: Final = ("https://", "http://")
_RETRY: Final = "run the job again"
_GRANT: Final = "give the job the permission pull-requests: write"


class ForbiddenError(InputError):
    """The token may not do that: in a pull request from a fork, it may only read."""


class _NoRedirect(HTTPRedirectHandler):
    """The token goes to the address that the runner names, and to no other."""

    def redirect_request(self, *_: object) -> None:
        """Follow none; then the answer counts as an error."""
        return


def base_file(run: Run, path: str, commit: str) -> bytes | None:
    """Return a file of the repository as it is at a commit; None if there is none that the token may read.

    Raises InputError if GitHub cannot be asked.
    """
    address = f"{run.api}/repos/{run.repository}/contents/{quote(path)}?ref={quote(commit)}"
    try:
        return _ask(run, Request(address, headers={"Accept": "application/vnd.github.raw+json"}))  # noqa: S310  _ask looks at the scheme
    except HTTPError as error:
        if error.code == HTTPStatus.NOT_FOUND:
            return None
        raise _refused(error) from error


def graphql(run: Run, query: str, **variables: object) -> dict[str, Any]:
    """Return the data that a query or mutation answers with.

    Raises ForbiddenError if the token may not do it, and InputError if it fails otherwise.
    """
    body = json.dumps({"query": query, "variables": variables}).encode()
    try:
        answer = json.loads(_ask(run, Request(run.graphql, body, {"Content-Type": "application/json"})))  # noqa: S310  as above
    except HTTPError as error:
        raise _refused(error) from error
    except ValueError as error:
        what = "GitHub's answer is no JSON"
        raise InputError(what, _RETRY) from error
    errors = answer.get("errors")
    if errors:
        what = f"GitHub refused: {errors[0].get('message', 'it does not say why')}"
        if errors[0].get("type") in ("FORBIDDEN", "INSUFFICIENT_SCOPES"):
            raise ForbiddenError(what, _GRANT)
        raise InputError(what, _RETRY)
    data: dict[str, Any] = answer["data"]
    return data


def _ask(run: Run, request: Request) -> bytes:
    if not request.full_url.startswith(_SCHEMES):
        what = "GitHub's address is none of the web"
        raise InputError(what, "look at GITHUB_API_URL and GITHUB_GRAPHQL_URL")
    request.add_header("X-GitHub-Api-Version", "2022-11-28")
    request.add_header("User-Agent", "iacscan")
    if run.token:
        request.add_unredirected_header("Authorization", f"Bearer {run.token}")
    try:
        with build_opener(_NoRedirect).open(request, timeout=_TIMEOUT) as answer:
            content: bytes = answer.read(_LARGEST + 1)
    except HTTPError:
        raise  # what it means depends on what was asked
    except (URLError, OSError) as error:
        what = f"GitHub cannot be reached ({type(error).__name__})"
        raise InputError(what, _RETRY) from error
    if len(content) > _LARGEST:
        what = f"GitHub's answer is larger than {_LARGEST // 1_000_000} MB"
        raise InputError(what, "use a smaller file")
    return content


def _refused(error: HTTPError) -> InputError:
    what = f"GitHub answered {error.code} {error.reason}"
    if error.code in (HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN):
        return ForbiddenError(what, _GRANT)
    return InputError(what, _RETRY)
