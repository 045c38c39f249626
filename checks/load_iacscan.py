"""Brings iacscan's rules into Checkov: `checkov -d . --external-checks-dir checks`, with iacscan installed next to Checkov.

Checkov logs a file that it cannot import, scans on, and ends as if nobody had asked for it. So whatever keeps iacscan from
loading is made a failed check here, with what Checkov itself offers.
"""

from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

from checkov.common.checks_infra.registry import get_graph_checks_registry
from checkov.common.graph.checks_infra.base_check import BaseGraphCheck
from checkov.common.models.enums import CheckResult


def vertices(graph: Any) -> Iterator[dict[str, Any]]:  # noqa: ANN401  one of three libraries, by version and environment
    """Every block of a run. The shape is that of rustworkx, of igraph (Checkov before 3.2), or of networkx."""
    if hasattr(graph, "node_indices"):
        yield from (vertex for _, vertex in graph.nodes())
    elif hasattr(graph, "vs"):
        yield from (vertex["attr"] for vertex in graph.vs)
    else:
        yield from (vertex for _, vertex in graph.nodes(data=True))


def fail(
    because: str,
    theirs: Callable[..., dict[Any, Any]],
    graph: Any,  # noqa: ANN401  as above
    chosen: Any,  # noqa: ANN401  Checkov's filter
    report_type: str,
) -> dict[Any, Any]:
    """Do what Checkov's registry does, and add one failed check under a code that `--check` and `--skip-check` let through."""
    results = dict(theirs(graph, chosen, report_type))
    check = BaseGraphCheck()
    check.name = f"iacscan could not be loaded, so nothing of it was checked: {because}"
    check.category = "IAM"
    place = next((item for item in vertices(graph) if item.get("block_type_") == "resource"), None)
    for number in range(1000):
        check.id = f"IAM{number:03}"
        chosen.notify_external_check(check.id)
        if place is not None and chosen.should_run_check(check, report_type=report_type):
            results[check] = [{"result": CheckResult.FAILED, "entity": place, "evaluated_keys": []}]
            break
    return results


def load() -> None:
    """Register the rules, or the reason why there are none."""
    try:
        from iacscan.checkov_bridge import register  # noqa: PLC0415  it is this import that may fail

        register()
    except Exception as error:  # noqa: BLE001  Checkov would swallow it, whatever it is
        for framework in ("terraform", "cloudformation"):
            registry = get_graph_checks_registry(framework)
            registry.run_checks = partial(fail, f"{type(error).__name__}: {error}", registry.run_checks)


load()
