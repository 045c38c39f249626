"""Runs the steps of a composite action as GitHub's runner does: expressions, environment, files, exit codes.

Actions of others are not run but noted, with what they were given. The one thing put in their place is an interpreter: it does
what install.sh asks of Python without an index of packages, and notes that too.
"""

import json
import os
import re
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path

import yaml

ROOT = Path(__file__).resolve().parents[2]
FILES = ("GITHUB_OUTPUT", "GITHUB_STEP_SUMMARY", "GITHUB_ENV", "GITHUB_PATH", "GITHUB_STATE")
_WORD = re.compile(r"'([^']*)'|(&&|\|\||==|!=|!|[()])|([A-Za-z_][\w.-]*)|\s+")
_OPERATORS = {"&&": " and ", "||": " or ", "!": " not "}

_PYTHON = """#!/usr/bin/env bash
printf '%s\\n' "$*" >>'{log}'
case "$*" in
  "-I -m venv "*) mkdir -p "${{@: -1}}/bin" && cp "$0" "${{@: -1}}/bin/python" ;;
  *"-m pip "* | *add_source.py) ;;
  *) exec '{python}' "$@" ;;
esac
"""


def evaluate(expression: str, contexts: dict) -> object:
    """The value of an expression, of those that actions here use; a name that is not there is the empty text."""

    def look_up(path: str) -> object:
        value: object = contexts
        for part in path.split("."):
            value = value.get(part, "") if isinstance(value, dict) else ""
        return value

    words, end = [], 0
    for found in _WORD.finditer(expression):
        assert found.start() == end, expression[end:]
        end = found.end()
        text, operator, name = found.groups()
        if text is not None:
            words.append(repr(text))
        elif operator:
            words.append(_OPERATORS.get(operator, operator))
        elif name:
            words.append(f"look_up({name!r})")
    assert end == len(expression), expression[end:]
    return eval(  # noqa: S307  our own action, translated word for word above
        "".join(words).strip(), {"__builtins__": {}, "look_up": look_up}
    )


def interpolate(text: str, contexts: dict) -> str:
    def replaced(found: re.Match) -> str:
        value = evaluate(found[1].strip(), contexts)
        return str(value).lower() if isinstance(value, bool) else str(value)

    return re.sub(r"\$\{\{(.*?)\}\}", replaced, str(text), flags=re.DOTALL)


@dataclass
class Step:
    """What came of one step. `code` is None if it was skipped or is somebody else's."""

    name: str
    used: str = ""
    given: dict = field(default_factory=dict)
    code: int | None = None
    log: str = ""
    files: dict = field(default_factory=dict)


@dataclass
class Result:
    """What came of the action: its exit code, its outputs, and its steps by name, without those that were skipped."""

    code: int
    outputs: dict
    steps: dict
    python: list

    @property
    def summary(self) -> str:
        return self.steps["Scan"].files["GITHUB_STEP_SUMMARY"]


class Runner:
    """A machine with a checkout, on which one job after another may run."""

    def __init__(self, place: Path, address: str) -> None:
        self.place = place
        self.workspace = place / "checkout"
        self.temp = place / "temp"
        self.workspace.mkdir()
        self.temp.mkdir()
        self.address = address
        self.variables: dict[str, str] = {}  # what the job sets for all its steps
        self.python = place / "python"
        self.calls = place / "python.log"
        self.python.write_text(_PYTHON.format(log=self.calls, python=sys.executable))
        self.python.chmod(0o755)

    def run(self, action: str, inputs: dict, event: str, payload: dict) -> Result:
        file = ROOT / action / "action.yml"
        definition = yaml.safe_load(file.read_text(encoding="utf-8"))
        unknown = set(inputs) - set(definition["inputs"])
        assert not unknown, f"no such inputs: {unknown}"
        given = {name: inputs.get(name, one.get("default", "")) for name, one in definition["inputs"].items()}
        github = {"event_name": event, "event": payload, "token": "t0ken", "action_path": str(file.parent)}
        contexts = {"github": github, "steps": {}}
        contexts["inputs"] = {name: interpolate(value, contexts) for name, value in given.items()}
        steps: dict[str, Step] = {}
        code = 0
        for definition_ in definition["runs"]["steps"]:
            if code or not evaluate(str(definition_.get("if", "'yes'")), contexts):
                continue
            step = self._step(definition_, contexts, event, payload)
            steps[step.name] = step
            forgiven = interpolate(definition_.get("continue-on-error", "false"), contexts).lower() == "true"
            code = 0 if forgiven else step.code or 0
        outputs = {name: interpolate(one["value"], contexts) for name, one in definition.get("outputs", {}).items()}
        return Result(code, outputs, steps, self.calls.read_text(encoding="utf-8").splitlines())

    def _step(self, definition: dict, contexts: dict, event: str, payload: dict) -> Step:
        step = Step(definition["name"])
        outputs: dict[str, str] = {}
        if "uses" in definition:
            step.used = definition["uses"]
            step.given = {name: interpolate(value, contexts) for name, value in definition["with"].items()}
            if step.used.startswith("actions/setup-python@"):
                outputs["python-path"] = str(self.python)
        else:
            own = {name: interpolate(value, contexts) for name, value in definition.get("env", {}).items()}
            self._run(step, definition["run"], own, event, payload)
            for line in step.files["GITHUB_OUTPUT"].splitlines():
                name, _, value = line.partition("=")
                outputs[name] = value
        if "id" in definition:
            contexts["steps"][definition["id"]] = {"outputs": outputs}
        return step

    def _run(self, step: Step, script: str, own: dict, event: str, payload: dict) -> None:
        event_file = self.place / "event.json"
        event_file.write_text(json.dumps(payload), encoding="utf-8")
        files = {name: self.place / name for name in FILES}
        for file in files.values():
            file.write_text("")
        environment = {
            "PATH": os.environ["PATH"],
            "HOME": str(self.place),
            "CI": "true",
            "GITHUB_ACTIONS": "true",
            "GITHUB_WORKSPACE": str(self.workspace),
            "RUNNER_TEMP": str(self.temp),
            "GITHUB_EVENT_NAME": event,
            "GITHUB_EVENT_PATH": str(event_file),
            "GITHUB_REPOSITORY": "acme/cloud",
            "GITHUB_RUN_ID": "42",
            "GITHUB_SERVER_URL": "https://github.example",
            "GITHUB_API_URL": self.address,
            "GITHUB_GRAPHQL_URL": f"{self.address}/graphql",
            **{name: str(file) for name, file in files.items()},
            **self.variables,
            **own,
        }
        done = subprocess.run(
            ["bash", "--noprofile", "--norc", "-eo", "pipefail", "-c", script],  # noqa: S607  as the runner does
            cwd=self.workspace,
            env=environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            encoding="utf-8",
            check=False,
        )
        step.code, step.log = done.returncode, done.stdout
        step.files = {name: file.read_text(encoding="utf-8") for name, file in files.items()}
