"""A machine that runs actions, and a GitHub on this machine that they talk to."""

import json
import threading
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import parse_qs, unquote, urlsplit

import pytest
from action.runner import Runner

HEAD = "a" * 40
BASE = "b" * 40


@dataclass
class GitHub:
    """What the repository holds, and what it was asked. `comments` are (id, body, whether the asker wrote it)."""

    address: str = ""
    files: dict = field(default_factory=dict)  # (path, commit) -> content
    comments: list = field(default_factory=list)
    pulls: list = field(default_factory=list)
    head: str = HEAD
    read_only: bool = False
    status: int = 200
    page: int = 100
    asked: list = field(default_factory=list)
    made: int = 0

    def bodies(self) -> list[str]:
        return [body for _, body, ours in self.comments if ours]

    def answer(self, query: str, variables: dict) -> dict:
        if "mutation" in query:
            if self.read_only:
                error = {"type": "FORBIDDEN", "message": "Resource not accessible by integration"}
                return {"data": None, "errors": [error]}
            self._change(query, variables)
            return {"data": {"done": None}}
        if "pullRequests(" in query:
            found = [node for node in self.pulls if node["branch"] == variables["branch"]]
            return {"data": {"repository": {"pullRequests": {"nodes": found}}}}
        start = int(variables["after"] or 0)
        nodes = [
            {"id": name, "body": body, "viewerDidAuthor": ours}
            for name, body, ours in self.comments[start : start + self.page]
        ]
        end = start + self.page
        info = {"hasNextPage": end < len(self.comments), "endCursor": str(end)}
        pull = {"id": "PR_7", "headRefOid": self.head, "comments": {"nodes": nodes, "pageInfo": info}}
        return {"data": {"repository": {"pullRequest": pull if variables["number"] == 7 else None}}}

    def _change(self, query: str, variables: dict) -> None:
        if "addComment" in query:
            assert variables["id"] == "PR_7"
            self.made += 1
            self.comments.append((f"made-{self.made}", variables["body"], True))
            return
        place = next(index for index, comment in enumerate(self.comments) if comment[0] == variables["id"])
        if "deleteIssueComment" in query:
            del self.comments[place]
        else:
            assert "updateIssueComment" in query
            name, _, ours = self.comments[place]
            self.comments[place] = (name, variables["body"], ours)


class _Handler(BaseHTTPRequestHandler):
    def _send(self, code: int, body: bytes, **headers: str) -> None:
        self.send_response(code)
        for name, value in headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def do_GET(self) -> None:
        github = self.server.github
        address = urlsplit(self.path)
        github.asked.append((self.path, self.headers.get("Authorization")))
        path = unquote(address.path).removeprefix("/repos/acme/cloud/contents/")
        commit = parse_qs(address.query)["ref"][0]
        if path == "elsewhere":
            self._send(302, b"", Location="http://127.0.0.1:9/stolen")
            return
        content = github.files.get((path, commit))
        self._send(404 if content is None else 200, b"{}" if content is None else content)

    def do_POST(self) -> None:
        github = self.server.github
        asked = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        github.asked.append((asked["query"], self.headers.get("Authorization")))
        if github.status != 200:
            self._send(github.status, b"no")
            return
        self._send(200, json.dumps(github.answer(asked["query"], asked["variables"])).encode())

    def log_message(self, *_: object) -> None:
        return


@pytest.fixture
def github():
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Handler)
    server.github = GitHub(address=f"http://127.0.0.1:{server.server_address[1]}")
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield server.github
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def runner(tmp_path: Path, github: GitHub) -> Runner:
    return Runner(tmp_path, github.address)


def pull_request(*, fork: bool = False, visibility: str = "private") -> dict:
    """The event of a pull request, as far as anybody here looks at it, and a little more."""
    head = {"sha": HEAD, "ref": "feature", "repo": {"full_name": "stranger/cloud" if fork else "acme/cloud"}}
    return {
        "action": "synchronize",
        "repository": {"full_name": "acme/cloud", "visibility": visibility},
        "pull_request": {"number": 7, "head": head, "base": {"sha": BASE, "repo": {"full_name": "acme/cloud"}}},
    }
