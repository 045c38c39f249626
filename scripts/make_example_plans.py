"""Make the plans of examples/terraform again: `python scripts/make_example_plans.py [STACK ...]`.

Each directory below examples/terraform that holds a main.tf and is not a module is a stack; its plan is written to
plan.json beside it. A state.json beside main.tf is the state that the plan starts from, taken as it is. No AWS account
is needed: the provider asks STS once who it is, and a server on this machine answers.

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
from collections.abc import Iterator
from pathlib import Path
from typing import Final

EXAMPLES: Final = Path(__file__).resolve().parent.parent / "examples" / "terraform"
ACCOUNT: Final = "210987654321"  # the account of the company in the examples
TIMESTAMP: Final = "2026-11-02T08:00:00Z"  # instead of the time of the run, so that the same source gives the same file
IDENTITY: Final = f"""<GetCallerIdentityResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/">
<GetCallerIdentityResult><Arn>arn:aws:sts::{ACCOUNT}:assumed-role/terraform/plan</Arn><UserId>AROAEXAMPLE:plan</UserId>
<Account>{ACCOUNT}</Account></GetCallerIdentityResult>
<ResponseMetadata><RequestId>0</RequestId></ResponseMetadata></GetCallerIdentityResponse>""".encode()


class _Sts(http.server.BaseHTTPRequestHandler):
    """Answers every request as STS answers GetCallerIdentity."""

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers.get("Content-Length", 0)))
        self.send_response(200)
        self.send_header("Content-Type", "text/xml")
        self.send_header("Content-Length", str(len(IDENTITY)))
        self.end_headers()
        self.wfile.write(IDENTITY)

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


def stacks(wanted: list[str]) -> list[Path]:
    """Directories of the stacks, all of them or those that are named relative to examples/terraform."""
    if wanted:
        return [EXAMPLES / name for name in wanted]
    return sorted(path.parent for path in EXAMPLES.rglob("main.tf") if "modules" not in path.relative_to(EXAMPLES).parts)


def make_plan(stack: Path, terraform: str, environment: dict[str, str]) -> str:
    """Plan a stack in a directory of its own and return the plan as one line of JSON.

    Raises subprocess.CalledProcessError when terraform refuses the stack; its own message is on standard error.
    """
    with tempfile.TemporaryDirectory(prefix="plan-") as name:
        work = Path(name) / stack.name
        shutil.copytree(stack, work, ignore=shutil.ignore_patterns("repaired", "*.json"))
        if (stack / "state.json").exists():
            shutil.copy(stack / "state.json", work / "terraform.tfstate")

        def run(*arguments: str) -> str:
            command = [terraform, f"-chdir={work}", *arguments]
            return subprocess.run(command, env=environment, check=True, stdout=subprocess.PIPE, text=True).stdout  # noqa: S603 - a fixed command

        run("init", "-input=false", "-no-color")
        run("plan", "-input=false", "-no-color", "-refresh=false", "-lock=false", "-out=tfplan")
        plan = json.loads(run("show", "-json", "tfplan"))
    plan["timestamp"] = TIMESTAMP
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
        for stack in stacks(sys.argv[1:]):
            try:
                text = make_plan(stack, terraform, environment)
            except subprocess.CalledProcessError as error:
                print(f"{stack.relative_to(EXAMPLES)}: {' '.join(error.cmd[2:])} failed", file=sys.stderr)
                return 1
            (stack / "plan.json").write_text(text, encoding="utf-8")
            print(f"{stack.relative_to(EXAMPLES)}: {len(text):,} bytes")
    return 0


if __name__ == "__main__":
    sys.exit(main())
