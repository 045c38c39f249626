import pytest

from iacscan.normalise.bucket_uses import ROWS
from iacscan.value import Unknown


def uses(found):
    return [(item.use, item.bucket) for item in found.bucket_uses]


@pytest.mark.parametrize(
    ("type_", "values", "expected"),
    [
        ("aws_lambda_function", {"s3_bucket": "code"}, [("function-code", "code")]),
        ("aws_lambda_function", {"filename": "code.zip"}, []),
        ("aws_cloudtrail", {"s3_bucket_name": "trail"}, [("trail-log", "trail")]),
        ("aws_lb", {"access_logs": [{"bucket": "logs", "enabled": True}]}, [("balancer-log", "logs")]),
        ("aws_flow_log", {"log_destination": "arn:aws:s3:::flows/prefix"}, [("flow-log", "flows")]),
        ("aws_flow_log", {"log_destination": "arn:aws:logs:eu-west-1:111122223333:log-group:flows"}, []),
        ("aws_codepipeline", {"artifact_store": [{"location": "artifacts", "type": "S3"}]}, [("build-artifact", "artifacts")]),
        ("aws_codebuild_project", {"artifacts": [{"location": "artifacts/x"}]}, [("build-artifact", "artifacts")]),
        (
            "aws_athena_workgroup",
            {"configuration": [{"result_configuration": [{"output_location": "s3://results/a/"}]}]},
            [("query-result", "results")],
        ),
        (
            "aws_cloudformation_stack",
            {"template_url": "https://templates.s3.eu-west-1.amazonaws.com/x.yaml"},
            [("template", "templates")],
        ),
        (
            "aws_cloudformation_stack",
            {"template_url": "https://s3.amazonaws.com/templates/x.yaml"},
            [("template", "templates")],
        ),
        ("aws_cloudformation_stack", {"template_url": "https://example.com/x.yaml"}, []),
        ("aws_s3_bucket", {"bucket": "acme-terraform-state"}, [("state", "acme-terraform-state")]),
        ("aws_s3_bucket", {"bucket": "acme-state"}, []),
    ],
)  # fmt: skip
def test_the_bucket_of_each_use(estate, block, type_, values, expected):
    assert uses(estate(block(f"{type_}.x", values))) == expected


def test_a_bucket_that_is_still_to_be_made_is_known_by_its_symbol(estate, block, unknown):
    found = estate(
        block("aws_s3_bucket.b", {"bucket": unknown()}),
        block("aws_cloudtrail.t", {"s3_bucket_name": unknown("aws_s3_bucket.b id")}),
    )
    assert uses(found) == [("trail-log", "⟦aws_s3_bucket.b⟧")]


def test_a_bucket_that_is_not_known_stays_unknown(estate, block, unknown):
    (found,) = estate(block("aws_cloudtrail.t", {"s3_bucket_name": unknown("var.bucket")})).bucket_uses
    assert isinstance(found.bucket, Unknown)


def test_a_function_is_still_a_workload(estate, block):
    found = estate(block("aws_lambda_function.f", {"role": "r", "s3_bucket": "code"}))
    assert (len(found.workloads), len(found.bucket_uses)) == (1, 1)


@pytest.mark.parametrize("type_", ROWS)
def test_a_type_without_the_attribute_uses_nothing(estate, block, type_):
    assert estate(block(f"{type_}.x", {})).bucket_uses == ()
