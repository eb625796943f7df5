resource "aws_cognito_user_pool" "machines" {
  name = replace("machines", "a", "b")
}

resource "aws_cognito_resource_server" "readings" {
  identifier   = "readings"
  name         = "readings"
  user_pool_id = aws_cognito_user_pool.machines.id
  scope {
    scope_name        = "write"
    scope_description = "Send readings"
  }
}

resource "aws_cognito_user_pool_client" "sensor" {
  name                                 = "sensor"
  user_pool_id                         = aws_cognito_user_pool.machines.id
  generate_secret                      = true
  allowed_oauth_flows                  = ["client_credentials"]
  allowed_oauth_scopes                 = aws_cognito_resource_server.readings.scope_identifiers
  allowed_oauth_flows_user_pool_client = true
}

resource "aws_cognito_user_pool_domain" "machines" {
  domain       = "machines-example"
  user_pool_id = aws_cognito_user_pool.machines.id
}

resource "aws_lambda_function" "readings" {
  function_name = "readings"
  filename      = "readings.zip"
  handler       = "index.handler"
  runtime       = "nodejs22.x"
  role          = aws_iam_role.readings.arn
}

resource "aws_iam_role" "readings" {
  name                = "readings"
  assume_role_policy = jsonencode({ Statement = [{ Action = "sts:AssumeRole", Effect = "Allow", Principal = { Service = "lambda.amazonaws.com" } }] })
  inline_policy {
    name   = "more"
    policy = jsonencode({ Statement = [{ Effect = "Allow", Action = "sqs:GetQueueUrl", Resource = "*" }] })
  }
}

resource "aws_iam_role_policy" "metrics" {
  role   = aws_iam_role.readings.id
  policy = <<-POLICY
    { "Statement": [{ "Effect": "Allow", "Action": "cloudwatch:PutMetricData", "Resource": "*",
      "Condition": { "StringEquals": { "cloudwatch:namespace": "${var.namespace}" } } }] }
  POLICY
}

resource "aws_iam_role_policy" "bucket" {
  role   = aws_iam_role.readings.id
  policy = <<-POLICY
    { "Statement": [{ "Effect": "Allow", "Action": "s3:GetObject", "Resource": "${aws_s3_bucket.raw.arn}/*" }] }
  POLICY
}

variable "namespace" {
  default = "readings"
}

resource "aws_iam_policy" "readings" {
  policy = jsonencode({
    Statement = [{ Effect = "Allow", Action = ["sqs:SendMessage"], Resource = "arn:aws:sqs:us-east-1:123456789012:readings" }]
  })
}

resource "aws_iam_role_policy_attachment" "readings" {
  role       = aws_iam_role.readings.name
  policy_arn = aws_iam_policy.readings.arn
}

resource "aws_api_gateway_rest_api" "readings" {
  name = "readings"
}

resource "aws_api_gateway_authorizer" "machines" {
  name          = "machines"
  rest_api_id   = aws_api_gateway_rest_api.readings.id
  type          = "COGNITO_USER_POOLS"
  provider_arns = [aws_cognito_user_pool.machines.arn]
}

resource "aws_api_gateway_method" "post" {
  rest_api_id          = aws_api_gateway_rest_api.readings.id
  resource_id          = aws_api_gateway_rest_api.readings.root_resource_id
  http_method          = "POST"
  authorization        = "COGNITO_USER_POOLS"
  authorizer_id        = aws_api_gateway_authorizer.machines.id
  authorization_scopes = ["readings/write"]
}

resource "aws_api_gateway_integration" "post" {
  rest_api_id             = aws_api_gateway_rest_api.readings.id
  resource_id             = aws_api_gateway_rest_api.readings.root_resource_id
  http_method             = "POST"
  integration_http_method = "POST"
  type                    = "AWS_PROXY"
  uri                     = aws_lambda_function.readings.invoke_arn
}

resource "aws_api_gateway_deployment" "v1" {
  rest_api_id = aws_api_gateway_rest_api.readings.id
  stage_name  = "v1"
}
