"""Who may do what: the policy language asked over the graph."""

from .graph import Graph


class Access:
    """Answers about principals and resources of one estate; each is computed once."""

    def __init__(self, graph: Graph) -> None:
        self.graph = graph
        self.estate = graph.estate
