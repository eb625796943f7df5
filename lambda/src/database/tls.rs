//! Which servers are believed: those with a certificate from Amazon RDS, and those whose
//! authority the settings name. Reads the file that they name, nothing else.

use rustls::{
    ClientConfig, RootCertStore,
    crypto::aws_lc_rs,
    pki_types::{CertificateDer, pem::PemObject},
};
use std::{path::Path, sync::Arc};
use tokio_postgres_rustls::MakeRustlsConnect;

/// The roots of Amazon RDS in all regions; see `certificates/README.md`.
const RDS: &[u8] = include_bytes!("../../certificates/rds.pem");

/// A connector that verifies the certificate and the host's name in it.
pub(super) fn connector(ca_file: Option<&Path>) -> Result<MakeRustlsConnect, String> {
    let mut roots = RootCertStore::empty();
    add(&mut roots, RDS, "the certificates of RDS")?;
    if let Some(path) = ca_file {
        let pem =
            std::fs::read(path).map_err(|error| format!("DB_CA_FILE cannot be read: {error}"))?;
        add(&mut roots, &pem, "DB_CA_FILE")?;
    }
    let config = ClientConfig::builder_with_provider(Arc::new(aws_lc_rs::default_provider()))
        .with_safe_default_protocol_versions()
        .map_err(|error| error.to_string())?
        .with_root_certificates(roots)
        .with_no_client_auth();
    Ok(MakeRustlsConnect::new(config))
}

fn add(roots: &mut RootCertStore, pem: &[u8], what: &str) -> Result<(), String> {
    let before = roots.len();
    for certificate in CertificateDer::pem_slice_iter(pem) {
        let certificate = certificate.map_err(|error| format!("{what} cannot be read: {error}"))?;
        roots
            .add(certificate)
            .map_err(|error| format!("{what} cannot be used: {error}"))?;
    }
    if roots.len() > before {
        Ok(())
    } else {
        Err(format!("{what} holds no certificate"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_certificate_of_rds_can_be_used() {
        let mut roots = RootCertStore::empty();
        add(&mut roots, RDS, "the certificates of RDS").expect("certificates");
        assert_eq!(roots.len(), 81);
    }

    #[test]
    fn a_file_without_a_certificate_is_refused() {
        let said = add(&mut RootCertStore::empty(), b"nothing", "DB_CA_FILE");
        assert_eq!(said, Err("DB_CA_FILE holds no certificate".to_owned()));
        assert!(connector(Some(Path::new("/nowhere/ca.pem"))).is_err());
    }
}
