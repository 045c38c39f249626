# Five years of "just add a policy": every team has its own inline copies, some users have theirs, and a few policies
# belong to nobody. iacscan reports: IAM301, IAM302, IAM303, IAM304, IAM306, IAM308, IAM311.

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

# IAM302: each team's role carries four inline policies (see modules/team).
module "team" {
  source   = "./modules/team"
  for_each = local.teams

  name  = each.key
  table = each.value.table
  queue = each.value.queue
}

# IAM301: a policy inside a user goes unseen in every review of policies.
resource "aws_iam_user" "jonas_weber" {
  name = "jonas.weber"
}

resource "aws_iam_user_policy" "jonas_weber" {
  name = "temporary-invoice-access"
  user = aws_iam_user.jonas_weber.name

  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect   = "Allow"
      Action   = ["dynamodb:GetItem", "dynamodb:Query"]
      Resource = "arn:aws:dynamodb:eu-central-1:210987654321:table/invoices"
    }]
  })
}

# IAM303: attached to the user, not to a group.
resource "aws_iam_user_policy_attachment" "jonas_weber" {
  user       = aws_iam_user.jonas_weber.name
  policy_arn = "arn:aws:iam::aws:policy/job-function/SupportUser"
}

# IAM304: two names, one meaning: the order of the actions and the letter case do not matter to IAM.
resource "aws_iam_policy" "station_reader" {
  name = "station-reader"

  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect   = "Allow"
      Action   = ["dynamodb:GetItem", "dynamodb:Query"]
      Resource = "arn:aws:dynamodb:eu-central-1:210987654321:table/stations"
    }]
  })
}

resource "aws_iam_policy" "stations_read_only" {
  name = "stations-read-only"

  policy = jsonencode({
    Version = "2012-10-17"
    Statement = {
      Sid      = "ReadStations"
      Effect   = "Allow"
      Action   = ["dynamodb:query", "dynamodb:getitem"]
      Resource = ["arn:aws:dynamodb:eu-central-1:210987654321:table/stations"]
    }
  })
}

resource "aws_iam_role_policy_attachment" "station_reader" {
  role       = module.team["routing"].role
  policy_arn = aws_iam_policy.station_reader.arn
}

resource "aws_iam_role_policy_attachment" "stations_read_only" {
  role       = module.team["rentals"].role
  policy_arn = aws_iam_policy.stations_read_only.arn
}

# IAM306: attached to nobody since the migration.
resource "aws_iam_policy" "legacy_import" {
  name        = "legacy-import"
  description = "Import from the old data centre (2021)"

  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect   = "Allow"
      Action   = "s3:GetObject"
      Resource = "arn:aws:s3:::kestrel-legacy-import/*"
    }]
  })
}

# IAM308: a group without members.
resource "aws_iam_group" "auditors" {
  name = "auditors"
}

# IAM311: this block detaches ReadOnlyAccess from everything else in the account that has it.
resource "aws_iam_policy_attachment" "read_only" {
  name       = "auditors-read-only"
  policy_arn = "arn:aws:iam::aws:policy/ReadOnlyAccess"
  groups     = [aws_iam_group.auditors.name]
}
