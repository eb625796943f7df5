# The stack of stack.toml, for Terraform.

terraform {
  required_providers {
    aws = { source = "hashicorp/aws", version = "5.100.0" }
  }
}

variable "callback" { default = "http://localhost:3000/callback" }

provider "aws" {
  skip_metadata_api_check = true
}

data "aws_caller_identity" "me" {}
data "aws_region" "here" {}

resource "aws_cognito_user_pool" "people" {
  name                     = "terraformed"
  username_attributes      = ["email"]
  auto_verified_attributes = ["email"]
  dynamic "schema" {
    for_each = ["name", "phone_number"]
    content {
      name                = schema.value
      attribute_data_type = "String"
      required            = true
      mutable             = true
      string_attribute_constraints {
        min_length = "0"
        max_length = "2048"
      }
    }
  }
}

resource "aws_cognito_user_pool_domain" "login" {
  domain       = "terraformed-${data.aws_caller_identity.me.account_id}"
  user_pool_id = aws_cognito_user_pool.people.id
}

resource "aws_cognito_user_pool_client" "spa" {
  name                                 = "terraformed"
  user_pool_id                         = aws_cognito_user_pool.people.id
  explicit_auth_flows                  = ["ALLOW_USER_SRP_AUTH", "ALLOW_REFRESH_TOKEN_AUTH"]
  supported_identity_providers         = ["COGNITO"]
  allowed_oauth_flows_user_pool_client = true
  allowed_oauth_flows                  = ["code"]
  allowed_oauth_scopes                 = ["openid", "email"]
  callback_urls                        = [var.callback]
  logout_urls                          = ["http://localhost:3000/"]
}

resource "aws_secretsmanager_secret" "database" {
  name                    = "terraformed/database"
  recovery_window_in_days = 0
}

resource "aws_secretsmanager_secret_version" "database" {
  secret_id     = aws_secretsmanager_secret.database.id
  secret_string = jsonencode({ password = "synthetic" })
}

resource "aws_cloudwatch_log_group" "users" {
  name              = "/aws/lambda/terraformed"
  retention_in_days = 14
}

resource "aws_iam_role" "users" {
  name = "terraformed"
  assume_role_policy = jsonencode({
    Version   = "2012-10-17"
    Statement = [{ Effect = "Allow", Action = "sts:AssumeRole", Principal = { Service = "lambda.amazonaws.com" } }]
  })
}

resource "aws_iam_role_policy" "users" {
  name = "terraformed"
  role = aws_iam_role.users.id
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      { Effect = "Allow", Action = ["logs:CreateLogStream", "logs:PutLogEvents"], Resource = "${aws_cloudwatch_log_group.users.arn}:*" },
      { Effect = "Allow", Action = "secretsmanager:GetSecretValue", Resource = aws_secretsmanager_secret.database.arn },
    ]
  })
}

resource "aws_lambda_function" "users" {
  function_name    = "terraformed"
  role             = aws_iam_role.users.arn
  runtime          = "nodejs22.x"
  handler          = "index.handler"
  filename         = "function.zip"
  source_code_hash = filebase64sha256("function.zip")
  memory_size      = 128
  timeout          = 10
}

resource "aws_lambda_permission" "api" {
  statement_id  = "api"
  action        = "lambda:InvokeFunction"
  function_name = aws_lambda_function.users.function_name
  principal     = "apigateway.amazonaws.com"
  source_arn    = "${aws_api_gateway_rest_api.api.execution_arn}/*"
}

resource "aws_api_gateway_rest_api" "api" {
  name = "terraformed"
  endpoint_configuration { types = ["REGIONAL"] }
}

resource "aws_api_gateway_authorizer" "cognito" {
  name          = "terraformed"
  rest_api_id   = aws_api_gateway_rest_api.api.id
  type          = "COGNITO_USER_POOLS"
  provider_arns = [aws_cognito_user_pool.people.arn]
}

resource "aws_api_gateway_resource" "users" {
  rest_api_id = aws_api_gateway_rest_api.api.id
  parent_id   = aws_api_gateway_rest_api.api.root_resource_id
  path_part   = "users"
}

resource "aws_api_gateway_resource" "user" {
  rest_api_id = aws_api_gateway_rest_api.api.id
  parent_id   = aws_api_gateway_resource.users.id
  path_part   = "{id}"
}

locals {
  resources = { users = aws_api_gateway_resource.users.id, user = aws_api_gateway_resource.user.id }
  routes = {
    "GET users" = ["GET", "users"], "POST users" = ["POST", "users"],
    "GET user"  = ["GET", "user"], "PUT user" = ["PUT", "user"], "DELETE user" = ["DELETE", "user"],
  }
  methods = { users = "GET,OPTIONS,POST", user = "DELETE,GET,OPTIONS,PUT" }
  cors = {
    "gatewayresponse.header.Access-Control-Allow-Origin"  = "'http://localhost:3000'"
    "gatewayresponse.header.Access-Control-Allow-Headers" = "'Authorization,Content-Type'"
    "gatewayresponse.header.Access-Control-Allow-Methods" = "'DELETE,GET,OPTIONS,POST,PUT'"
  }
}

resource "aws_api_gateway_method" "route" {
  for_each      = local.routes
  rest_api_id   = aws_api_gateway_rest_api.api.id
  resource_id   = local.resources[each.value[1]]
  http_method   = each.value[0]
  authorization = "COGNITO_USER_POOLS"
  authorizer_id = aws_api_gateway_authorizer.cognito.id
}

resource "aws_api_gateway_integration" "route" {
  for_each                = local.routes
  rest_api_id             = aws_api_gateway_rest_api.api.id
  resource_id             = local.resources[each.value[1]]
  http_method             = aws_api_gateway_method.route[each.key].http_method
  type                    = "AWS_PROXY"
  integration_http_method = "POST"
  uri                     = aws_lambda_function.users.invoke_arn
}

resource "aws_api_gateway_method" "preflight" {
  for_each      = local.resources
  rest_api_id   = aws_api_gateway_rest_api.api.id
  resource_id   = each.value
  http_method   = "OPTIONS"
  authorization = "NONE"
}

resource "aws_api_gateway_integration" "preflight" {
  for_each          = local.resources
  rest_api_id       = aws_api_gateway_rest_api.api.id
  resource_id       = each.value
  http_method       = aws_api_gateway_method.preflight[each.key].http_method
  type              = "MOCK"
  request_templates = { "application/json" = "{\"statusCode\":200}" }
}

resource "aws_api_gateway_method_response" "preflight" {
  for_each    = local.resources
  rest_api_id = aws_api_gateway_rest_api.api.id
  resource_id = each.value
  http_method = aws_api_gateway_method.preflight[each.key].http_method
  status_code = "200"
  response_parameters = {
    for it in ["Origin", "Headers", "Methods"] : "method.response.header.Access-Control-Allow-${it}" => false
  }
}

resource "aws_api_gateway_integration_response" "preflight" {
  for_each    = local.resources
  rest_api_id = aws_api_gateway_rest_api.api.id
  resource_id = each.value
  http_method = aws_api_gateway_integration.preflight[each.key].http_method
  status_code = aws_api_gateway_method_response.preflight[each.key].status_code
  response_parameters = {
    "method.response.header.Access-Control-Allow-Origin"  = "'http://localhost:3000'"
    "method.response.header.Access-Control-Allow-Headers" = "'Authorization,Content-Type'"
    "method.response.header.Access-Control-Allow-Methods" = "'${local.methods[each.key]}'"
  }
}

resource "aws_api_gateway_gateway_response" "cors" {
  for_each            = toset(["DEFAULT_4XX", "DEFAULT_5XX"])
  rest_api_id         = aws_api_gateway_rest_api.api.id
  response_type       = each.value
  response_parameters = local.cors
}

resource "aws_api_gateway_deployment" "api" {
  rest_api_id = aws_api_gateway_rest_api.api.id
  depends_on = [
    aws_api_gateway_integration.route, aws_api_gateway_integration_response.preflight,
    aws_api_gateway_gateway_response.cors,
  ]
}

resource "aws_api_gateway_stage" "dev" {
  rest_api_id   = aws_api_gateway_rest_api.api.id
  deployment_id = aws_api_gateway_deployment.api.id
  stage_name    = "dev"
}
