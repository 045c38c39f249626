"""The IAM language: documents, patterns, actions, principals and conditions. Pure; knows no Terraform and no files."""
