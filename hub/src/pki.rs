//! The development certificates: a CA made on the spot, the hub's own, one per organisation; and
//! what an operator does with keys (revoke, PKCS#12).
//!
//! A development CA belongs to its data folder. A live hub refuses it.

pub mod expiry;
mod own;
mod pkcs12;

pub use own::{own_identity, problems as own_problems};
pub use pkcs12::export as export_pkcs12;

use crate::data::{DataFolder, write_atomic};
use node::caller::{
    CONFORMANCE_SYSTEM, GATEWAY_SYSTEM, OPERATOR_SYSTEM, REGISTRY_SYSTEM, REPOSITORY_SYSTEM,
    conformance_ods,
};
use node::tls::Identity;
use rcgen::{
    BasicConstraints, CertificateParams, CertificateRevocationListParams, DnType,
    ExtendedKeyUsagePurpose, IsCa, KeyIdMethod, KeyPair, KeyUsagePurpose, RevocationReason,
    RevokedCertParams, SerialNumber,
};
use rustls_pki_types::CertificateDer;
use rustls_pki_types::pem::PemObject;
use schemas::ods_code::OdsCode;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::path::{Path, PathBuf};

/// The subject that marks a development CA.
pub const DEVELOPMENT_CA: &str = "Watling development CA";
const DAYS: i64 = 397;

/// The certificates of a data folder, `DIR/pki`.
#[derive(Clone, Debug)]
pub struct DevelopmentPki {
    pub folder: PathBuf,
}

fn failed(what: &Path, error: impl std::fmt::Display) -> String {
    format!("{}: {error}", what.display())
}

/// When a certificate is valid, in days from now.
#[derive(Clone, Copy, Debug)]
pub struct Validity {
    pub from_days: i64,
    pub until_days: i64,
}

impl Default for Validity {
    fn default() -> Self {
        Self { from_days: -1, until_days: DAYS }
    }
}

impl DevelopmentPki {
    pub fn of(data: &DataFolder) -> Self {
        Self { folder: data.path.join("pki") }
    }

    pub fn ca(&self) -> PathBuf {
        self.folder.join("ca.pem")
    }

    fn ca_key(&self) -> PathBuf {
        self.folder.join("ca.key")
    }

    pub fn revoked(&self) -> PathBuf {
        self.folder.join("revoked.pem")
    }

    pub fn exists(&self) -> bool {
        self.ca().is_file() && self.ca_key().is_file()
    }

    /// Makes the CA and the hub's own certificates where they are missing. The caller holds the
    /// folder's lock.
    pub fn ensure(&self, hub: &OdsCode) -> Result<(), String> {
        let clients = self.folder.join("clients");
        std::fs::create_dir_all(&clients).map_err(|error| failed(&clients, error))?;
        if !self.exists() {
            self.make_ca()?;
        }
        for system in [REGISTRY_SYSTEM, REPOSITORY_SYSTEM, GATEWAY_SYSTEM, OPERATOR_SYSTEM] {
            if !self.folder.join(format!("{system}.pem")).is_file() {
                self.issue(&self.folder, system, system, hub, true, Validity::default())?;
            }
        }
        Ok(())
    }

    /// A client certificate `clients/ODS.pem` and `.key` for a system, where it is missing.
    pub fn ensure_client(&self, system: &str, ods: &OdsCode) -> Result<(), String> {
        let clients = self.folder.join("clients");
        if clients.join(format!("{ods}.pem")).is_file() {
            return Ok(());
        }
        self.issue(&clients, ods.as_str(), system, ods, false, Validity::default())
    }

    /// The client of conformance mode, `clients/conformance.pem` and `.key`, where it is missing. A
    /// hub that is not in that mode does not know it. Its certificate serves on this machine too, for
    /// answers on connections of their own.
    pub fn ensure_conformance_client(&self) -> Result<PathBuf, String> {
        let clients = self.folder.join("clients");
        let certificate = clients.join("conformance.pem");
        if !certificate.is_file() {
            let ods = conformance_ods();
            let validity = Validity::default();
            self.issue(&clients, "conformance", CONFORMANCE_SYSTEM, &ods, true, validity)?;
        }
        Ok(certificate)
    }

    pub fn client(&self, ods: &OdsCode) -> Identity {
        self.identity(&self.folder.join("clients"), ods.as_str())
    }

    /// The identity of one of the hub's own systems.
    pub fn service(&self, system: &str) -> Identity {
        self.identity(&self.folder, system)
    }

    fn identity(&self, folder: &Path, name: &str) -> Identity {
        Identity {
            certificate: folder.join(format!("{name}.pem")),
            key: folder.join(format!("{name}.key")),
            trust: self.ca(),
            revoked: Some(self.revoked()),
        }
    }

    fn make_ca(&self) -> Result<(), String> {
        let mut params = CertificateParams::default();
        params.distinguished_name.push(DnType::CommonName, DEVELOPMENT_CA);
        params.distinguished_name.push(DnType::OrganizationName, "Watling development");
        params.is_ca = IsCa::Ca(BasicConstraints::Constrained(0));
        params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
        dates(&mut params, Validity { from_days: -1, until_days: 3650 });
        let key = KeyPair::generate().map_err(|error| error.to_string())?;
        let certificate = params.self_signed(&key).map_err(|error| error.to_string())?;
        write_key(&self.ca_key(), &key)?;
        write_atomic(&self.ca(), certificate.pem().as_bytes())
    }

    fn issuer(&self) -> Result<rcgen::Issuer<'static, KeyPair>, String> {
        let key_path = self.ca_key();
        let pem = std::fs::read_to_string(&key_path).map_err(|error| failed(&key_path, error))?;
        let key = KeyPair::from_pem(&pem).map_err(|error| failed(&key_path, error))?;
        let ca = self.ca();
        let der = CertificateDer::from_pem_file(&ca).map_err(|error| failed(&ca, error))?;
        rcgen::Issuer::from_ca_cert_der(&der, key).map_err(|error| failed(&ca, error))
    }

    /// Issues a certificate: CN the system, OU the organisation.
    pub fn issue(
        &self,
        folder: &Path,
        file: &str,
        system: &str,
        ods: &OdsCode,
        is_server: bool,
        validity: Validity,
    ) -> Result<(), String> {
        let mut names = Vec::new();
        if is_server {
            names.push("localhost".to_owned());
        }
        let mut params = CertificateParams::new(names).map_err(|error| error.to_string())?;
        if is_server {
            let loopback = [IpAddr::V4(Ipv4Addr::LOCALHOST), IpAddr::V6(Ipv6Addr::LOCALHOST)];
            params.subject_alt_names.extend(loopback.map(rcgen::SanType::IpAddress));
            params.extended_key_usages.push(ExtendedKeyUsagePurpose::ServerAuth);
        }
        params.extended_key_usages.push(ExtendedKeyUsagePurpose::ClientAuth);
        params.key_usages = vec![KeyUsagePurpose::DigitalSignature];
        params.distinguished_name.push(DnType::CommonName, system);
        params.distinguished_name.push(DnType::OrganizationalUnitName, ods.as_str());
        params.distinguished_name.push(DnType::OrganizationName, "Watling development");
        params.use_authority_key_identifier_extension = true;
        dates(&mut params, validity);
        let key = KeyPair::generate().map_err(|error| error.to_string())?;
        let certificate =
            params.signed_by(&key, &self.issuer()?).map_err(|error| error.to_string())?;
        write_key(&folder.join(format!("{file}.key")), &key)?;
        write_atomic(&folder.join(format!("{file}.pem")), certificate.pem().as_bytes())
    }

    /// Puts an organisation's certificate on the revocation list, beside those that are on it.
    pub fn revoke(&self, ods: &OdsCode) -> Result<(), String> {
        let record = self.folder.join("revoked.serials");
        let mut serials: Vec<String> = std::fs::read_to_string(&record)
            .unwrap_or_default()
            .lines()
            .map(str::to_owned)
            .collect();
        let path = self.client(ods).certificate;
        let der = CertificateDer::from_pem_file(&path).map_err(|error| failed(&path, error))?;
        let (_, certificate) =
            x509_parser::parse_x509_certificate(&der).map_err(|error| failed(&path, error))?;
        let serial: String =
            certificate.raw_serial().iter().map(|byte| format!("{byte:02x}")).collect();
        if !serials.contains(&serial) {
            serials.push(serial);
        }
        let now = rcgen::date_time_ymd(1970, 1, 1) + std::time::Duration::from_secs(now_seconds());
        let revoked = serials.iter().map(|serial| RevokedCertParams {
            serial_number: SerialNumber::from_slice(&bytes(serial)),
            revocation_time: now,
            reason_code: Some(RevocationReason::CessationOfOperation),
            invalidity_date: None,
        });
        let list = CertificateRevocationListParams {
            this_update: now,
            next_update: now + std::time::Duration::from_secs(3650 * 86_400),
            crl_number: SerialNumber::from(serials.len() as u64),
            issuing_distribution_point: None,
            revoked_certs: revoked.collect(),
            key_identifier_method: KeyIdMethod::Sha256,
        };
        let list = list.signed_by(&self.issuer()?).map_err(|error| error.to_string())?;
        let pem = list.pem().map_err(|error| error.to_string())?;
        write_atomic(&record, serials.join("\n").as_bytes())?;
        write_atomic(&self.revoked(), pem.as_bytes())
    }
}

fn bytes(hex: &str) -> Vec<u8> {
    let pairs = (0..hex.len() / 2).map(|n| u8::from_str_radix(&hex[n * 2..n * 2 + 2], 16));
    pairs.map(Result::unwrap_or_default).collect()
}

fn now_seconds() -> u64 {
    u64::try_from(jiff::Timestamp::now().as_second()).unwrap_or_default()
}

fn dates(params: &mut CertificateParams, validity: Validity) {
    let at = |days: i64| {
        let seconds = (jiff::Timestamp::now().as_second() + days * 86_400).max(0);
        rcgen::date_time_ymd(1970, 1, 1) + std::time::Duration::from_secs(seconds as u64)
    };
    params.not_before = at(validity.from_days);
    params.not_after = at(validity.until_days);
}

/// Keys are for their owner's eyes.
fn write_key(path: &Path, key: &KeyPair) -> Result<(), String> {
    write_atomic(path, key.serialize_pem().as_bytes())?;
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        let owner = std::fs::Permissions::from_mode(0o600);
        std::fs::set_permissions(path, owner).map_err(|error| failed(path, error))?;
    }
    Ok(())
}

/// Whether a trust file holds a development CA.
pub fn trusts_development(path: &Path) -> Result<bool, String> {
    let certificates = CertificateDer::pem_file_iter(path).map_err(|error| failed(path, error))?;
    for der in certificates {
        let der = der.map_err(|error| failed(path, error))?;
        let parsed = x509_parser::parse_x509_certificate(&der);
        let (_, certificate) = parsed.map_err(|error| failed(path, error))?;
        let names = certificate.subject().iter_common_name();
        if names.filter_map(|name| name.as_str().ok()).any(|name| name == DEVELOPMENT_CA) {
            return Ok(true);
        }
    }
    Ok(false)
}
