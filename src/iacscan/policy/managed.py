"""The policies that AWS itself maintains, by content.

https://docs.aws.amazon.com/aws-managed-policy/latest/reference/. The table (`scripts/make_managed_policies.py`) has the
default version of each at the date in its header; only the policy that is asked for is decoded.
"""

from functools import lru_cache
from typing import Final

from .action_data import find_line, lines
from .document import PolicyDocument, parse

_TABLE: Final = "managed.txt"


def names() -> tuple[str, ...]:
    """The names of all policies in the table, sorted."""
    return tuple(line.partition("\t")[0] for line in lines(_TABLE))


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
