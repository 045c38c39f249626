"""Block: one resource, data source or provider as its language wrote it, before anything is known about AWS."""

from collections.abc import Callable, Mapping, Sequence
from typing import Literal, Protocol, TypeAlias

from msgspec import Struct

from ..source import Span
from ..value import Reference, Value

Mode = Literal["managed", "data", "provider"]


class Block(Protocol):
    """What every loader gives for one instance of a resource or data source, on one side of the change."""

    @property
    def address(self) -> str:
        """The absolute instance address, e.g. `module.a["x"].aws_iam_role.this[0]`."""

    @property
    def module(self) -> str:
        """The address of the module instance it stands in; empty in the root."""

    @property
    def type(self) -> str:
        """The resource type, e.g. `aws_iam_role`."""

    @property
    def name(self) -> str:
        """The block's own name in the configuration, e.g. `this`."""

    @property
    def mode(self) -> Mode:
        """Managed resource, data source or provider."""

    @property
    def index(self) -> int | str | None:
        """The count or for_each key."""

    @property
    def account(self) -> str:
        """The provider configuration it belongs to (`aws`, `aws.prod`)."""

    @property
    def action(self) -> str:
        """What the change does: create, update, replace, delete, no-op, read, forget, import."""

    @property
    def span(self) -> Span | None:
        """Where it is written, if the input says."""

    @property
    def possible(self) -> bool:
        """True if count or for_each is not known, so that it may not come to be."""

    def names(self) -> frozenset[str]:
        """Names of all attributes that have a value or an unknown value here."""

    def get(self, name: str) -> Value:
        """The attribute's tree, with `Unknown` leaves for what is not known; None if it is unset or absent.

        An unknown leaf carries the references that its expression makes, followed through variables and module
        outputs as far as the input shows them.
        """

    def literal(self, name: str) -> str | None:
        """The text that the configuration sets the attribute to, where the input shows it beside the attribute's value.

        A plan does, of constants: the value may be that text as the provider has normalised it.
        """

    def configured(self, name: str) -> bool | None:
        """Whether the configuration sets the attribute; None if the input does not tell (dynamic blocks)."""

    def references(self, *path: str | int) -> tuple[Reference, ...]:
        """What the expression at the path refers to, followed likewise; all of the block's references for no path.

        The path `depends_on` gives what the block waits for by that argument: blocks without a key, or modules.
        """

    def sensitive(self, name: str) -> bool:
        """Whether any part of the attribute is marked sensitive."""


class Output(Struct, frozen=True):
    """A root output."""

    name: str
    sensitive: bool
    references: tuple[Reference, ...]


class CredentialLeaf(Struct, frozen=True):
    """A leaf of the input that looks like a credential, for IAM101. Only its first characters are kept."""

    address: str
    type: str
    path: str
    kind: (
        str  # "access-key-id", "secret-access-key", or how the secret of a resource is given away (see written_secrets)
    )
    shown: str  # at most 4 characters
    dummy: bool  # a documented example, a test value
    via: str = ""  # the parameter that it comes through


class Side(Struct, frozen=True):
    """All blocks on one side of the change."""

    blocks: Sequence[Block]


class Variant(Struct, frozen=True):
    """What would be there instead of `Loaded.after` if a choice that the input leaves open were made otherwise.

    `label` is a clause for people: "when condition IsPublic is true". `before` is what there is instead of `Loaded.before`.
    """

    label: str
    side: Side
    before: Side = Side(())


# The calls that make a module instance, innermost first: the address of each instance, and the lines of its call.
Calls: TypeAlias = Callable[[str], tuple[tuple[str, Span], ...]]

# Finds where an attribute of the block at an address is written, or (then the flag is true) the statement with a Sid.
Locate: TypeAlias = Callable[[str, str, bool], Span | None]


class Loaded(Struct, frozen=True):
    """One input file, decoded.

    `complete` is False where the input is only a part (a targeted plan, a change set). `unevaluated` names what was seen
    but not evaluated (a module that is not on disk), `given` what the arguments of such modules refer to. `source` is
    the directory of the source that a plan was made from, if it is at hand. `outputs_before` and `credentials_before` are
    those of an older version of a template. `excludes` tells of two blocks that are `possible`, by their
    addresses, whether they are certainly never there at once. `remarks` are notes on what is only found
    out when attributes are read.
    """

    path: str
    kind: str  # "terraform-plan", "terraform-source", "cloudformation"
    before: Side
    after: Side
    outputs: tuple[Output, ...] = ()
    credentials: tuple[CredentialLeaf, ...] = ()
    complete: bool = True
    notes: tuple[str, ...] = ()
    unevaluated: tuple[str, ...] = ()
    given: tuple[Reference, ...] = ()
    module_sources: tuple[str, ...] = ()  # "address source" of every module call, for rules about absence
    empty_blocks: tuple[str, ...] = ()
    variants: tuple[Variant, ...] = ()
    excludes: Callable[[str, str], bool] | None = None
    locate: Locate | None = None
    calls: Calls | None = None
    source: str = ""
    outputs_before: tuple[Output, ...] = ()
    credentials_before: tuple[CredentialLeaf, ...] = ()
    remarks: Callable[[], tuple[str, ...]] | None = None
    faults: tuple[
        tuple[str, str], ...
    ] = ()  # files that it is made of and that cannot be read, each with what is wrong
    beside: Mapping[str, str] = {}  # paths of inputs whose blocks stand here, too, by what their addresses begin with


__all__ = ["Block", "CredentialLeaf", "Loaded", "Mode", "Output", "Reference", "Side", "Variant"]
