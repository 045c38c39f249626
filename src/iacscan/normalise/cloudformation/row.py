"""What a table of resource types says of one type."""

from collections.abc import Mapping
from typing import NamedTuple

from .shapes import Spec


class Companion(NamedTuple):
    """A block of its own in Terraform that CloudFormation writes as a property of another resource.

    There is one for each element at the path `each`; paths in `keys` start at the element, those with `^` at the resource.
    `owner` is the attribute that names the resource, by its attribute `by`. There is none where the resource has the property
    `unless`, which takes its place.
    """

    type: str
    each: str
    keys: Mapping[str, Spec]
    owner: str = ""
    by: str = "id"
    unless: str = ""


class Row(NamedTuple):
    """One type. `type` is empty where Terraform has no block for the resource itself, only for what it lists.

    `ref` is the attribute that `Ref` gives, by default the name, or the id of what has none. `attributes` are the
    attributes that `Fn::GetAtt` gives under other names than those that `respell.attribute_of` makes out. `bare` resources
    are more than what they list, though Terraform has no type for them.
    """

    type: str = ""
    keys: Mapping[str, Spec] = {}
    companions: tuple[Companion, ...] = ()
    ref: str = ""
    attributes: Mapping[str, str] = {}
    bare: bool = False
