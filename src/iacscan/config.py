"""The configuration: which file it is, whether it is right, and what it says.

Of the working directory, `.iacscan.yaml` (or `.yml`) or `[tool.iacscan]` in pyproject.toml is read, and nothing above it. Whoever
opens a pull request can write that file, so it runs nothing, and what it names must lie below the working directory. Whoever must not let a
pull request decide gives `--config` with a file from elsewhere: then nothing of the working directory is asked.
"""

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from msgspec import Struct

from .errors import UsageError
from .finding import Severity
from .model.settings import NOTHING_TOLD, Settings
from .suppress import Ignore

if TYPE_CHECKING:
    from pydantic import ValidationError
    from pydantic_core import ErrorDetails

    from .config_schema import ConfigV1

NAMES: Final = (".iacscan.yaml", ".iacscan.yml")
PYPROJECT: Final = "pyproject.toml"
BASELINE: Final = ".iacscan-baseline.json"
MAX_BYTES: Final = 1_000_000

_SHOWN: Final = 60  # characters of a value in a message


class Config(Struct, frozen=True, kw_only=True):
    """What the configuration says. `options` are values for options of the command line, by the names of their parameters.

    `file` is empty if there is no configuration. `paths` are what to scan if none is given. `severities` and `ignores` name
    rules as they are written there; see `resolved`.
    """

    file: str = ""
    paths: tuple[str, ...] = ()
    options: Mapping[str, Any] = {}
    severities: Mapping[str, Severity] = {}
    ignores: tuple[Ignore, ...] = ()
    settings: Settings = NOTHING_TOLD
    baseline: Path | None = None

    def resolved(self, rules: Mapping[str, str]) -> "Config":
        """The same with codes for the names of rules; `rules` are codes by code and name, in lower case.

        Raises UsageError for what is the code or name of no rule.
        """
        severities = {self._code(name, rules, "severities"): severity for name, severity in self.severities.items()}
        ignores = (
            Ignore(
                kind="configuration",
                codes=frozenset(self._code(name, rules, item.where.rpartition(" ")[2]) for name in item.codes),
                reason=item.reason,
                where=item.where,
                until=item.until,
                sid=item.sid,
                address=item.address,
            )
            for item in self.ignores
        )
        return Config(
            file=self.file,
            paths=self.paths,
            options=self.options,
            severities=severities,
            ignores=tuple(ignores),
            settings=self.settings,
            baseline=self.baseline,
        )

    def _code(self, name: str, rules: Mapping[str, str], key: str) -> str:
        if name.lower() not in rules:
            message = f"{self.file}: {key}: there is no rule {name!r}; `iacscan rules` lists them"
            raise UsageError(message)
        return rules[name.lower()]


NOTHING: Final = Config()


def load(file: str | None = None) -> Config:
    """Read the configuration: that file, or the one of the working directory.

    Raises UsageError, with the key, the value and what is allowed, for anything that is not as it should be.
    """
    if file is not None:
        path = Path(file)
        if not path.is_file():
            message = f"--config: there is no file {file}"
            raise UsageError(message)
        found = _toml(path) if path.suffix == ".toml" else _yaml(path)
        return Config(file=file) if found is None else _checked(found, path, file, default_baseline=False)
    here = Path()
    present = [name for name in NAMES if (here / name).is_file()]
    in_pyproject = _toml(here / PYPROJECT) if (here / PYPROJECT).is_file() else None
    if len(present) + (in_pyproject is not None) > 1:
        message = f"there are several configurations ({', '.join(present)}{', ' + PYPROJECT if in_pyproject is not None else ''}); keep one"
        raise UsageError(message)
    if in_pyproject is not None:
        return _checked(in_pyproject, here / PYPROJECT, f"{PYPROJECT} [tool.iacscan]", default_baseline=True)
    if present:
        path = _below(here, present[0], present[0], "the configuration")
        return _checked(_yaml(path), path, present[0], default_baseline=True)
    return Config(baseline=_default_baseline(here))


def _default_baseline(directory: Path) -> Path | None:
    return _below(directory, BASELINE, BASELINE, "the baseline") if (directory / BASELINE).is_file() else None


# -- files ----------------------------------------------------------------------------------------------------------


def _bytes(path: Path) -> bytes:
    try:
        data = path.read_bytes()
    except OSError as error:
        message = f"{path} cannot be read: {error.strerror}"
        raise UsageError(message) from error
    if len(data) > MAX_BYTES:
        message = f"{path} is too large for a configuration ({len(data):,} bytes; the limit is {MAX_BYTES:,})"
        raise UsageError(message)
    return data


def _toml(path: Path) -> Any:  # noqa: ANN401  whatever the file holds; it is checked next
    """The table `[tool.iacscan]` of a file; None if it has none."""
    data = _bytes(path)
    if b"iacscan" not in data:
        return None
    import tomllib  # noqa: PLC0415  only needed here

    try:
        found = tomllib.loads(data.decode("utf-8"))
    except (ValueError, RecursionError) as error:  # TOMLDecodeError and UnicodeDecodeError are ValueErrors
        message = f"{path} cannot be read: {error}"
        raise UsageError(message) from error
    tool = found.get("tool")
    return tool.get("iacscan") if isinstance(tool, dict) else None


def _yaml(path: Path) -> Any:  # noqa: ANN401  as above
    """The content of a YAML file; one without content is an empty configuration."""
    import yaml  # noqa: PLC0415  only where there is such a file

    class Loader(yaml.SafeLoader):
        """Safe, and refuses what would hide something: keys that stand twice, and aliases."""

        def compose_node(self, parent: yaml.Node | None, index: int) -> yaml.Node | None:
            if self.check_event(yaml.AliasEvent):
                mark = self.peek_event().start_mark  # type: ignore[no-untyped-call]  # its stubs leave this out
                raise yaml.constructor.ConstructorError(None, None, "aliases are not read here", mark)
            return super().compose_node(parent, index)

        def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:  # noqa: FBT001, FBT002  as PyYAML has it
            seen: set[str] = set()
            for key, _ in node.value:
                if key.value in seen:
                    problem = f"the key {key.value!r} stands twice"
                    raise yaml.constructor.ConstructorError(None, None, problem, key.start_mark)
                if isinstance(key, yaml.ScalarNode):
                    seen.add(key.value)
            return super().construct_mapping(node, deep)

    try:
        found = yaml.load(_bytes(path), Loader=Loader)  # noqa: S506  it is a SafeLoader
    except yaml.MarkedYAMLError as error:
        line = f"line {error.problem_mark.line + 1}: " if error.problem_mark else ""
        message = f"{path} cannot be read: {line}{error.problem}"
        raise UsageError(message) from error
    except (yaml.YAMLError, ValueError, RecursionError) as error:  # ValueError: a date such as 2027-02-30
        message = f"{path} cannot be read: {error}"
        raise UsageError(message) from error
    return {} if found is None else found


def _below(directory: Path, name: str, file: str, key: str) -> Path:
    """The path of what is named, which must lie below the directory, links followed. Raises UsageError if it does not."""
    path = directory / name
    if Path(name).is_absolute() or not path.resolve().is_relative_to(directory.resolve()):
        message = f"{file}: {key}: {name!r} lies outside of {directory.resolve()}; only paths below it are allowed"
        raise UsageError(message)
    return path


# -- content --------------------------------------------------------------------------------------------------------


def _checked(content: Any, path: Path, file: str, *, default_baseline: bool) -> Config:  # noqa: ANN401  as above
    from pydantic import ValidationError  # noqa: PLC0415  only where there is a configuration

    from .config_schema import ConfigV1  # noqa: PLC0415  as above

    try:
        read = ConfigV1.model_validate(content)
    except ValidationError as error:
        raise UsageError(_complaint(error, file)) from None
    here = Path()
    for key, names in (("paths", read.paths), ("var-files", read.var_files)):
        for name in names:
            _below(here, name, file, key)
    if read.baseline is not None:
        baseline: Path | None = _below(path.parent, read.baseline, file, "baseline")
    else:
        baseline = _default_baseline(here) if default_baseline else None
    return Config(
        file=file,
        paths=tuple(read.paths),
        options=_options(read),
        severities={name: Severity[value.upper()] for name, value in read.severities.items()},
        ignores=tuple(_ignores(read, file)),
        settings=Settings(
            accounts=frozenset(read.trusted_accounts),
            organization=read.organization or "",
            vendors=tuple(sorted(read.vendors.items())),
            account_block=read.assume.account_public_access_block,
            guardrails=read.assume.service_control_policies,
            source=file,
        )
        if _tells(read)
        else NOTHING_TOLD,
        baseline=baseline,
    )


def _tells(read: "ConfigV1") -> bool:
    assumed = read.assume.account_public_access_block or read.assume.service_control_policies
    return bool(read.trusted_accounts or read.organization or read.vendors or assumed)


def _options(read: "ConfigV1") -> dict[str, Any]:
    """Values for options that are set, by the names of their parameters."""
    given = {
        "fail_on": read.fail_on,
        "severity": read.severity,
        "on_unknown": read.on_unknown,
        "everything": read.all,
        "only": tuple(read.only) or None,
        "skip": tuple(read.skip) or None,
        "var_files": tuple(read.var_files) or None,
        "inline_ignores": read.inline_ignores,
    }
    return {name: value for name, value in given.items() if value is not None}


def _ignores(read: "ConfigV1", file: str) -> Iterable[Ignore]:
    for number, item in enumerate(read.ignore):
        yield Ignore(
            kind="configuration",
            codes=frozenset(item.codes),
            reason=item.reason,
            where=f"{file}: ignore[{number}]",
            until=item.until,
            sid=item.sid or "",
            address=item.address,
        )


def _complaint(error: "ValidationError", file: str) -> str:
    """One line about the first fault, and how many more there are."""
    faults = error.errors(include_url=False)
    more = f" (and {len(faults) - 1} more)" if len(faults) > 1 else ""
    return f"{file}: {_fault(faults[0])}{more}"


def _fault(fault: "ErrorDetails") -> str:  # noqa: PLR0911  one return for each kind of fault
    """The key, the value, and what is allowed."""
    key = "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in fault["loc"]).lstrip(".")
    shown = repr(fault["input"])
    value = shown if len(shown) <= _SHOWN else f"{shown[:_SHOWN]}..."
    match fault["type"]:
        case "extra_forbidden":
            return f"{key}: there is no such key; docs/configuration.md lists them"
        case "missing":
            return f"{key}: it is missing"
        case "literal_error":
            return f"{key}: {value} is not allowed; allowed are {fault['ctx']['expected']}"
        case "string_type":
            return f"{key}: {value} is no text; put it in quotes"
        case "string_pattern_mismatch":
            return f"{key}: {value} is not allowed; allowed is what matches {fault['ctx']['pattern']}"
        case "model_type" | "dict_type":
            return f"{key or 'the whole'}: {value} is not allowed; keys with values are expected"
        case _:
            message = fault["msg"].removeprefix("Value error, ")
            return f"{key}: {value} is not allowed; {message[:1].lower()}{message[1:]}"
