# Five years of "just add a policy": every team has its own inline copies, some users have theirs, and a few policies
# belong to nobody. iacscan reports: IAM301, IAM302, IAM303, IAM304, IAM305, IAM306, IAM308, IAM309, IAM310, IAM311, IAM312, IAM313,
# IAM314, IAM318, IAM320.

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

data "aws_iam_policy_document" "lambda_trust" {
  statement {
    actions = ["sts:AssumeRole"]

    principals {
      type        = "Service"
      identifiers = ["lambda.amazonaws.com"]
    }
  }
}

# IAM305: whoever reads the first of the two believes that the report may only read orders.
resource "aws_iam_role" "order_report" {
  name               = "order-report"
  assume_role_policy = data.aws_iam_policy_document.lambda_trust.json
}

resource "aws_iam_role_policy" "order_report" {
  name = "read-orders"
  role = aws_iam_role.order_report.id

  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect   = "Allow"
      Action   = "s3:GetObject"
      Resource = "arn:aws:s3:::kestrel-orders/*"
    }]
  })
}

resource "aws_iam_role_policy_attachment" "order_report" {
  role       = aws_iam_role.order_report.name
  policy_arn = "arn:aws:iam::aws:policy/AmazonS3FullAccess"
}

# IAM318: AWSLambdaBasicExecutionRole, copied; AWS maintains the original.
resource "aws_iam_policy" "function_logs" {
  name = "function-logs"

  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect   = "Allow"
      Action   = ["logs:CreateLogGroup", "logs:CreateLogStream", "logs:PutLogEvents"]
      Resource = "*"
    }]
  })
}

resource "aws_iam_role_policy_attachment" "function_logs" {
  role       = aws_iam_role.order_report.name
  policy_arn = aws_iam_policy.function_logs.arn
}

# IAM313: one line for each station, which has a bucket of its own. IAM takes 6,144 characters.
variable "stations" {
  description = "How many stations there are"
  type        = number
  default     = 200
}

resource "aws_iam_policy" "station_archive" {
  name = "station-archive"

  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect   = "Allow"
      Action   = "s3:GetObject"
      Resource = [for station in range(var.stations) : format("arn:aws:s3:::kestrel-station-%03d/*", station)]
    }]
  })
}

resource "aws_iam_role_policy_attachment" "station_archive" {
  role       = module.team["routing"].role
  policy_arn = aws_iam_policy.station_archive.arn
}

# IAM314: a policy for each depot that the planner was ever let into; the eleventh does not fit.
locals {
  depots = [
    "augsburg", "berlin", "bremen", "dresden", "essen", "freiburg", "hamburg", "kassel", "leipzig", "mainz", "ulm",
  ]
}

resource "aws_iam_role" "tour_planner" {
  name               = "tour-planner"
  assume_role_policy = data.aws_iam_policy_document.lambda_trust.json
}

resource "aws_iam_role_policy_attachment" "tour_planner" {
  count = length(local.depots)

  role       = aws_iam_role.tour_planner.name
  policy_arn = "arn:aws:iam::210987654321:policy/depot-${local.depots[count.index]}"
}

# IAM309: she is in no group, so that the next thing she needs will be attached to her alone.
resource "aws_iam_user" "nina_roth" {
  name = "nina.roth"
}

# IAM320: and in Identity Center the same habit: the ledger is assigned to one person.
resource "aws_ssoadmin_account_assignment" "ledger" {
  instance_arn       = "arn:aws:sso:::instance/ssoins-6987a1b2c3d4e5f6"
  permission_set_arn = "arn:aws:sso:::permissionSet/ssoins-6987a1b2c3d4e5f6/ps-0a1b2c3d4e5f6a7b"
  principal_type     = "USER"
  principal_id       = "d3c4b5a6-7f8e-4d9c-8b7a-6f5e4d3c2b1a"
  target_type        = "AWS_ACCOUNT"
  target_id          = "210987654321"
}

# IAM310: the argument takes away whatever another block, or the people on call, attach to the role.
resource "aws_iam_role" "toll_reader" {
  name               = "toll-reader"
  assume_role_policy = data.aws_iam_policy_document.lambda_trust.json

  managed_policy_arns = ["arn:aws:iam::aws:policy/service-role/AWSLambdaSQSQueueExecutionRole"]
}

# IAM312: "no inline policies on this role", says the one block; the other makes one. With every second apply no tickets are sold.
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
  policy_names = []
}
