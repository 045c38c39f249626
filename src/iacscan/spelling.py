"""How what a rule says about a template is put in the words of the template.

Rules call attributes and types by the names that Terraform gives them; templates have others for the same things.
"""

from typing import Final

from .lazy import regex

# Words of messages, evidence and remedies, not of documentation.
_WORDS: Final = {
    "authorization_type": "AuthType",
    "aws_iam_policy": "AWS::IAM::ManagedPolicy",
    "block_public_acls": "BlockPublicAcls",
    "block_public_policy": "BlockPublicPolicy",
    "enabled_policy_types": "EnabledPolicyTypes",
    "feature_set": "FeatureSet",
    "ignore_public_acls": "IgnorePublicAcls",
    "object_ownership": "ObjectOwnership",
    "parent_id": "ParentIds",
    "password_reset_required": "PasswordResetRequired",
    "policy_arn": "ManagedPolicyArns",
    "restrict_public_buckets": "RestrictPublicBuckets",
    "source_account": "SourceAccount",
    "source_arn": "SourceArn",
    "target_id": "TargetIds",
}
_WORD: Final = regex(rf"\b(?:{'|'.join(_WORDS)})\b")
# A symbol of a resource has its type in it, which makes it plain what it stands for; nobody wrote that.
_SYMBOL: Final = regex(r"⟦((?:module\.\w+\.)*)[a-z]\w*\.")
_QUOTATION: Final = "{"  # begins a statement of a policy, which is shown as it stands


def as_in_template(text: str) -> str:
    """A text about a template: `⟦aws_s3_bucket.Logs⟧` is `⟦Logs⟧`, and `block_public_acls` is `BlockPublicAcls`."""
    if not text.startswith(_QUOTATION):
        text = _WORD.sub(lambda found: _WORDS[found[0]], text)
    return _SYMBOL.sub(lambda found: "⟦" + found[1].replace("module.", "").replace(".", "/"), text)
