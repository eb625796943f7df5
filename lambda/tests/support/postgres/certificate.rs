//! A throwaway authority, and the server's certificate by it.

use rcgen::{
    BasicConstraints, CertificateParams, CertifiedIssuer, DnType, IsCa, KeyPair, KeyUsagePurpose,
};
use std::{fs, os::unix::fs::PermissionsExt, path::Path};

/// Writes `ca.pem`, `server.pem` (for localhost and 127.0.0.1) and `server.key`.
pub(super) fn write(folder: &Path) {
    let mut authority = CertificateParams::new([]).unwrap();
    // OpenSSL takes a certificate whose issuer has its own name for one that signed itself.
    authority
        .distinguished_name
        .push(DnType::CommonName, "throwaway authority");
    authority.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    authority.key_usages = vec![KeyUsagePurpose::KeyCertSign];
    let authority = CertifiedIssuer::self_signed(authority, KeyPair::generate().unwrap()).unwrap();
    let key = KeyPair::generate().unwrap();
    let names = ["localhost".to_owned(), "127.0.0.1".to_owned()];
    let server = CertificateParams::new(names)
        .unwrap()
        .signed_by(&key, &authority)
        .unwrap();
    fs::write(folder.join("ca.pem"), authority.pem()).unwrap();
    fs::write(folder.join("server.pem"), server.pem()).unwrap();
    fs::write(folder.join("server.key"), key.serialize_pem()).unwrap();
    fs::set_permissions(folder.join("server.key"), fs::Permissions::from_mode(0o600)).unwrap();
}
