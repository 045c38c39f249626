"""Puts a template into Terraform's words: resources, what they refer to, outputs."""

from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from typing import Final

import msgspec
from msgspec.structs import replace

from ...lazy import regex
from ...load.block import Block, Loaded, Side
from ...load.cuts import cut_of, leave
from ...policy.arn import ACCOUNT, REGION, symbol
from ...value import Reference, Unknown, Value
from ..kinds import KINDS
from ..policy_attributes import UNREAD
from .block import Part, Properties, Resource, Respelled
from .compute import COMPUTE, OTHERS
from .identity import IAM, ORGANIZATIONS
from .named import NAMED
from .partition import USUAL, partition_of, told
from .protected import ONLY_HERE, RESOURCE_POLICIES, STORAGE
from .row import Companion, Row
from .shapes import at, constant, is_of_root, path_of
from .unread import unread

TYPES: Final[Mapping[str, Row]] = {
    **NAMED, **IAM, **ORGANIZATIONS, **STORAGE, **RESOURCE_POLICIES, **ONLY_HERE, **COMPUTE, **OTHERS,
}  # fmt: skip
_UNLISTED: Final = Row()
_CFN_JSON: Final = "Custom::AWSCDKCfnJson"
_OUTSIDE: Final = frozenset(("@DependsOn", "@Condition", "@Type"))  # they say when a resource is made, not what it is
_MARK: Final = regex(r"⟦([^⟧]*)⟧")
_HUMP: Final = regex(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")
# What pseudo parameters stand for, as `aws_caller_identity` and the like do in Terraform.
_PSEUDO: Final = {
    "AWS::AccountId": ACCOUNT,
    "AWS::Region": REGION,
    "AWS::URLSuffix": "amazonaws.com",
}
# The stack's own name, and parameters whose values cannot hold a wildcard: as fixed as the name of an object.
_PLAIN: Final = regex(r"AWS::\w+|[A-Za-z0-9/]+")
_FIXED: Final = "aws_cloudformation_parameter"
# What protects: a finding that rests on there being none must not be made where there may be one.
_GUARDS: Final = frozenset(
    (
        "aws_s3_bucket_ownership_controls",
        "aws_s3_bucket_public_access_block",
        "aws_ssoadmin_permissions_boundary_attachment",
    )
)
# Attributes that AWS ends otherwise than Terraform does.
_ENDINGS: Final = {("AWS::Logs::LogGroup", "Arn"): ":*"}


def respelled(loaded: Loaded) -> Loaded:
    """A template as Terraform would have it loaded."""
    speech, older = _Speech(loaded.after.blocks), _Speech(loaded.before.blocks)
    return replace(
        loaded,
        before=Side(list(older.all())),
        after=Side(list(speech.all())),
        outputs=tuple(replace(output, references=speech.references(output.references)) for output in loaded.outputs),
        credentials=tuple(replace(leaf, address=speech.address(leaf.address)) for leaf in loaded.credentials),
        outputs_before=tuple(
            replace(output, references=older.references(output.references)) for output in loaded.outputs_before
        ),
        credentials_before=tuple(
            replace(leaf, address=older.address(leaf.address)) for leaf in loaded.credentials_before
        ),
    )


def attribute_of(type_: str, name: str) -> str:
    """Terraform's name of the attribute that `Ref` or `Fn::GetAtt` gives.

    A table names the odd ones. `Arn` and `TopicArn` of a topic are its arn, `Id` and `KeyId` of a key its id, also at the
    end of a path; what is a property as well is the attribute that this is; the rest is only put in lower case.
    """
    row = TYPES.get(type_, _UNLISTED)
    if name == "Ref":
        kind = KINDS.get(row.type)
        return row.ref or (kind.name if kind else "") or "id"
    if name in row.attributes:
        return row.attributes[name]
    own, last = type_.rpartition("::")[2].lower(), name.rpartition(".")[2].lower()
    for plain in ("arn", "id"):
        if name.lower() == plain or last == own + plain:
            return plain
    for attribute, spec in row.keys.items():
        if spec == name:
            return attribute
    return _HUMP.sub("_", name).lower()


class _Speech:
    """The resources of a template by logical id, with the addresses that they have in Terraform's words."""

    def __init__(self, blocks: Sequence[Block]) -> None:
        self._blocks = blocks
        self._written = {block.address: block for block in blocks}
        self._types = {block.address: block.type for block in blocks}
        self._addresses = {block.address: _address(block.address, block.type) for block in blocks}
        self._partition = partition_of(blocks)

    def all(self) -> Iterator[Block]:
        """The blocks that all resources are in Terraform."""
        for block in self._blocks:
            yield from self.blocks(block)
        if self._partition != USUAL:
            yield told(self._partition, "aws")

    def address(self, written: str) -> str:
        """The address of the block that stands for a resource; that of anything else stays."""
        return self._addresses.get(written, written)

    def blocks(self, block: Block) -> Iterator[Block]:
        """All blocks that a resource is in Terraform. One of a type that is not listed stays itself, with a new address."""
        row = TYPES.get(block.type, _UNLISTED)
        address = self._addresses[block.address]
        written = {name: self.texts(block.get(name)) for name in block.names() if name not in _OUTSIDE}
        properties = Properties(block, written)
        resource = Resource(block, row, properties, _used(block.type), self.references)
        itself = Respelled(resource, row.type or block.type, address, row.keys)
        if row.type or row.bare or not row.companions:
            yield itself
        for place, because in unread(block.type, properties, itself.used):
            yield Part(resource, UNREAD, f"{address}#{place}", {"policy": constant(because)}, place, None, None)
        parts = 0
        for companion in row.companions:
            owner = (companion.owner, f"⟦{address}.{companion.by}⟧") if companion.owner else None
            for place, element in _elements(properties, companion):
                parts += 1
                yield self._part(resource, companion, place, element, owner)
        if not row.type and not row.bare and row.companions and not parts:
            # It must list what it is for. What it says is met all the same, so it is counted and judged.
            companion = row.companions[-1]
            missing = Unknown(f"{companion.each} is not set")
            yield self._part(resource, companion, companion.each, missing, None)

    def _part(
        self, resource: Resource, companion: Companion, place: str, element: Value, owner: tuple[str, str] | None
    ) -> Part:
        block = resource.written
        address = f"{_address(block.address, block.type, companion.type)}#{place}"
        return Part(resource, companion.type, address, companion.keys, place, element, owner)

    def references(self, found: tuple[Reference, ...]) -> tuple[Reference, ...]:
        """References to resources by their addresses and attributes in Terraform's words."""
        return tuple(self._reference(reference) for reference in found)

    def _reference(self, reference: Reference) -> Reference:
        type_ = self._types.get(reference.address)
        if type_ is None:
            return reference
        attribute = attribute_of(type_, reference.attribute) if reference.attribute else ""
        return Reference(self._addresses[reference.address], attribute)

    def texts(self, value: Value) -> Value:
        """A tree with every mark of the loader put so, in texts, in keys and in what is not known."""
        match value:
            case str():
                return _MARK.sub(lambda mark: self._marked(mark[1]), value) if "⟦" in value else value
            case Unknown() if (told := self._made_of_json(value)) is not None:
                return self.texts(told)
            case list():
                return [self.texts(item) for item in value]
            case dict():
                return {str(self.texts(key)): self.texts(item) for key, item in value.items()}
            case Unknown():
                return Unknown(value.because, self.references(value.references)) if value.references else value
            case _:
                return value

    def _made_of_json(self, value: Unknown) -> Value:
        """What the CDK's `CfnJson` gives, a custom resource that reads its own property as JSON; None for anything else.

        https://docs.aws.amazon.com/cdk/api/v2/docs/aws-cdk-lib.CfnJson.html
        """
        if len(value.references) != 1 or value.references[0].attribute != "Value":
            return None
        block = self._written.get(value.references[0].address)
        text = block.get("Value") if block is not None and block.type == _CFN_JSON else None
        if not isinstance(text, str):
            return None
        try:
            decoded: Value = msgspec.json.decode(text)
        except msgspec.DecodeError:
            return None  # a part of it is not known, or it is not JSON
        return decoded

    def _marked(self, content: str) -> str:
        base, cut = cut_of(content)
        if cut:
            text = self._marked(base)
            return leave(text, cut) or symbol(content)
        if content == "AWS::Partition":
            return self._partition
        if content in _PSEUDO:
            return _PSEUDO[content]
        if _PLAIN.fullmatch(content):
            return f"⟦{_address(content.removeprefix('AWS::'), '', _FIXED)}⟧"
        written, _, name = content.partition(".")
        type_ = self._types.get(written)
        if type_ is None:
            return f"⟦{content}⟧"
        return f"⟦{self._addresses[written]}.{attribute_of(type_, name)}⟧{_ENDINGS.get((type_, name), '')}"


def _address(written: str, type_: str, spelled: str = "") -> str:
    """An address as Terraform has it, unique and with the type in it; nested stacks are modules."""
    *stacks, name = written.split("/")
    modules = "".join(f"module.{stack}." for stack in stacks)
    known = spelled or TYPES.get(type_, _UNLISTED).type or type_.replace("::", "_").lower()
    return f"{modules}{known}.{name}"


@cache
def _used(type_: str) -> frozenset[str]:
    """The properties of a type that Terraform's spelling has names for."""
    row = TYPES.get(type_, _UNLISTED)
    paths = [path_of(spec) for spec in row.keys.values()]
    for companion in row.companions:
        paths += [companion.each, *(path_of(spec) for spec in companion.keys.values() if is_of_root(spec))]
    return frozenset(path.partition(".")[0] for path in paths)


def _elements(properties: Properties, companion: Companion) -> Iterator[tuple[str, Value]]:
    """What a companion is made for, each with its path. A list that is not known counts as one element.

    Where a property that is not written may be set, there may be what protects. Nothing else is made of that.
    """
    if companion.unless in properties:
        return
    value = at(properties, companion.each)
    if companion.each.partition(".")[0] not in properties and companion.type not in _GUARDS:
        return
    if isinstance(value, list):
        for index, item in enumerate(value):
            yield f"{companion.each}[{index}]", item
    elif value is not None:
        yield companion.each, value
