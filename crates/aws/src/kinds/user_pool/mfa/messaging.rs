//! AWS End User Messaging, which a pool that is not wsctl's may send its texts with. Pure.

use crate::spec::user_pool::EndUserMessaging;
use aws_sdk_cognitoidentityprovider::types::EumsSmsConfigurationType;

mod members {
    use super::{EndUserMessaging, EumsSmsConfigurationType};
    use crate::kinds::rows::{rows, same};

    rows! { EndUserMessaging in EumsSmsConfigurationType:
        caller_arn = caller_arn: same,
        external_id = external_id: same,
        origination_identity = origination_identity: same,
        configuration_set_name = configuration_set_name: same,
        in_entity_id = in_entity_id: same,
        in_template_id = in_template_id: same,
        region = region: same,
    }

    pub(super) fn of(live: &EumsSmsConfigurationType) -> EndUserMessaging {
        read(live)
    }

    /// `None` is never: it has its one required member.
    pub(super) fn configuration(declared: &EndUserMessaging) -> Option<EumsSmsConfigurationType> {
        let made = EumsSmsConfigurationType::builder().caller_arn(&declared.caller_arn);
        let mut made = made.build().ok()?;
        write(&mut made, declared);
        Some(made)
    }
}

pub(super) fn read(live: &Option<EumsSmsConfigurationType>) -> Option<EndUserMessaging> {
    live.as_ref().map(members::of)
}

pub(super) fn write(
    live: &mut Option<EumsSmsConfigurationType>,
    declared: &Option<EndUserMessaging>,
) {
    *live = declared.as_ref().and_then(members::configuration);
}
