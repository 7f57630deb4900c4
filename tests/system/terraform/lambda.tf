# A function with everything around it, as a user of Terraform writes it. `step` is what changes between two applies.

terraform {
  required_providers {
    aws = {
      source  = "hashicorp/aws"
      version = "5.100.0"
    }
  }
}

variable "endpoint" { type = string }
variable "runtime" { type = string }
variable "step" { type = number }

locals {
  first = var.step == 1
}

provider "aws" {
  region     = "us-east-1"
  access_key = "000000000000"
  secret_key = "test"

  endpoints {
    iam    = var.endpoint
    lambda = var.endpoint
    logs   = var.endpoint
    sts    = var.endpoint
  }

  default_tags {
    tags = { team = "blue" }
  }
}

data "aws_caller_identity" "me" {}

resource "aws_iam_role" "worker" {
  name        = "worker"
  description = local.first ? "one" : "two"
  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Action    = "sts:AssumeRole"
      Principal = { Service = "lambda.amazonaws.com" }
    }]
  })
}

resource "aws_iam_policy" "logging" {
  name = "logging"
  path = "/workers/"
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect   = "Allow"
      Action   = local.first ? ["logs:PutLogEvents"] : ["logs:PutLogEvents", "logs:CreateLogStream"]
      Resource = "arn:aws:logs:*:${data.aws_caller_identity.me.account_id}:*"
    }]
  })
}

resource "aws_iam_role_policy_attachment" "logging" {
  role       = aws_iam_role.worker.name
  policy_arn = aws_iam_policy.logging.arn
}

resource "aws_iam_role_policy_attachment" "basic" {
  role       = aws_iam_role.worker.name
  policy_arn = "arn:aws:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole"
}

resource "aws_iam_role_policy" "inline" {
  name = "inline"
  role = aws_iam_role.worker.id
  policy = jsonencode({
    Version   = "2012-10-17"
    Statement = [{ Effect = "Allow", Action = "s3:GetObject", Resource = "*" }]
  })
}

resource "aws_cloudwatch_log_group" "worker" {
  name              = "/aws/lambda/worker"
  retention_in_days = local.first ? 7 : 14
}

resource "aws_lambda_layer_version" "words" {
  layer_name               = "words"
  filename                 = "layer.zip"
  source_code_hash         = filebase64sha256("layer.zip")
  compatible_runtimes      = [var.runtime]
  compatible_architectures = ["x86_64"]
  description              = "words"
  license_info             = "MIT"
}

resource "aws_lambda_layer_version_permission" "words" {
  layer_name     = aws_lambda_layer_version.words.layer_name
  version_number = aws_lambda_layer_version.words.version
  principal      = "111111111111"
  action         = "lambda:GetLayerVersion"
  statement_id   = "other-account"
}

resource "aws_lambda_code_signing_config" "warn" {
  description = local.first ? "one" : "two"
  allowed_publishers {
    signing_profile_version_arns = ["arn:aws:signer:us-east-1:000000000000:/signing-profiles/p/abcdefghij"]
  }
  policies {
    untrusted_artifact_on_deployment = "Warn"
  }
}

resource "aws_lambda_function" "worker" {
  function_name                  = "worker"
  role                           = aws_iam_role.worker.arn
  runtime                        = var.runtime
  handler                        = "m.handler"
  filename                       = "function-${var.step}.zip"
  source_code_hash               = filebase64sha256("function-${var.step}.zip")
  description                    = "step ${var.step}"
  memory_size                    = local.first ? 128 : 256
  timeout                        = local.first ? 3 : 5
  layers                         = [aws_lambda_layer_version.words.arn]
  publish                        = true
  reserved_concurrent_executions = local.first ? 5 : 6
  code_signing_config_arn        = aws_lambda_code_signing_config.warn.arn

  environment {
    variables = { STEP = var.step }
  }
  ephemeral_storage {
    size = 600
  }
  tracing_config {
    mode = "PassThrough"
  }
  logging_config {
    log_format            = local.first ? "Text" : "JSON"
    application_log_level = local.first ? null : "DEBUG"
    system_log_level      = local.first ? null : "WARN"
    log_group             = aws_cloudwatch_log_group.worker.name
  }
  tags = local.first ? { stage = "one", gone = "soon" } : { stage = "two" }
}

resource "aws_lambda_alias" "live" {
  name             = "live"
  description      = "step ${var.step}"
  function_name    = aws_lambda_function.worker.function_name
  function_version = "1"

  dynamic "routing_config" {
    for_each = local.first ? [] : [aws_lambda_function.worker.version]
    content {
      additional_version_weights = { (routing_config.value) = 0.25 }
    }
  }
}

resource "aws_lambda_permission" "bucket" {
  statement_id   = "bucket"
  action         = "lambda:InvokeFunction"
  function_name  = aws_lambda_function.worker.function_name
  qualifier      = aws_lambda_alias.live.name
  principal      = "s3.amazonaws.com"
  source_arn     = local.first ? "arn:aws:s3:::one" : "arn:aws:s3:::two"
  source_account = data.aws_caller_identity.me.account_id
}

resource "aws_lambda_permission" "anyone" {
  action                 = "lambda:InvokeFunctionUrl"
  function_name          = aws_lambda_function.worker.function_name
  principal              = "*"
  function_url_auth_type = "NONE"
}

resource "aws_lambda_function_url" "worker" {
  function_name      = aws_lambda_function.worker.function_name
  authorization_type = local.first ? "NONE" : "AWS_IAM"
  cors {
    allow_origins = ["https://example.org"]
    allow_methods = ["GET"]
    max_age       = local.first ? 60 : 120
  }
}

resource "aws_lambda_function_event_invoke_config" "worker" {
  function_name                = aws_lambda_function.worker.function_name
  maximum_event_age_in_seconds = local.first ? 60 : 120
  maximum_retry_attempts       = local.first ? 0 : 1
}

resource "aws_lambda_provisioned_concurrency_config" "first" {
  function_name                     = aws_lambda_function.worker.function_name
  qualifier                         = "1"
  provisioned_concurrent_executions = 1
}

resource "aws_lambda_runtime_management_config" "worker" {
  function_name     = aws_lambda_function.worker.function_name
  update_runtime_on = local.first ? "FunctionUpdate" : "Auto"
}

resource "aws_lambda_function_recursion_config" "worker" {
  function_name  = aws_lambda_function.worker.function_name
  recursive_loop = local.first ? "Allow" : "Terminate"
}

resource "aws_lambda_invocation" "call" {
  function_name = aws_lambda_function.worker.function_name
  qualifier     = aws_lambda_function.worker.version
  input         = jsonencode({ step = var.step })
}

data "aws_lambda_function" "seen" {
  function_name = aws_lambda_function.worker.function_name
  qualifier     = aws_lambda_alias.live.name
}

output "answer" { value = jsondecode(aws_lambda_invocation.call.result) }
output "url" { value = aws_lambda_function_url.worker.function_url }
output "version" { value = aws_lambda_function.worker.version }
output "seen" { value = data.aws_lambda_function.seen.version }
