"""CloudFormation templates as blocks: JSON and YAML, as written by people, by CDK and by SAM.

A template is judged as its parameters' defaults have it, or as the values given with it; what other values of its
conditions would bring is in `Loaded.variants`.
https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/template-guide.html
"""

from collections.abc import Iterator, Mapping
from itertools import islice
from pathlib import Path
from typing import Final

from ..errors import InputError
from ..value import Value
from .block import Loaded, Output, Side, Variant
from .cloudformation_block import TemplateBlock
from .cloudformation_decode import ADVICE, Node, decode
from .cloudformation_stack import Log, Site, Stack
from .cloudformation_template import given_values
from .credentials import find_in_values
from .written_secrets import find_written

MAX_VARIANTS: Final = 16


def load_template(path: str, data: bytes, parameters: Mapping[str, str] | None = None) -> Loaded:
    """Load a template; `data` is its text, `parameters` are values for its parameters (`read_parameters`).

    Nested templates that stand beside it are read, too: nothing else, and never from the network. Raises InputError, with
    the line, if it cannot be read, or a value is given for a parameter that it does not have.
    """
    try:
        return _load(path, decode(data), parameters or {})
    except RecursionError as error:
        what = "its functions or stacks are nested too deeply"
        raise InputError(what, ADVICE) from error


def _load(path: str, root: Node, parameters: Mapping[str, str]) -> Loaded:
    log = Log()
    site = Site(file=path, ancestors=(Path(path).resolve(),))
    stack = Stack(root, site, {}, log)
    given = given_values(parameters, stack.template)
    if given:
        log = Log()
        stack = Stack(root, site, given, log)
    blocks = tuple(stack.blocks())
    cases = list(islice(stack.cases(), MAX_VARIANTS + 1))
    if len(cases) > MAX_VARIANTS:
        log.notes[f"not all of its conditions are tried both ways: {MAX_VARIANTS} of them are"] = None
    variants = (
        Variant(case.label, Side(tuple(Stack(root, site, given, log.aside(), case).blocks())))
        for case in cases[:MAX_VARIANTS]
    )
    return Loaded(
        path=path,
        kind="cloudformation",
        before=Side(()),
        after=Side(blocks),
        outputs=tuple(Output(name, sensitive=False, references=refs) for name, refs in stack.output_references()),
        credentials=(
            *find_in_values(_written(root, stack, blocks), ()),
            *find_written(blocks, stack.template.parameters),
        ),
        notes=tuple(log.notes),
        unevaluated=tuple(log.unevaluated),
        variants=tuple(variants),
    )


def _written(root: Node, stack: Stack, blocks: tuple[TemplateBlock, ...]) -> Iterator[tuple[str, str, str, Value]]:
    """What the template itself says, for the search for credentials: (address, type, property, value)."""
    for parameter in stack.template.parameters.values():
        if parameter.default is not None:
            yield f"var.{parameter.name}", "parameter", parameter.name, parameter.default
    for section in ("Metadata", "Mappings", "Outputs"):
        for name, node in (root.get(section) or Node({})).items.items():
            yield f"{section}.{name}", section, name, _plain(node)
    for block in blocks:
        yield from ((block.address, block.type, name, _plain(node)) for name, node in block.properties.items.items())


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
