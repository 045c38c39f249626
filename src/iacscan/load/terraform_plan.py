"""Terraform and OpenTofu plans: `terraform show -json` as blocks before and after the change.

`resource_changes` gives both sides of every object that the plan names. What it does not name (data sources that were
read while planning; everything, in a refresh-only plan; what a targeted plan leaves out) stands in `prior_state` and
is the same on both sides.
"""

from collections.abc import Iterator
from sys import intern
from typing import Final

from msgspec import Raw, Struct

from ..errors import InputError
from .block import Loaded, Mode, Output, Side
from .credentials import find_credentials
from .plan_block import Content, PlanBlock, PlanSide, ProviderBlock
from .plan_expressions import Expressions, Scopes, references_in, within
from .plan_format import (
    NULL,
    REMAKE,
    Plan,
    Row,
    StateModule,
    StateResource,
    decode_configuration,
    decode_part,
    decode_plan,
)
from .plan_references import Place

_ACTIONS: Final = {
    ("create",): "create",
    ("read",): "read",
    ("update",): "update",
    ("delete",): "delete",
    ("no-op",): "no-op",
    ("forget",): "forget",
    ("delete", "create"): "replace",
    ("create", "delete"): "replace",
    ("create", "forget"): "replace",  # the old object stays in AWS, but no address means it any more
    ("forget", "create"): "replace",
}
_GONE: Final = frozenset(("delete", "forget"))  # actions whose `after` is null
_IMPORTS: Final = frozenset(("no-op", "update"))  # what an import may do besides
_MODES: Final[dict[str, Mode]] = {"managed": "managed", "data": "data"}
_STATE_MODULES: Final = 100_000  # module instances; a bound on a broken state


class Making(Struct, frozen=True):
    """What a plan was made from, and what it became: for those who have the source beside it.

    `declared` are the blocks and calls of the root module, by the addresses that they have there. `variables` are the
    values of the root variables but for those of sensitive ones.
    """

    before: PlanSide
    after: PlanSide
    declared: frozenset[str]
    variables: dict[str, Raw]


def load_plan(path: str, data: bytes) -> Loaded:
    """Load a plan; `data` is its JSON in UTF-8. Raises InputError if it cannot be read or is that of a failed run."""
    return read_plan(path, data)[0]


def read_plan(path: str, data: bytes) -> tuple[Loaded, Making]:
    """The same, and what it was made from."""
    plan = decode_plan(data)
    loader = _Loader(plan)
    loader.add_rows()
    loader.add_prior_state()
    providers = list(loader.providers())
    loaded = Loaded(
        path=path,
        kind="terraform-plan",
        before=Side([*loader.before.blocks, *providers]),
        after=Side([*loader.after.blocks, *providers]),
        outputs=tuple(loader.outputs()),
        credentials=find_credentials(plan, loader.scopes, loader.after.blocks, providers),
        complete=loader.closed,
        notes=tuple(loader.notes),
        unevaluated=tuple(loader.unevaluated),
        module_sources=tuple(f"{name} {call.source}" for name, call in loader.scopes.calls),
        empty_blocks=tuple(loader.empty_blocks()),
    )
    return loaded, Making(loader.before, loader.after, loader.declared(), loader.variables())


class _Loader:
    """One plan on its way into two sides."""

    def __init__(self, plan: Plan) -> None:
        self._plan = plan
        self._configuration = decode_configuration(plan)
        self.scopes = Scopes(self._configuration.root_module if self._configuration else None)
        self.notes: list[str] = []
        self.unevaluated: list[str] = []
        self.closed = plan.complete is not False and not plan.deferred_changes
        self.before = PlanSide(self.scopes, closed=self.closed)
        self.after = PlanSide(self.scopes, closed=self.closed)
        self._named: set[str] = set()
        self._known_masks: dict[bytes, Raw] = {}
        if plan.complete is False:
            self.notes.append(
                "the plan is partial (made with -target, or with changes put off): it does not show the whole change"
            )
        if plan.resource_changes is None:
            self.notes.append("the plan changes no resource; what is there already is judged")
        if self._configuration is None:
            self.notes.append("the plan has no configuration, so that references cannot be followed")

    def add_rows(self) -> None:
        """Blocks of every row of `resource_changes`, and what `deferred_changes` puts off to the next plan."""
        for at, row in enumerate(self._plan.resource_changes or ()):
            self._add(row, f"resource_changes[{at}]")
        for at, deferred in enumerate(self._plan.deferred_changes or ()):
            if deferred.resource_change is not None:
                self.unevaluated.append(deferred.resource_change.address)
                self._add(deferred.resource_change, f"deferred_changes[{at}]", possible=True)

    def _add(self, row: Row, where: str, *, possible: bool = False) -> None:
        change = row.change
        action = _ACTIONS.get(change.actions)
        if action is None:
            what = f"{where} has the actions {', '.join(change.actions) or '(none)'}, which no known Terraform plans"
            raise InputError(what, "use a newer iacscan, or " + REMAKE)
        if _is_null(change.after) and action not in _GONE:
            what = f"{where} is to {action} {row.address}, but does not say what it will be"
            raise InputError(what, REMAKE)
        if row.deposed is not None:
            self._add_deposed(row, action)
            return
        if row.address in self._named:
            what = f"{where} names {row.address} a second time"
            raise InputError(what, REMAKE)
        self._named.add(row.address)
        if row.previous_address is not None:
            self._named.add(row.previous_address)
        if action in _IMPORTS and not _is_null(change.importing):
            action = "import"
        self._add_sides(row, action, possible=possible)

    def _add_sides(self, row: Row, action: str, *, possible: bool) -> None:
        change = row.change
        new: PlanBlock | None = None
        if not _is_null(change.after):
            content = self._content(change.after, change.after_sensitive, change.after_unknown)
            new = self._block(row, row.module_address, row.address, action, content, self.after, possible=possible)
            self.after.blocks.append(new)
        if _is_null(change.before):
            return
        if new is not None and change.actions == ("no-op",):
            self.before.blocks.append(new)
            return
        content = self._content(change.before, change.before_sensitive)
        old = self._block(row, row.module_address, row.address, action, content, self.before, now=new)
        self.before.blocks.append(old)
        if action == "forget":  # Terraform lets go of it; in AWS it stays
            self.after.blocks.append(old)

    def _add_deposed(self, row: Row, action: str) -> None:
        """The leftover of a create-before-destroy replacement that failed: an object of its own, about to go."""
        if not _is_null(row.change.before):
            address = f"{row.address} (deposed {row.deposed})"
            content = self._content(row.change.before, row.change.before_sensitive)
            self.before.blocks.append(self._block(row, row.module_address, address, action, content, self.before))

    def _content(self, values: Raw, sensitive: Raw, unknown: Raw = NULL) -> Content:
        """Copies, so that the file itself need not be kept. The masks of a block's instances are mostly the same."""
        return Content(values.copy(), self._mask(unknown), self._mask(sensitive))

    def _mask(self, raw: Raw) -> Raw:
        text = bytes(raw)
        return self._known_masks.setdefault(text, Raw(text))

    def _block(
        self,
        row: Row | StateResource,
        module: str,
        address: str,
        action: str,
        content: Content,
        side: PlanSide,
        *,
        now: PlanBlock | None = None,
        possible: bool = False,
    ) -> PlanBlock:
        mode = _MODES.get(row.mode)
        if mode is None:
            what = f"{address} has the mode {row.mode}, which is neither a resource nor a data source"
            raise InputError(what, "use a newer iacscan, or " + REMAKE)
        scope = self.scopes.of(module)
        # Instances of a block differ in little but their address and values: one text serves all of them.
        static = f"data.{row.type}.{row.name}" if mode == "data" else f"{row.type}.{row.name}"
        config = scope.blocks.get(static) if scope else None
        return PlanBlock(
            address=address,
            static=intern(static),
            module=intern(module),
            mode=mode,
            type=intern(row.type),
            name=intern(row.name),
            index=row.index,
            account=self._account(config, row.provider_name),
            action=action,
            content=content,
            side=side,
            config=config,
            now=now,
            possible=possible,
            previous_address=row.previous_address if isinstance(row, Row) else None,
        )

    def _account(self, config: Expressions | None, provider_name: str) -> str:
        """The provider configuration of a block; that of the root module where its own module has none."""
        if config is None or not config.account:
            return provider_name.rpartition("/")[2]
        known = (self._configuration.provider_config if self._configuration else None) or {}
        module, _, name = config.account.rpartition(":")
        return config.account if config.account in known or not module else name

    def add_prior_state(self) -> None:
        """Blocks of what the rows do not name."""
        state = self._plan.prior_state
        root = state.values.root_module if state and state.values else None
        todo: list[StateModule] = [root] if root else []
        for module in todo:  # grows while it is walked
            todo.extend(module.child_modules or ())
            if len(todo) > _STATE_MODULES:
                what = f"its prior_state has more than {_STATE_MODULES:,} module instances"
                raise InputError(what, "plan a smaller part of the infrastructure")
            for item in module.resources or ():
                if item.deposed_key is not None or item.address in self._named:
                    continue
                self._named.add(item.address)
                content = self._content(item.values, item.sensitive_values)
                action = "read" if item.mode == "data" else "no-op"
                block = self._block(item, module.address, item.address, action, content, self.after)
                self.before.blocks.append(block)
                self.after.blocks.append(block)

    def providers(self) -> Iterator[ProviderBlock]:
        """The `provider` blocks of the configuration."""
        given = (self._configuration.provider_config if self._configuration else None) or {}
        for key, config in given.items():
            expressions = Expressions(config.expressions, f"the configuration of provider {key}")
            yield ProviderBlock(key, config.name, config.alias, config.module_address, expressions, self.after)

    def outputs(self) -> Iterator[Output]:
        """Root outputs."""
        root = self.scopes.root
        for name, config in (root.config.outputs or {}).items():
            steps = references_in(decode_part(config.expression, f"output {name}"))
            yield Output(name, config.sensitive is True, self.after.places.follow(steps, Place(root, "")))

    def declared(self) -> frozenset[str]:
        """Addresses of the blocks and calls of the root module."""
        return frozenset((*self.scopes.root.blocks, *(f"module.{name}" for name in self.scopes.root.children)))

    def variables(self) -> dict[str, Raw]:
        """The values of root variables, copied. What is sensitive, or not said not to be, is left out."""
        known = self.scopes.root.config.variables or {}
        return {
            name: item.value.copy()
            for name, item in (self._plan.variables or {}).items()
            if name in known and known[name].sensitive is not True
        }

    def empty_blocks(self) -> Iterator[str]:
        """Configured blocks that have no instance after the change (count = 0); none are named if the plan is partial."""
        if not self.closed:
            return
        modules = {module: self.scopes.of(module) for module in {block.module for block in self.after.blocks}}
        present = {(scope.path, block.static) for block in self.after.blocks if (scope := modules[block.module])}
        for scope in self.scopes.all:
            for static in scope.blocks:
                if (scope.path, static) not in present:
                    yield within(scope.path, static)


def _is_null(raw: Raw) -> bool:
    return raw == NULL
