"""The sections of a CloudFormation template, and the values of its parameters.

https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/template-anatomy.html
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Final

import msgspec
from msgspec import Struct

from ..errors import InputError
from ..lazy import regex
from ..policy.arn import symbol
from ..value import Reference, Unknown, Value
from .cloudformation_decode import Node, fault
from .cloudformation_loops import has_loops

SAM: Final = "AWS::Serverless-2016-10-31"
# Transforms that change no resource by themselves, or that are done here.
HARMLESS: Final = frozenset(
    (SAM, "AWS::LanguageExtensions", "AWS::CodeDeployBlueGreen", "AWS::SecretsManager-2020-07-23",
     "AWS::SecretsManager-2024-09-16")
)  # fmt: skip
_LISTS: Final = ("List<", "CommaDelimitedList")
_SSM: Final = "AWS::SSM::Parameter::Value<"
_PARAMETERS: Final = 'give a JSON object of names and values, or a list of {"ParameterKey": ..., "ParameterValue": ...}'
_MAX_PARAMETERS: Final = 1_000_000  # bytes
# A pattern of these parts alone lets no star and no question mark through.
_TAME: Final = regex(
    r"\^?(?:\((?:\?:)?|\)|\|)*(?:(?:\[[\w\-./:+=@,; ]*(?:\\[-.dw/][\w\-./:+=@,; ]*)*\]|\\[-.dw/]|[\w\-/:@,])"
    r"(?:\{\d+(?:,\d*)?\}|[+*?])?(?:\((?:\?:)?|\)[+*?]?|\|)*)+\$?"
)

_ACCOUNTS: Final = (r"\d{12}", "[0-9]{12}", r"[\d]{12}")


class Parameter(Struct, frozen=True, kw_only=True):
    """One entry of Parameters."""

    name: str
    type: str
    default: str | None
    allowed: tuple[str, ...]
    secret: bool  # NoEcho
    pattern: str | None
    line: int

    @property
    def is_list(self) -> bool:
        """Whether its value is a list, written with commas."""
        return any(word in self.type for word in _LISTS)

    @property
    def from_ssm(self) -> bool:
        """Whether it names what stands in Systems Manager, and its value is that."""
        return self.type.startswith(_SSM)

    @property
    def is_identifier(self) -> bool:
        """Whether AWS checks that it is the id of something that exists, so that it is no word with a meaning."""
        return "AWS::" in self.type.removeprefix(_SSM) and not self.is_list

    @property
    def is_tame(self) -> bool:
        """Whether its value can hold no wildcard."""
        if self.from_ssm:
            return self.is_identifier
        if self.is_identifier or self.type == "Number":
            return True
        if self.allowed:
            return not any("*" in text or "?" in text for text in self.allowed)
        return self.pattern is not None and _TAME.fullmatch(self.pattern) is not None

    @property
    def is_account(self) -> bool:
        """Whether its value is the id of an account, as its pattern has it."""
        return self.pattern is not None and self.pattern.strip("^$()") in _ACCOUNTS

    def value(self, given: Value, prefix: str) -> Value:
        """Its value: what is given, the default, the only one allowed; else a symbol if it is an id; else Unknown."""
        reference = (Reference(f"var.{prefix}{self.name}"),)
        text = self.default if given is None else given
        if text is None and len(self.allowed) == 1:
            text = self.allowed[0]
        if self.from_ssm and text is not None:
            where = f"the parameter {self.name}, which is read from Systems Manager"
        elif isinstance(text, str) and self.is_list:
            return [item.strip() for item in text.split(",")]
        elif text is not None:
            return text
        elif self.allowed:
            where = f"the parameter {self.name}, which may be {', '.join(self.allowed[:5])}"
            where += ", ..." if len(self.allowed) > 5 else ""  # noqa: PLR2004  enough to see what it is about
        else:
            where = f"the parameter {self.name}" + (
                ", which is given at deployment and not shown" if self.secret else ""
            )
        if self.is_identifier:
            return symbol(f"{prefix}{self.name}")
        return Unknown(f"depends on {where}", reference)


class Template(Struct, frozen=True, kw_only=True):
    """A template by sections; `resources` and `outputs` are as written, loops included.

    `generated` is what SAM lets a template refer to of the resources that it makes, by names such as `Function.Alias`; a
    node without a value for what is known by that name only. `idle_rules` are the Rules that are not looked at.
    """

    parameters: dict[str, Parameter]
    mappings: dict[str, Node]
    conditions: dict[str, Node]
    resources: dict[str, Node]
    outputs: dict[str, Node]
    globals: Node | None
    transforms: tuple[str, ...]
    root: Node
    has_loops: bool
    generated: dict[str, Node] = {}
    idle_rules: tuple[str, ...] = ()

    @property
    def is_sam(self) -> bool:
        """Whether it is written for the Serverless Application Model."""
        return SAM in self.transforms


def read_template(root: Node) -> Template:
    """Split a template into its sections. Raises InputError, with the line, if one of them is not what it must be."""
    if not isinstance(root.value, dict):
        raise fault(root.line, "a template is a mapping with a section Resources")
    if root.get("Resources") is None:
        what = "has no section Resources"
        raise InputError(what, "add it, or give another file")
    return Template(
        parameters={name: _parameter(name, node) for name, node in _section(root, "Parameters").items()},
        mappings=_section(root, "Mappings"),
        conditions=_section(root, "Conditions"),
        resources=_section(root, "Resources"),
        outputs=_section(root, "Outputs"),
        globals=root.get("Globals"),
        transforms=_transforms(root.get("Transform")),
        root=root,
        has_loops=has_loops(root),
    )


def read_parameters(path: Path) -> dict[str, str]:
    """Read values of parameters from a file, in the forms that the AWS command line and pipelines take.

    These are `[{"ParameterKey": "A", "ParameterValue": "b"}]`, `{"Parameters": {"A": "b"}}`, `{"A": "b"}` and `["A=b"]`.
    https://docs.aws.amazon.com/cli/latest/reference/cloudformation/deploy/. Raises InputError if it is none of them.
    """
    try:
        data = path.read_bytes()
    except (OSError, ValueError) as error:
        what = f"the parameters in {path} cannot be read"
        raise InputError(what, "give the path of a JSON file") from error
    try:
        tree = msgspec.json.decode(data) if len(data) <= _MAX_PARAMETERS else None
    except (msgspec.DecodeError, RecursionError) as error:
        what = f"the parameters in {path} are not valid JSON"
        raise InputError(what, _PARAMETERS) from error
    if isinstance(tree, dict) and isinstance(tree.get("Parameters"), dict | list):
        tree = tree["Parameters"]
    found: dict[str, str] = {}
    for key, value in _pairs(tree):
        if not isinstance(key, str) or isinstance(value, dict | list | None):
            what = f"the parameters in {path} are of no form that AWS takes"
            raise InputError(what, _PARAMETERS)
        found[key] = value if isinstance(value, str) else str(value).lower() if isinstance(value, bool) else f"{value}"
    return found


def _pairs(tree: object) -> list[tuple[object, object]]:
    """Names and values; a pair of nothings for what is neither."""
    if isinstance(tree, dict):
        return list(tree.items())
    found: list[tuple[object, object]] = []
    for item in tree if isinstance(tree, list) else [None]:
        if isinstance(item, dict) and "ParameterKey" in item:
            if item.get("UsePreviousValue") is not True:
                found.append((item["ParameterKey"], item.get("ParameterValue")))
        elif isinstance(item, str) and "=" in item:
            name, _, value = item.partition("=")
            found.append((name, value))
        else:
            found.append((None, None))
    return found


def _section(root: Node, name: str) -> dict[str, Node]:
    node = root.get(name)
    if node is None or node.value is None:
        return {}
    if not isinstance(node.value, dict):
        raise fault(node.line, f"{name} must be a mapping")
    return node.value


def _parameter(name: str, node: Node) -> Parameter:
    if not isinstance(node.value, dict):
        raise fault(node.line, f"the parameter {name} must be a mapping")

    def text(key: str) -> str | None:
        found = node.get(key)
        return None if found is None else found.text

    default = node.get("Default")
    allowed = node.get("AllowedValues")
    return Parameter(
        name=name,
        type=text("Type") or "String",
        default=None if default is None else ",".join(default.texts),
        allowed=allowed.texts if allowed else (),
        secret=(text("NoEcho") or "").lower() == "true",
        pattern=text("AllowedPattern"),
        line=node.line,
    )


def _transforms(node: Node | None) -> tuple[str, ...]:
    """Names of the template's transforms; a macro with parameters is a mapping with a Name."""
    if node is None:
        return ()
    items = node.value if isinstance(node.value, list) else [node]
    names = (item.get("Name") if isinstance(item.value, dict) else item for item in items)
    return tuple(name.text for name in names if name is not None and name.text is not None)


def given_values(given: Mapping[str, str], template: Template) -> dict[str, Value]:
    """Values from outside. Raises InputError if one is for no parameter of the template."""
    for name in given:
        if name not in template.parameters:
            known = ", ".join(sorted(template.parameters)) or "none"
            what = f"it has no parameter {name}, for which a value is given (it has {known})"
            raise InputError(what, "correct the file given with --parameters")
    return dict(given)
