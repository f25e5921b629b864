//! Which organisation a certificate is of, and certificates and lists that end.

use crate::executable;
use hub::serve::Role;
use node::caller::{PeerCertificate, PinnedCaller, fingerprint};
use rcgen::{
    CertificateParams, CertificateRevocationListParams, DnType, Issuer, KeyIdMethod, KeyPair,
    RevokedCertParams, SanType, SerialNumber,
};
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;
use schemas::ods_code::OdsCode;
use std::process::Command;
use tests::message;
use tests::{Answer, Certificate, TestHub};

fn issuer(hub: &TestHub) -> Issuer<'static, KeyPair> {
    let key = std::fs::read_to_string(hub.pki().join("ca.key")).unwrap();
    let der = CertificateDer::from_pem_file(hub.pki().join("ca.pem")).unwrap();
    Issuer::from_ca_cert_der(&der, KeyPair::from_pem(&key).unwrap()).unwrap()
}

/// A certificate with these URIs, and an end in so many days.
fn issue(hub: &TestHub, subject: &[(DnType, &str)], uris: &[&str], days: i64) -> Certificate {
    let mut params = CertificateParams::default();
    params.distinguished_name = rcgen::DistinguishedName::new();
    for (kind, value) in subject {
        params.distinguished_name.push(kind.clone(), *value);
    }
    for uri in uris {
        params.subject_alt_names.push(SanType::URI((*uri).try_into().unwrap()));
    }
    params.not_before = rcgen::date_time_ymd(2020, 1, 1);
    let seconds = jiff::Timestamp::now().as_second() + days * 86_400;
    params.not_after = rcgen::date_time_ymd(1970, 1, 1)
        + std::time::Duration::from_secs(u64::try_from(seconds).unwrap());
    params.extended_key_usages = vec![rcgen::ExtendedKeyUsagePurpose::ClientAuth];
    let key = KeyPair::generate().unwrap();
    let certificate = params.signed_by(&key, &issuer(hub)).unwrap();
    let pair =
        Certificate::in_folder(hub.data(), &format!("c{}", uris.join("").len() + subject.len()));
    std::fs::write(&pair.certificate, certificate.pem()).unwrap();
    std::fs::write(&pair.key, key.serialize_pem()).unwrap();
    pair
}

fn read(certificate: &Certificate) -> PeerCertificate {
    let der = CertificateDer::from_pem_file(&certificate.certificate).unwrap();
    PeerCertificate::read(&der).unwrap()
}

fn asks(hub: &TestHub, certificate: Certificate) -> Answer {
    let query = message::find_documents("9000000009", "LeafClass", "");
    hub.anonymous(hub.url(Role::Gateway)).certificate(certificate).soap(&query)
}

const ODS: &str = "https://fhir.nhs.uk/Id/ods-organization-code";

#[test]
fn a_certificate_names_its_organisation_by_a_uri() {
    let hub = TestHub::start();
    let system = read(&hub.certificate("ZZP01")).system;
    let cn = (DnType::CommonName, system.as_str());
    let ou = (DnType::OrganizationalUnitName, "RXN");
    let named = |subject: &[(DnType, &str)], uris: &[String]| {
        let uris: Vec<&str> = uris.iter().map(String::as_str).collect();
        let read = read(&issue(&hub, subject, &uris, 90));
        read.organisation.map(|ods| ods.to_string()).unwrap_or_default()
    };
    for mark in ["/", "#"] {
        assert_eq!(named(std::slice::from_ref(&cn), &[format!("{ODS}{mark}ZZP01")]), "ZZP01");
    }
    assert_eq!(
        named(&[cn.clone(), ou.clone()], &[format!("{ODS}/ZZP01")]),
        "ZZP01",
        "before the OU"
    );
    assert_eq!(named(&[cn.clone(), ou.clone()], &["https://example.org/ZZP01".to_owned()]), "RXN");
    assert_eq!(
        named(std::slice::from_ref(&cn), &[format!("{ODS}/ZZP01"), format!("{ODS}/RXN")]),
        "",
        "two"
    );
    let certificate = issue(&hub, &[cn], &[&format!("{ODS}/ZZP01")], 90);
    let answer = asks(&hub, certificate);
    assert_eq!(answer.xds_status(), "Success", "{}", answer.text());
    let event = hub.last_audit(Role::Gateway).event;
    assert_eq!(event.organisation.as_deref(), Some("ZZP01"));
}

#[test]
fn a_pinned_certificate_is_who_the_configuration_says() {
    let mut hub = TestHub::start();
    let system = read(&hub.certificate("ZZP01")).system;
    let certificate = issue(&hub, &[(DnType::CommonName, "legacy box 7")], &[], 90);
    assert_eq!(asks(&hub, certificate.clone()).status, 403, "nobody knows whose it is");
    let sha256 = fingerprint::hex(&read(&certificate).fingerprint);
    hub.restart_with(|options| {
        let organisation = OdsCode::parse("ZZP01").unwrap();
        options.config.caller = vec![PinnedCaller { sha256, system, organisation }];
    });
    let answer = asks(&hub, certificate);
    assert_eq!(answer.xds_status(), "Success", "{}", answer.text());
}

#[test]
fn an_expired_revocation_list_still_refuses_whom_it_names_and_is_reported() {
    let hub = TestHub::start();
    let der = CertificateDer::from_pem_file(hub.certificate("ZZP01").certificate).unwrap();
    let (_, certificate) = x509_parser::parse_x509_certificate(&der).unwrap();
    let list = CertificateRevocationListParams {
        this_update: rcgen::date_time_ymd(2024, 1, 1),
        next_update: rcgen::date_time_ymd(2024, 2, 1),
        crl_number: SerialNumber::from(1_u64),
        issuing_distribution_point: None,
        revoked_certs: vec![RevokedCertParams {
            serial_number: SerialNumber::from_slice(certificate.raw_serial()),
            revocation_time: rcgen::date_time_ymd(2024, 1, 1),
            reason_code: None,
            invalidity_date: None,
        }],
        key_identifier_method: KeyIdMethod::Sha256,
    };
    assert_eq!(asks(&hub, hub.certificate("ZZP01")).xds_status(), "Success");
    let pem = list.signed_by(&issuer(&hub)).unwrap().pem().unwrap();
    std::fs::write(hub.pki().join("revoked.pem"), pem).unwrap();
    // Looked at twice a second.
    std::thread::sleep(std::time::Duration::from_millis(1_500));
    let query = message::find_documents("9000000009", "LeafClass", "");
    let revoked = hub.request("ZZP01", hub.url(Role::Gateway)).try_post(&query);
    assert!(revoked.is_err(), "{revoked:?}");
    let others = hub.request("ZZO01", hub.url(Role::Gateway)).soap(&query);
    assert_eq!(others.status, 200, "the others go on: {}", others.text());
    let said = check(&hub);
    assert!(said.contains("the revocation list") && said.contains("has ended"), "{said}");
}

fn check(hub: &TestHub) -> String {
    let output =
        Command::new(executable()).args(["check", "--data"]).arg(hub.data()).output().unwrap();
    String::from_utf8_lossy(&output.stdout).into_owned()
}

#[test]
fn certificates_near_their_end_are_reported() {
    let hub = TestHub::start();
    assert!(!check(&hub).contains("ends in"), "{}", check(&hub));
    let system = read(&hub.certificate("ZZP01")).system;
    let subject = [(DnType::CommonName, &*system), (DnType::OrganizationalUnitName, "ZZP01")];
    let soon = issue(&hub, &subject, &[], 9);
    for (from, to) in [(&soon.certificate, "ZZP01.pem"), (&soon.key, "ZZP01.key")] {
        std::fs::copy(from, hub.pki().join("clients").join(to)).unwrap();
    }
    let said = check(&hub);
    assert!(said.contains(&format!("client certificate {system}")), "{said}");
    assert!(said.contains("ends in 8 days") || said.contains("ends in 9 days"), "{said}");
    assert_eq!(asks(&hub, soon).xds_status(), "Success");
    let url = hub.url(Role::Gateway);
    let base = url.strip_suffix(Role::Gateway.path()).unwrap();
    let metrics = hub.anonymous(format!("{base}/metrics")).get().unwrap();
    let line = format!("watling_certificate_days_left{{whose=\"ZZP01|{system}\"}} ");
    assert!(metrics.contains(&line), "{}", metrics.text());
}
