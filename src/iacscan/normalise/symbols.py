"""The model text of an attribute that another block refers to: real where it is known, else with a symbol in it."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from functools import lru_cache
from typing import Final

from ..lazy import regex
from ..load.block import Block
from ..load.cuts import cut_of, leave
from ..policy.arn import ACCOUNT, REGION, parse_arn, symbol
from ..value import Reference, Unknown, Value
from .kinds import ARNS, FIXED, KINDS, REPEATS, Kind

_MARK: Final = regex(r"⟦([^⟧]*)⟧")
_STEP: Final = regex(r"[^.\[\]]+")
_NO_KIND: Final = Kind("", "")
_DEPTH: Final = 8  # references followed from block to block for one text
_OWN: Final = frozenset(("account", "region", "…", "organization", "suffix"))  # symbols of ours that are no addresses
# Attributes that name another object and nothing else, so that what they are set from is what they are.
_LINKS: Final = frozenset(
    (
        "bucket", "function_name", "group", "key_id", "permission_set_arn", "policy_arn", "policy_id", "queue_url", "role",
        "target_id", "target_key_id", "topic_arn", "user",
    )
)  # fmt: skip
_PLAIN: Final = ("arn", "id", "name")  # attributes that stand for the block itself where its type is not in the table


class Names:
    """What everything is called on one side of the change."""

    def __init__(self, blocks: Sequence[Block]) -> None:
        self._by_address: dict[str, Block] = {block.address: block for block in blocks}
        self._by_static: dict[str, list[Block]] | None = None
        self._texts: dict[tuple[str, str], str | None] = {}
        self._names: dict[str, str] = {}
        self._arns: dict[str, str] = {}
        self.accounts: dict[str, str] = {}
        self._regions: dict[str, str] = {}
        self._partition = "aws"
        for block in blocks:
            if block.mode == "data":
                self._learn(block)
            elif block.mode == "provider" and (known := _account_of_provider(block)):
                self.accounts.setdefault(block.account, known)

    def _learn(self, block: Block) -> None:
        if block.type == "aws_caller_identity" and isinstance(known := block.get("account_id"), str):
            self.accounts[block.account] = known
        elif block.type == "aws_region" and isinstance(known := block.get("name") or block.get("region"), str):
            self._regions[block.account] = known
        elif block.type == "aws_partition" and isinstance(known := block.get("partition"), str):
            self._partition = known

    def block(self, address: str) -> Block | None:
        """The block at an address; an address without a key means the only instance."""
        found = self._by_address.get(address)
        if found is not None or address.endswith("]"):
            return found
        if self._by_static is None:
            self._by_static = defaultdict(list)
            for block in self._by_address.values():
                if block.index is not None and block.address.endswith("]"):
                    # The key is what follows the name; it may itself contain anything.
                    prefix = f"{block.module}." if block.module else ""
                    data = "data." if block.mode == "data" else ""
                    self._by_static[f"{prefix}{data}{block.type}.{block.name}"].append(block)
        instances = self._by_static.get(address, ())
        return instances[0] if len(instances) == 1 else None

    def text(self, reference: Reference, depth: int = 0) -> str | None:
        """The text of an attribute; None if the reference leads to no block of the input, or to something unset."""
        key = (reference.address, reference.attribute)
        if key not in self._texts:
            self._texts[key] = None  # ends a cycle
            self._texts[key] = self._make(reference, depth)
        return self._texts[key]

    def _make(self, reference: Reference, depth: int) -> str | None:
        block = self.block(reference.address)
        if block is None or depth > _DEPTH:
            return None
        steps = _steps(reference.attribute) or ("id",)
        attribute = REPEATS.get((block.type, steps[0]), steps[0])
        value = _walk(block.get(attribute), steps[1:])
        own = KINDS.get(block.type)
        if isinstance(value, str) and value:
            return self.expand(value, depth + 1)
        if block.mode == "data" and (block.type, attribute) in FIXED:
            return FIXED[block.type, attribute]
        if (
            isinstance(value, Unknown)
            and attribute in _LINKS
            and len(value.references) == 1
            and not (own and own.name == attribute)
        ):
            followed = self.text(value.references[0], depth + 1)
            if followed is not None:
                return followed
        return self._symbolic(block, attribute, reference.attribute)

    def _symbolic(self, block: Block, attribute: str, written: str) -> str | None:
        kind = KINDS.get(block.type)
        if kind is None:
            return symbol(block.address) if attribute in _PLAIN else symbol(f"{block.address}.{written}")
        if attribute == kind.name:
            return self.name(block)
        if attribute == "arn":
            return self.arn(block)
        if attribute == "id":
            return (
                self.arn(block)
                if kind.id == "arn"
                else self.name(block)
                if kind.id == "name"
                else symbol(block.address)
            )
        if block.type == "aws_organizations_organization" and attribute == "roots":
            return symbol(block.address)  # the root of an organization; `graph` tells it by this
        form = ARNS.get((block.type, attribute))
        return self._arn(block, form) if form else symbol(f"{block.address}.{written}")

    def name(self, block: Block) -> str:
        """The name of what a block makes, with its symbol if it is not known."""
        found = self._names.get(block.address)
        if found is None:
            found = self._names[block.address] = self._named(block)
        return found

    def _named(self, block: Block) -> str:
        kind = KINDS.get(block.type)
        value = block.get(kind.name) if kind and kind.name else None
        if isinstance(value, str) and value:
            text = self.expand(value, 1)
            return text.partition("://")[2] or text if kind and kind.name == "url" else text
        prefix = block.get(f"{kind.name}_prefix") if kind and kind.name else None
        return (self.expand(prefix, 1) if isinstance(prefix, str) else "") + symbol(block.address)

    def arn(self, block: Block) -> str:
        """The ARN of what a block makes; known in full, with symbols, or one symbol where its form is not known."""
        found = self._arns.get(block.address)
        if found is None:
            found = self._arns[block.address] = self._identified(block)
        return found

    def _identified(self, block: Block) -> str:
        given = block.get("arn")
        if isinstance(given, str) and given:
            return given
        kind = KINDS.get(block.type, _NO_KIND)
        return self._arn(block, kind.arn) if kind.arn else symbol(block.address)

    def _arn(self, block: Block, form: str) -> str:
        path: Value = "/"
        if "{path}" in form:
            path = block.get("path") or "/"
        name = self.name(block)
        if block.type == "aws_ssm_parameter" and not name.startswith("/"):
            name = f"/{name}"
        region = block.get("region") if "{r}" in form else None
        rest = form.format(
            n=name,
            a=self.accounts.get(block.account, ACCOUNT),
            r=region if isinstance(region, str) else self._regions.get(block.account, REGION),
            path=self.expand(path, 1) if isinstance(path, str) else f"/{symbol(f'{block.address}.path')}/",
        )
        return f"arn:{self._partition}:{rest}"

    def expand(self, text: str, depth: int = 0) -> str:
        """Replace `⟦address.attribute⟧`, which loaders put into texts, by what it stands for."""
        if "⟦" not in text:
            return text
        return _MARK.sub(lambda mark: self._marked(mark[1], depth), text)

    def _marked(self, content: str, depth: int) -> str:
        if content in _OWN:
            return f"⟦{content}⟧"
        base, cut = cut_of(content)
        if cut:
            return self._left(base, cut, depth)
        address = content
        while address and self.block(address) is None:
            address = address.rpartition(".")[0]
        if address in ("", content):
            return f"⟦{content}⟧"
        found = self.text(Reference(address, content[len(address) + 1 :]), depth + 1)
        return f"⟦{content}⟧" if found is None else found

    def _left(self, base: str, cut: str, depth: int) -> str:
        """What is left of the text at an address; the URL of a provider, where only AWS knows it, stands without scheme."""
        text = self._marked(base, depth)
        owner = self.block(base.rpartition(".")[0])
        if owner is not None and KINDS.get(owner.type, _NO_KIND).name == "url" and text == symbol(owner.address):
            return text
        left = leave(text, cut)
        return symbol(base + cut) if left is None else left

    def expand_tree(self, value: Value) -> Value:
        """Do the same in every text of a tree, keys included. Loaders bound the depth of trees."""
        match value:
            case str():
                return self.expand(value)
            case list():
                return [self.expand_tree(item) for item in value]
            case dict():
                return {self.expand(key): self.expand_tree(item) for key, item in value.items()}
            case _:
                return value

    def is_known(self, reference: Reference) -> bool:
        """Whether the attribute has a value already, so that it cannot be what makes something unknown."""
        block = self.block(reference.address)
        if block is None:
            return False
        steps = _steps(reference.attribute)
        if not steps:
            return False
        value = block.get(steps[0])
        return value is not None and not isinstance(_walk(value, steps[1:]), Unknown) and not _holed(value)


@lru_cache(maxsize=1024)  # all instances of a block are asked for the same attributes
def _steps(attribute: str) -> tuple[str, ...]:
    return tuple(_STEP.findall(attribute))


def _walk(value: Value, steps: Iterable[str]) -> Value:
    for step in steps:
        match value:
            case list() if step.isdigit() and int(step) < len(value):
                value = value[int(step)]
            case dict():
                value = value.get(step)
            case Unknown():
                return value
            case _:
                return None
    return value


def _holed(value: Value) -> bool:
    match value:
        case Unknown():
            return True
        case list():
            return any(map(_holed, value))
        case dict():
            return any(map(_holed, value.values()))
        case _:
            return False


def _account_of_provider(block: Block) -> str:
    """The account that a `provider` block is for, where it says so: the only one it allows, or that of the role it assumes."""
    allowed = block.get("allowed_account_ids")
    if isinstance(allowed, list) and len(allowed) == 1 and isinstance(allowed[0], str):
        return allowed[0]
    roles = block.get("assume_role")
    for role in roles if isinstance(roles, list) else ():
        arn = role.get("role_arn") if isinstance(role, dict) else None
        found = parse_arn(arn) if isinstance(arn, str) else None
        if found is not None and found.account.isdigit():
            return found.account
    return ""
