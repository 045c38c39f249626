# What generate.py multiplies: one service of each kind, as an application platform declares them. Ten resources each.

terraform {
  required_providers {
    aws = {
      source  = "hashicorp/aws"
      version = "5.100.0"
    }
  }
}

provider "aws" {
  region = "eu-central-1"
}

data "aws_caller_identity" "current" {}

variable "services" {
  description = "Services by name; a careless one opens its bucket and asks for more than it needs"
  type        = map(object({ careless = bool }))
  default = {
    steady-00000   = { careless = false }
    careless-00000 = { careless = true }
  }
}

module "service" {
  source   = "./modules/app"
  for_each = var.services

  name     = each.key
  careless = each.value.careless
  account  = data.aws_caller_identity.current.account_id
}
