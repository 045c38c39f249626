"""CloudFormation in Terraform's spelling: every resource becomes the blocks that the handlers of this package read.

So there is one reading of what AWS makes of a policy, and every rule works for both. What people see stays as written: the
logical id, the type, the names of properties.
"""
