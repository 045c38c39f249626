"""CloudFormation templates as blocks: JSON and YAML, as written by people, by CDK and by SAM.

A template is judged as its parameters' defaults have it, or as the values given with it; what other values of its
conditions would bring is in `Loaded.variants`. With an older version of the template at hand, what it makes is what there is before.
https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/template-guide.html
"""

from collections.abc import Iterator, Mapping, Sequence
from itertools import chain, islice
from pathlib import Path
from typing import TYPE_CHECKING, Final

from msgspec import Struct
from msgspec.structs import replace

from ..errors import InputError
from ..value import Truth, Unknown, Value, any_of
from .block import CredentialLeaf, Loaded, Output, Side, Variant
from .cloudformation_block import TemplateBlock
from .cloudformation_choices import MAX_VALUES, Reads, choices, varied
from .cloudformation_conditions import Case
from .cloudformation_decode import ADVICE, Node, decode
from .cloudformation_exclusion import Exclusion
from .cloudformation_includes import Includes
from .cloudformation_intrinsics import Evaluator
from .cloudformation_site import Log, Site
from .cloudformation_stack import Stack
from .cloudformation_template import Parameter, Template, given_values, read_template
from .credentials import find_in_values
from .detect import is_change_set, is_template, read
from .written_secrets import find_written

if TYPE_CHECKING:
    from .change_set import ChangeSet
    from .cloudformation_company import Company
    from .cloudformation_exports import Exports

MAX_VARIANTS: Final = 16
_KEPT: Final = ("Retain", "RetainExceptOnCreate")


def load_template(
    path: str,
    data: bytes,
    parameters: Mapping[str, str] | None = None,
    older: str = "",
    exports: "Exports | None" = None,
    reads: Reads | None = None,
) -> Loaded:
    """Load a template; `data` is its text, `parameters` are values for its parameters (`read_parameters`).

    `older` is the path of its older version, or of the change set that brings it, which then says the values of parameters
    that are not given; empty for none. `exports` are those of the templates that are scanned with it.
    `reads` tells where the values matter that a parameter may be chosen from; where it is not given, they are not tried.
    Nested templates that stand beside it are read, too: nothing else, and never from the network. Raises InputError, with the line, if it cannot be read, or a value is given for a
    parameter that it does not have.
    """
    try:
        root = decode(data)
        given = parameters or {}
        if older and (changes := _change_set(older)) is not None:
            known = {
                name: value for name, value in changes.parameters.items() if name in read_template(root).parameters
            }
            template = _Template(path, root, {**known, **given}, exports)
            return _load(template, _Changed(template, changes, older), reads)
        template = _Template(path, root, given, exports)
        return _load(template, _Older(_older(older, given)) if older else _NO_PAST, reads)
    except RecursionError as error:
        what = "its functions or stacks are nested too deeply"
        raise InputError(what, ADVICE) from error


def load_change_set(path: str, data: bytes, parameters: Mapping[str, str] | None = None) -> Loaded:
    """Load a change set; `data` is its text. It has the values of parameters already, so others mean nothing to it. It shows only what changes, so nothing is concluded from what is absent.

    Raises InputError if it cannot be read, is not finished or failed, or does not say to what its resources change.
    """
    from .change_set import read_change_set  # noqa: PLC0415  templates need none of it

    changes = read_change_set(data)
    was = _Older(_Template(path, changes.before, {}), changes.replaced)
    loaded = _load(_Template(path, changes.after, {}), was, None)
    return replace(
        loaded,
        complete=False,
        notes=(*changes.notes, *loaded.notes, *(["--parameters says nothing to a change set"] if parameters else [])),
        unevaluated=(*changes.unevaluated, *loaded.unevaluated),
    )


def _change_set(path: str) -> "ChangeSet | None":
    """The change set in a file; None if it is something else, or cannot be read, which `_older` tells."""
    try:
        data = read(path)
    except InputError:
        return None
    if not is_change_set(data):
        return None
    from .change_set import read_change_set  # noqa: PLC0415  as above

    try:
        return read_change_set(data)
    except InputError as error:
        what = f"its change set {path}: {error.what}"
        raise InputError(what, error.advice) from error


def _older(path: str, parameters: Mapping[str, str]) -> "_Template":
    """The older version. It gets those of the parameters that it has."""
    try:
        root = _read(path)
        known = read_template(root).parameters
        found = _Template(path, root, {name: value for name, value in parameters.items() if name in known})
        for _, error in found.log.faults.values():
            raise error
    except InputError as error:
        what = f"its older version {path}: {error.what}"
        raise InputError(what, "give an older version of the template that can be read") from error
    return found


def _read(path: str) -> Node:
    data = read(path)
    if not is_template(data):
        what = "is no CloudFormation template"
        raise InputError(what, "give another file")
    return decode(data)


class _Template:
    """One version of a template, in all worlds of its conditions."""

    def __init__(self, path: str, root: Node, parameters: Mapping[str, str], exports: "Exports | None" = None) -> None:
        self.path = path
        self.log = Log()
        self._root = root = Includes(path).expand(root)
        self._site = Site(file=path, ancestors=(Path(path).resolve(),))
        self._given = given_values(parameters, read_template(root)) if parameters else {}
        self._exports = exports if exports is not None and path in exports.aliases else None
        company, self.stack = self._opened(self.log)
        self.blocks = tuple(self.stack.blocks())
        self._exclusion = Exclusion(self.stack.template.conditions, Evaluator(self.stack).known)
        self._conditions = {
            block.address: name
            for block in self.blocks
            if not block.module and isinstance(name := block.get("@Condition"), str)
        }
        self.others = company.gather() if company is not None else ()
        self.beside = company.prefixes() if company is not None else {}
        self.left_out = tuple(company.left_out) if company is not None else ()

    def varied(self, reads: Reads) -> list[Parameter]:
        """The parameters whose other allowed values matter."""
        return varied(self.stack.template.parameters, self._given, self.blocks, reads)

    def within(self, case: Case) -> tuple[tuple[TemplateBlock, ...], tuple[TemplateBlock, ...]]:
        """What stands in it, and what beside it, in another world."""
        company, stack = self._opened(self.log.aside(), case, self.stack.template)
        return tuple(stack.blocks()), () if company is None else company.gather()

    def _opened(
        self, log: Log, case: Case | None = None, template: Template | None = None
    ) -> tuple["Company | None", Stack]:
        company = None if self._exports is None else _company(self._exports, self.path, log)
        log.imports = company
        stack = Stack(self._root, self._site, self._given, log, case, template)
        if company is not None:
            company.begin(stack)
        return company, stack

    def excludes(self, one: str, other: str) -> bool:
        """Whether two resources are certainly never there at once, by their conditions. Those of nested stacks are not compared."""
        first, second = (self._conditions.get(address) for address in (one, other))
        return first is not None and second is not None and self._exclusion.between(first, second)

    def outputs(self) -> tuple[Output, ...]:
        """What it gives away."""
        return tuple(Output(name, sensitive=False, references=found) for name, found in self.stack.output_references())

    def credentials(self) -> tuple[CredentialLeaf, ...]:
        """What looks like a secret in it."""
        return (
            *find_in_values(self._written(), ()),
            *find_written(self.blocks, self.stack.template.parameters),
        )

    def _written(self) -> Iterator[tuple[str, str, str, Value]]:
        """What the template itself says, for the search for credentials: (address, type, property, value)."""
        for parameter in self.stack.template.parameters.values():
            if parameter.default is not None:
                yield f"var.{parameter.name}", "parameter", parameter.name, parameter.default
        for section in ("Metadata", "Mappings", "Outputs"):
            for name, node in (self._root.get(section) or Node({})).items.items():
                yield f"{section}.{name}", section, name, _plain(node)
        for block in self.blocks:
            for name, node in block.properties.items.items():
                yield block.address, block.type, name, _plain(node)
            if (metadata := block.get("@Metadata")) is not None:
                yield block.address, block.type, "Metadata", metadata  # what `cfn-init` writes into files stands there


def _company(exports: "Exports", path: str, log: Log) -> "Company":
    from .cloudformation_company import Company  # noqa: PLC0415  one template by itself needs none of it

    return Company(exports, path, log.roots)


class _Past:
    """What there is before a template: nothing, as long as nobody says otherwise."""

    replaced: frozenset[str] = frozenset()
    outputs: tuple[Output, ...] = ()
    credentials: tuple[CredentialLeaf, ...] = ()
    notes: tuple[str, ...] = ()

    def sides(self, case: Case | None, blocks: tuple[TemplateBlock, ...]) -> "_Change":
        """What is there before and after; `blocks` is what the template makes in a world."""
        del case
        return _Change((), blocks)


_NO_PAST: Final = _Past()


class _Older(_Past):
    """An older version of the template."""

    def __init__(self, template: _Template, replaced: frozenset[str] = frozenset()) -> None:
        self._template = template
        self.replaced = replaced
        self.outputs = template.outputs()
        self.credentials = template.credentials()

    def sides(self, case: Case | None, blocks: tuple[TemplateBlock, ...]) -> "_Change":
        """The older version in the same world."""
        return _Change(self._template.blocks if case is None else self._template.within(case)[0], blocks)


class _Changed(_Past):
    """The change set that brings the template. Of its outputs and parameters it does not say what they were."""

    def __init__(self, template: _Template, changes: "ChangeSet", path: str) -> None:
        from .change_set_sides import Sides  # noqa: PLC0415  as above

        was, will = (_Template(path, side, {}) for side in (changes.before, changes.after))
        self.replaced = changes.replaced
        self._sides = Sides(
            was={block.address: block for block in was.blocks},
            will={block.address: block for block in will.blocks},
            hidden=changes.hidden,
        )
        here = {block.address for block in template.blocks}
        changed = {*self._sides.was, *self._sides.will, *changes.hidden}
        if changed and here.isdisjoint(changed):
            what = f"the change set {path} is of another template: it changes {', '.join(sorted(changed)[:3])}"
            raise InputError(what, "give the change set of this template with --before")
        same = (leaf for leaf in template.credentials() if leaf.address in here - changed)
        self.credentials = (*same, *was.credentials())
        self.notes = (*changes.notes, *(f"in {path}: {place}" for place in changes.unevaluated))

    def sides(self, case: Case | None, blocks: tuple[TemplateBlock, ...]) -> "_Change":
        """What is there in all worlds."""
        del case
        after = tuple(self._sides.after(blocks))
        return _Change(tuple(self._sides.before(after)), after)


def _load(template: _Template, past: _Past, reads: Reads | None) -> Loaded:
    log = template.log
    parameters = template.varied(reads) if reads is not None else []
    cases = list(islice(chain(template.stack.cases(), choices(parameters)), MAX_VARIANTS + 1))
    for note in (*past.notes, *_notes(cases, parameters)):
        log.notes[note] = None
    if template.beside:
        log.notes[f"is judged together with what it shares exports with: {', '.join(template.beside.values())}"] = None
    if template.left_out:
        left = ", ".join(template.left_out)
        log.notes[f"too many templates share exports with it; these are left out: {left}"] = None
    change = _change(past.sides(None, template.blocks), past.replaced)
    variants = []
    for case in cases[:MAX_VARIANTS]:
        inside, others = template.within(case)
        other = _change(past.sides(case, inside), past.replaced)
        variants.append(Variant(case.label, Side((*other.after, *others)), Side(other.before)))
    return Loaded(
        path=template.path,
        kind="cloudformation",
        before=Side(change.before),
        after=Side((*change.after, *template.others)),
        beside=template.beside,
        faults=tuple((file, f"the template of {place}: {error}") for place, (file, error) in log.faults.items()),
        outputs=template.outputs(),
        credentials=template.credentials(),
        outputs_before=past.outputs,
        credentials_before=past.credentials,
        notes=tuple(log.notes),
        unevaluated=tuple(log.unevaluated),
        variants=tuple(variants),
        excludes=template.excludes,
    )


def _notes(cases: Sequence[Case], parameters: Sequence[Parameter]) -> Iterator[str]:
    """What of the worlds that there can be is not looked at."""
    if len(cases) > MAX_VARIANTS and not parameters:
        yield f"not all of its conditions are tried both ways: {MAX_VARIANTS} of them are"
    elif len(cases) > MAX_VARIANTS:
        yield f"not all that its conditions and parameters can be is tried: {MAX_VARIANTS} worlds besides the default are"
    elif long := [item.name for item in parameters if len(item.allowed) > MAX_VALUES + 1]:
        yield f"of the values that are allowed, only the first {MAX_VALUES} are tried: {', '.join(long)}"
    if len(parameters) > 1:
        names = ", ".join(item.name for item in parameters)
        yield f"not every combination was looked at: parameters get the other values that they may have one by one: {names}"


class _Change(Struct, frozen=True):
    before: tuple[TemplateBlock, ...]
    after: tuple[TemplateBlock, ...]


def _change(sides: _Change, replaced: frozenset[str]) -> _Change:
    """The two versions with what happens to each resource. One that is to be kept stays when it is taken out.

    So may one of which it is not known whether it is kept: it is possible after the change, as what it protects or opens
    may be. `replaced` are those that are known to be made anew.
    https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-attribute-deletionpolicy.html
    """
    if not sides.before:
        return sides
    old = {block.address: block for block in sides.before}
    new = {block.address: block for block in sides.after}
    kept = {address: _is_kept(address, old, new) for address in old.keys() - new.keys()}

    def judged(block: TemplateBlock) -> TemplateBlock:
        if block.address in kept:
            return replace(block, action="delete" if kept[block.address] is Truth.NO else "forget")
        action = _action(old.get(block.address), new[block.address])
        return replace(block, action="replace" if action == "update" and block.address in replaced else action)

    before = tuple(map(judged, old.values()))
    left = (
        replace(block, possible=block.possible or kept[block.address] is Truth.UNKNOWN)
        for block in before
        if block.action == "forget"
    )
    return _Change(before, (*map(judged, sides.after), *left))


def _is_kept(address: str, old: Mapping[str, TemplateBlock], new: Mapping[str, TemplateBlock]) -> Truth:
    """Whether a resource stays when it is taken out: by its own DeletionPolicy, or that of a stack that it goes with."""
    steps = address.split("/")
    gone = ("/".join(steps[:count]) for count in range(1, len(steps) + 1))
    policies = [old[place].get("@DeletionPolicy") for place in gone if place in old and place not in new]
    return any_of(Truth.UNKNOWN if isinstance(item, Unknown) else Truth.of(known=item in _KEPT) for item in policies)


def _action(old: TemplateBlock | None, new: TemplateBlock) -> str:
    if old is None:
        return "create"
    if old.type != new.type:
        return "replace"
    return "no-op" if (old.tree, old.possible) == (new.tree, new.possible) else "update"


def _plain(node: Node) -> Value:
    """The tree of a node as it is written, functions included, but for those that only carry a text."""
    carried = node.get("Fn::Sub") or node.get("Fn::Base64")
    if carried is not None and len(node.items) == 1:
        return _plain(carried)
    match node.value:
        case dict():
            return {key: _plain(item) for key, item in node.value.items()}
        case list():
            return [_plain(item) for item in node.value]
        case other:
            return other
