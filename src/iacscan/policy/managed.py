"""The policies that AWS itself maintains, by content.

https://docs.aws.amazon.com/aws-managed-policy/latest/reference/. The table (`scripts/make_managed_policies.py`) has the
default version of each at the date in its header; only the policy that is asked for is decoded.
"""

from collections import defaultdict
from functools import cache, lru_cache
from typing import Final

from .action_data import find_line, lines
from .canonical import canonical
from .document import PolicyDocument, parse

_TABLE: Final = "managed.txt"
_KEYS: Final = "managed_keys.txt"


def names() -> tuple[str, ...]:
    """The names of all policies in the table, sorted."""
    return tuple(line.partition("\t")[0] for line in lines(_TABLE))


def all_policies() -> dict[str, PolicyDocument]:
    """Every policy in the table by its name; takes a moment, as all are decoded."""
    rows = (line.split("\t") for line in lines(_TABLE))
    parsed = ((row[0], parse(row[-1], row[0])) for row in rows)
    return {name: document for name, document in parsed if isinstance(document, PolicyDocument)}


@lru_cache(maxsize=256)
def managed_policy(arn_or_name: str) -> PolicyDocument | None:
    """The document of one of AWS's own policies; None if the text does not name one that the table has.

    Takes a name or an ARN of any partition: `ReadOnlyAccess`, `arn:aws-cn:iam::aws:policy/job-function/ViewOnlyAccess`.
    The path of an ARN must be right, as AWS knows no policy under a wrong one; a bare name needs none.
    """
    head, is_arn, tail = arn_or_name.partition(":iam::aws:policy/")
    if bool(is_arn) != head.startswith("arn:"):
        return None
    path, slash, name = (tail if is_arn else arn_or_name).rpartition("/")
    line = find_line(_TABLE, name, "\t")
    if line is None:
        return None
    true_path, _, text = line.decode().split("\t")
    if (is_arn or slash) and true_path.strip("/") != path:
        return None
    document = parse(text, name)
    return document if isinstance(document, PolicyDocument) else None


def managed_policy_arn(name: str) -> str | None:
    """The ARN of one of AWS's own policies in the partition `aws`, by its bare name; None if the table has none."""
    line = find_line(_TABLE, name, "\t")
    return None if line is None else f"arn:aws:iam::aws:policy{line.decode().partition(chr(9))[0]}{name}"


@lru_cache(maxsize=4096)
def copy_of(document: PolicyDocument) -> str | None:
    """The name of the AWS managed policy that a document says exactly the same as, however it is written; None if there is none.

    Some of AWS's own are copies of each other; of these it is the one with the shortest name.
    """
    if document.unknowns or not document.statements:
        return None
    own = canonical(document)
    for name in sorted(_names_by_key().get(_key(document), ()), key=lambda item: (len(item), item)):
        other = managed_policy(name)
        if other is not None and canonical(other) == own:
            return name
    return None


def _key(document: PolicyDocument) -> str:
    """What `managed_keys.txt` files a policy under: all that it has of action patterns."""
    import hashlib  # noqa: PLC0415  # loads OpenSSL, for nothing in an input without policies

    elements = (element for item in document.statements for element in (item.actions, item.not_actions))
    found = {text.lower() for element in elements for text in element or () if isinstance(text, str)}
    return hashlib.sha256("\n".join(sorted(found)).encode()).hexdigest()[:12]


@cache
def _names_by_key() -> dict[str, list[str]]:
    found: defaultdict[str, list[str]] = defaultdict(list)
    for line in lines(_KEYS):
        key, _, name = line.partition(" ")
        found[key].append(name)
    return found
