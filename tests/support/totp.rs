//! An authenticator app: RFC 6238 with SHA-1, six digits and steps of half a minute.

use aws_lc_rs::hmac;
use std::time::SystemTime;

/// The code of now, for a secret in base 32.
pub(crate) fn code(secret: &str) -> String {
    let step = SystemTime::UNIX_EPOCH.elapsed().unwrap().as_secs() / 30;
    let key = hmac::Key::new(hmac::HMAC_SHA1_FOR_LEGACY_USE_ONLY, &decoded(secret));
    let tag = hmac::sign(&key, &step.to_be_bytes());
    let offset = usize::from(tag.as_ref()[19] & 0xf);
    let part: [u8; 4] = tag.as_ref()[offset..offset + 4].try_into().unwrap();
    format!(
        "{:06}",
        (u32::from_be_bytes(part) & 0x7fff_ffff) % 1_000_000
    )
}

fn decoded(secret: &str) -> Vec<u8> {
    let (mut bytes, mut bits, mut count) = (vec![], 0_u32, 0);
    for letter in secret.bytes().filter(|it| *it != b'=') {
        let value = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"
            .iter()
            .position(|it| *it == letter)
            .unwrap();
        (bits, count) = ((bits << 5) | u32::try_from(value).unwrap(), count + 5);
        if count >= 8 {
            count -= 8;
            bytes.push(u8::try_from(bits >> count & 0xff).unwrap());
        }
    }
    bytes
}
