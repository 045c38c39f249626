"""Numbered marks in the place of references, so that the evaluator carries them along instead of losing them.

The evaluator (`terraform_evaluate`) answers a reference that it cannot resolve with null, and a null makes everything
around it null, up to a whole policy statement. So references whose text is only carried along are replaced before the
evaluation: `"${aws_s3_bucket.a.arn}/*"` becomes `"⟦3⟧/*"`. What is computed with is left alone, and so is every reference inside
an argument that is itself computed with elsewhere. Lines keep their numbers.
"""

import re
from typing import Final

from msgspec import Struct

from ..value import Reference
from .terraform_text import META, Declared, Scanned, scan

UNKNOWN_KEY: Final = "⟦0⟧"  # the key of the one instance that stands for an unknown for_each

_NOT_RESOURCES: Final = frozenset(
    (
        "each",
        "count",
        "self",
        "path",
        "terraform",
        "module",
        "local",
        "var",
        "data",
        "true",
        "false",
        "null",
        "ephemeral",
    )
)
_PART: Final = re.compile(r"\.?([A-Za-z_][\w-]*)|\[([^\]]*)\]")


class Mark(Struct, frozen=True):
    """What a numbered mark stands for. `keyed` says that the instance key follows in the mark; `number` that it is one."""

    reference: Reference
    keyed: bool = False
    number: bool = False


class Reading(Struct):
    """All files of one root module: rewritten texts by file name, the marks by number, and the inventory."""

    texts: dict[str, str]
    marks: dict[int, Mark]
    declared: dict[str, Declared]
    referring: frozenset[tuple[str, str]]  # arguments (block, name) whose expressions refer to something


def read_root(texts: dict[str, str], given: frozenset[str] = frozenset()) -> Reading:
    """Read the files of a root module; `given` are the variables that get their value from elsewhere (tfvars)."""
    found = scan(texts)
    unset = frozenset(
        name
        for name, body in found.variables.items()
        if name not in given and not re.search(r"(?m)^\s*default\s*=|\{\s*default\s*=", body)
    )
    _instances(found, unset)
    secret = {name for name, body in found.variables.items() if re.search(r"\bsensitive\s*=\s*true\b", body)}
    for declared in found.declared.values():
        declared.sensitive = frozenset(
            use.attribute
            for use in found.uses
            if use.node == declared.address and use.text.startswith("var.") and use.text.split(".")[1] in secret
        )
    marks = _mark(found, unset)
    rewritten = dict(texts)
    for file, start, end, new in sorted(found.replacements, reverse=True):
        lines = rewritten[file].count("\n", start, end)
        rewritten[file] = rewritten[file][:start] + new + "\n" * lines + rewritten[file][end:]
    referring = frozenset((use.node, use.attribute) for use in found.uses)
    return Reading(rewritten, marks, found.declared, referring)


def _unset_nodes(found: Scanned, unset: frozenset[str]) -> dict[str, str]:
    """Locals and variables without a value, each with the variable that it depends on."""
    nodes = {f"var.{name}": f"variable {name}" for name in unset}
    changed = True
    while changed:
        changed = False
        for use in found.uses:
            because = nodes.get(_node(use.text))
            if because and use.node.startswith("local.") and use.node not in nodes:
                nodes[use.node] = because
                changed = True
    return nodes


def _instances(found: Scanned, unset: frozenset[str]) -> None:
    """Give blocks whose number is not known one instance, so that they are seen; note unknown dynamic blocks."""
    nodes = _unset_nodes(found, unset)
    for use in found.uses:
        declared = found.declared.get(use.node)
        if declared is None or not use.repetition:
            continue
        because = nodes.get(_node(use.text))
        if use.repetition in META:
            declared.open = declared.open or because is not None
            declared.computed = declared.computed or _node(use.text).partition(".")[0] != "var"
        elif because or _node(use.text).partition(".")[0] not in ("var", "local", "each", "count"):
            declared.dynamic[use.repetition] = because or use.text
    for node, attribute, file, start, end in found.repetitions:
        declared = found.declared.get(node)
        if declared is None:
            continue
        declared.repeated = attribute
        if declared.open and not node.startswith("module."):
            new = " 1" if attribute == "count" else f' toset(["{UNKNOWN_KEY}"])'
            found.replacements.append((file, start, end, new))


def _node(text: str) -> str:
    """The block that a reference goes to: `var.x`, `local.x`, `module.m`, `aws_x.y`, `data.aws_x.y`."""
    parts = text.partition("[")[0].split(".")
    return ".".join(parts[: 3 if parts[0] == "data" else 2])


def _source(text: str) -> tuple[str, str]:
    """The block and the argument that the text of a reference comes from; an empty argument is all of them."""
    node = _node(text)
    if node.startswith("local."):
        return node, ""
    attribute = re.match(r"(?:\[[^\]]*\])?\.([\w-]+)", text[len(node) :])
    name = attribute[1] if attribute else ""
    # The evaluator makes the ARN and the id of a bucket from its name.
    return node, "bucket" if name in ("arn", "id") else name


def _mark(found: Scanned, unset: frozenset[str]) -> dict[int, Mark]:
    """Replace every reference that is only carried along, in blocks that are not computed with."""
    computed = {_source(use.text) for use in found.uses if use.text and not use.carried}
    while True:
        # A local has no text of its own: what it holds flows on into whatever it is used in.
        into = {
            _source(use.text)
            for use in found.uses
            if use.text.startswith("local.") and not computed.isdisjoint(((use.node, use.attribute), (use.node, "")))
        }
        if into <= computed:
            break
        computed |= into
    marks: dict[int, Mark] = {}
    lost = _unset_nodes(found, unset)
    for position, use in enumerate(found.uses):
        if not use.carried or not computed.isdisjoint(((use.node, use.attribute), (use.node, ""))):
            continue
        if use.inside >= 0:
            # A call whose result depends on a variable without a value: one hole instead of a null all around it.
            if any(_node(inner.text) in lost for inner in found.uses[use.inside : position]):
                found.replacements.append((use.file, use.start, use.end, f'"{UNKNOWN_KEY}"'))
            continue
        new = _new_mark(use.text, unset)
        if new is None:
            continue
        number = len(marks) + 1
        marks[number], key = new
        text = f'"⟦{number}{key}⟧"'
        found.replacements.append((use.file, use.start, use.end, f"[{text}]" if use.listed else text))
    return marks


def _new_mark(text: str, unset: frozenset[str]) -> tuple[Mark, str] | None:
    """The mark for a reference and the text of the key that goes with it; None if the evaluator does better."""
    parts = [name or f"[{index}]" for name, index in _PART.findall(text)]
    if parts[0] == "var":
        return (Mark(Reference(f"var.{parts[1]}")), "") if parts[1] in unset else None
    length = 3 if parts[0] == "data" else 2
    if (parts[0] in _NOT_RESOURCES and parts[0] != "data") or len(parts) <= length:
        return None
    address, rest = ".".join(parts[:length]), parts[length:]
    key = ""
    if rest[0].startswith("["):
        inner = rest.pop(0)[1:-1]
        if inner in ("each.key", "each.value", "count.index"):
            key = f":${{{inner}}}"
        else:
            address += f"[{inner}]"
    attribute = "".join(part if part.startswith("[") else f".{part}" for part in rest).lstrip(".")
    if not attribute or attribute.startswith("["):
        return None
    return Mark(Reference(address, attribute), bool(key), key == ":${count.index}"), key
