//! A certificate authority of the test's own.

use rcgen::{
    BasicConstraints, CertificateParams, DnType, ExtendedKeyUsagePurpose, IsCa, Issuer, KeyPair,
    SanType,
};
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;
use std::net::Ipv4Addr;
use std::path::{Path, PathBuf};
use tests::Certificate;

pub struct Authority {
    folder: PathBuf,
    issuer: Issuer<'static, KeyPair>,
}

impl Authority {
    /// A new authority in a folder.
    pub fn make(folder: &Path, name: &str) -> Self {
        let mut params = CertificateParams::default();
        params.distinguished_name.push(DnType::CommonName, name);
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let key = KeyPair::generate().unwrap();
        let certificate = params.self_signed(&key).unwrap();
        std::fs::write(folder.join("ca.pem"), certificate.pem()).unwrap();
        std::fs::write(folder.join("ca.key"), key.serialize_pem()).unwrap();
        Self::open(folder)
    }

    /// The authority in a folder, `ca.pem` and `ca.key`.
    pub fn open(folder: &Path) -> Self {
        let key = std::fs::read_to_string(folder.join("ca.key")).unwrap();
        let der = CertificateDer::from_pem_file(folder.join("ca.pem")).unwrap();
        let issuer = Issuer::from_ca_cert_der(&der, KeyPair::from_pem(&key).unwrap()).unwrap();
        Self { folder: folder.to_owned(), issuer }
    }

    pub fn ca(&self) -> PathBuf {
        self.folder.join("ca.pem")
    }

    /// A certificate with these subject attributes, good at both ends of a connection.
    pub fn issue(&self, file: &str, subject: &[(DnType, &str)]) -> Certificate {
        use ExtendedKeyUsagePurpose::{ClientAuth, ServerAuth};
        self.issue_for(file, subject, vec![ServerAuth, ClientAuth])
    }

    /// A certificate for these purposes.
    pub fn issue_for(
        &self,
        file: &str,
        subject: &[(DnType, &str)],
        purposes: Vec<ExtendedKeyUsagePurpose>,
    ) -> Certificate {
        let mut params = CertificateParams::default();
        for (kind, value) in subject {
            params.distinguished_name.push(kind.clone(), *value);
        }
        params.subject_alt_names.push(SanType::IpAddress(Ipv4Addr::LOCALHOST.into()));
        params.extended_key_usages = purposes;
        let key = KeyPair::generate().unwrap();
        let certificate = params.signed_by(&key, &self.issuer).unwrap();
        let pair = Certificate::in_folder(&self.folder, file);
        std::fs::write(&pair.certificate, certificate.pem()).unwrap();
        std::fs::write(&pair.key, key.serialize_pem()).unwrap();
        pair
    }

    /// A system of an organisation.
    pub fn system(&self, system: &str, ods: &str) -> Certificate {
        let subject = [(DnType::CommonName, system), (DnType::OrganizationalUnitName, ods)];
        self.issue(system, &subject)
    }
}
