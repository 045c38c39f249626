"""Policy variables, such as `${aws:username}`.

https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_variables.html: they stand in resources and in condition
values, and are replaced only in documents of version 2012-10-17; in older ones they are plain text.
"""

from collections.abc import Iterator

from .document import Condition, PolicyDocument, Statement


def variables(document: PolicyDocument) -> tuple[str, ...]:
    """The texts of a document that hold variables, each once."""
    found = (text for statement in document.statements for text in _texts(statement) if "${" in text)
    return tuple(dict.fromkeys(found))


def _texts(statement: Statement) -> Iterator[str]:
    for element in (statement.resources, statement.not_resources):
        yield from (text for text in element or () if isinstance(text, str))
    for condition in statement.conditions:
        if isinstance(condition, Condition):
            yield from (value for value in condition.values if isinstance(value, str))
