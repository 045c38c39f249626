"""What is given to every AWS account by a switch: images, snapshots, documents, and the account's guards against that."""

from collections.abc import Iterator
from typing import Final, NamedTuple

from msgspec import Struct

from ..load.block import Block
from ..model.workload import Share
from ..value import Maybe, Unknown, Value
from .scene import Handler, Scene


class Row(NamedTuple):
    """One type. It is public if `attribute` (or its `part`, where it is a map) is, or has among its values, one of `public`.

    `only` limits it to blocks whose other attribute ends so. With no attribute it is public by nature.
    """

    what: str
    attribute: str = ""
    public: frozenset[str] = frozenset()
    part: str = ""
    only: tuple[str, str] = ("", "")


_ALL: Final = frozenset({"all"})
_UNBLOCKED: Final = frozenset({"unblocked"})

ROWS: Final[dict[str, Row]] = {
    "aws_ami_launch_permission": Row("image", "group", _ALL),
    "aws_db_snapshot": Row("database-snapshot", "shared_accounts", _ALL),
    "aws_db_snapshot_copy": Row("database-snapshot", "shared_accounts", _ALL),
    "aws_db_cluster_snapshot": Row("database-snapshot", "shared_accounts", _ALL),
    "aws_ssm_document": Row("document", "permissions", _ALL, part="account_ids"),
    "aws_ebs_snapshot_block_public_access": Row("snapshot-guard", "state", _UNBLOCKED),
    "aws_ec2_image_block_public_access": Row("image-guard", "state", _UNBLOCKED),
    "aws_ssm_service_setting": Row(
        "document-guard",
        "setting_value",
        frozenset({"enable"}),
        only=("setting_id", "/ssm/documents/console/public-sharing-permission"),
    ),
    "aws_emr_block_public_access_configuration": Row(
        "cluster-guard", "block_public_security_group_rules", frozenset({"false"})
    ),
    "aws_ecrpublic_repository": Row("public-registry"),
}


def _share(scene: Scene, block: Block) -> Iterator[Struct]:
    row = ROWS[block.type]
    name, ending = row.only
    if name and not str(scene.read.text(block, name)).endswith(ending):
        return
    shown = f"{row.attribute}.{row.part}" if row.part else row.attribute
    value = block.get(row.attribute) if row.attribute else None
    if isinstance(value, Unknown) and block.configured(row.attribute) is False:
        value = None
    if row.part:
        value = value.get(row.part) if isinstance(value, dict) else value
    public, evidence = (True, "") if not row.attribute else _is_public(scene, value, row.public)
    yield Share(
        origin=scene.origin(block), what=row.what, public=public, evidence=f"{shown} = {evidence}" if evidence else ""
    )


def _is_public(scene: Scene, value: Value, public: frozenset[str]) -> tuple[Maybe[bool], str]:
    """Whether one of the values opens it, and that value as written."""
    unknown: Unknown | None = None
    for item in value if isinstance(value, list) else [value]:
        text = scene.read.text_of(item)
        if isinstance(text, Unknown):
            unknown = text
        elif text is not None and text.lower() in public:
            return True, text
    return (False if unknown is None else unknown), ""


HANDLERS: Final[dict[str, Handler]] = dict.fromkeys(ROWS, _share)
