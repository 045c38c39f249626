# The same permissions in few policies: one per team, one shared, attached to roles and groups, never to a user.

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

locals {
  teams = {
    routing = { table = "routes", queue = "route-requests" }
    billing = { table = "invoices", queue = "invoice-requests" }
    rentals = { table = "rentals", queue = "rental-events" }
  }
}

module "team" {
  source   = "./modules/team"
  for_each = local.teams

  name  = each.key
  table = each.value.table
  queue = each.value.queue
}

data "aws_iam_policy_document" "station_reader" {
  statement {
    actions   = ["dynamodb:GetItem", "dynamodb:Query"]
    resources = ["arn:aws:dynamodb:eu-central-1:210987654321:table/stations"]
  }
}

resource "aws_iam_policy" "station_reader" {
  name   = "station-reader"
  policy = data.aws_iam_policy_document.station_reader.json
}

resource "aws_iam_role_policy_attachment" "station_reader" {
  for_each = toset(["routing", "rentals"])

  role       = module.team[each.key].role
  policy_arn = aws_iam_policy.station_reader.arn
}
