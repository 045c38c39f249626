"""One stack: a template, the values of its parameters, and what stands in it in one world of its conditions."""

from collections.abc import Callable, Iterator
from functools import cached_property
from pathlib import Path
from typing import Final

from msgspec import Struct

from ..errors import InputError
from ..policy.arn import symbol
from ..source import Span
from ..value import Reference, Unknown, Value
from .cloudformation_block import Steps, TemplateBlock
from .cloudformation_conditions import Causes, Conditions, candidates, used
from .cloudformation_decode import MAX_TEMPLATE, Node, decode, decode_text, fault
from .cloudformation_intrinsics import ABSENT, Evaluator
from .cloudformation_loops import Loops, has_loops
from .cloudformation_template import HARMLESS, Template, read_template
from .detect import is_template

NESTED: Final = "AWS::CloudFormation::Stack"
STACK_SET: Final = "AWS::CloudFormation::StackSet"
_CUSTOM: Final = ("Custom::", "AWS::CloudFormation::CustomResource")
_ATTRIBUTES: Final = ("Condition", "CreationPolicy", "DeletionPolicy", "DependsOn", "Metadata", "UpdatePolicy",
                      "UpdateReplacePolicy")  # fmt: skip
_INERT: Final = frozenset(("AWS::CDK::Metadata",))  # bear on nothing; CDK writes one into every template
_SERVERLESS: Final = "AWS::Serverless::"
_MAX_LEVELS: Final = 8  # stacks within stacks
_MAX_STACKS: Final = 200


class Case(Struct, frozen=True):
    """A world: how the conditions of one stack are to turn out, and what to call it."""

    label: str
    prefix: str
    forced: dict[str, bool]


class Log(Struct):
    """What was met on the way: for people, and for rules about absence."""

    notes: dict[str, None] = {}
    unevaluated: dict[str, None] = {}
    stacks: int = 0
    roots: dict[Path, Node] = {}  # nested templates that are decoded already

    def aside(self) -> "Log":
        """A log for another world of the same templates, which nobody reads."""
        return Log(roots=self.roots)


class Site(Struct, frozen=True, kw_only=True):
    """Where a stack stands: its file, what stands before its logical ids, the account that it is made in.

    `ancestors` are the files of the stacks around it. `span` is there if the template stands inside of another one: then
    its own lines mean nothing.
    """

    file: str
    prefix: str = ""
    ancestors: tuple[Path, ...] = ()
    account: str = "aws"
    span: Span | None = None


class Stack:
    """A stack in one world. `given` are values of parameters that are certain."""

    def __init__(self, root: Node, site: Site, given: dict[str, Value], log: Log, case: Case | None = None) -> None:
        self._root = root
        self._site = site
        self._given = given
        self._log = log
        self._case = case
        self.prefix = site.prefix
        self._evaluator = Evaluator(self)
        self.template = read_template(root)
        forced = case.forced if case is not None and case.prefix == site.prefix else {}
        self._conditions = Conditions(self.template.conditions, Evaluator(self).known, forced)
        self._children: dict[str, Stack | None] = {}
        log.stacks += 1

    @cached_property
    def _expanded(self) -> Template:
        """The template with its loops written out and SAM's resources made into those that they stand for."""
        template = self.template
        if has_loops(self._root):
            template = read_template(Loops(self._evaluator.known).expand(self._root))
        if not template.is_sam:
            return template
        from .cloudformation_sam import expand_sam  # noqa: PLC0415  other templates need none of it

        return expand_sam(template)

    @cached_property
    def _resources(self) -> dict[str, Node]:
        return {name: node for name, node in self._expanded.resources.items() if not name.startswith("Fn::")}

    def _note(self) -> None:
        within = f" in {self.prefix.rstrip('/')}" if self.prefix else ""
        for name, node in self._expanded.resources.items():
            if name.startswith("Fn::"):
                self._log.unevaluated[f"{self.prefix}{name} (line {node.line})"] = None
        for name in self.template.transforms:
            if name not in HARMLESS:
                self._log.unevaluated[f"the macro {name}{within}, which may change any resource"] = None
        taken = [
            item.name
            for item in self.template.parameters.values()
            if item.default is not None and self._given.get(item.name) is None and not item.from_ssm
        ]
        if taken:
            self._log.notes[f"parameters{within} are taken to have their defaults: {', '.join(taken)}"] = None

    def cases(self) -> Iterator[Case]:
        """Other worlds: each condition that something outside of the template decides, turned the other way.

        Where some value of a parameter turns it, all conditions are as that value makes them, so that the world is one
        that can be; else the condition alone is turned.
        """
        causes = Causes(self.template.conditions)
        resources = (node for node in self._resources.values() if _type(node) not in _INERT)
        names = [name for name in dict.fromkeys(used(resources)) if name in self.template.conditions]
        now = {name: self.condition(name) for name in names}
        seen = [now]
        for name in names:
            compared = causes.of(name)
            free = [item for item in compared if self._is_free(item)]
            if now[name] is not None and not free:
                continue
            for holds in (True, False) if now[name] is None else (not now[name],):
                if any(world[name] is holds for world in seen[1:]):
                    continue
                world = self._turned(name, holds, {item: compared[item] for item in free}, names)
                seen.append(world)
                label = f"when condition {self.prefix}{name} is {'true' if holds else 'false'}"
                yield Case(label, self.prefix, {key: value for key, value in world.items() if value is not None})
        for child in self.children():
            yield from child.cases()

    def _is_free(self, name: str) -> bool:
        """Whether a name is that of a parameter that may get another value."""
        return name in self.template.parameters and self._given.get(name) is None

    def _turned(self, name: str, holds: bool, free: dict[str, list[str]], names: list[str]) -> dict[str, bool | None]:  # noqa: FBT001  one of two answers
        for parameter, compared in free.items():
            for value in candidates(compared, self.template.parameters[parameter].allowed):
                other = Stack(self._root, self._site, {**self._given, parameter: value}, self._log.aside())
                if other.condition(name) is holds:
                    return {key: other.condition(key) for key in names}
        alone = Stack(self._root, self._site, self._given, self._log.aside(), Case("", self.prefix, {name: holds}))
        return {key: alone.condition(key) for key in names}

    # -- what names mean --------------------------------------------------------------------------------------------

    def parameter(self, name: str) -> Value:
        """The value of a parameter; None if there is none of that name."""
        parameter = self.template.parameters.get(name)
        return None if parameter is None else parameter.value(self._given.get(name), self.prefix)

    def hole(self, name: str) -> str | None:
        """A symbol for a parameter without a value inside of a longer text, if it can hold no wildcard."""
        parameter = self.template.parameters.get(name)
        return symbol(f"{self.prefix}{name}") if parameter is not None and parameter.is_tame else None

    def is_secret(self, name: str) -> bool:
        """Whether a parameter is NoEcho."""
        parameter = self.template.parameters.get(name)
        return parameter is not None and parameter.secret

    def missing(self, name: str) -> str | None:
        """Why a logical id leads to nothing; None if it leads to a resource."""
        node = self._resources.get(name)
        if node is None:
            return f"refers to {name}, which the template does not have"
        condition = node.get("Condition")
        if condition is not None and self.condition(condition.text or "") is False:
            return f"refers to {name}, which is not created, as its condition {condition.text} does not hold"
        return None

    def attribute(self, name: str, attribute: str) -> Value:
        """Outputs of nested stacks, and what custom resources make up."""
        kind = _type(self._resources[name])
        if kind.startswith(_CUSTOM) and attribute != "Ref":
            because = f"made by the custom resource {name}"
            return Unknown(because, (Reference(f"{self.prefix}{name}", attribute),))
        if kind == NESTED and attribute.startswith("Outputs."):
            child = self._child(name)
            output = attribute.removeprefix("Outputs.")
            known = child.output(output) if child is not None else None
            return Unknown(f"the output {output} of the nested stack {name}") if known is None else known
        return None

    def condition(self, name: str) -> bool | None:
        """Whether a condition holds; None if it is not decided."""
        return self._conditions.holds(name)

    def mapping(self, name: str) -> Node | None:
        """An entry of Mappings."""
        return self.template.mappings.get(name)

    def output(self, name: str) -> Value:
        """The value of an output; None if there is none, or a condition keeps it away."""
        node = self._expanded.outputs.get(name)
        condition = node.get("Condition") if node is not None else None
        if node is None or (condition is not None and self.condition(condition.text or "") is False):
            return None
        value = node.get("Value")
        return None if value is None else Evaluator(self).known(value)

    def output_references(self) -> Iterator[tuple[str, tuple[Reference, ...]]]:
        """Every output with what it refers to."""
        for name, node in self._expanded.outputs.items():
            self._evaluator.begin()
            self._evaluator.value(node)
            yield name, tuple(dict.fromkeys(reference for _, reference in self._evaluator.found))

    # -- what stands in it ------------------------------------------------------------------------------------------

    def blocks(self) -> Iterator[TemplateBlock]:
        """Every resource, and those of the stacks within."""
        self._note()
        for name, node in self._resources.items():
            if not isinstance(node.value, dict):
                raise fault(node.line, f"the resource {name} must be a mapping with a Type")
            condition = node.get("Condition")
            holds = True if condition is None else self.condition(condition.text or "")
            if holds is False:
                continue
            kind = _type(node)
            if kind.endswith("::MODULE"):
                self._log.unevaluated[f"{self.prefix}{name} (the module {kind})"] = None
            if kind.startswith(_SERVERLESS):
                self._log.unevaluated[f"{self.prefix}{name} ({kind})"] = None
            yield self._block(name, node, kind, possible=holds is None)
            if kind in (NESTED, STACK_SET) and (child := self._child(name)) is not None:
                yield from child.blocks()

    def _block(self, name: str, node: Node, kind: str, *, possible: bool) -> TemplateBlock:
        properties = node.get("Properties") or Node({}, node.line, node.line)
        parts = {**properties.items, **{f"@{key}": item for key in _ATTRIBUTES if (item := node.get(key)) is not None}}
        address = f"{self.prefix}{name}"
        tree: dict[str, Value] = {}
        found: dict[str, tuple[tuple[Steps, Reference], ...]] = {}
        secret = set()
        if not isinstance(properties.value, dict | None):
            raise fault(properties.line, f"the properties of {name} must be a mapping")
        for key, item in parts.items():
            if key.startswith("Fn::"):
                self._log.unevaluated[f"{address} ({key}, line {item.line})"] = None
                continue
            self._evaluator.begin()
            value = self._evaluator.value(item)
            if value is ABSENT:
                continue
            tree[key] = value
            if self._evaluator.found:
                found[key] = tuple(self._evaluator.found)
            if self._evaluator.secret:
                secret.add(key)
        return TemplateBlock(
            address=address,
            module=self.prefix.rstrip("/"),
            type=kind,
            name=name,
            account=self._site.account,
            span=self._site.span or Span(self._site.file, node.line, node.end),
            possible=possible,
            tree=tree,
            found=found,
            secret=frozenset(secret),
            properties=properties,
        )

    # -- stacks within ----------------------------------------------------------------------------------------------

    def children(self) -> Iterator["Stack"]:
        """The stacks within whose templates are here."""
        for name, node in self._resources.items():
            if _type(node) in (NESTED, STACK_SET) and self.missing(name) is None:
                child = self._child(name)
                if child is not None:
                    yield child

    def _child(self, name: str) -> "Stack | None":
        if name not in self._children:
            self._children[name] = None  # ends a cycle
            self._children[name] = self._open(name, self._resources[name])
        return self._children[name]

    def _open(self, name: str, node: Node) -> "Stack | None":
        """The stack that a resource makes, if its template is here; else it is noted as not evaluated."""
        evaluator = Evaluator(self)
        properties = node.get("Properties") or Node({})
        site = self._site
        address = f"{self.prefix}{name}"

        def given(key: str) -> Value:
            found = properties.get(key)
            return None if found is None else evaluator.known(found)

        because = "its template is not here"
        if len(site.ancestors) >= _MAX_LEVELS or self._log.stacks >= _MAX_STACKS:
            because = "too many stacks within stacks"
        elif isinstance(body := given("TemplateBody"), str):
            inner = Site(
                file=site.file,
                prefix=f"{address}/",
                ancestors=(*site.ancestors, Path()),
                account=f"{site.account}.{name}" if _type(node) == STACK_SET else site.account,
                span=site.span or Span(site.file, node.line, node.end),
            )
            return self._within(address, lambda: decode_text(body), inner, given("Parameters"))
        elif (path := self._local(node, given("TemplateURL"))) is not None:
            real = path.resolve()
            if real not in site.ancestors:
                inner = Site(
                    file=str(path), prefix=f"{address}/", ancestors=(*site.ancestors, real), account=site.account
                )
                return self._within(address, lambda: _read(path, self._log.roots), inner, given("Parameters"))
            because = "its template is the one that it stands in"
        self._log.unevaluated[f"{address} ({because})"] = None
        return None

    def _within(self, address: str, root: Callable[[], Node], site: Site, given: Value) -> "Stack":
        try:
            return Stack(root(), site, _passed(given), self._log, self._case)
        except InputError as error:
            what = f"the template of {address}: {error.what}"
            raise InputError(what, error.advice) from error

    def _local(self, node: Node, url: Value) -> Path | None:
        """The file of a nested template: beside this one, before packaging, or among the assets of CDK's output."""
        metadata = node.get("Metadata")
        asset = metadata.get("aws:asset:path") if metadata is not None else None
        name = asset.text if asset is not None else url
        if not isinstance(name, str) or "⟦" in name or "://" in name or "\0" in name or Path(name).is_absolute():
            return None
        path = Path(self._site.file).parent / name
        return path if path.is_file() else None


def _read(path: Path, known: dict[Path, Node]) -> Node:
    if path in known:
        return known[path]
    try:
        if path.stat().st_size > MAX_TEMPLATE:
            what = f"is too large for a template (the limit is {MAX_TEMPLATE:,} bytes)"
            raise InputError(what, "split the template")
        data = path.read_bytes()
    except OSError as error:
        what = f"cannot be read ({error.strerror or error})"
        raise InputError(what, "look at the file") from error
    if not is_template(data):
        what = "is no CloudFormation template"
        raise InputError(what, "look at the file")
    known[path] = decode(data)
    return known[path]


def _passed(given: Value) -> dict[str, Value]:
    """The parameters of a nested stack, or those of a stack set, which are a list. Nested stacks get them as texts."""
    if isinstance(given, dict):
        return {name: _as_text(value) for name, value in given.items()}
    found: dict[str, Value] = {}
    for item in given if isinstance(given, list) else []:
        if isinstance(item, dict) and isinstance(name := item.get("ParameterKey"), str):
            found[name] = _as_text(item.get("ParameterValue"))
    return found


def _as_text(value: Value) -> Value:
    match value:
        case bool():
            return "true" if value else "false"
        case int() | float():
            return str(value)
        case list() if all(isinstance(item, str) for item in value):
            return ",".join(item for item in value if isinstance(item, str))
        case _:
            return value


def _type(node: Node) -> str:
    """The type of a resource. Raises InputError if it has none."""
    kind = node.get("Type")
    if kind is None or kind.text is None:
        raise fault(node.line, "a resource has no Type")
    return kind.text
