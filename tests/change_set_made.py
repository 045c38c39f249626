"""Change sets, made of two versions of a template as CloudFormation makes them.

Written for tests from what the API's pages and published answers show: values are worked out and scalars are texts; what
refers to a resource that is yet to be made is masked as a whole.
https://docs.aws.amazon.com/AWSCloudFormation/latest/APIReference/API_DescribeChangeSet.html
"""

import json
import re
from pathlib import Path

from iacscan.load.cloudformation import load_template
from iacscan.value import Unknown

LATER = "{{changeSet:KNOWN_AFTER_APPLY}}"
ACCOUNT = "123456789012"
STACK = "shop"
_PSEUDO = {
    "AWS::AccountId": ACCOUNT,
    "AWS::Partition": "aws",
    "AWS::Region": "eu-west-1",
    "AWS::URLSuffix": "amazonaws.com",
    "AWS::StackName": STACK,
}
_NAMES = ("BucketName", "RoleName", "UserName", "GroupName", "TopicName", "QueueName", "FunctionName", "Name")
_PATHS = {
    "Role": "role/",
    "User": "user/",
    "Group": "group/",
    "ManagedPolicy": "policy/",
    "InstanceProfile": "instance-profile/",
    "Table": "table/",
    "Function": "function:",
    "Key": "key/",
    "Secret": "secret:",
    "LogGroup": "log-group:",
    "StateMachine": "stateMachine:",
    "Repository": "repository/",
}
_MARK = re.compile("⟦([^⟧]*)⟧")


class _Deployed:
    """A version of a template with ids for its resources; those in `fresh` have none yet."""

    def __init__(self, path, fresh=frozenset()):
        self.blocks = {block.address: block for block in load_template(str(path), Path(path).read_bytes()).after.blocks}
        self.fresh = fresh

    def physical(self, name):
        block = self.blocks[name]
        given = next((value for key in _NAMES if isinstance(value := block.get(key), str) and "⟦" not in value), None)
        called = given or f"{STACK}-{name}-1ABC2DEF3GHI"
        if block.type in ("AWS::IAM::ManagedPolicy", "AWS::SNS::Topic"):
            return self.arn(name, called)
        if block.type == "AWS::SQS::Queue":
            return f"https://sqs.eu-west-1.amazonaws.com/{ACCOUNT}/{called}"
        return called

    def arn(self, name, called):
        _, service, kind = self.blocks[name].type.split("::")
        if service == "S3":
            return f"arn:aws:s3:::{called}"
        region = "" if service == "IAM" else "eu-west-1"
        return f"arn:aws:{service.lower()}:{region}:{ACCOUNT}:{_PATHS.get(kind, '')}{called}"

    def value(self, tree):
        """A tree as the change set shows it."""
        match tree:
            case dict():
                return {key: self.value(item) for key, item in tree.items()}
            case list():
                return [self.value(item) for item in tree]
            case str():
                return self.text(tree)
            case Unknown():
                return LATER
            case _:
                return None if tree is None else str(tree).lower()

    def text(self, text):
        names = {mark.partition(".")[0] for mark in _MARK.findall(text) if mark not in _PSEUDO}
        if not names <= self.blocks.keys() or names & self.fresh or "⟦…⟧" in text:
            return LATER
        return _MARK.sub(lambda found: self.mark(found[1]), text)

    def mark(self, mark):
        if mark in _PSEUDO:
            return _PSEUDO[mark]
        name, _, attribute = mark.partition(".")
        called = self.physical(name)
        if attribute == "Ref" or called.startswith("arn:"):
            return called
        return self.arn(name, called.rpartition("/")[2]) if attribute == "Arn" else f"{called}.{attribute.lower()}"

    def context(self, name):
        block = self.blocks[name]
        parts = {key[1:]: self.value(value) for key, value in block.tree.items() if key.startswith("@")}
        properties = {key: self.value(value) for key, value in block.tree.items() if not key.startswith("@")}
        return json.dumps({"Properties": properties, **parts})


def change_set(old, new):
    """The change set that brings the template at the path `new` where the one at the path `old` is deployed."""
    before = _Deployed(old)
    names = _Deployed(new).blocks.keys()
    after = _Deployed(new, frozenset(names - before.blocks.keys()))
    changes = []
    for name in sorted(names | before.blocks.keys()):
        was = before.context(name) if name in before.blocks else None
        will = after.context(name) if name in after.blocks else None
        if was == will:
            continue
        action = "Add" if was is None else "Remove" if will is None else "Modify"
        side = before if was is not None else after
        change = {"Action": action, "LogicalResourceId": name, "ResourceType": side.blocks[name].type, "Details": []}
        if was is not None:
            change |= {"PhysicalResourceId": before.physical(name), "BeforeContext": was}
        if will is not None:
            change |= {"AfterContext": will}
        changes.append({"Type": "Resource", "ResourceChange": change})
    arn = f"arn:aws:cloudformation:eu-west-1:{ACCOUNT}"
    return {
        "ChangeSetName": "next",
        "ChangeSetId": f"{arn}:changeSet/next/1",
        "StackId": f"{arn}:stack/{STACK}/2",
        "StackName": STACK,
        "Status": "CREATE_COMPLETE",
        "ExecutionStatus": "AVAILABLE",
        "Changes": changes,
    }
