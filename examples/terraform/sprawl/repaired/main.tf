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

data "aws_iam_policy_document" "lambda_trust" {
  statement {
    actions = ["sts:AssumeRole"]

    principals {
      type        = "Service"
      identifiers = ["lambda.amazonaws.com"]
    }
  }
}

# One policy with all that the report reads; what the stations' buckets have in common is their name.
data "aws_iam_policy_document" "order_report" {
  statement {
    sid       = "OrdersAndStations"
    actions   = ["s3:GetObject"]
    resources = ["arn:aws:s3:::kestrel-orders/*", "arn:aws:s3:::kestrel-station-*/*"]
  }
}

resource "aws_iam_role" "order_report" {
  name               = "order-report"
  assume_role_policy = data.aws_iam_policy_document.lambda_trust.json
}

resource "aws_iam_policy" "order_report" {
  name   = "order-report"
  policy = data.aws_iam_policy_document.order_report.json
}

resource "aws_iam_role_policy_attachment" "order_report" {
  role       = aws_iam_role.order_report.name
  policy_arn = aws_iam_policy.order_report.arn
}

resource "aws_iam_role_policy_attachment" "order_report_logs" {
  role       = aws_iam_role.order_report.name
  policy_arn = "arn:aws:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole"
}

# One policy for all depots.
data "aws_iam_policy_document" "tour_planner" {
  statement {
    sid       = "Depots"
    actions   = ["dynamodb:GetItem", "dynamodb:Query"]
    resources = ["arn:aws:dynamodb:eu-central-1:210987654321:table/depot-*"]
  }
}

resource "aws_iam_role" "tour_planner" {
  name               = "tour-planner"
  assume_role_policy = data.aws_iam_policy_document.lambda_trust.json
}

resource "aws_iam_policy" "tour_planner" {
  name   = "tour-planner"
  policy = data.aws_iam_policy_document.tour_planner.json
}

resource "aws_iam_role_policy_attachment" "tour_planner" {
  role       = aws_iam_role.tour_planner.name
  policy_arn = aws_iam_policy.tour_planner.arn
}

resource "aws_ssoadmin_account_assignment" "ledger" {
  instance_arn       = "arn:aws:sso:::instance/ssoins-6987a1b2c3d4e5f6"
  permission_set_arn = "arn:aws:sso:::permissionSet/ssoins-6987a1b2c3d4e5f6/ps-0a1b2c3d4e5f6a7b"
  principal_type     = "GROUP"
  principal_id       = "e4d5c6b7-8a9f-4e0d-9c8b-7a6f5e4d3c2b"
  target_type        = "AWS_ACCOUNT"
  target_id          = "210987654321"
}

resource "aws_iam_role" "toll_reader" {
  name               = "toll-reader"
  assume_role_policy = data.aws_iam_policy_document.lambda_trust.json
}

resource "aws_iam_role_policy_attachment" "toll_reader" {
  role       = aws_iam_role.toll_reader.name
  policy_arn = "arn:aws:iam::aws:policy/service-role/AWSLambdaSQSQueueExecutionRole"
}

# The list names what the configuration makes; what somebody adds by hand goes with the next apply.
resource "aws_iam_role" "ferry_tickets" {
  name               = "ferry-tickets"
  assume_role_policy = data.aws_iam_policy_document.lambda_trust.json
}

resource "aws_iam_role_policy" "ferry_tickets" {
  name = "sell-tickets"
  role = aws_iam_role.ferry_tickets.name

  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect   = "Allow"
      Action   = "dynamodb:PutItem"
      Resource = "arn:aws:dynamodb:eu-central-1:210987654321:table/ferry-tickets"
    }]
  })
}

resource "aws_iam_role_policies_exclusive" "ferry_tickets" {
  role_name    = aws_iam_role.ferry_tickets.name
  policy_names = [aws_iam_role_policy.ferry_tickets.name]
}
