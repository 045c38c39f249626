"""What a SAM template may refer to of the resources that SAM makes for it: `!Ref Function.Alias`, `!Ref Api.Stage`.

https://docs.aws.amazon.com/serverless-application-model/latest/developerguide/sam-specification-generated-resources.html
"""

from collections.abc import Iterator, Mapping
from typing import Final

from .cloudformation_decode import Node
from .cloudformation_made import Written, made, ref
from .cloudformation_sam_queues import QUEUE, TOPIC, text_of

_DESTINATIONS: Final = {QUEUE: "DestinationQueue", TOPIC: "DestinationTopic"}
# Stands for what is known by nothing else than the resource that it is made for.
_OWNED: Final = Node(None)
_DEFAULT: Final = "$default"  # the stage of an HTTP API that names none


def alias_id(function: str, alias: str) -> str:
    """The logical id of the alias that SAM publishes for a function."""
    return f"{function}Alias{alias.replace('-', 'D').replace('_', 'U')}"


def of_function(name: str, written: Node, queues: Mapping[str, Node]) -> Iterator[tuple[str, Node]]:
    """What is made for a function; `queues` are those and the topics that its results go to."""
    alias = text_of(written.get("AutoPublishAlias"))
    if alias:
        yield f"{name}.Alias", made(ref(alias_id(name, alias)), written)
        yield f"{name}.Version", _OWNED
    for id_, queue in queues.items():
        yield f"{name}.{_DESTINATIONS[text_of(queue.get('Type'))]}", made(ref(id_), written)


def of_rest_api(name: str, written: Node) -> Iterator[tuple[str, Node]]:
    """What is made for a REST API. Its stage is known by name; of the rest, that it belongs to the API."""
    stage: Written = written.get("StageName") or "Prod"
    yield f"{name}.Stage", made(stage, written)
    yield f"{name}{_part(written) or 'Prod'}Stage", made(stage, written)
    yield from _domain(name, written)
    for part in ("Deployment", "UsagePlan", "UsagePlanKey", "ApiKey"):
        yield f"{name}.{part}", _OWNED


def of_http_api(name: str, written: Node) -> Iterator[tuple[str, Node]]:
    """What is made for an HTTP API."""
    stage: Written = written.get("StageName") or _DEFAULT
    yield f"{name}.Stage", made(stage, written)
    part = _part(written)
    ending = "ApiGatewayDefaultStage" if part in ("", _DEFAULT) else f"{part}Stage"
    yield f"{name}{ending}", made(stage, written)
    yield from _domain(name, written)


def _part(written: Node) -> str:
    """The name of a stage as a part of a logical id."""
    stage = written.get("StageName")
    return "" if stage is None else stage.text or "Stage"


def _domain(name: str, written: Node) -> Iterator[tuple[str, Node]]:
    domain = (written.get("Domain") or Node({})).get("DomainName")
    if domain is not None:
        yield f"{name}.DomainName", domain
