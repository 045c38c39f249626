"""The one comment on a pull request: written, updated in place, and taken away when there is nothing to say.

It is made from the report as JSON (the input `report`), never from ready Markdown, so that the job that may write can take the
report of a job that may not (examples/github/fork-safe-comment.yml) without believing it: the worst that a report made up
in a pull request can do is to say something wrong about that pull request. Which one that is comes from GitHub's event.
"""

import os
import re
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

from msgspec import Struct

from ..errors import IacscanError, InputError, UsageError
from ..finding import Severity
from ..report import Report, View, markdown
from ..rules._registry import all_rules
from .api import ForbiddenError, graphql
from .run import Run, log, read_run, required, say, variable

_NAME: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9 ._/]{0,99}", re.ASCII)
_LARGEST: Final = 20_000_000  # bytes of a report
_PAGES: Final = 50  # of 100 comments each
# What the report holds has been sorted out by --severity already.
_VIEW: Final = View(severity=Severity.INFO)

_COMMENTS: Final = """
query($owner: String!, $name: String!, $number: Int!, $after: String) {
  repository(owner: $owner, name: $name) {
    pullRequest(number: $number) {
      id
      headRefOid
      comments(first: 100, after: $after) {
        nodes { id body viewerDidAuthor }
        pageInfo { hasNextPage endCursor }
      }
    }
  }
}
"""
_PULLS: Final = """
query($owner: String!, $name: String!, $branch: String!) {
  repository(owner: $owner, name: $name) {
    pullRequests(headRefName: $branch, states: OPEN, first: 100) {
      nodes { number headRefOid headRepository { nameWithOwner } }
    }
  }
}
"""
_ADD: Final = (
    "mutation($id: ID!, $body: String!) { addComment(input: {subjectId: $id, body: $body}) { clientMutationId } }"
)
_UPDATE: Final = (
    "mutation($id: ID!, $body: String!) { updateIssueComment(input: {id: $id, body: $body}) { clientMutationId } }"
)
_DELETE: Final = "mutation($id: ID!) { deleteIssueComment(input: {id: $id}) { clientMutationId } }"


class _Pull(Struct, frozen=True):
    """A pull request, and the commit of it that was scanned."""

    number: int
    commit: str


def main() -> int:
    """Bring the comment of each pull request that this run is about up to date; return the exit code."""
    try:
        run = read_run(os.environ)
        name = _name(required(os.environ, variable("name")))
        report = _report(Path(required(os.environ, variable("report"))))
        pulls = list(_pulls(run))
        if not pulls:
            say("notice", "no open pull request is at this commit: nothing to comment on")
        for pull in pulls:
            log(f"iacscan: pull request {pull.number}: {_sync(run, pull, name, report)}")
    except ForbiddenError as error:
        say("notice", f"no comment was written: {error}; the summary of the job says the same")
    except IacscanError as error:
        say("error", str(error))
        return 1
    return 0


def _name(text: str) -> str:
    if not _NAME.fullmatch(text):
        message = "name: use up to 100 letters, digits, spaces, dots, slashes and underscores"
        raise UsageError(message)
    return text


def _report(path: Path) -> Report:
    from ..report import json  # noqa: PLC0415  brings pydantic

    try:
        if path.stat().st_size > _LARGEST:
            what = f"the report is larger than {_LARGEST // 1_000_000} MB"
            raise InputError(what, "scan fewer inputs at once")
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        what = f"the report cannot be read ({type(error).__name__})"
        raise InputError(what, "look at the step that writes it") from error
    return json.read(text, all_rules())


def _pulls(run: Run) -> Iterator[_Pull]:
    """The pull requests to comment on. For a run that another one set off, those open at the commit which that one was for."""
    pull, other = run.event.pull_request, run.event.workflow_run
    if pull is not None:
        yield _Pull(pull.number, pull.head.sha)
    elif other is not None and other.event == "pull_request" and other.head_branch and other.head_repository:
        owner, _, name = run.repository.partition("/")
        found = graphql(run, _PULLS, owner=owner, name=name, branch=other.head_branch)["repository"]["pullRequests"]
        for node in found["nodes"]:
            source = (node["headRepository"] or {}).get("nameWithOwner")
            if source == other.head_repository.full_name and node["headRefOid"] == other.head_sha:
                yield _Pull(node["number"], other.head_sha)


def _sync(run: Run, pull: _Pull, name: str, report: Report) -> str:
    """Write, update or remove the comment, and say which."""
    marker = f"<!-- iacscan comment: {name} -->"
    subject, commit, comments = _existing(run, pull, marker)
    if commit != pull.commit:
        return "there is a newer commit, whose run will comment"
    if _is_clean(report):
        for comment in comments:
            graphql(run, _DELETE, id=comment)
        return "clean; the comment has been removed" if comments else "clean; there is no comment"
    body = f"{marker}\n{markdown.render(report, _VIEW)}\n{_footer(run, pull)}\n"
    if not comments:
        graphql(run, _ADD, id=subject, body=body)
        return "commented"
    graphql(run, _UPDATE, id=comments[0], body=body)
    for duplicate in comments[1:]:
        graphql(run, _DELETE, id=duplicate)
    return "the comment has been updated"


def _existing(run: Run, pull: _Pull, marker: str) -> tuple[str, str, list[str]]:
    """The pull request's id, its last commit, and our comments, oldest first.

    A comment of somebody else's that begins with the marker is not ours: its author could change what we say.
    """
    owner, _, name = run.repository.partition("/")
    found: list[str] = []
    after: str | None = None
    for _ in range(_PAGES):
        data = graphql(run, _COMMENTS, owner=owner, name=name, number=pull.number, after=after)
        node: dict[str, Any] | None = data["repository"]["pullRequest"]
        if node is None:
            break
        comments = node["comments"]
        found += [one["id"] for one in comments["nodes"] if one["viewerDidAuthor"] and one["body"].startswith(marker)]
        after = comments["pageInfo"]["endCursor"]
        if not comments["pageInfo"]["hasNextPage"]:
            return node["id"], node["headRefOid"], found
    what = f"the comments of pull request {pull.number} cannot be listed"
    raise InputError(what, "look whether it is there and has fewer than 5,000 comments")


def _is_clean(report: Report) -> bool:
    """Whether there is nothing to say: everything was read, and nothing new was found or left open."""
    read = all(item.status == "scanned" for item in report.inputs)
    return bool(report.inputs) and read and not any(_VIEW.is_news(finding) for finding in report.findings)


def _footer(run: Run, pull: _Pull) -> str:
    other = run.event.workflow_run
    return f"<sub>For commit {pull.commit}, from [this run]({run.page if other is None else other.html_url}).</sub>"


if __name__ == "__main__":
    sys.exit(main())
