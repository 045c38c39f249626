"""Make the plans of examples and benchmarks again: `python scripts/make_example_plans.py [DIRECTORY ...]`.

Each directory below examples/terraform and benchmarks that holds a main.tf and is not a module is a stack; its plan is written to
plan.json beside it. A state.json beside main.tf, or in the stack above for a repaired twin, is the state that the plan
starts from. No AWS account is needed: the provider asks STS who it is, and a server on this machine answers.

Needs terraform with hashicorp/aws 5.100.0 at hand (a mirror, or the registry); how terraform finds providers is up
to its own configuration (TF_CLI_CONFIG_FILE). Where terraform is not installed, it says so and leaves all as it is.
"""

import contextlib
import http.server
import json
import os
import shutil
import subprocess
import sys
import tempfile
import threading
import urllib.parse
from collections.abc import Iterator
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).resolve().parent.parent
ACCOUNT: Final = "210987654321"  # the account of the company in the examples
TIMESTAMP: Final = "2026-11-02T08:00:00Z"  # instead of the time of the run, so that the same source gives the same file
ANSWER: Final = """<{action}Response xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><{action}Result>
<Arn>arn:aws:sts::{account}:assumed-role/terraform/plan</Arn><UserId>AROAEXAMPLE:plan</UserId><Account>{account}</Account>
<Credentials><AccessKeyId>example</AccessKeyId><SecretAccessKey>example</SecretAccessKey>
<SessionToken>example</SessionToken><Expiration>2038-01-01T00:00:00Z</Expiration></Credentials>
</{action}Result><ResponseMetadata><RequestId>0</RequestId></ResponseMetadata></{action}Response>"""


class _Sts(http.server.BaseHTTPRequestHandler):
    """Answers GetCallerIdentity and AssumeRole, for everybody, with one identity."""

    def do_POST(self) -> None:
        asked = urllib.parse.parse_qs(self.rfile.read(int(self.headers.get("Content-Length", 0))).decode())
        answer = ANSWER.format(action=asked["Action"][0], account=ACCOUNT).encode()
        self.send_response(200)
        self.send_header("Content-Type", "text/xml")
        self.send_header("Content-Length", str(len(answer)))
        self.end_headers()
        self.wfile.write(answer)

    def log_message(self, *_: object) -> None:
        """Say nothing: terraform reports what fails."""


@contextlib.contextmanager
def sts() -> Iterator[str]:
    """Run the stand-in for STS; gives its address."""
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), _Sts)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()


def stacks() -> list[Path]:
    """Directories of all stacks."""
    found = [*(ROOT / "examples" / "terraform").rglob("main.tf"), *(ROOT / "benchmarks").rglob("main.tf")]
    return sorted(path.parent for path in found if "modules" not in path.relative_to(ROOT).parts)


def make_plan(stack: Path, terraform: str, environment: dict[str, str]) -> str:
    """Plan a stack in a directory of its own and return the plan as one line of JSON.

    Raises subprocess.CalledProcessError when terraform refuses the stack; its own message is on standard error.
    """
    with tempfile.TemporaryDirectory(prefix="plan-") as name:
        work = Path(name) / stack.name
        shutil.copytree(stack, work, ignore=shutil.ignore_patterns("repaired", "*.json"))
        start = next((path for path in (stack, stack.parent) if (path / "state.json").exists()), None)
        if start is not None:
            shutil.copy(start / "state.json", work / "terraform.tfstate")

        def run(*arguments: str) -> str:
            command = [terraform, f"-chdir={work}", *arguments]
            return subprocess.run(command, env=environment, check=True, stdout=subprocess.PIPE, text=True).stdout  # noqa: S603 - a fixed command

        run("init", "-input=false", "-no-color")
        run("plan", "-input=false", "-no-color", "-refresh=false", "-lock=false", "-out=tfplan")
        plan = json.loads(run("show", "-json", "tfplan"))
    plan["timestamp"] = TIMESTAMP
    plan.get("relevant_attributes", []).sort(key=json.dumps)  # terraform writes them in another order each time
    return json.dumps(plan, separators=(",", ":"), ensure_ascii=False) + "\n"


def main() -> int:
    """Make the plans; 1 if terraform refuses a stack."""
    terraform = shutil.which("terraform")
    if terraform is None:
        print("terraform is not installed: the plans stay as they are")
        return 0
    mine = {name: value for name, value in os.environ.items() if not name.startswith("AWS_")}
    with sts() as address:
        environment = mine | {
            "AWS_ACCESS_KEY_ID": "example",
            "AWS_SECRET_ACCESS_KEY": "example",
            "AWS_EC2_METADATA_DISABLED": "true",
            "AWS_ENDPOINT_URL_STS": address,
            "CHECKPOINT_DISABLE": "true",
        }
        for stack in [Path(name).resolve() for name in sys.argv[1:]] or stacks():
            try:
                text = make_plan(stack, terraform, environment)
            except subprocess.CalledProcessError as error:
                print(f"{stack.relative_to(ROOT)}: {' '.join(error.cmd[2:])} failed", file=sys.stderr)
                return 1
            (stack / "plan.json").write_text(text, encoding="utf-8")
            print(f"{stack.relative_to(ROOT)}: {len(text):,} bytes")
    return 0


if __name__ == "__main__":
    sys.exit(main())
