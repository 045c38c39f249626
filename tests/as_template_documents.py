"""What `data.aws_iam_policy_document` makes, written from its documentation, for as much of it as examples use.

https://registry.terraform.io/providers/hashicorp/aws/latest/docs/data-sources/iam_policy_document
"""

_ELEMENTS = {"actions": "Action", "not_actions": "NotAction", "resources": "Resource", "not_resources": "NotResource"}


def document(data, find):
    """The document of a data source as a tree; `find` gives the data source at an address."""
    statements = []
    for other in data.get("source_policy_documents") or ():
        (reference,) = other.references
        statements += document(find(reference.address), find)["Statement"]
    statements += [_statement(given) for given in data.get("statement") or ()]
    return {"Version": data.get("version") or "2012-10-17", "Statement": statements}


def _statement(given):
    made = {"Effect": given.get("effect") or "Allow"}
    if given.get("sid"):
        made["Sid"] = given["sid"]
    for name, element in _ELEMENTS.items():
        if given.get(name):
            made[element] = _texts(given[name])
    for name, element in (("principals", "Principal"), ("not_principals", "NotPrincipal")):
        if given.get(name):
            made[element] = _principals(given[name])
    for condition in given.get("condition") or ():
        operator = made.setdefault("Condition", {}).setdefault(condition["test"], {})
        operator[condition["variable"]] = _texts(condition["values"])
    return made


def _principals(given):
    made = {}
    for item in given:
        made.setdefault(item["type"], []).extend(_texts(item["identifiers"]))
    return "*" if made == {"*": ["*"]} else made


def _texts(values):
    """`&{` stands for `${`, which Terraform would read itself."""
    return [value.replace("&{", "${") if isinstance(value, str) else value for value in values]
