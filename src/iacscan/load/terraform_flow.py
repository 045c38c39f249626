"""Where the text of an argument comes from, through locals, variables and outputs of modules, and where it goes."""

import re
from collections import defaultdict
from collections.abc import Callable, Iterable
from typing import Final, TypeAlias

from msgspec import Struct

from ..value import Reference
from .terraform_found import Declared, Expression, Use
from .terraform_tree import Module, Tree

# A place: the path of the module, the block or local, and the argument; an empty argument is all of them.
Key: TypeAlias = tuple[str, str, str]

_PART: Final = re.compile(r"\.?([A-Za-z_][\w-]*)|\[([^\]]*)\]")
NO_BLOCKS: Final = frozenset(
    ("each", "count", "self", "path", "terraform", "ephemeral", "local", "var", "module", "provider", "output")
)
OF_REGIONS: Final = ("name", "region")  # the arguments of a region that hold its name
_SENSITIVE: Final = re.compile(r'\bsensitive"?\s*[=:]\s*true\b')
_INDEXES: Final = re.compile(r"\[[^\]]*\]")
_AFTER: Final = re.compile(r"[\])]\.([A-Za-z_]\w*)")
_KEY: Final = "@key"  # what `each.key` reads of a for_each, in the place of a name: a reference in a value of a map gives none of it
_OWN_KEYS: Final = frozenset(("each.key", "each.value", "count.index"))


class Target(Struct, frozen=True):
    """What a reference of the text goes to: a block (`aws_x.y`, `data.aws_x.y`, `var.x`, `local.x`, `module.m`).

    `key` is the text between the brackets after it, `attribute` what follows.
    """

    node: str
    key: str
    attribute: str

    @property
    def argument(self) -> str:
        """The argument that is read, without what is read of it."""
        return self.attribute.partition(".")[0].partition("[")[0]

    @property
    def field(self) -> str:
        """The last name on the way into the value; empty if all of it is read."""
        return _without_indexes(self.attribute).rpartition(".")[2]

    @property
    def has_own_key(self) -> bool:
        """Whether the key is that of the block which refers."""
        return self.key in _OWN_KEYS

    @property
    def address(self) -> str:
        """The node, with the key where it is written out."""
        return f"{self.node}[{self.key}]" if self.key and self.key != "*" and not self.has_own_key else self.node


def target(text: str) -> Target:
    """Take a reference apart."""
    parts = [name or f"[{index}]" for name, index in _PART.findall(text.replace(".*", "[*]"))]
    length = 3 if parts[0] == "data" else 2
    node, rest = ".".join(part for part in parts[:length] if not part.startswith("[")), parts[length:]
    key = rest.pop(0)[1:-1] if rest and rest[0].startswith("[") else ""
    attribute = "".join(part if part.startswith("[") else f".{part}" for part in rest).lstrip(".")
    return Target(node, key, attribute)


class Flow:
    """All references of a tree of modules, by the place that they stand in."""

    def __init__(self, tree: Tree) -> None:
        self.modules = {module.path: module for module in tree.modules}
        self._uses: defaultdict[Key, list[Use]] = defaultdict(list)
        for module in tree.modules:
            for use in module.found.uses:
                self._uses[module.path, use.node, use.attribute].append(use)
                self._uses[module.path, use.node, ""].append(use)
                if use.node.startswith("output."):
                    self._uses[module.path, "output.", ""].append(use)
        # The names of the regions (module, block) that are those of a provider (`terraform_shadows`).
        self.regions: dict[tuple[str, str], str] = {}
        self._named: dict[tuple[str, str, str, str], list[Use]] | None = None
        bodies = (body for module in tree.modules for body in module.found.variables.values())
        self._sensitive = any(map(_SENSITIVE.search, bodies))  # whether any variable is
        self._secret: dict[Key, bool] = {}
        self._targets: dict[str, Target] = {}
        self._followed: dict[Key, tuple[tuple[str, Reference], ...]] = {}
        self._lost: dict[tuple[Key, str, bool], bool] = {}
        # Whether a reference gets a mark, which is carried to wherever it goes (`terraform_marks`).
        self.is_marked: Callable[[Module, Use], bool] = lambda _module, _use: False

    def target(self, text: str) -> Target:
        """Take a reference apart; each text once."""
        found = self._targets.get(text)
        if found is None:
            found = self._targets[text] = target(text)
        return found

    def uses(self, key: Key) -> list[Use]:
        """The references that stand in a place."""
        return self._uses.get(key, [])

    def block(self, module: Module, use: Use) -> Declared | None:
        """The resource or data source of the module that a reference reads an attribute of."""
        to = self.target(use.text) if use.text and not use.via and not use.over[1] else None
        if to is None or not to.attribute or to.node.partition(".")[0] in NO_BLOCKS:
            return None
        return module.found.declared.get(to.node)

    def sources(self, module: Module, use: Use) -> list[tuple[Key, str]]:
        """The places that the text of a reference comes from, each with the last name on the way into it."""
        if not use.text:
            return []
        if use.over[1]:
            origins = [
                source for inner in module.found.uses[slice(*use.over)] for source in self.sources(module, inner)
            ]
            field = field_of(use.text, 1)
            return [(key, field or outer) for key, outer in origins]
        if use.via:
            own_key = use.text.rpartition(".")[2] == "key" and use.text.count(".") == 1
            return [((module.path, use.node, use.via), _KEY if own_key else field_of(use.text, 2))]
        found = self._source(module, self.target(use.text))
        return [found] if found else []

    def _source(self, module: Module, to: Target) -> tuple[Key, str] | None:
        kind, _, name = to.node.partition(".")
        match kind:
            case "var" if module.parent and name not in module.unset:
                return (module.parent.path, f"module.{module.call}", name), to.field
            case "var" | "local":
                return (module.path, to.node, ""), to.field
            case "module" if name in module.calls:
                return (module.calls[name].path, f"output.{to.argument}", ""), to.field if "." in to.attribute else ""
            case "each" | "count" | "path" | "self" | "terraform":
                return None
            case _:
                # The evaluator makes the ARN and the id of a bucket from its name.
                return (module.path, to.node, "bucket" if to.argument in ("arn", "id") else to.argument), ""

    def is_affected(self, module: Module, use: Use, field: str) -> bool:
        """Whether what is read under a name may be what the reference gives: it stands there, or brings an object along."""
        is_object = use.cut is None and self.block(module, use) is None
        return not field or not use.fields or field in use.fields or is_object

    def closure(self, *, measured: bool) -> dict[Key, set[str]]:
        """Places whose text is computed with, or else only measured or tested; for each, the names that is done with.

        The empty name is all of the value.
        """
        pending = [
            source
            for module in self.modules.values()
            for use in module.found.uses
            if ((use.measured or use.tested) if measured else not (use.carried or use.measured or use.tested))
            for source in self.sources(module, use)
        ]
        found: defaultdict[Key, set[str]] = defaultdict(set)
        while pending:
            key, field = pending.pop()
            if field in found[key] or "" in found[key]:
                continue
            found[key].add(field)
            module = self.modules[key[0]]
            for use in self.uses(key):
                if not (use.measured or use.tested) and self.is_affected(module, use, field):
                    pending.extend((source, field or own) for source, own in self.sources(module, use))
        return dict(found)

    def is_lost(self, module: Module, use: Use, field: str = "", *, marked: bool = False) -> bool:
        """Whether the source cannot give the value, or what is read of it under a name.

        It comes from a variable without one, from a module that is not there, or from what only AWS knows. With `marked`, it is
        not lost on its way if a mark stands in its place.
        """
        if not use.text:
            return False
        to = self.target(use.text)
        if not use.via and not use.over[1]:
            kind, _, name = to.node.partition(".")
            if (kind == "var" and name in module.unset) or (kind == "module" and name in module.missing):
                return True
            if to.argument in OF_REGIONS and (module.path, to.node) in self.regions:
                return False
            declared = self.block(module, use)
            known = "bucket" if to.argument in ("arn", "id") else to.argument
            if declared is not None and known not in declared.arguments and not _is_nested(module, to):
                return True
        return any(self._is_lost_at(key, field or own, marked) for key, own in self.sources(module, use))

    def _is_lost_at(self, key: Key, field: str, marked: bool) -> bool:  # noqa: FBT001  as in `is_lost`
        place = (key, field, marked)
        found = self._lost.get(place)
        if found is None:
            self._lost[place] = False  # ends a circle
            module = self.modules[key[0]]
            found = self._lost[place] = any(
                self.is_lost(module, use, field, marked=marked)
                and not (marked and _can_be_marked(use, field) and self.is_marked(module, use))
                for use in self.uses(key)
                if self.is_affected(module, use, field)
            )
        return found

    def secrets(self, path: str, node: str, attributes: Iterable[str]) -> frozenset[str]:
        """Those arguments of a block that a variable goes into which is declared sensitive."""
        if not self._sensitive:
            return frozenset()
        return frozenset(name for name in attributes if self._is_secret_at((path, node, name)))

    def _is_secret_at(self, key: Key) -> bool:
        found = self._secret.get(key)
        if found is None:
            self._secret[key] = False  # ends a circle
            module = self.modules[key[0]]
            found = self._secret[key] = any(self._is_secret(module, use) for use in self.uses(key) if use.text)
        return found

    def _is_secret(self, module: Module, use: Use) -> bool:
        kind, _, name = self.target(use.text).node.partition(".")
        if kind == "var" and not use.via and _SENSITIVE.search(module.found.variables.get(name, "")):
            return True
        return any(self._is_secret_at(key) for key, _ in self.sources(module, use))

    def references(self, key: Key, instance: str, name: str = "") -> tuple[Reference, ...]:
        """What an argument refers to, followed to blocks and to variables of the root.

        `instance` is the address of the module instance that the argument stands in. With a `name`, only what stands
        in arguments of that name, of blocks that are nested.
        """
        if not name:
            return self._placed(self._follow(key), instance)
        if self._named is None:
            self._named = {}
            for module in self.modules.values():
                for item in module.found.expressions:
                    if item.nested:
                        place = (module.path, item.node, item.attribute, item.name)
                        self._named.setdefault(place, []).extend(module.found.uses[item.first : item.last])
        return self.references_of(self.modules[key[0]], self._named.get((*key, name), ()), instance)

    def references_of(self, module: Module, uses: Iterable[Use], instance: str) -> tuple[Reference, ...]:
        """The same for some references of a module."""
        found = dict.fromkeys(item for use in uses for item in self._ends(module, use))
        return self._placed(tuple(found), instance)

    def read_of(self, key: Key, address: str) -> str:
        """The attribute that an argument reads of a block by way of a loop; empty if there is more than one.

        The evaluator tells the block only. What the block sets itself it knows, so that can not be meant.
        """
        module = self.modules[key[0]]
        read = {field_of(use.text, 1) for use in self.uses(key) if use.over[1]}
        read |= {field_of(use.text, 2) for use in self.uses(key) if use.via}
        for item in module.found.expressions:
            if item.node == key[1] and item.attribute == key[2]:
                read.update(_AFTER.findall(module.texts[item.file], item.start, item.end))
        owner = self.modules[static(instance_of(address))]
        node = static(address[len(instance_of(address)) :].lstrip("."))
        declared = owner.found.declared.get(node)
        read -= {"", *(declared.arguments if declared else ())}
        return read.pop() if len(read) == 1 else ""

    def waits(self, module: Module, node: str, instance: str) -> tuple[Reference, ...]:
        """What the block names in `depends_on`."""
        prefix = f"{instance}." if instance else ""
        return tuple(Reference(prefix + self.target(text).address) for text in module.found.waits.get(node, ()))

    def _placed(self, ends: Iterable[tuple[str, Reference]], instance: str) -> tuple[Reference, ...]:
        return tuple(
            dict.fromkeys(Reference(within(path, instance, item.address), item.attribute) for path, item in ends)
        )

    def _follow(self, key: Key) -> tuple[tuple[str, Reference], ...]:
        if key not in self._followed:
            self._followed[key] = ()  # ends a circle
            module = self.modules[key[0]]
            self._followed[key] = tuple(dict.fromkeys(end for use in self.uses(key) for end in self._ends(module, use)))
        return self._followed[key]

    def _ends(self, module: Module, use: Use) -> tuple[tuple[str, Reference], ...]:
        """The blocks and variables of the root that a reference leads to, each with the path of its module."""
        if not use.text:
            return ()
        if not use.via and not use.over[1]:
            to = self.target(use.text)
            kind, _, name = to.node.partition(".")
            own = ((module.path, Reference(to.address, to.attribute)),)
            if kind not in NO_BLOCKS:
                return own if to.node in module.found.declared else ()
            if (kind == "module" and name not in module.calls) or (kind == "var" and not module.parent):
                return own
            if kind == "var" and module.parent and name in module.unset:  # its value is in the call, but not known
                return self._follow((module.parent.path, f"module.{module.call}", name)) or own
        return tuple(end for key, _ in self.sources(module, use) for end in self._follow(key))


def may_be_null(module: Module, item: Expression) -> bool:
    """Whether an expression may give null on purpose: one that is a variable or a local gives what that is set to."""
    while item.nullable or item.file.endswith(".json"):
        use = module.found.uses[item.first] if item.last == item.first + 1 else None
        if use is None or not use.whole:
            return True
        kind, name, *rest = use.text.split(".")
        if rest or use.over[1]:
            return True
        if kind in ("each", "count"):
            return name == "value"
        origin: Expression | None = None
        if kind == "var" and module.parent is not None:
            declared, caller = module.found.declared.get(f"variable.{name}"), module.parent
            origin = caller.found.declared[f"module.{module.call}"].arguments.get(name)
            if origin is not None:
                module = caller
            elif declared is not None:
                origin = declared.arguments.get("default")
        elif kind == "local":
            origin = module.found.locals.get(name)
        if origin is None:
            return True
        item = origin
    return False


def _can_be_marked(use: Use, field: str) -> bool:
    """Whether what is read under a name is still there if a reference gives a text: it is not what the name is looked for in."""
    return not field or use.templated or field in use.fields


def is_placed(module: Module) -> bool:
    """Whether marks made in the module name its instance: it has several, and every call on the way can say which."""
    repeated = False
    item = module
    while item.parent is not None:
        if item.parent.found.declared[f"module.{item.call}"].span.file.endswith(".json"):
            return False
        repeated = repeated or bool(item.repetition)
        item = item.parent
    return repeated


def field_of(text: str, skipped: int) -> str:
    """The last name of a reference after its first ones; empty if there is none."""
    names = _without_indexes(text).split(".")[skipped:]
    return names[-1] if names else ""


def _without_indexes(text: str) -> str:
    return _INDEXES.sub("", text) if "[" in text else text


def _is_nested(module: Module, to: Target) -> bool:
    """Whether what is read is a nested block, which the source may give."""
    return any(
        item.node == to.node and item.attribute == to.argument for item in module.found.expressions if item.nested
    )


_STEP: Final = r'module\.[\w-]+(?:\[(?:\d+|"(?:[^"\\]|\\.)*")\])?'
_INSTANCE: Final = re.compile(rf"{_STEP}(?:\.{_STEP})*(?=\.)")
_KEYS: Final = re.compile(r'\[(?:\d+|"(?:[^"\\]|\\.)*")\]')


def instance_of(address: str) -> str:
    """The address of the module instance that an address stands in; empty in the root."""
    found = _INSTANCE.match(address) if address.startswith("module.") else None
    return found.group() if found else ""


def static(instance: str) -> str:
    """The path of a module without the keys of its instances."""
    return _KEYS.sub("", instance) if "[" in instance else instance


def within(path: str, instance: str, address: str) -> str:
    """The address of what stands in the module at `path`, seen from a module instance: with its keys where they agree."""
    if not path:
        return address
    if static(instance) == path:
        return f"{instance}.{address}"
    known = re.findall(r'module\.[\w-]+(?:\[(?:\d+|"(?:[^"\\]|\\.)*")\])?', instance)
    steps: list[str] = []
    for number, step in enumerate(re.findall(r"module\.[\w-]+", path)):
        agrees = number < len(known) and static(known[number]) == step and len(steps) == number
        if agrees:
            steps.append(known[number])
        else:
            known = []
            steps.append(step)
    return ".".join((*steps, address))
