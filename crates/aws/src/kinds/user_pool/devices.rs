//! Whether a pool remembers devices, in Cognito's terms: it does once any of this is set (Cognito API,
//! `DeviceConfigurationType`). Pure.

use crate::spec::user_pool::{Devices, Remember};
use aws_sdk_cognitoidentityprovider::types::DeviceConfigurationType;

pub(super) fn read(live: &Option<DeviceConfigurationType>) -> Option<Devices> {
    let remember = match live {
        None => Remember::No,
        Some(it) if it.device_only_remembered_on_user_prompt => Remember::OptIn,
        Some(_) => Remember::Always,
    };
    let is_challenged = live
        .as_ref()
        .is_some_and(|it| it.challenge_required_on_new_device);
    Some(Devices {
        remember: Some(remember),
        challenge_new_devices: Some(is_challenged),
    })
}

pub(super) fn write(live: &mut Option<DeviceConfigurationType>, declared: &Option<Devices>) {
    let Some(declared) = declared else { return };
    let now = read(live).unwrap_or_default();
    let is_challenged = declared.challenge_new_devices.or(now.challenge_new_devices);
    *live = match declared.remember.or(now.remember).unwrap_or_default() {
        Remember::No => None,
        remember => Some(
            DeviceConfigurationType::builder()
                .challenge_required_on_new_device(is_challenged.unwrap_or(false))
                .device_only_remembered_on_user_prompt(remember == Remember::OptIn)
                .build(),
        ),
    };
}
