//! How an ARN begins. Pure.

/// The partition of a region: `aws`, but for China's and the US government's (docs/aws.md §1.5).
pub fn partition(region: &str) -> &'static str {
    match region {
        region if region.starts_with("cn-") => "aws-cn",
        region if region.starts_with("us-gov-") => "aws-us-gov",
        _ => "aws",
    }
}

/// Something of API Gateway's, for tags and for IAM: an account stands in none (docs/aws.md §1.5).
pub fn of_gateway(region: &str, table: &str, id: &str) -> String {
    format!(
        "arn:{}:apigateway:{region}::/{table}/{id}",
        partition(region)
    )
}
