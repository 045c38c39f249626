"""Writes what Terraform source says as a CloudFormation template, by the tables of `as_template_types`.

What a template cannot say raises `NotSayable`; what the tables do not know yet is an AssertionError, so that it is taught.
"""

import json
import re
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress

from as_template_documents import document
from as_template_more import MORE
from as_template_reasons import NOT_SAYABLE
from as_template_rows import Fold, Row, Shape, path_of, spelled
from as_template_types import IDENTITIES, RESOURCES

from iacscan.load.block import Block, Output
from iacscan.value import Reference, Unknown

# Every way to say a type, the first that applies counts.
ROWS: dict[str, tuple[Row | Fold, ...]] = {
    name: (ways,) if isinstance(ways, Row | Fold) else ways
    for name, ways in {**IDENTITIES, **RESOURCES, **MORE}.items()
}
_MARK = re.compile(r"⟦([^⟧]*)⟧")
_KEY = re.compile(r'\[(?:\d+|"[^"]*")\]')


class NotSayable(Exception):  # noqa: N818  it is an answer
    """No template says this. `key` is the entry of NOT_SAYABLE that says why."""

    def __init__(self, key: tuple[str, ...]) -> None:
        assert key in NOT_SAYABLE, f"teach as_template_types {'.'.join(key)}, or say why no template has it"
        super().__init__(f"{'.'.join(key)}: {NOT_SAYABLE[key]}")
        self.key = key
        self.block: Block | None = None  # the block that says it


class Template:
    """A template. `names` are the logical ids of the resources that say what the blocks said, `ids` the other way round.

    A block that is a part of another resource has that one's id, and so has a resource that is only a part of a block.
    """

    def __init__(self, blocks: Iterable[Block], outputs: Iterable[Output] = (), *, other: bool = False) -> None:
        self._blocks = {block.address: block for block in blocks}
        self._other = other  # of several ways to say a thing, take the last
        self.has_choice = False
        self._folds: dict[str, tuple[Fold, Block]] = {}
        self._parameters: dict[str, dict[str, str]] = {}
        self._resources: dict[str, dict] = {}
        self.names: dict[str, str] = {}
        self.ids: dict[str, str] = {}
        rows: dict[str, Row | Fold] = {}
        for address, block in self._blocks.items():
            with _about(block):
                if self._is_written(block):
                    rows[address] = self._way(block)
        for address in rows:
            top = address
            while isinstance(fold := rows[top], Fold):
                owner = self._owner(self._blocks[top], fold)
                self._folds[top] = fold, owner
                top = owner.address
            self.names[address] = _logical(top)
            self.ids[_logical(top)] = _logical(top)
        made = [address for address, way in rows.items() if isinstance(way, Row)]
        if not made:
            raise NotSayable(("@empty",))
        assert len({self.names[address] for address in made}) == len(made), "two blocks have one logical id"
        for address in made:
            with _about(self._blocks[address]):
                self._write(self._blocks[address], rows[address])
        for address, (fold, owner) in self._folds.items():
            with _about(self._blocks[address]):
                self._fold(self._blocks[address], fold, self._resources[self.names[owner.address]]["Properties"])
        for address in rows:
            self._wait(self._blocks[address])
        self._outputs: dict[str, dict] = {}
        for item in outputs:
            self.names[f"output.{item.name}"] = f"Outputs.{_logical(item.name)}"
            self._outputs[_logical(item.name)] = {"Value": self._reference(*item.references)}

    @property
    def text(self) -> str:
        """The template as JSON."""
        sections = {"Parameters": self._parameters, "Resources": self._resources, "Outputs": self._outputs}
        return json.dumps({"AWSTemplateFormatVersion": "2010-09-09", **{k: v for k, v in sections.items() if v}})

    # -- blocks -----------------------------------------------------------------------------------------------------

    def _is_written(self, block: Block) -> bool:
        """Whether a block is a resource. Of providers it is asked only whether they say something that a template cannot."""
        if block.mode == "provider":
            for name in block.names():
                if ("provider", name) in NOT_SAYABLE:
                    raise NotSayable(("provider", name))
            return block.type == "resource"
        assert block.mode == "managed" or block.type in ("aws_iam_policy_document", "aws_caller_identity"), (
            block.address
        )
        return block.mode == "managed"

    def _way(self, block: Block) -> Row | Fold:
        found = ROWS.get(block.type)
        if found is None:
            raise NotSayable((block.type,))
        ways = [way for way in found if isinstance(way, Row) or self._owner(block, way) is not None]
        if not ways:
            raise NotSayable(("@elsewhere",))
        self.has_choice |= len(ways) > 1
        way = ways[-1 if self._other else 0]
        known = {*way.keys, *way.silent, *(way.beside if isinstance(way, Row) else (way.owner,))}
        for name in sorted(block.names()):
            if (block.type, name, str(block.get(name))) in NOT_SAYABLE:
                raise NotSayable((block.type, name, str(block.get(name))))
            if (block.type, name) in NOT_SAYABLE or not known & {name, "*"}:
                raise NotSayable((block.type, name))
        return way

    def _owner(self, block: Block, fold: Fold) -> Block | None:
        """The block that a part belongs to, by reference or by name."""
        value = block.get(fold.owner)
        if isinstance(value, str) and "⟦" not in value:  # the name of one of them, or of something elsewhere
            called = {reference.attribute for reference in block.references(fold.owner)} | {"name"}
            here = (item for item in self._blocks.values() if item.type == fold.into)
            return next((item for item in here if value in map(item.get, called)), None)
        for reference in block.references(fold.owner):
            found = self._find(reference)
            if found is not None and found.type == fold.into:
                return found
            if found is not None and isinstance(way := ROWS.get(found.type, (None,))[0], Fold):
                return self._owner(found, way)  # `bucket = aws_s3_bucket_public_access_block.x.bucket`
        return None

    def _find(self, reference: Reference) -> Block | None:
        found = self._blocks.get(reference.address)
        return found or next((b for b in self._blocks.values() if _KEY.sub("", b.address) == reference.address), None)

    def _write(self, block: Block, row: Row) -> None:
        properties = json.loads(json.dumps(row.always))
        for name, spec in row.keys.items():
            if block.get(name) is not None:
                self._put(properties, block, name, spec)
        logical = self.names[block.address]
        self._resources[logical] = {"Type": row.type, "Properties": properties}
        for name, (type_, target) in row.beside.items():
            if block.get(name) is not None:
                policy = {target: [{"Ref": logical}], "PolicyDocument": self.document(block.get(name))}
                self._resources[f"{logical}Policy"] = {"Type": type_, "Properties": policy}
                self.ids[f"{logical}Policy"] = logical

    def _fold(self, block: Block, fold: Fold, properties: dict) -> None:
        if fold.at:
            element = dict(fold.always)
            for name, spec in fold.keys.items():
                if block.get(name) is not None:
                    self._put(element, block, name, spec)
            whole = element.get("", element)
            properties.setdefault(fold.at, []).extend(whole if isinstance(whole, list) else [whole])
            return
        tops = {path_of(spec).partition(".")[0] for spec in fold.keys.values()}
        if tops & properties.keys():
            raise NotSayable(("@twice",))
        properties.update(json.loads(json.dumps(fold.always)))
        for name, spec in fold.keys.items():
            if block.get(name) is not None:
                self._put(properties, block, name, spec)

    def _put(self, properties: dict, block: Block, name: str, spec: str | Shape) -> None:
        *above, last = path_of(spec).split(".")
        for step in above:
            properties = properties.setdefault(step, {})
        value = self._unfolded(block, name)
        properties[last] = (
            getattr(self, spec.how)(value, *_keys(spec)) if isinstance(spec, Shape) else self.value(value)
        )

    def _unfolded(self, block: Block, name: str):
        """An attribute; a reference again where the evaluation has put a known value in its place."""
        value, references = block.get(name), block.references(name)
        if isinstance(value, str) and "⟦" not in value and len(references) == 1:
            found = self._find(references[0])
            if found is not None and found.get(references[0].attribute) == value:
                with suppress(NotSayable):
                    self._reference(references[0])
                    return Unknown("written as a reference", references)
        return value

    def _wait(self, block: Block) -> None:
        own = self.names[block.address]
        found = {self.names[item.address] for item in map(self._find, block.references("depends_on")) if item} - {own}
        if found:
            self._resources[own]["DependsOn"] = sorted(found)

    # -- values: the shapes of `as_template_types` ------------------------------------------------------------------

    def value(self, value):
        match value:
            case Unknown():
                return self._reference(value.references[0]) if len(value.references) == 1 else self._hole(value)
            case str():
                return self._text(value)
            case list():
                return [self.value(item) for item in value]
            case dict():
                return {key: self.value(item) for key, item in value.items()}
            case _:
                return value

    def listed(self, value):
        return [self.value(value)]

    def block(self, value, keys):
        return self.blocks(value if isinstance(value, list) else [value], keys)[0]

    def blocks(self, value, keys):
        if isinstance(value, Unknown):
            return self._hole(value)
        made = []
        for item in value:
            properties: dict = {}
            for name, given in item.items():
                spec = keys[name]
                made_of = getattr(self, spec.how)(given, *_keys(spec)) if isinstance(spec, Shape) else self.value(given)
                properties[path_of(spec)] = made_of
            made.append(properties)
        return made

    def tags(self, value):
        return [{"Key": key, "Value": self.value(item)} for key, item in value.items()]

    def spelled(self, value):
        return spelled(value) if isinstance(value, str) else self.value(value)

    def pairs(self, value):
        return [{"Name": name, "Value": self.value(item)} for name, item in value.items()]

    def part(self, value, keys):
        """The one thing that counts in a block."""
        (name,) = keys
        return self.value((value[0] if isinstance(value, list) else value)[name])

    def json(self, value, keys):
        tree = json.loads(value) if isinstance(value, str) else value
        return self.blocks(tree, keys) if isinstance(tree, list) else self.block(tree, keys)

    def encoded(self, value):
        return {"Fn::Base64": self.value(value)}

    def content(self, value):
        """A policy of an organization: an object where that is sent without white space, else the text, as it counts."""
        if (
            isinstance(value, str)
            and "⟦" not in value
            and json.dumps(json.loads(value), separators=(",", ":")) != value
        ):
            return value
        return self.document(value)

    def document(self, value):
        """A policy. One that is no JSON, or has a name twice, stays the text that it is."""
        match value:
            case Unknown():
                found = self._find(value.references[0]) if len(value.references) == 1 else None
                if found is not None and found.type == "aws_iam_policy_document":
                    return self._policy(document(found, lambda address: self._find(Reference(address))))
                return self._hole(value)
            case str():
                tree = _decoded(value)
                return self._text(value) if tree is None else self._policy(tree)
            case _:
                return self._policy(value)

    def _policy(self, tree: dict):
        text = json.dumps(tree, default=lambda _: "")
        if any("⟦" in key for key in _names(tree)):
            return self._text(text)  # no function can stand in the place of a name
        return {name: self._element(item, 3 if name == "Statement" else 0) for name, item in tree.items()}

    def _element(self, value, deep: int):
        """A part of a policy. No parameter can be an object, as are statements, conditions and the operators in them."""
        match value:
            case Unknown():
                return self._hole(value) if deep else self.value(value)
            case list() if deep == 3:
                return [self._element(item, deep) for item in value]
            case dict() if deep:
                inner = {key: deep - 1 if deep < 3 or key == "Condition" else 0 for key in value}
                return {key: self._element(item, inner[key]) for key, item in value.items()}
            case _:
                return self.value(value)

    def _hole(self, value):
        """What is not known in the place of an object, which no parameter can be: a macro makes it."""
        if not isinstance(value, Unknown):
            return self.value(value)
        given = {f"From{at}": self._reference(reference) for at, reference in enumerate(value.references)}
        return {"Fn::Transform": {"Name": "Elsewhere", "Parameters": given}}

    def _text(self, text: str):
        if "⟦" not in text:
            return text
        pieces = _MARK.split(text)
        values = [self._reference(_reference(mark)) for mark in pieces[1::2]]
        if len(values) == 1 and not pieces[0] and not pieces[2]:
            return values[0]
        self.has_choice = True
        if self._other:
            pieces[1::2] = values
            return {"Fn::Join": ["", [piece for piece in pieces if piece]]}
        plain = [piece.replace("${", "${!") for piece in pieces[::2]]
        return {"Fn::Sub": plain[0] + "".join(_inside(v) + p for v, p in zip(values, plain[1:], strict=True))}

    def _reference(self, reference: Reference):
        if reference.address.startswith("var."):
            name = _logical(reference.address)
            self._parameters[name] = {"Type": "String"}
            return {"Ref": name}
        found = self._find(reference)
        if found is None:
            raise NotSayable(("@missing",))
        if found.type == "aws_caller_identity":
            return {"Ref": "AWS::AccountId"}
        logical, attribute = self.names[found.address], reference.attribute or "id"
        if found.address in self._folds:
            fold, _ = self._folds[found.address]
            assert attribute in (fold.owner, "id"), reference
            return {"Ref": logical}
        row = next(item for item in ROWS[found.type] if isinstance(item, Row))
        if attribute in row.ref:
            return {"Ref": logical}
        if attribute in row.get:
            given = row.get[attribute]
            return {"Fn::Sub": given.replace("@", logical)} if "@" in given else {"Fn::GetAtt": [logical, given]}
        if isinstance(found.get(attribute), str):
            return self._text(found.get(attribute))
        raise NotSayable((found.type, attribute))


@contextmanager
def _about(block: Block) -> Iterator[None]:
    try:
        yield
    except NotSayable as no:
        no.block = block
        raise


def _keys(spec: Shape) -> tuple:
    return (spec.keys,) if spec.keys else ()


def _logical(address: str) -> str:
    words = re.findall(r"[A-Za-z0-9]+", address.removeprefix("aws_"))
    return "".join(word[:1].upper() + word[1:] for word in words)


def _reference(mark: str) -> Reference:
    """A mark in a text: `type.name.attribute`, with keys and modules where there are some."""
    address, _, attribute = mark.partition("roots[")
    if attribute:
        return Reference(address.rstrip("."), f"roots[{attribute}")
    address, _, attribute = mark.rpartition(".")
    return Reference(address, attribute)


def _inside(value) -> str:
    """A reference inside of Fn::Sub."""
    match value:
        case {"Ref": name}:
            return f"${{{name}}}"
        case {"Fn::GetAtt": [name, attribute]}:
            return f"${{{name}.{attribute}}}"
        case {"Fn::Sub": text}:
            return text
        case _:
            return value.replace("${", "${!")


def _decoded(text: str):
    """The tree of a JSON text; None if it is none, or says a thing twice."""
    twice = []

    def read(pairs):
        twice.extend(pairs if len(dict(pairs)) < len(pairs) else ())
        return dict(pairs)

    with suppress(ValueError):
        tree = json.loads(text, object_pairs_hook=read)
        return tree if isinstance(tree, dict) and not twice else None
    return None


def _names(tree) -> Iterable[str]:
    for item in tree.values() if isinstance(tree, dict) else tree if isinstance(tree, list) else ():
        yield from _names(item)
    if isinstance(tree, dict):
        yield from tree
