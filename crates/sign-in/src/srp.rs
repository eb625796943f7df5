//! Secure Remote Password as Cognito has it: a proof of the password that does not send it. Pure
//! but for the dice.
//!
//! SRP-6a over the 3072-bit group of RFC 3526 with SHA-256. What is Cognito's own: the pool's name
//! goes into the identity, numbers are hashed with a zero byte before a leading one bit, and the
//! session key goes through HKDF with the info "Caldera Derived Key". The crates at hand either
//! log the secret hash and print the password in their `Debug`, or are years old.

use crate::{error::Error, secret::SecretString};
use base64::{Engine, engine::general_purpose::STANDARD};
use hmac::{Hmac, KeyInit, Mac};
use num_bigint::BigUint;
use rand::RngExt;
use sha2::{Digest, Sha256};

/// The prime of group 15 of RFC 3526; its generator is 2.
const PRIME: &[u8] = b"\
FFFFFFFFFFFFFFFFC90FDAA22168C234C4C6628B80DC1CD129024E088A67CC74020BBEA63B139B22514A08798E3404DD\
EF9519B3CD3A431B302B0A6DF25F14374FE1356D6D51C245E485B576625E7EC6F44C42E9A637ED6B0BFF5CB6F406B7ED\
EE386BFB5A899FA5AE9F24117C4B1FE649286651ECE45B3DC2007CB8A163BF0598DA48361C55D39A69163FA8FD24CF5F\
83655D23DCA3AD961C62F356208552BB9ED529077096966D670C354E4ABC9804F1746C08CA18217C32905E462E36CE3B\
E39E772C180E86039B2783A2EC07A28FB5C55DF06F4C52C9DE2BCBF6955817183995497CEA956AE515D2261898FA0510\
15728E5A8AAAC42DAD33170D04507A33A85521ABDF1CBA64ECFB850458DBEF0A8AEA71575D060C7DB3970F85A6E1E4C7\
ABF5AE8CDB0933D71E8C94E04A25619DCEE3D2261AD2EE6BF12FFA06D98A0864D87602733EC86A64521F2B18177B200C\
BBE117577A615D6C770988C0BAD946E208E24FA074E5AB3143DB5BFCE0FD108E4B82D120A93AD2CAFFFFFFFFFFFFFFFF";

/// One side of one sign-in.
pub struct Srp {
    secret: BigUint,
    public: BigUint,
}

/// What Cognito asks with PASSWORD_VERIFIER.
pub struct Challenge<'a> {
    /// The part of the pool's id after the underscore.
    pub pool_name: &'a str,
    /// USER_ID_FOR_SRP.
    pub user: &'a str,
    pub salt: &'a str,
    /// SRP_B.
    pub public: &'a str,
    pub secret_block: &'a str,
    /// As [`TIMESTAMP`] has it, in UTC.
    pub timestamp: &'a str,
}

/// The form of a timestamp: `Tue Nov 3 09:05:01 UTC 2026`, the day without a zero.
pub const TIMESTAMP: &str = "%a %b %-d %H:%M:%S UTC %Y";

impl Srp {
    pub fn new() -> Self {
        Self::with_secret(&rand::rng().random::<[u8; 128]>())
    }

    fn with_secret(secret: &[u8]) -> Self {
        let secret = BigUint::from_bytes_be(secret);
        let public = generator().modpow(&secret, &prime());
        Self { secret, public }
    }

    /// SRP_A.
    pub fn public(&self) -> String {
        self.public.to_str_radix(16)
    }

    /// PASSWORD_CLAIM_SIGNATURE.
    pub fn prove(
        &self,
        challenge: &Challenge<'_>,
        password: &SecretString,
    ) -> Result<String, Error> {
        let block = STANDARD
            .decode(challenge.secret_block)
            .map_err(|_| Error::Parameter("SECRET_BLOCK"))?;
        let key = self.key(challenge, password)?;
        let parts = [
            challenge.pool_name.as_bytes(),
            challenge.user.as_bytes(),
            &block,
        ];
        let message = [&parts.concat(), challenge.timestamp.as_bytes()].concat();
        Ok(STANDARD.encode(hmac(&key[..16], &message)))
    }

    fn key(&self, challenge: &Challenge<'_>, password: &SecretString) -> Result<[u8; 32], Error> {
        let (prime, generator) = (prime(), generator());
        let theirs = number(challenge.public).ok_or(Error::Parameter("SRP_B"))?;
        let salt = number(challenge.salt).ok_or(Error::Parameter("SALT"))?;
        let scramble = hash(&[&padded(&self.public), &padded(&theirs)]);
        // With either of these the session key would be the same for every password (RFC 2945 §3).
        if &theirs % &prime == BigUint::ZERO || scramble == BigUint::ZERO {
            return Err(Error::Parameter("SRP_B"));
        }
        let identity = format!(
            "{}{}:{}",
            challenge.pool_name,
            challenge.user,
            password.expose()
        );
        let exponent = hash(&[&padded(&salt), &Sha256::digest(identity)]);
        let multiplier = hash(&[&padded(&prime), &padded(&generator)]);
        let verifier = multiplier * generator.modpow(&exponent, &prime) % &prime;
        let base = (theirs % &prime + &prime - verifier) % &prime;
        let shared = base.modpow(&(&self.secret + &scramble * exponent), &prime);
        let extracted = hmac(&padded(&scramble), &padded(&shared));
        Ok(hmac(&extracted, b"Caldera Derived Key\x01"))
    }
}

impl Default for Srp {
    fn default() -> Self {
        Self::new()
    }
}

/// What an app client with a secret sends along with a user's name: a proof of the secret.
pub fn secret_hash(client_secret: &SecretString, client_id: &str, username: &str) -> String {
    STANDARD.encode(hmac(
        client_secret.expose().as_bytes(),
        format!("{username}{client_id}").as_bytes(),
    ))
}

fn prime() -> BigUint {
    BigUint::parse_bytes(PRIME, 16).expect("the constant is hexadecimal")
}

fn generator() -> BigUint {
    BigUint::from(2_u8)
}

fn number(text: &str) -> Option<BigUint> {
    BigUint::parse_bytes(text.as_bytes(), 16)
}

/// The number's bytes, with a zero in front where it would look negative in two's complement.
fn padded(number: &BigUint) -> Vec<u8> {
    let bytes = number.to_bytes_be();
    if bytes[0] & 0x80 == 0 {
        bytes
    } else {
        [&[0], bytes.as_slice()].concat()
    }
}

fn hash(parts: &[&[u8]]) -> BigUint {
    BigUint::from_bytes_be(&Sha256::digest(parts.concat()))
}

fn hmac(key: &[u8], message: &[u8]) -> [u8; 32] {
    let mut mac = Hmac::<Sha256>::new_from_slice(key).expect("HMAC takes keys of any length");
    mac.update(message);
    mac.finalize().into_bytes().into()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// SHA-256 of a text in hexadecimal: the vectors' numbers are made of such.
    fn digest(text: &str) -> String {
        Sha256::digest(text)
            .iter()
            .map(|byte| format!("{byte:02x}"))
            .collect()
    }

    fn digits(name: &str, count: usize, first: &str) -> String {
        let all: String = (0..count)
            .map(|index| digest(&format!("{name}-{index}")))
            .collect();
        format!("{first}{}", &all[first.len()..])
    }

    fn ours() -> Srp {
        let secret = BigUint::parse_bytes(digits("a", 4, "").as_bytes(), 16).unwrap();
        Srp::with_secret(&secret.to_bytes_be())
    }

    fn signature(
        pool: &str,
        user: &str,
        password: &str,
        public: &str,
        salt: &str,
        rest: [&str; 2],
    ) -> String {
        let [block, timestamp] = rest;
        let (pool_name, block) = (pool, STANDARD.encode(block));
        let challenge = Challenge {
            pool_name,
            user,
            salt,
            public,
            secret_block: &block,
            timestamp,
        };
        ours()
            .prove(&challenge, &SecretString::new(password))
            .unwrap()
    }

    /// What AuthenticationHelper of npm's amazon-cognito-identity-js 6.3 answers to the same
    /// numbers: with and without a leading one bit in SRP_B and in the salt, with a salt that
    /// begins with a zero, with a password beyond ASCII.
    #[test]
    fn the_proofs_are_those_of_amazons_own_client() {
        let salt = |first: &str, of: &str| format!("{first}{}", &digest(of)[..30]);
        let user = "11111111-2222-3333-4444-555555555555";
        assert!(
            ours()
                .public()
                .starts_with("3d9c2ec38d0b2893420d5545be5549e7")
        );
        assert_eq!(
            signature(
                "Workshop1",
                user,
                "Correct-horse-1",
                &digits("B1", 12, "0"),
                &salt("0a", "salt1"),
                ["secret block one", "Tue Nov 3 09:05:01 UTC 2026"]
            ),
            "Tx42I3Ie99speTBkJ07La8TJohlJPn+LmnORyjOwgRc="
        );
        assert_eq!(
            signature(
                "Workshop1",
                "ann",
                "pässwörd ✓",
                &digits("B2", 12, "7f"),
                &salt("ff", "salt2"),
                ["two", "Sun Nov 15 23:59:59 UTC 2026"]
            ),
            "N3WE8aS7baBkuIL0f8TooYoxPnKrpxvzh8W+VA/NbKc="
        );
        assert_eq!(
            signature(
                "x",
                "a",
                "b",
                &digits("B3", 12, "f"),
                &salt("00", "salt3"),
                ["three", "Fri Jan 1 00:00:00 UTC 2027"]
            ),
            "Lb2Y9vNgfyCjmJLNXvDl2BcS7dRKN/BhDiuejCKhu7s="
        );
    }

    #[test]
    fn a_number_that_would_make_every_password_right_is_refused() {
        let prime = String::from_utf8(PRIME.to_vec()).unwrap();
        for public in ["0", &prime, "", "xyz"] {
            let challenge = Challenge {
                pool_name: "x",
                user: "ann",
                salt: "0a",
                public,
                secret_block: "",
                timestamp: "",
            };
            assert!(
                Srp::new()
                    .prove(&challenge, &SecretString::new("p"))
                    .is_err(),
                "{public}"
            );
        }
    }

    /// Made with openssl, as AWS's guide has it ("Computing secret hash values").
    #[test]
    fn a_secret_hash_is_an_hmac_of_name_and_client() {
        let hash = secret_hash(&SecretString::new("secret"), "client", "ann");
        assert_eq!(hash, "1KBhTmaloN8gn8mYFOpcHRnT/Jn7qaddEv2E6vNUy30=");
    }

    #[test]
    fn a_timestamp_has_no_zero_before_the_day() {
        let moment: jiff::Timestamp = "2026-11-03T09:05:01Z".parse().unwrap();
        assert_eq!(
            moment.strftime(TIMESTAMP).to_string(),
            "Tue Nov 3 09:05:01 UTC 2026"
        );
    }
}
