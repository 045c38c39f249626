"""Suppressions that stand in the source that was scanned: in comments, and in the metadata of templates.

A comment counts for the block that it stands in, or directly above (with nothing but comments between). In or above a call of a
module by the root module, it counts for all that the module makes. What stands in modules that were downloaded counts for nothing:
their authors do not decide what you accept. Plans have neither comments nor lines, but for those of
the source that they were made from, where it is at hand.
"""

from collections.abc import Iterable, Iterator, Mapping
from itertools import chain
from pathlib import Path, PurePath
from typing import Final

from msgspec import Struct

from .load.block import Loaded
from .load.comments import Commented, Written, terraform_comments, yaml_comments
from .suppress import Faulty, Ignore, Place, checked, of_checkov, of_comment
from .value import Value

_MARKS: Final = (b"iacscan:ignore", b"checkov:skip")
_SOURCES: Final = (".tf", ".tofu")
_DOWNLOADED: Final = ".terraform"
_METADATA: Final = ("codes", "reason", "until", "sid")
_NOWHERE: Final = Place()


class _Block(Struct, frozen=True):
    line: int
    place: Place


def written_ignores(loaded: Loaded, rules: Mapping[str, str]) -> Iterator[Ignore | Faulty]:
    """Every suppression in the source of an input; `rules` as in `suppress.of_comment`."""
    if loaded.kind == "terraform-source" or loaded.source:
        root = Path(loaded.source or loaded.path)
        for directory in dict.fromkeys((str(root), *(str(PurePath(file).parent) for file in _files(loaded)))):
            yield from _in_directory(Path(directory), rules, is_root=Path(directory) == root)
    elif loaded.kind == "cloudformation":
        for file in _files(loaded):
            text = _marked(Path(file))
            if text is not None:
                yield from _in_template(file, text, loaded, rules)
        for side in (loaded.after, *(variant.side for variant in loaded.variants)):
            for block in side.blocks:
                yield from _in_metadata(block.get("@Metadata"), block.address, rules)


def _files(loaded: Loaded) -> Iterable[str]:
    sides = (loaded.after, *(variant.side for variant in loaded.variants))
    return dict.fromkeys(block.span.file for side in sides for block in side.blocks if block.span is not None)


def _marked(file: Path) -> str | None:
    """The text of a file, if there may be a suppression in it."""
    try:
        data = file.read_bytes()
    except OSError:  # it came from standard input, or is gone since it was scanned: then nothing is suppressed
        return None
    return data.decode("utf-8-sig", "replace") if any(mark in data for mark in _MARKS) else None


# -- Terraform ------------------------------------------------------------------------------------------------------


def _in_directory(directory: Path, rules: Mapping[str, str], *, is_root: bool) -> Iterator[Ignore | Faulty]:
    if _DOWNLOADED in directory.parts:
        return
    for path in sorted(path for path in directory.iterdir() if path.suffix in _SOURCES):
        text = _marked(path)
        if text is not None:
            file = str(path)
            read = terraform_comments(text)
            blocks = [_Block(block.line, _place(block, file, is_root=is_root)) for block in read.blocks]
            yield from _in_comments(read, file, blocks, rules)


def _place(block: Written, file: str, *, is_root: bool) -> Place:
    """What a block is about, besides its lines: outputs and variables have none in reports, and a call makes all of a module."""
    addresses: frozenset[str] = frozenset()
    module = ""
    match block.header:
        case ("output", name) if is_root:
            addresses = frozenset((f"output.{name}",))
        case ("variable", name) if is_root:
            addresses = frozenset((f"var.{name}",))
        case ("module", name) if is_root:
            module = f"module.{name}"
    return Place(file, block.line, block.end_line, addresses, module)


# -- templates ------------------------------------------------------------------------------------------------------


def _in_template(file: str, text: str, loaded: Loaded, rules: Mapping[str, str]) -> Iterator[Ignore | Faulty]:
    sides = (loaded.after, *(variant.side for variant in loaded.variants))
    spans = dict.fromkeys(block.span for block in chain.from_iterable(side.blocks for side in sides))
    blocks = [
        _Block(span.line, Place(file, span.line, span.end_line))
        for span in spans
        if span is not None and span.file == file
    ]
    yield from _in_comments(yaml_comments(text), file, blocks, rules)


def _in_metadata(metadata: Value, address: str, rules: Mapping[str, str]) -> Iterator[Ignore | Faulty]:
    """What stands under `iacscan.ignore`, and under `checkov.skip` with codes of ours."""
    place = Place(addresses=frozenset((address,)))
    for number, entry in enumerate(_entries(metadata, "iacscan", "ignore")):
        where = f"{address}: Metadata.iacscan.ignore[{number}]"
        given = {key: value for key, value in entry.items() if isinstance(value, str)}
        unexpected = [key for key in entry if key not in _METADATA]
        if unexpected:
            yield Faulty(where, f"{unexpected[0]!r} is not expected; there are {', '.join(_METADATA)}")
        elif len(given) < len(entry) or "codes" not in given:
            yield Faulty(where, "each entry needs codes and a reason, as texts")
        else:
            yield checked(given, where, rules, place)
    for number, entry in enumerate(_entries(metadata, "checkov", "skip")):
        where = f"{address}: Metadata.checkov.skip[{number}]"
        found = of_checkov(str(entry.get("id", "")), str(entry.get("comment") or ""), where, rules, place)
        if found is not None:
            yield found


def _entries(metadata: Value, tool: str, key: str) -> list[dict[str, Value]]:
    below = metadata.get(tool) if isinstance(metadata, dict) else None
    listed = below.get(key) if isinstance(below, dict) else None
    return [entry if isinstance(entry, dict) else {"": entry} for entry in listed] if isinstance(listed, list) else []


# -- both -----------------------------------------------------------------------------------------------------------


def _in_comments(
    read: Commented, file: str, blocks: Iterable[_Block], rules: Mapping[str, str]
) -> Iterator[Ignore | Faulty]:
    blocks = sorted(blocks, key=lambda block: (block.line, -block.place.end_line))
    alone = {comment.line for comment in read.comments if comment.alone}
    for comment in read.comments:
        where = f"{file}:{comment.line}"
        place = (
            _place_of(comment.line, alone, blocks) if "iacscan:" in comment.text or "checkov:" in comment.text else None
        )
        found = of_comment(comment.text, where, rules, place or _NOWHERE)
        if isinstance(found, Ignore) and place is None:
            yield Faulty(where, "it stands neither in a block nor directly above one")
        elif found is not None:
            yield found


def _place_of(line: int, alone: set[int], blocks: Iterable[_Block]) -> Place | None:
    """What a comment belongs to: the block that begins right below it, or else the innermost one around it."""
    below = line
    while below in alone:
        below += 1
    inside: Place | None = None
    for block in blocks:
        if block.line == below and below != line:
            return block.place
        if block.line <= line <= block.place.end_line:
            inside = block.place
    return inside
