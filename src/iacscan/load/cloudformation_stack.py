"""One stack: a template, the values of its parameters, and what stands in it in one world of its conditions."""

from collections.abc import Callable, Iterable, Iterator
from functools import cached_property
from pathlib import Path
from typing import Final

from msgspec.structs import replace

from ..errors import InputError
from ..policy.arn import symbol
from ..source import Span
from ..value import Reference, Unknown, Value
from .cloudformation_block import Steps, TemplateBlock
from .cloudformation_conditions import NO_CASE, OTHER, Case, Causes, Conditions, candidates, used
from .cloudformation_decode import Node, decode_text, fault
from .cloudformation_includes import TRANSFORM, hole_of, includes, is_made_by_macro, macro_of, may_change
from .cloudformation_intrinsics import Evaluator
from .cloudformation_loops import LOOP, Loops
from .cloudformation_nested import local_template, passed, read_nested, type_of
from .cloudformation_remarks import left_open, notes
from .cloudformation_rules import restricted
from .cloudformation_site import Log, Site
from .cloudformation_surroundings import Imported
from .cloudformation_template import Template, read_template
from .cloudformation_text import ABSENT

NESTED: Final = "AWS::CloudFormation::Stack"
STACK_SET: Final = "AWS::CloudFormation::StackSet"
_CUSTOM: Final = ("Custom::", "AWS::CloudFormation::CustomResource")
_ATTRIBUTES: Final = ("Condition", "CreationPolicy", "DeletionPolicy", "DependsOn", "Metadata", "UpdatePolicy",
                      "UpdateReplacePolicy")  # fmt: skip
_INERT: Final = frozenset(("AWS::CDK::Metadata",))  # bear on nothing; CDK writes one into every template
_SERVERLESS: Final = "AWS::Serverless::"
_MAX_LEVELS: Final = 8  # stacks within stacks
_MAX_STACKS: Final = 200


class Stack:
    """A stack in one world. `given` are values of parameters that are certain, `case` is one of `cases` of the same template."""

    def __init__(
        self,
        root: Node,
        site: Site,
        given: dict[str, Value],
        log: Log,
        case: Case | None = None,
        template: Template | None = None,
    ) -> None:
        self._root = root
        self._site = site
        own = case if case is not None and case.prefix == site.prefix else NO_CASE
        self._given = {**given, **own.values}
        self._opened = own.opened
        self._log = log
        self._case = case
        self.prefix = site.prefix
        self.file = site.file
        self._evaluator = Evaluator(self)
        self.template = restricted(read_template(root)) if template is None else template
        self._forced = own.forced
        self._children: dict[str, Stack | None] = {}
        log.stacks += 1

    @cached_property
    def _conditions(self) -> Conditions:
        return Conditions(self._condition_nodes, Evaluator(self).known, self._forced)

    @cached_property
    def _condition_nodes(self) -> dict[str, Node]:
        """The section Conditions with its loops written out; what these go through depends on no condition."""
        nodes = self.template.conditions
        if not any(name.startswith(LOOP) for name in nodes):
            return nodes
        self.__dict__["_condition_nodes"] = {}  # ends a cycle
        return Loops(Evaluator(self).known).expand(Node(nodes)).items

    @cached_property
    def _expanded(self) -> Template:
        """The template with its loops written out and SAM's resources made into those that they stand for."""
        self.__dict__["_expanded"] = template = self.template  # ends a cycle
        if template.has_loops:
            template = read_template(Loops(self._evaluator.known).expand_template(self._root))
        if template.is_sam:
            from .cloudformation_sam import expand_sam  # noqa: PLC0415  other templates need none of it

            template = expand_sam(template, self.condition)
        self.__dict__.pop("_resources", None)  # on the way they were asked for as they are written
        return template

    @cached_property
    def _resources(self) -> dict[str, Node]:
        return {name: node for name, node in self._expanded.resources.items() if not is_made_by_macro(name, node)}

    @cached_property
    def _changer(self) -> str:
        """The macro that may change any resource, for people; empty if there is none."""
        macro = next((name for name in self.template.transforms if may_change(name)), "")
        if macro:
            return f"the macro {macro}"
        call = self._expanded.resources.get(TRANSFORM)
        return "" if call is None or includes(call) else f"the macro {macro_of(call)}"

    def _note(self) -> None:
        within = f" in {self.prefix.rstrip('/')}" if self.prefix else ""
        self._log.unevaluated.update(dict.fromkeys(left_open(self._expanded, self.prefix, within)))
        given = [name for name, value in self._given.items() if value is not None]
        said = notes(self.template, given, within, loops=self.template.has_loops)
        self._log.notes.update(dict.fromkeys(said))

    def cases(self) -> Iterator[Case]:
        """Other worlds: each condition that something outside of the template decides, turned the other way.

        Where some value of a parameter turns it, the parameter has that value, or none that is known if it is only not
        its default, and all conditions are as that makes them, so that the world is one that can be; else the condition
        alone is turned, and no parameter that it looks at has its default.
        """
        conditions = self._condition_nodes
        causes = Causes(conditions)
        resources = (node for node in self._resources.values() if type_of(node) not in _INERT)
        names = [name for name in dict.fromkeys(used(resources)) if name in conditions]
        now = {name: self.condition(name) for name in names}
        seen: list[Case] = []
        for name in names:
            compared = causes.of(name)
            free = [item for item in compared if self.is_free(item)]
            if now[name] is not None and not free:
                continue
            for holds in (True, False) if now[name] is None else (not now[name],):
                if any(world.forced.get(name) is holds for world in seen):
                    continue
                label = f"when condition {self.prefix}{name} is {'true' if holds else 'false'}"
                case = self._turned(name, holds, {item: compared[item] for item in free}, names, label)
                if case is not None:
                    seen.append(case)
                    yield case
        for child in self.children():
            yield from child.cases()

    def is_free(self, name: str) -> bool:
        """Whether a name is that of a parameter that may get another value."""
        return name in self.template.parameters and self._given.get(name) is None

    def _turned(
        self,
        name: str,
        holds: bool,  # noqa: FBT001  one of two answers
        free: dict[str, list[str]],
        names: list[str],
        label: str,
    ) -> Case | None:
        """The world in which a condition is turned; None if its one parameter is allowed no value that turns it."""

        def world(stack: Stack, values: dict[str, Value], opened: Iterable[str]) -> Case:
            forced = {key: known for key in names if (known := stack.condition(key)) is not None}
            return Case(label, self.prefix, forced, values, frozenset(opened))

        tried: set[bool | None] = set()
        for parameter, compared in free.items():
            item = self.template.parameters[parameter]
            values = candidates(compared, item.allowed)
            for value in values:
                other = self._otherwise({**self._given, parameter: value})
                if other.condition(name) is holds:
                    return world(other, {}, [parameter]) if value == OTHER else world(other, {parameter: value}, ())
                tried.add(other.condition(name))
            if item.is_list or not item.allowed or len(values) < len(item.allowed) or len(free) > 1:
                tried.add(None)  # there are values that are not tried
        if tried == {not holds}:
            return None
        return world(self._otherwise(self._given, Case("", self.prefix, {name: holds})), {}, free)

    def _otherwise(self, given: dict[str, Value], case: Case | None = None) -> "Stack":
        return Stack(self._root, self._site, given, self._log.aside(), case, self.template)

    # -- what names mean --------------------------------------------------------------------------------------------

    def parameter(self, name: str) -> Value:
        """The value of a parameter; None if there is none of that name."""
        parameter = self.template.parameters.get(name)
        if parameter is not None and name in self._opened:
            parameter = replace(parameter, default=None)
        return None if parameter is None else parameter.value(self._given.get(name), self.prefix)

    def hole(self, name: str) -> str | None:
        """A symbol for a parameter without a value inside of a longer text, if it can hold no wildcard."""
        parameter = self.template.parameters.get(name)
        return symbol(f"{self.prefix}{name}") if parameter is not None and parameter.is_tame else None

    def whole(self, name: str, *, calls: bool) -> str | None:
        """What such a parameter is where it is all that is said of a thing, or of a caller: an account's id is the account."""
        hole = self.hole(name)
        if hole is not None and calls and self.template.parameters[name].is_account:
            return f"arn:⟦AWS::Partition⟧:iam::{hole}:root"
        return hole

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
        kind = type_of(self._resources[name])
        if kind.startswith(_CUSTOM) and attribute != "Ref":
            because = f"made by the custom resource {name}"
            return Unknown(because, (Reference(f"{self.prefix}{name}", attribute),))
        if kind == NESTED and attribute.startswith("Outputs."):
            child = self._child(name)
            output = attribute.removeprefix("Outputs.")
            known = child.output(output) if child is not None else None
            return Unknown(f"the output {output} of the nested stack {name}") if known is None else known
        return None

    def generated(self, name: str) -> Node | None:
        """What a name such as `Function.Alias` stands for."""
        return self._expanded.generated.get(name)

    def condition(self, name: str) -> bool | None:
        """Whether a condition holds; None if it is not decided."""
        return self._conditions.holds(name)

    def mapping(self, name: str) -> Node | None:
        """An entry of Mappings."""
        return self.template.mappings.get(name)

    def imported(self, name: Node) -> Imported:
        """What `Fn::ImportValue` gives for a name."""
        if self._log.imports is not None:
            return self._log.imports.imported(self, name)
        known = Evaluator(self).known(name)
        return Imported(Unknown("what another stack exports" + (f" as {known}" if isinstance(known, str) else "")))

    @property
    def outputs(self) -> dict[str, Node]:
        """The outputs by name, loops written out."""
        return self._expanded.outputs

    @property
    def resources(self) -> dict[str, Node]:
        """The resources by logical id, loops written out and those of SAM as what they stand for."""
        return self._resources

    def output(self, name: str) -> Value:
        """The value of an output; None if there is none, or a condition keeps it away."""
        return self.given_away(name).value

    def given_away(self, name: str) -> Imported:
        """The same with what the output refers to."""
        node = self._expanded.outputs.get(name)
        condition = node.get("Condition") if node is not None else None
        if node is None or (condition is not None and self.condition(condition.text or "") is False):
            return Imported(None)
        value = node.get("Value")
        if value is None:
            return Imported(None)
        evaluator = Evaluator(self)
        known = evaluator.known(value)
        return Imported(known, tuple(dict.fromkeys(item for _, item in evaluator.found)), secret=evaluator.secret)

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
            if (holds := condition is None or self.condition(condition.text or "")) is False:
                continue
            kind = type_of(node)
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
        call = node.get(TRANSFORM)
        added_by = hole_of(TRANSFORM, call) if call is not None else self._changer
        if not isinstance(properties.value, dict | None):
            raise fault(properties.line, f"the properties of {name} must be a mapping")
        for key, item in parts.items():
            if key.startswith("Fn::"):
                added_by = hole_of(key, item)
                self._log.unevaluated[f"{address} ({added_by}, line {item.line})"] = None
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
            added_by=added_by,
        )

    # -- stacks within ----------------------------------------------------------------------------------------------

    def children(self) -> Iterator["Stack"]:
        """The stacks within whose templates are here."""
        for name, node in self._resources.items():
            if type_of(node) in (NESTED, STACK_SET) and self.missing(name) is None:
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

        if len(site.ancestors) >= _MAX_LEVELS or self._log.stacks >= _MAX_STACKS:
            because = "too many stacks within stacks"
        elif isinstance(body := given("TemplateBody"), str):
            inner = Site(
                file=site.file,
                prefix=f"{address}/",
                ancestors=(*site.ancestors, Path()),
                account=f"{site.account}.{name}" if type_of(node) == STACK_SET else site.account,
                span=site.span or Span(site.file, node.line, node.end),
            )
            return self._within(address, lambda: decode_text(body), inner, given("Parameters"))
        elif isinstance(path := local_template(site.file, node, given("TemplateURL")), str):
            because = path
        else:
            real = path.resolve()
            if real not in site.ancestors:
                inner = Site(
                    file=str(path), prefix=f"{address}/", ancestors=(*site.ancestors, real), account=site.account
                )
                return self._within(address, lambda: read_nested(path, self._log.roots), inner, given("Parameters"))
            because = "its template is the one that it stands in"
        self._log.unevaluated[f"{address} ({because})"] = None
        return None

    def _within(self, address: str, root: Callable[[], Node], site: Site, given: Value) -> "Stack | None":
        try:
            return Stack(root(), site, passed(given), self._log, self._case)
        except InputError as error:
            self._log.faults[address] = (site.file if site.span is None else f"{site.file} ({address})", error)
            self._log.unevaluated[f"{address} (its template cannot be read)"] = None
            return None
