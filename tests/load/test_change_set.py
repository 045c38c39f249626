"""Change sets as the API describes them: what there is before, what there will be, and what they do not say."""

import json

import pytest
import yaml

from iacscan.errors import InputError
from iacscan.load import load
from iacscan.load.detect import is_change_set, is_template
from iacscan.load.discover import discover
from iacscan.value import Reference, Unknown

LATER = "{{changeSet:KNOWN_AFTER_APPLY}}"
ROLE_ID = "shop-Worker-9ZYXWVUTSRQP"
TRUST = {"Version": "2012-10-17", "Statement": []}


def change(name, kind, before=None, after=None, action=None, **more):
    """One change; the contexts are given as properties."""
    usual = "Add" if before is None else "Remove" if after is None else "Modify"
    found = {"Action": action or usual, "LogicalResourceId": name, "ResourceType": kind, "Details": [], **more}
    if before is not None:
        found["BeforeContext"] = json.dumps({"Properties": before})
    if after is not None:
        found["AfterContext"] = json.dumps({"Properties": after})
    return {"Type": "Resource", "ResourceChange": found}


def described(*changes, **more):
    return {
        "ChangeSetName": "next",
        "ChangeSetId": "arn:aws:cloudformation:eu-west-1:123456789012:changeSet/next/1",
        "StackId": "arn:aws:cloudformation:eu-west-1:123456789012:stack/shop/1",
        "StackName": "shop",
        "Status": "CREATE_COMPLETE",
        "Changes": list(changes),
        **more,
    }


@pytest.fixture
def loaded(tmp_path):
    def make(*changes, **more):
        path = tmp_path / "changes.json"
        path.write_text(json.dumps(described(*changes, **more)))
        return load(str(path))

    return make


def blocks(side):
    return {block.address: block for block in side.blocks}


def test_a_change_set_has_a_before_and_an_after(loaded):
    found = loaded(
        change("A", "AWS::IAM::User", before={"Path": "/a/"}, after={"Path": "/b/"}),
        change("B", "AWS::IAM::User", after={"Path": "/c/"}),
        change("C", "AWS::IAM::User", before={"Path": "/d/"}),
    )
    before, after = blocks(found.before), blocks(found.after)
    assert {name: (block.action, block.get("Path")) for name, block in before.items()} == {
        "A": ("update", "/a/"),
        "C": ("delete", "/d/"),
    }
    assert {name: (block.action, block.get("Path")) for name, block in after.items()} == {
        "A": ("update", "/b/"),
        "B": ("create", "/c/"),
    }


def test_what_does_not_change_is_not_in_it_so_nothing_follows_from_absence(loaded):
    assert loaded(change("A", "AWS::IAM::User", after={})).complete is False


def test_a_resource_that_is_made_anew_is_replaced(loaded):
    found = loaded(change("A", "AWS::IAM::User", before={"UserName": "a"}, after={"UserName": "b"}, Replacement="True"))
    assert blocks(found.after)["A"].action == "replace"


def test_a_resource_that_is_taken_out_and_retained_stays(loaded):
    kept = change("A", "AWS::IAM::User")
    kept["ResourceChange"] |= {
        "Action": "Remove",
        "BeforeContext": json.dumps({"Properties": {"UserName": "a"}, "DeletionPolicy": "Retain"}),
    }
    assert blocks(loaded(kept).after)["A"].action == "forget"


def test_what_is_imported_is_there_already(loaded):
    found = loaded(change("A", "AWS::IAM::User", after={"UserName": "a"}, action="Import"))
    assert blocks(found.before)["A"].get("UserName") == "a"
    assert blocks(found.after)["A"].action == "no-op"


@pytest.mark.parametrize(
    ("shown", "because"),
    [
        (LATER, "known only when the change set is executed"),
        ("****", "given at deployment and not shown"),
        ("(Truncated-Signature):e49757d4", "too long for the change set to show"),
    ],
)
def test_a_mask_is_no_value(loaded, shown, because):
    found = blocks(loaded(change("A", "AWS::IAM::User", after={"UserName": shown})).after)
    assert found["A"].get("UserName") == Unknown(because)


def test_the_beginning_of_a_text_that_is_not_known_as_a_whole_stays(loaded):
    found = blocks(loaded(change("A", "AWS::IAM::User", after={"Path": f"/a/{LATER}/"})).after)
    assert found["A"].get("Path") == "/a/⟦…⟧"


def causes(path, *entities, source="ResourceReference"):
    return [
        {
            "Target": {"Attribute": "Properties", "Path": path, "AfterValue": LATER},
            "ChangeSource": source,
            "CausingEntity": entity,
        }
        for entity in entities
    ]


def policy(roles, **more):
    document = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "a:B", "Resource": LATER}]}
    properties = {"PolicyName": "p", "Roles": roles, "PolicyDocument": document}
    return change("P", "AWS::IAM::Policy", before={**properties, "Roles": ["old"]}, after=properties, **more)


def test_the_details_say_which_resource_a_value_that_is_not_known_refers_to(loaded):
    details = causes("/Properties/Roles/0", "Worker")
    role = change("Worker", "AWS::IAM::Role", after={"AssumeRolePolicyDocument": TRUST})
    found = blocks(loaded(policy([LATER], Details=details), role).after)
    assert found["P"].get("Roles") == ["⟦Worker.Ref⟧"]
    assert found["P"].references("Roles", 0) == (Reference("Worker", "Ref"),)


@pytest.mark.parametrize(
    ("path", "entities", "source"),
    [
        ("/Properties/Roles/0", ["Elsewhere"], "ResourceReference"),  # not in the change set
        ("/Properties/Roles/0", ["Worker", "Other"], "ResourceReference"),  # put together of two
        ("/Properties/Roles/0", ["Worker.Arn"], "ResourceAttribute"),  # perhaps a part of a longer text
    ],
)
def test_a_value_that_may_be_more_than_a_reference_stays_unknown(loaded, path, entities, source):
    role = change("Worker", "AWS::IAM::Role", after={"AssumeRolePolicyDocument": TRUST})
    found = blocks(loaded(policy([LATER], Details=causes(path, *entities, source=source)), role).after)
    (value,) = found["P"].get("Roles")
    assert isinstance(value, Unknown)
    assert [str(reference) for reference in value.references] == entities


def test_a_part_of_a_policy_document_is_never_taken_for_a_bare_reference(loaded):
    details = causes("/Properties/PolicyDocument/Statement/0/Resource", "Bucket")
    bucket = change("Bucket", "AWS::S3::Bucket", after={})
    found = blocks(loaded(policy(["r"], Details=details), bucket).after)
    (statement,) = found["P"].get("PolicyDocument")["Statement"]
    assert isinstance(statement["Resource"], Unknown)


def test_ids_that_cloudformation_makes_up_lead_back_to_their_resources(loaded):
    role = change(
        "Worker", "AWS::IAM::Role", before={}, after={"AssumeRolePolicyDocument": TRUST}, PhysicalResourceId=ROLE_ID
    )
    statement = {"Effect": "Allow", "Action": "iam:PassRole", "Resource": f"arn:aws:iam::123456789012:role/{ROLE_ID}"}
    document = {"Version": "2012-10-17", "Statement": [statement]}
    rights = change("P", "AWS::IAM::Policy", after={"PolicyName": "p", "Roles": [ROLE_ID], "PolicyDocument": document})
    found = blocks(loaded(role, rights).after)["P"]
    assert found.get("Roles") == ["⟦Worker.Ref⟧"]
    assert found.get("PolicyDocument")["Statement"][0]["Resource"] == (
        "arn:aws:iam::⟦AWS::AccountId⟧:role/⟦Worker.Ref⟧"
    )


def test_a_name_that_was_given_is_only_a_name(loaded):
    """Another account may have a role of the same name."""
    role = change(
        "Worker",
        "AWS::IAM::Role",
        before={"RoleName": "deployment-role"},
        after={"RoleName": "deployment-role", "AssumeRolePolicyDocument": TRUST},
        PhysicalResourceId="deployment-role",
    )
    other = change("U", "AWS::IAM::User", after={"Path": "arn:aws:iam::999999999999:role/deployment-role"})
    assert blocks(loaded(role, other).after)["U"].get("Path") == "arn:aws:iam::999999999999:role/deployment-role"


def test_variables_of_policies_stay_what_they_are(loaded):
    path = "/123456789012/${aws:username}"
    assert blocks(loaded(change("U", "AWS::IAM::User", after={"Path": path})).after)["U"].get("Path") == (
        "/⟦AWS::AccountId⟧/${aws:username}"
    )


@pytest.mark.parametrize(
    ("more", "what"),
    [
        (
            {"Status": "FAILED", "StatusReason": "Template error"},
            "is a change set that failed: Template error",
        ),
        ({"Status": "FAILED"}, "is a change set that failed, or changes nothing: it does not say which"),
        ({"Status": "CREATE_IN_PROGRESS"}, "is a change set that is not finished (CREATE_IN_PROGRESS)"),
        ({"Changes": {}}, "is a change set whose changes are no list"),
        ({"NextToken": "2"}, "is one page of a change set, and there are more (it has a NextToken)"),
    ],
)
def test_a_change_set_that_is_not_whole_is_refused(loaded, more, what):
    with pytest.raises(InputError) as error:
        loaded(change("A", "AWS::IAM::User", after={}), **more)
    assert error.value.what == what


def test_a_change_set_without_values_is_refused(loaded):
    with pytest.raises(InputError, match="--include-property-values"):
        loaded(change("A", "AWS::IAM::User"))


def test_a_change_set_that_changes_nothing_says_so(loaded):
    found = loaded(Status="FAILED", StatusReason="The submitted information didn't contain changes.")
    assert found.notes == ("the change set changes nothing",)
    assert found.after.blocks == found.before.blocks == ()


def test_a_change_set_that_is_cut_off_is_said_to_be_no_template(tmp_path):
    path = tmp_path / "changes.json"
    path.write_text(json.dumps(CHANGES, indent=1)[:300])
    with pytest.raises(InputError) as error:
        load(str(path))
    assert error.value.advice == "describe the change set again"


def test_a_change_set_that_was_executed_says_so(loaded):
    assert loaded(change("A", "AWS::IAM::User", after={}), ExecutionStatus="OBSOLETE").notes == (
        "the change set cannot be executed (any more): its execution status is OBSOLETE",
    )


def test_what_it_does_not_say_is_not_seen(loaded):
    torn = change("B", "AWS::IAM::Role", before={})
    torn["ResourceChange"] |= {"Action": "Modify", "AfterContext": '{"Properties": {'}
    found = loaded(
        change("A", "AWS::IAM::User", after={}),
        torn,
        change("C", "AWS::IAM::User", before={}, after={}, action="Dynamic"),
        {"Type": "Hook"},
        StatusReason="[WARN] --include-property-values option can return incomplete ChangeSet data because: Logical Id: D, x",
    )
    assert found.unevaluated == (
        "B: the change set does not say what it is after (AWS::IAM::Role, line 1)",
        "C: what happens to it is only known when the change set is executed (AWS::IAM::User, line 1)",
        "line 1: a change of something that is no resource",
        "--include-property-values option can return incomplete ChangeSet data because: Logical Id: D, x",
    )


def spelled(tree):
    """As the console shows it: keys begin with small letters."""
    match tree:
        case dict():
            return {key[0].lower() + key[1:]: spelled(item) for key, item in tree.items()}
        case list():
            return [spelled(item) for item in tree]
        case _:
            return tree


CHANGES = described(change("A", "AWS::IAM::User", after={"UserName": "a"}))


@pytest.mark.parametrize(
    "text",
    [
        json.dumps(CHANGES),
        json.dumps(CHANGES, indent=4),
        yaml.safe_dump(CHANGES),
        json.dumps(CHANGES["Changes"]),
        json.dumps(spelled(CHANGES["Changes"]), indent=2),
        yaml.safe_dump(CHANGES["Changes"]),
    ],
    ids=["JSON", "JSON in lines", "YAML", "a list", "the console's list", "a list in YAML"],
)
def test_it_is_known_by_its_content_in_every_form(tmp_path, text):
    path = tmp_path / "changes"
    path.write_text(text)
    assert is_change_set(text.encode())
    assert not is_template(text.encode())
    assert [item.kind for item in discover(str(tmp_path)).items] == ["cloudformation"]
    assert blocks(load(str(path)).after)["A"].get("UserName") == "a"


@pytest.mark.parametrize(
    "text",
    [
        '{"Changes": [{"Action": "UPSERT", "ResourceRecordSet": {}}]}',  # of Route 53
        '{"Summaries": [{"ChangeSetId": "arn", "StackId": "arn"}]}',  # list-change-sets
        '{"Id": "arn:aws:cloudformation:x:1:changeSet/a/b", "StackId": "arn"}',  # create-change-set
        "[]",
    ],
)
def test_other_answers_are_no_change_sets(text):
    assert not is_change_set(text.encode())


def test_findings_stand_at_the_line_of_the_change(tmp_path):
    path = tmp_path / "changes.json"
    text = json.dumps(CHANGES, indent=1)
    path.write_text(text)
    line = 1 + text.split("\n").index('   "ResourceChange": {')
    assert blocks(load(str(path)).after)["A"].span.line == line


def test_a_template_that_get_template_answers_is_read(tmp_path):
    path = tmp_path / "now.json"
    body = "Resources:\n  A:\n    Type: AWS::IAM::User\n    Properties: {UserName: a}\n"
    path.write_text(json.dumps({"TemplateBody": body, "StagesAvailable": ["Original"]}, indent=1))
    found = blocks(load(str(path)).after)["A"]
    assert (found.get("UserName"), found.span.line) == ("a", 2)
    path.write_text(json.dumps({"TemplateBody": yaml.safe_load(body), "StagesAvailable": ["Original"]}))
    assert blocks(load(str(path)).after)["A"].get("UserName") == "a"
