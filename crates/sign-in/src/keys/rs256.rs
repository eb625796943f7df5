//! RS256 for jsonwebtoken, with aws-lc-rs. Pure.
//!
//! jsonwebtoken's own use of aws-lc-rs turns on features of it that nothing here needs, and with them all
//! that has it for its TLS, such as the AWS SDK, is built once more. Cognito signs with RS256 only.

use aws_lc_rs::signature::{RSA_PKCS1_2048_8192_SHA256, RsaPublicKeyComponents};
use jsonwebtoken::{
    Algorithm, DecodingKey, DecodingKeyKind,
    crypto::{CryptoProvider, JwtVerifier, KeyUtils},
    errors::{Error, ErrorKind},
    signature,
};
use std::sync::Once;

/// Makes this the way in which jsonwebtoken verifies.
pub(super) fn install() {
    static ONCE: Once = Once::new();
    static PROVIDER: CryptoProvider = CryptoProvider {
        signer_factory: |_, _| Err(refused()),
        verifier_factory: verifier,
        key_utils: KeyUtils::new_unimplemented(),
    };
    // Where the program has one already, that one verifies.
    ONCE.call_once(|| _ = PROVIDER.install_default());
}

struct Rs256 {
    modulus: Vec<u8>,
    exponent: Vec<u8>,
}

fn verifier(algorithm: &Algorithm, key: &DecodingKey) -> Result<Box<dyn JwtVerifier>, Error> {
    match (algorithm, key.kind()) {
        (Algorithm::RS256, DecodingKeyKind::RsaModulusExponent { n, e }) => Ok(Box::new(Rs256 {
            modulus: n.clone(),
            exponent: e.clone(),
        })),
        _ => Err(refused()),
    }
}

fn refused() -> Error {
    ErrorKind::InvalidAlgorithm.into()
}

impl signature::Verifier<Vec<u8>> for Rs256 {
    fn verify(&self, message: &[u8], signature: &Vec<u8>) -> Result<(), signature::Error> {
        let key = RsaPublicKeyComponents {
            n: &self.modulus,
            e: &self.exponent,
        };
        let verified = key.verify(&RSA_PKCS1_2048_8192_SHA256, message, signature);
        verified.map_err(|_| signature::Error::new())
    }
}

impl JwtVerifier for Rs256 {
    fn algorithm(&self) -> Algorithm {
        Algorithm::RS256
    }
}
