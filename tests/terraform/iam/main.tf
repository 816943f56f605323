# Users, groups, roles and policies as projects around an API Gateway make them. `tests/clients/test_terraform.py` applies it, plans
# nothing more, changes `word`, and destroys it.
terraform {
  required_providers {
    aws = {
      source  = "hashicorp/aws"
      version = "~> 5.0"
    }
  }
}

provider "aws" {}

variable "word" {
  type    = string
  default = "one"
}

data "aws_caller_identity" "this" {}

data "aws_iam_policy" "logs" {
  arn = "arn:aws:iam::aws:policy/service-role/AmazonAPIGatewayPushToCloudWatchLogs"
}

data "aws_iam_policy_document" "trust" {
  statement {
    actions = ["sts:AssumeRole"]
    principals {
      type        = "Service"
      identifiers = ["apigateway.amazonaws.com", "${var.word}.amazonaws.com"]
    }
  }
}

data "aws_iam_policy_document" "invoke" {
  statement {
    sid       = title(var.word)
    actions   = ["execute-api:Invoke"]
    resources = ["arn:aws:execute-api:*:${data.aws_caller_identity.this.account_id}:*"]
  }
}

resource "aws_iam_policy" "invoke" {
  name        = "invoke"
  path        = "/apis/"
  description = "Calls APIs."
  policy      = data.aws_iam_policy_document.invoke.json
  tags        = { word = var.word }
}

resource "aws_iam_role" "logs" {
  name                 = "logs"
  path                 = "/apis/"
  description          = var.word
  assume_role_policy   = data.aws_iam_policy_document.trust.json
  max_session_duration = var.word == "one" ? 3600 : 7200
  permissions_boundary = "arn:aws:iam::aws:policy/AdministratorAccess"
  tags                 = { word = var.word }
}

resource "aws_iam_role_policy" "logs" {
  name   = "inline"
  role   = aws_iam_role.logs.id
  policy = data.aws_iam_policy_document.invoke.json
}

resource "aws_iam_role_policy_attachment" "logs" {
  role       = aws_iam_role.logs.name
  policy_arn = data.aws_iam_policy.logs.arn
}

resource "aws_iam_user" "caller" {
  name          = "caller"
  force_destroy = true
  tags          = { word = var.word }
}

resource "aws_iam_access_key" "caller" {
  user   = aws_iam_user.caller.name
  status = var.word == "one" ? "Active" : "Inactive"
}

resource "aws_iam_user_policy" "caller" {
  user   = aws_iam_user.caller.name
  policy = data.aws_iam_policy_document.invoke.json
}

resource "aws_iam_user_policy_attachment" "caller" {
  user       = aws_iam_user.caller.name
  policy_arn = aws_iam_policy.invoke.arn
}

resource "aws_iam_group" "callers" {
  name = "callers-${var.word}"
}

resource "aws_iam_group_policy_attachment" "callers" {
  group      = aws_iam_group.callers.name
  policy_arn = aws_iam_policy.invoke.arn
}

resource "aws_iam_user_group_membership" "caller" {
  user   = aws_iam_user.caller.name
  groups = [aws_iam_group.callers.name]
}

resource "aws_iam_service_linked_role" "apigateway" {
  aws_service_name = "ops.apigateway.amazonaws.com"
}
