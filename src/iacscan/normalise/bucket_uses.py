"""Which buckets hold the code, the logs or the results of other resources."""

import re
from collections.abc import Iterator
from typing import Final

from msgspec import Struct

from ..lazy import regex
from ..load.block import Block
from ..model.s3 import BucketUse
from ..value import Maybe, Value
from .reader import parts
from .s3 import BUCKET
from .scene import Handler, Scene

# Attributes that name a bucket, by type: the path through nested blocks, and what the bucket is good for.
ROWS: Final[dict[str, tuple[tuple[str, str], ...]]] = {
    "aws_lambda_function": (("s3_bucket", "function-code"),),
    "aws_lambda_layer_version": (("s3_bucket", "function-code"),),
    "aws_elastic_beanstalk_application_version": (("bucket", "function-code"),),
    "aws_glue_job": (("command.script_location", "job-code"),),
    "aws_codepipeline": (("artifact_store.location", "build-artifact"),),
    "aws_codebuild_project": (
        ("artifacts.location", "build-artifact"),
        ("secondary_artifacts.location", "build-artifact"),
    ),
    "aws_cloudformation_stack": (("template_url", "template"),),
    "aws_cloudformation_stack_set": (("template_url", "template"),),
    "aws_cloudtrail": (("s3_bucket_name", "trail-log"),),
    "aws_config_delivery_channel": (("s3_bucket_name", "config-log"),),
    "aws_lb": (("access_logs.bucket", "balancer-log"), ("connection_logs.bucket", "balancer-log")),
    "aws_alb": (("access_logs.bucket", "balancer-log"),),
    "aws_elb": (("access_logs.bucket", "balancer-log"),),
    "aws_flow_log": (("log_destination", "flow-log"),),
    "aws_s3_bucket_logging": (("target_bucket", "access-log"),),
    "aws_athena_workgroup": (("configuration.result_configuration.output_location", "query-result"),),
    "aws_athena_database": (("bucket", "query-result"),),
}
# `s3://bucket/key`, `arn:aws:s3:::bucket/key`, `bucket/key`; a symbol may hold slashes of its own.
_PLACE: Final = regex(r"(?:s3://|arn:[\w-]+:s3:::)?((?:⟦[^⟧]*⟧|[^/:⟦])+)(?:/.*)?")
# `https://bucket.s3.eu-west-1.amazonaws.com/key` and the older `https://s3.amazonaws.com/bucket/key`.
_URL: Final = regex(
    r"https://(?:(?P<host>.+?)\.)?s3[.-](?:[\w-]+\.)*amazonaws\.com(?:\.cn)?/(?P<path>(?:⟦[^⟧]*⟧|[^/])+)"
)
_STATE: Final = regex(r"(?:tf|terraform|tofu)[-_.]?(?:remote[-_.]?)?state", re.IGNORECASE)


def _uses(scene: Scene, block: Block) -> Iterator[Struct]:
    for path, use in ROWS[block.type]:
        for value in _at(block, path):
            link = scene.read.link_of(value, block, BUCKET)
            bucket = _bucket(link) if isinstance(link, str) else link
            if bucket is not None:
                yield BucketUse(origin=scene.origin(block), bucket=bucket, use=use)


def _state(scene: Scene, block: Block) -> Iterator[Struct]:
    """A plan does not show its backend. That a bucket keeps Terraform's state is guessed from its name."""
    name = scene.read.names.name(block)
    if _STATE.search(name.partition("⟦")[0]):
        yield BucketUse(origin=scene.origin(block), bucket=name, use="state")


def _at(block: Block, path: str) -> list[Value]:
    name, *steps = path.split(".")
    values = [block.get(name)]
    for step in steps:
        values = [item.get(step) for value in values for item in parts(value)]
    return values


def _bucket(text: str) -> Maybe[str] | None:
    """The bucket that a place in S3 is in; None for places elsewhere."""
    if text.startswith("https://"):
        found = _URL.match(text)
        return None if found is None else found["host"] or found["path"]
    place = _PLACE.fullmatch(text)
    return None if place is None else place[1]


HANDLERS: Final[dict[str, Handler]] = {**dict.fromkeys(ROWS, _uses), "aws_s3_bucket": _state}
