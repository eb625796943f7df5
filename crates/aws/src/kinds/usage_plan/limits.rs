//! Where AWS keeps a usage plan's limits: each goes as a whole, and comes by its parts (Terraform's
//! `aws_api_gateway_usage_plan`). Pure.

use crate::kinds::rest_api::wire::remove;
use aws_sdk_apigateway::types::{Op, PatchOperation};

/// How fast each key may ask.
pub(super) mod throttling {
    use crate::{
        kinds::rows::{patched_rows, same},
        spec::usage_plan::Throttling,
    };
    use aws_sdk_apigateway::types::{PatchOperation, ThrottleSettings};

    patched_rows! { Throttling in ThrottleSettings:
        rate_limit = rate_limit @ "/throttle/rateLimit": same,
        burst_limit = burst_limit @ "/throttle/burstLimit": same,
    }

    /// An empty block is none.
    pub(in crate::kinds::usage_plan) fn of(live: &ThrottleSettings) -> Option<Throttling> {
        Some(read(live)).filter(|it| *it != Throttling::default())
    }

    pub(in crate::kinds::usage_plan) fn sent(declared: &Throttling) -> ThrottleSettings {
        let mut settings = ThrottleSettings::builder().build();
        write(&mut settings, declared);
        settings
    }

    pub(in crate::kinds::usage_plan) fn patches(
        declared: Option<&Throttling>,
        live: Option<&Throttling>,
    ) -> Vec<PatchOperation> {
        let by_parts = |it: &Throttling| patch(it, it, |_| true);
        super::patches("/throttle", declared.map(by_parts), live.is_some())
    }
}

/// How often each key may ask.
pub(super) mod quota {
    use crate::{
        kinds::rows::{always, patched_rows, same},
        spec::usage_plan::Quota,
    };
    use aws_sdk_apigateway::types::{PatchOperation, QuotaPeriodType, QuotaSettings};

    patched_rows! { Quota in QuotaSettings:
        limit = limit @ "/quota/limit": same,
        offset = offset @ "/quota/offset": always,
        period = period @ "/quota/period": period,
    }

    /// One of AWS's words.
    mod period {
        use super::QuotaPeriodType;

        pub(super) fn read(live: &Option<QuotaPeriodType>) -> String {
            let word = live.as_ref().map(QuotaPeriodType::as_str);
            word.unwrap_or_default().to_owned()
        }

        pub(super) fn write(live: &mut Option<QuotaPeriodType>, declared: &str) {
            *live = Some(declared.into());
        }
    }

    /// An empty block is none.
    pub(in crate::kinds::usage_plan) fn of(live: &QuotaSettings) -> Option<Quota> {
        Some(read(live)).filter(|it| it.limit > 0)
    }

    pub(in crate::kinds::usage_plan) fn sent(declared: &Quota) -> QuotaSettings {
        let mut settings = QuotaSettings::builder().build();
        write(&mut settings, declared);
        settings
    }

    /// What is left out of it stays.
    pub(in crate::kinds::usage_plan) fn patches(
        declared: Option<&Quota>,
        live: Option<&Quota>,
    ) -> Vec<PatchOperation> {
        let there = live.and_then(|it| it.offset);
        let by_parts = |it: &Quota| {
            let offset = it.offset.or(there);
            let whole = Quota {
                offset,
                ..it.clone()
            };
            patch(&whole, &whole, |_| true)
        };
        super::patches("/quota", declared.map(by_parts), live.is_some())
    }
}

fn patches(
    path: &str,
    by_parts: Option<Vec<PatchOperation>>,
    is_there: bool,
) -> Vec<PatchOperation> {
    let Some(by_parts) = by_parts else {
        return vec![remove(path)];
    };
    let op = if is_there { Op::Replace } else { Op::Add };
    let with_op = |it: PatchOperation| {
        let operation = PatchOperation::builder().op(op.clone());
        operation.set_path(it.path).set_value(it.value).build()
    };
    by_parts.into_iter().map(with_op).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::spec::usage_plan::{Quota, Throttling};

    fn short(operations: &[PatchOperation]) -> Vec<String> {
        let all = operations.iter();
        all.map(|it| {
            let op = it.op().map(Op::as_str).unwrap_or_default();
            let value = it.value().unwrap_or_default();
            format!("{op} {} {value}", it.path().unwrap_or_default())
        })
        .collect()
    }

    #[test]
    fn a_limit_goes_as_a_whole_and_comes_by_its_parts() {
        let fast = Throttling {
            rate_limit: 2.5,
            burst_limit: 5,
        };
        let often = Quota {
            limit: 100,
            period: "DAY".into(),
            offset: None,
        };
        assert_eq!(
            short(&throttling::patches(None, Some(&fast))),
            ["remove /throttle "]
        );
        assert_eq!(
            short(&quota::patches(None, Some(&often))),
            ["remove /quota "]
        );
        assert_eq!(
            short(&throttling::patches(Some(&fast), None)),
            ["add /throttle/rateLimit 2.5", "add /throttle/burstLimit 5"]
        );
        let later = Quota {
            offset: Some(3),
            ..often.clone()
        };
        assert_eq!(
            short(&quota::patches(Some(&often), Some(&later))),
            [
                "replace /quota/limit 100",
                "replace /quota/offset 3",
                "replace /quota/period DAY"
            ]
        );
    }

    #[test]
    fn a_limit_reads_as_it_is_sent() {
        let fast = Throttling {
            rate_limit: 0.5,
            burst_limit: 1,
        };
        let often = Quota {
            limit: 7,
            period: "WEEK".into(),
            offset: Some(2),
        };
        assert_eq!(throttling::of(&throttling::sent(&fast)), Some(fast));
        assert_eq!(quota::of(&quota::sent(&often)), Some(often));
        let (empty, none) = (Throttling::default(), Quota::default());
        assert_eq!(throttling::of(&throttling::sent(&empty)), None);
        assert_eq!(quota::of(&quota::sent(&none)), None);
    }
}
