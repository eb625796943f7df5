//! How an ARN begins. Pure.

/// The partition of a region: `aws`, but for China's and the US government's (docs/aws.md §1.5).
pub fn partition(region: &str) -> &'static str {
    match region {
        region if region.starts_with("cn-") => "aws-cn",
        region if region.starts_with("us-gov-") => "aws-us-gov",
        _ => "aws",
    }
}
