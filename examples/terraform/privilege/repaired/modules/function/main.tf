# A function of the rental app, with a role of its own.

variable "name" {
  description = "Name of the function, of its role and of its image"
  type        = string
}

variable "policy" {
  description = "What the function may do, as JSON"
  type        = string
}

module "role" {
  source  = "../service_role"
  name    = var.name
  service = "lambda.amazonaws.com"
  policy  = var.policy
}

resource "aws_iam_role_policy_attachment" "logs" {
  role       = module.role.name
  policy_arn = "arn:aws:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole"
}

resource "aws_lambda_function" "this" {
  function_name = var.name
  role          = module.role.arn
  package_type  = "Image"
  image_uri     = "210987654321.dkr.ecr.eu-central-1.amazonaws.com/${var.name}:3.2.1"
}

output "arn" {
  value = aws_lambda_function.this.arn
}
