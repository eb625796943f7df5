//! An answer's body, as a whole and of a bounded size: who answers may never stop.

use aws_smithy_types::{body::SdkBody, byte_stream::ByteStream};

/// A page of the largest listing has some MB, and API Gateway lets 10 MB through; what has more is no
/// answer of AWS's.
pub const LARGEST: usize = 64 << 20;

/// All of it, in memory.
///
/// # Errors
/// What is wrong with it, where it breaks off or has more than `most` bytes: then no more is read.
pub async fn whole(body: SdkBody, most: usize) -> Result<Vec<u8>, String> {
    let too_much = || format!("the answer has more than {} MB", most >> 20);
    if let Some(bytes) = body.bytes() {
        return if bytes.len() > most {
            Err(too_much())
        } else {
            Ok(bytes.to_vec())
        };
    }
    let (mut stream, mut bytes) = (ByteStream::new(body), vec![]);
    while let Some(part) = stream
        .try_next()
        .await
        .map_err(|error| format!("the answer broke off: {error}"))?
    {
        if bytes.len() + part.len() > most {
            return Err(too_much());
        }
        bytes.extend_from_slice(&part);
    }
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::aws::{Aws, Clock, Credentials, Target, emulators_keys};
    use aws_in_memory::endless::{BETWEEN, Endless, LENGTHS};
    use aws_smithy_async::rt::sleep::{AsyncSleep, Sleep};
    use std::time::{Duration, Instant};

    #[derive(Debug)]
    struct Impatient;

    impl AsyncSleep for Impatient {
        fn sleep(&self, pause: Duration) -> Sleep {
            let is_limit = pause >= Duration::from_secs(5);
            Sleep::new(tokio::time::sleep(if is_limit {
                pause
            } else {
                Duration::ZERO
            }))
        }
    }

    #[tokio::test]
    async fn an_answer_of_awss_that_never_ends_is_an_error() {
        for length in LENGTHS {
            let mut server = Endless::with(length);
            let started = Instant::now();
            let target = Target {
                region: "eu-west-1".into(),
                endpoint_url: Some(server.url()),
                credentials: Credentials::Emulator(emulators_keys("000000000000", "key")),
                clock: Clock::new(Impatient, move || started.elapsed()),
                ..Target::default()
            };
            let aws = Aws::connect(target).await;
            let asked = aws
                .read("lambda:ListFunctions", || {
                    aws.lambda.list_functions().send()
                })
                .await;
            let error = asked.err().unwrap().to_string();
            assert!(
                error.starts_with("lambda:ListFunctions: ") && error.contains("more than 64 MB"),
                "{error}"
            );
            assert!(server.sent().await <= LARGEST + BETWEEN, "{length:?}");
        }
    }

    #[tokio::test]
    async fn a_body_of_just_the_size_is_whole_and_one_byte_more_is_too_much() {
        assert_eq!(
            whole(SdkBody::from("x".repeat(1 << 20)), 1 << 20)
                .await
                .unwrap()
                .len(),
            1 << 20
        );
        let error = whole(SdkBody::from("x".repeat((1 << 20) + 1)), 1 << 20)
            .await
            .unwrap_err();
        assert_eq!(error, "the answer has more than 1 MB");
    }
}
