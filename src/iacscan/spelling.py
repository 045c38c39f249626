"""How what a rule says about a template is put in the words of the template.

Rules call attributes and types by the names that Terraform gives them, and speak of plans and applies; templates have other words for
the same things.
"""

from typing import Final

from .lazy import regex

# Words of messages, evidence and remedies, not of documentation.
_WORDS: Final = {
    "allow_classic_flow": "AllowClassicFlow",
    "allow_unauthenticated_identities": "AllowUnauthenticatedIdentities",
    "authorization_type": "AuthType",
    "aws_iam_policy": "AWS::IAM::ManagedPolicy",
    "block_public_acls": "BlockPublicAcls",
    "block_public_policy": "BlockPublicPolicy",
    "count or for_each is not": "a condition is not",
    "dropped from the state without": "dropped from the stack without",
    "feature_set": "FeatureSet",
    "ignore_public_acls": "IgnorePublicAcls",
    "made up on apply": "made up on deployment",
    "master_account_id": "ManagementAccountId",
    "nothing in this configuration": "nothing in this template",
    "object_ownership": "ObjectOwnership",
    "only after apply": "only after deployment",
    "parent_id": "ParentIds",
    "password_reset_required": "PasswordResetRequired",
    "policy_arn": "ManagedPolicyArns",
    "principal_type": "PrincipalType",
    "restrict_public_buckets": "RestrictPublicBuckets",
    "source_account": "SourceAccount",
    "source_arn": "SourceArn",
    "target_id": "TargetIds",
    "the apply fails": "the deployment fails",
    "the code, the plan or the state": "the template or describes the stack",
    "when it is applied": "when it is deployed",
}
_WORD: Final = regex(rf"\b(?:{'|'.join(_WORDS)})\b")
# A symbol of a resource has its type in it, which makes it plain what it stands for; nobody wrote that.
_SYMBOL: Final = regex(r"⟦((?:module\.\w+\.)*)[a-z]\w*\.")
# What stands for the value of a parameter, where a rule names it without the marks of a symbol.
_PARAMETER: Final = "aws_cloudformation_parameter."
_QUOTATION: Final = "{"  # begins a statement of a policy, which is shown as it stands


def as_in_template(text: str) -> str:
    """A text about a template: `⟦aws_s3_bucket.Logs⟧` is `⟦Logs⟧`, and `block_public_acls` is `BlockPublicAcls`."""
    text = _SYMBOL.sub(lambda found: "⟦" + found[1].replace("module.", "").replace(".", "/"), text)
    if text.startswith(_QUOTATION):
        return text
    return _WORD.sub(lambda found: _WORDS[found[0]], text).replace(_PARAMETER, "parameter ")
