"""Policies: parsed where their text is known, rebuilt from `data.aws_iam_policy_document` where it is not.

What the data source does is documented at
https://registry.terraform.io/providers/hashicorp/aws/latest/docs/data-sources/iam_policy_document.
"""

from collections.abc import Sequence
from typing import Final

from ..lazy import regex
from ..load.block import Block
from ..model.estate import Coverage
from ..policy.arn import REST
from ..policy.document import Condition, PolicyDocument, Statement, hide, names_in, parse
from ..value import Maybe, Reference, Unknown, Value
from .bodies import Body, Tree, decode, merge, parse_body
from .kinds import KINDS
from .reader import Reader, missing, parts
from .written import attribute_as_written, place, with_lost_names, written

_DEPTH: Final = 10  # documents that take over documents
_JSON: Final = ("json", "minified_json")
_VERSION: Final = "2012-10-17"  # what the data source writes where none is set
_BUCKETS: Final = ("aws_s3_bucket", "aws_s3_directory_bucket")
_PRINCIPALS: Final = ("aws_iam_role", "aws_iam_user", "aws_cloudfront_origin_access_identity")
# What data sources give that is a part of a principal, and none by itself (see `kinds.FIXED`).
_PARTS: Final = ("⟦region⟧", "aws", "amazonaws.com")
# Nobody writes such a statement and AWS refuses it: rather, the evaluator of the source has lost what it says.
_NO_ACTION: Final = Unknown("a statement is without actions")
# A local that switches something on is no part of any text: `local.enabled ? aws_s3_bucket.a.arn : ""`.
_SWITCH: Final = regex(r"(?:^|\.)local\.(?:enabled?|create|is|use|has)(?:_\w+)?$|local\.\w+_enabled$")


class Policies:
    """The policies of one side, and how much of them could be read."""

    def __init__(self, reader: Reader, beside: tuple[str, ...] = ()) -> None:
        self._names = reader.names
        self._beside = beside  # what the addresses begin with of blocks that another input answers for
        self._bodies: dict[str, Maybe[Body]] = {}
        self._sources: dict[tuple[Reference, ...], tuple[Block, ...]] = {}
        self._parsed: dict[str, Maybe[PolicyDocument]] = {}
        self._analysed = 0
        self._partial = 0
        self._unknown: dict[str, str] = {}
        self._places: dict[str, bool] = {}
        self.secrets: set[str] = set()  # what sensitive policies name

    @property
    def coverage(self) -> Coverage:
        """Counts of every policy that was asked for."""
        return Coverage(self._analysed, self._partial, tuple(self._unknown.items()), self._places)

    def read(self, block: Block, attribute: str, *, computed: bool = False) -> Maybe[PolicyDocument] | None:
        """The policy in an attribute, None if none is set; it is counted.

        An attribute that is unknown because AWS fills it in, and not the configuration, is not a policy. Where AWS does
        that (`computed`), an expression that refers to nothing unknown can only have given null; a template shows no
        such thing.
        """
        computed = computed and written(block) is block
        value = block.get(attribute)
        if isinstance(value, Unknown) and (
            block.configured(attribute) is False or (computed and not value.references and block.action == "create")
        ):
            return None
        document = self.read_value(value, place(block, attribute), attribute_as_written(block, attribute))
        if isinstance(document, PolicyDocument) and isinstance(value, str):
            document = with_lost_names(document, value, block.literal(attribute))
        if isinstance(document, PolicyDocument) and block.sensitive(attribute):
            self.secrets.update(names_in(document))
            return hide(document)
        return document

    def needed(self, block: Block, attribute: str) -> Maybe[PolicyDocument]:
        """The policy in an attribute that the provider insists on: where none is, it could not be evaluated."""
        document = self.read(block, attribute)
        if document is None:
            document = Unknown(f"{attribute_as_written(block, attribute)} is empty")
            self._unknown[place(block, attribute)] = document.because
        return document

    def read_value(self, value: Value, place: str, attribute: str) -> Maybe[PolicyDocument] | None:
        """The policy in a part of an attribute; `place` is its address for the coverage."""
        if value is None or (isinstance(value, str) and not value.strip()):
            return None
        document = self.parse(value, attribute)
        if place.startswith(self._beside):
            return document
        if isinstance(document, Unknown):
            self._unknown[place] = document.because
            return document
        self._places[place] = known = not (document.unknowns or _has_rest(document))
        if known:
            self._analysed += 1
        else:
            self._partial += 1
        return document

    def parse(self, value: Value, where: str, depth: int = 0) -> Maybe[PolicyDocument]:
        """The document that a value holds, uncounted."""
        match value:
            case Unknown():
                return self._rebuild(value, where, depth)
            case str() if "⟦" not in value:
                return parse(value, where)
            case str():
                tree = decode(value)
                if tree is not None:
                    # A symbol may hold quotes, so it is put into the parsed tree, not into the text.
                    return parse(self._names.expand_tree(tree), where)
                return parse(value, where)
            case _:
                return parse(self._names.expand_tree(value), where)

    def _rebuild(self, value: Unknown, where: str, depth: int) -> Maybe[PolicyDocument]:
        sources = self._documents(value)
        if len(sources) == 1:
            return self._document(sources[0], where)
        if not sources and len(value.references) == 1 and depth < _DEPTH:
            # `policy = aws_iam_policy.other.policy`: what that one says.
            reference = value.references[0]
            block = self._names.block(reference.address) if "policy" in reference.attribute else None
            inner = block.get(reference.attribute) if block else None
            followed = self.parse(inner, where, depth + 1) if isinstance(inner, str | Unknown) else value
            if isinstance(followed, PolicyDocument):
                return followed
        return value

    def _documents(self, value: Unknown) -> tuple[Block, ...]:
        """Policy document data sources that an unknown text may come from."""
        found = self._sources.get(value.references)
        if found is None:
            blocks = (self._names.block(reference.address) for reference in value.references)
            found = self._sources[value.references] = tuple(
                {
                    block.address: block
                    for block in blocks
                    if block is not None and block.type == "aws_iam_policy_document" and block.mode == "data"
                }.values()
            )
        return found

    def _document(self, block: Block, where: str) -> Maybe[PolicyDocument]:
        found = self._parsed.get(block.address)
        if found is None:
            found = self._parsed[block.address] = self._make(block, where)
        return found

    def _make(self, block: Block, where: str) -> Maybe[PolicyDocument]:
        known = next((text for name in _JSON if isinstance(text := block.get(name), str)), None)
        if known is not None:
            return parse(known, where)
        body = self._body(block, 0)
        if isinstance(body, Unknown):
            return body
        return parse_body(body, where)

    # -- the data source --------------------------------------------------------------------------------------------

    def _body(self, block: Block, depth: int) -> Maybe[Body]:
        if depth > _DEPTH:
            return Unknown(f"more than {_DEPTH} policy documents take over each other")
        if block.address in self._bodies:
            return self._bodies[block.address]
        self._bodies[block.address] = Unknown(f"{block.address} takes over itself")
        version = block.get("version")
        statements: list[Value] = []
        for attribute in ("source_json", "source_policy_documents"):
            for item in self._taken_over(block, attribute, depth):
                statements += item  # two with one Sid are an error, so that none replaces another
        own = block.get("statement")
        merge(statements, [*(self._statement(item) for item in parts(own)), *missing(own)])
        for attribute in ("override_json", "override_policy_documents"):
            for item in self._taken_over(block, attribute, depth):
                merge(statements, item)
        body = self._bodies[block.address] = Body(_VERSION if version is None else version, statements)
        return body

    def _taken_over(self, block: Block, attribute: str, depth: int) -> list[list[Value]]:
        """The statements of each document that an attribute takes over, in order."""
        value = block.get(attribute)
        if value is None:
            return []
        items = value if isinstance(value, list) else [value]
        unknown = [item for item in items if isinstance(item, Unknown)]
        taken: list[list[Value]] = []
        pool: dict[str, Block] = {}
        for item in items:
            if isinstance(item, str) and item.strip():
                tree = decode(item)
                taken.append(
                    [Unknown(f"a document in {attribute} is not JSON")] if tree is None else self._listed(tree)
                )
            elif isinstance(item, Unknown):
                # Each unknown element carries the references of the whole list; one pass over them serves all.
                fresh = [found for found in self._documents(item) if found.address not in pool]
                for found in fresh:
                    pool[found.address] = found
                    if not self._stands_there(found, items):
                        taken.append(self._statements_of(found, depth))
        lost = [item for item in unknown if not self._documents(item)]
        if isinstance(value, Unknown):
            followed = all(self._names.block(reference.address) is not None for reference in value.references)
            lost = [] if pool and followed else [value]
        elif not lost and len(unknown) > len(pool):
            lost = unknown[:1]
        taken.extend([item] for item in lost)
        return taken

    def _stands_there(self, block: Block, items: Sequence[Value]) -> bool:
        """Whether a document is known and already stands among the elements."""
        return any(isinstance(text := block.get(name), str) and text in items for name in _JSON)

    def _statements_of(self, block: Block, depth: int) -> list[Value]:
        known = block.get("json")
        if isinstance(known, str):
            tree = decode(known)
            return [Unknown(f"{block.address} is not JSON")] if tree is None else self._listed(tree)
        body = self._body(block, depth + 1)
        return [body] if isinstance(body, Unknown) else body.statements

    def _listed(self, tree: Tree) -> list[Value]:
        found = self._names.expand_tree(next((item for key, item in tree.items() if key.lower() == "statement"), None))
        return found if isinstance(found, list) else [] if found is None else [found]

    def _statement(self, given: Tree) -> Value:
        if not given.get("actions") and not given.get("not_actions"):
            return _NO_ACTION
        effect = given.get("effect")
        tree: Tree = {"Effect": "Allow" if effect is None else effect}
        if given.get("sid"):
            tree["Sid"] = self._names.expand_tree(given["sid"])
        for attribute, element in (("actions", "Action"), ("not_actions", "NotAction")):
            if given.get(attribute):
                tree[element] = self._plain(given[attribute])
        for attribute, element in (("resources", "Resource"), ("not_resources", "NotResource")):
            if given.get(attribute):
                tree[element] = self._plain(self._resources(given[attribute]))
        for attribute, element in (("principals", "Principal"), ("not_principals", "NotPrincipal")):
            if given.get(attribute):
                tree[element] = self._principals(given[attribute])
        if given.get("condition"):
            tree["Condition"] = self._conditions(given["condition"])
        return tree

    def _plain(self, value: Value) -> Value:
        """Texts as the policy language writes them: the data source has `&{` for `${`, which Terraform would read itself."""
        match value:
            case str():
                return self._names.expand(value).replace("&{", "${")
            case list():
                return [self._plain(item) for item in value]
            case _:
                return value

    def _origins(self, unknown: list[Unknown]) -> list[Reference] | None:
        """What makes elements of a list unknown: each reference to something that is not known. None: it cannot be followed."""
        found: dict[tuple[str, str], Reference] = {}
        for reference in dict.fromkeys(reference for item in unknown for reference in item.references):
            if self._names.is_known(reference) or _SWITCH.search(reference.address):
                continue
            block = self._names.block(reference.address)
            if block is None:
                return None
            if block.mode == "data" and self._names.text(reference) is None:
                return None
            found[block.address, reference.attribute if block.type not in _BUCKETS else "arn"] = reference
        return list(found.values())

    def _resources(self, value: Value) -> Value:
        """Put ARNs in the place of unknown elements.

        A plan shows what an element refers to, not the text around it. Two elements made from one bucket are the bucket
        and its objects, as everybody writes them; for others only the beginning of the text is certain.
        """
        if not isinstance(value, list):
            return value
        unknown = [item for item in value if isinstance(item, Unknown)]
        origins = self._origins(unknown) if unknown else None
        if not origins:
            return value
        beginnings: list[tuple[str, bool]] = []
        for reference in origins:
            found = self._beginning(reference)
            if found is None:
                return value
            beginnings.append(found)
        buckets = all(text.partition(":::")[0].endswith(":s3") for text, _ in beginnings)
        if len(origins) > len(unknown):
            return value  # one element is made from several: which begins it is not shown
        texts: list[str] = []
        for text, exact in beginnings:
            if buckets and len(unknown) == 2 * len(origins):
                texts += [text, f"{text}/*"]
            else:
                texts.append(text if exact and len(origins) == len(unknown) else text + REST)
        return [*(item for item in value if not isinstance(item, Unknown)), *texts]

    def _beginning(self, reference: Reference) -> tuple[str, bool] | None:
        """What the text with a reference begins with, and whether that is all of it; None if it does not tell."""
        block = self._names.block(reference.address)
        if block is None:
            return None
        if block.type in _BUCKETS:
            return self._names.arn(block), False
        text = self._names.text(reference)
        if text is None or not (text.startswith("arn:") or reference.attribute == "arn"):
            return None
        kind = KINDS.get(block.type)
        return text, kind is not None and kind.leaf

    def _principals(self, value: Value) -> Value:
        found: dict[str, list[Value]] = {}
        for item in parts(value):
            kind, identifiers = item.get("type"), self._identifiers(item.get("identifiers"))
            # An unknown type leaves open who is meant, whatever the identifiers say.
            found.setdefault(kind if isinstance(kind, str) else "AWS", []).extend(
                identifiers if isinstance(kind, str) else [kind]
            )
        found.setdefault("AWS", []).extend(missing(value))
        return {kind: items for kind, items in found.items() if items}

    def _identifiers(self, value: Value) -> list[Value]:
        filled = self._plain(self._exact(value, _PRINCIPALS))
        return filled if isinstance(filled, list) else [] if filled is None else [filled]

    def _conditions(self, value: Value) -> Value:
        block: Tree = {}
        lost: Unknown | None = next(missing(value), None)
        for item in parts(value):
            test, key = item.get("test"), item.get("variable")
            if isinstance(test, Unknown) or isinstance(key, Unknown):
                lost = test if isinstance(test, Unknown) else key if isinstance(key, Unknown) else lost
                continue
            values = self._plain(self._exact(item.get("values"), ()))
            inner = block.setdefault(str(test), {})
            if isinstance(inner, dict):
                present = inner.get(self._names.expand(str(key)).replace("&{", "${"))
                new: list[Value] = values if isinstance(values, list) else [values]
                inner[self._names.expand(str(key)).replace("&{", "${")] = (
                    [*present, *new] if isinstance(present, list) else new
                )
        if lost is not None:
            block[""] = lost  # no operator has this name; the parser passes the Unknown on
        return block

    def _exact(self, value: Value, whole: tuple[str, ...]) -> Value:
        """Put the exact text in the place of unknown elements that come from one reference each.

        Objects of the types in `whole` stand for themselves whichever of their attributes is used.
        """
        items = value if isinstance(value, list) else [value]
        unknown = [item for item in items if isinstance(item, Unknown)]
        origins = self._origins(unknown) if unknown else None
        if not origins or len(origins) != len(unknown):
            return value
        texts: list[str] = []
        for reference in origins:
            block = self._names.block(reference.address)
            arn = block is not None and block.type in whole and reference.attribute in ("name", "id")
            text = self._names.arn(block) if arn and block is not None else self._names.text(reference)
            if text is None or (whole and text in _PARTS):
                return value
            texts.append(text)
        return [*(item for item in items if not isinstance(item, Unknown)), *texts]


def _has_rest(document: PolicyDocument) -> bool:
    return any(REST in text for statement in document.statements for text in _texts(statement))


def _texts(statement: Statement) -> list[str]:
    found = [item for part in (statement.resources, statement.not_resources) for item in part or ()]
    found += [value for item in statement.conditions if isinstance(item, Condition) for value in item.values]
    return [item for item in found if isinstance(item, str)]
