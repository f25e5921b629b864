//! A verifier with issuers of every kind, and what it says of a text.

use node::clock::Clock;
use node::xua::{Issuer, Presented, ReplayStore, TrustStore, Xua, XuaSettings};
use rcgen::{
    CertificateRevocationListParams, DnType, KeyIdMethod, KeyPair, RevocationReason,
    RevokedCertParams, SerialNumber,
};
use schemas::ods_code::OdsCode;
use schemas::soap::Envelope;
use schemas::xml::{Document, Limits};
use std::path::{Path, PathBuf};
use tests::saml::{Authority, Kind};

pub const RSA: &str = "https://rsa.example";
pub const EC: &str = "https://ec.example";
pub const SESSION: &str = "https://session.example";
pub const REVOKED: &str = "https://revoked.example";
pub const ENDED: &str = "https://ended.example";

pub struct Bed {
    pub folder: tempfile::TempDir,
    pub xua: Xua,
    pub clock: Clock,
    pub rsa: Authority,
    pub ec: Authority,
    /// Whose clients keep an assertion for a session.
    pub session: Authority,
    pub revoked: Authority,
    pub ended: Authority,
    /// Of the same name as the RSA issuer, and nobody's.
    pub stranger: Authority,
    runtime: tokio::runtime::Runtime,
    settings: XuaSettings,
}

impl Bed {
    pub fn new() -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let authority = Authority::new;
        let (rsa, ec) = (authority(RSA, Kind::Rsa), authority(EC, Kind::Ec));
        let (session, revoked) = (authority(SESSION, Kind::Rsa), authority(REVOKED, Kind::Ec));
        let ended = Authority::valid(ENDED, Kind::Ec, "20260101000000Z", "20260301000000Z");
        let mut settings = settings(&folder, &[&rsa, &ec, &session, &revoked, &ended]);
        settings.revoked = Some(revocation_list(&revoked, folder.path()));
        let clock = Clock::fixed(tests::START.parse().expect("a time"));
        let xua = open(&settings, folder.path(), &clock);
        let runtime = tokio::runtime::Runtime::new().expect("a runtime");
        let stranger = authority(RSA, Kind::Rsa);
        Self { folder, xua, clock, rsa, ec, session, revoked, ended, stranger, runtime, settings }
    }

    /// Another process on the same file, or this one after a restart.
    pub fn again(&self) -> Xua {
        open(&self.settings, self.folder.path(), &self.clock)
    }

    /// `accepted`, `none`, or the word of the refusal.
    pub fn says(&self, text: &str) -> String {
        self.says_to(&self.xua, text, &presented())
    }

    pub fn says_to(&self, xua: &Xua, text: &str, presented: &Presented) -> String {
        let Ok(document) = Document::parse(text, &Limits::default()) else {
            return "not-xml".to_owned();
        };
        let Ok(envelope) = Envelope::read(&document) else { return "no-envelope".to_owned() };
        let verified = xua.verify(document.root(), envelope.header, presented);
        match self.runtime.block_on(verified) {
            Ok(Some(_)) => "accepted".to_owned(),
            Ok(None) => "none".to_owned(),
            Err(refused) => refused.code(),
        }
    }

    /// The person that a text names.
    pub fn person(&self, text: &str) -> node::caller::UserAssertion {
        let document = Document::parse(text, &Limits::default()).expect("XML");
        let envelope = Envelope::read(&document).expect("an envelope");
        let presented = presented();
        let verified = self.xua.verify(document.root(), envelope.header, &presented);
        self.runtime.block_on(verified).expect("it is accepted").expect("there is one")
    }

    pub fn token(
        &self,
        token: &str,
        presented: &Presented,
    ) -> Result<node::caller::UserAssertion, String> {
        let verified = self.runtime.block_on(self.xua.bearer().verify(token, presented));
        verified.map_err(|refused| refused.code())
    }
}

/// Who shows the assertions, unless a test says otherwise.
pub fn presented() -> Presented {
    Presented {
        organisation: OdsCode::parse("ZZP01").expect("a code"),
        acting_for: None,
        certificate: Some([7; 32]),
        address: [192, 0, 2, 7].into(),
    }
}

fn open(settings: &XuaSettings, folder: &Path, clock: &Clock) -> Xua {
    let trust = TrustStore::load(settings).expect("the issuers are read");
    let replay = ReplayStore::open(&folder.join("xua.db")).expect("the store opens");
    Xua::new(settings.clone(), trust, replay, clock.clone())
}

fn settings(folder: &tempfile::TempDir, authorities: &[&Authority]) -> XuaSettings {
    let issuer = |(at, authority): (usize, &&Authority)| Issuer {
        name: authority.name.clone(),
        certificates: authority.write(folder.path(), &format!("issuer{at}")),
        one_use: authority.name != SESSION,
    };
    XuaSettings {
        audience: vec!["urn:watling:test".to_owned()],
        issuer: authorities.iter().enumerate().map(issuer).collect(),
        ..XuaSettings::default()
    }
}

/// A list of the authority's own that names its certificate.
fn revocation_list(authority: &Authority, folder: &Path) -> PathBuf {
    let pem = authority.key.private_key_to_pem_pkcs8().expect("PEM");
    let key = KeyPair::from_pem(std::str::from_utf8(&pem).expect("text")).expect("a key");
    let mut params = rcgen::CertificateParams::default();
    params.distinguished_name = rcgen::DistinguishedName::new();
    params.distinguished_name.push(DnType::CommonName, authority.name.as_str());
    params.key_usages = vec![rcgen::KeyUsagePurpose::CrlSign];
    let issuer = rcgen::Issuer::new(params, key);
    let list = CertificateRevocationListParams {
        this_update: rcgen::date_time_ymd(2026, 7, 1),
        next_update: rcgen::date_time_ymd(2026, 8, 1),
        crl_number: SerialNumber::from(1_u64),
        issuing_distribution_point: None,
        revoked_certs: vec![RevokedCertParams {
            serial_number: SerialNumber::from(4711_u64),
            revocation_time: rcgen::date_time_ymd(2026, 7, 1),
            reason_code: Some(RevocationReason::KeyCompromise),
            invalidity_date: None,
        }],
        key_identifier_method: KeyIdMethod::Sha256,
    };
    let path = folder.join("revoked.pem");
    let list = list.signed_by(&issuer).expect("it signs").pem().expect("PEM");
    std::fs::write(&path, list).expect("it is written");
    path
}
