//! Tokens: the same trust and the same meaning as assertions.

use super::bed::{Bed, EC, REVOKED, RSA, presented};
use base64::Engine;
use node::xua::Presented;
use openssl::hash::MessageDigest;
use openssl::pkey::PKey;
use openssl::sign::Signer;
use schemas::ods_code::OdsCode;
use serde_json::{Value, json};
use tests::saml::{Authority, Kind};

const NOW: i64 = 1_784_116_800;

fn base64url(bytes: impl AsRef<[u8]>) -> String {
    base64::engine::general_purpose::URL_SAFE_NO_PAD.encode(bytes)
}

pub(super) fn claims(issuer: &str, jti: &str) -> Value {
    json!({
        "iss": issuer, "sub": "555012345678", "jti": jti, "aud": "urn:watling:test",
        "nbf": NOW, "exp": NOW + 300, "auth_time": NOW - 60, "name": "Jane Roe",
        "organisation": "ZZP01",
        "role": {"code": "R0260", "system": "urn:oid:1.2.826.0.1285.0.2.1.104"},
        "purpose": {"code": "TREATMENT", "system": "2.16.840.1.113883.3.18.7.1"},
        "patient": "9990000018^^^&2.16.840.1.113883.2.1.4.1&ISO",
    })
}

fn header(authority: &Authority) -> Value {
    let algorithm = if authority.kind == Kind::Rsa { "RS256" } else { "ES256" };
    json!({"alg": algorithm, "typ": "JWT"})
}

fn signed(authority: &Authority, header: &Value, claims: &Value) -> String {
    let signed = format!("{}.{}", base64url(header.to_string()), base64url(claims.to_string()));
    let signature = authority.sign("x-sha256", signed.as_bytes());
    format!("{signed}.{}", base64url(signature))
}

pub(super) fn token(authority: &Authority, claims: &Value) -> String {
    signed(authority, &header(authority), claims)
}

fn says(bed: &Bed, token: &str) -> String {
    bed.token(token, &presented()).map_or_else(|code| code, |_| "accepted".to_owned())
}

#[test]
fn the_clock_of_these_tests_is_the_suites() {
    let start: jiff::Timestamp = tests::START.parse().unwrap();
    assert_eq!(start.as_second(), NOW);
}

#[test]
fn a_token_means_what_an_assertion_means() {
    let bed = Bed::new();
    for (authority, issuer) in [(&bed.rsa, RSA), (&bed.ec, EC)] {
        let token = token(authority, &claims(issuer, "t1"));
        let person = bed.token(&token, &presented()).unwrap();
        assert_eq!(person.user_name(), format!("<555012345678@{issuer}>"));
        assert_eq!(
            (person.subject_id.as_str(), person.organisation.as_str()),
            ("Jane Roe", "ZZP01")
        );
        assert_eq!((person.role.sds(), person.purpose.as_str()), (Some("R0260"), "direct-care"));
        assert!(person.patient.is_some());
        assert_eq!(says(&bed, &token), "replayed");
    }
}

#[test]
fn no_forged_token_is_accepted() {
    let bed = Bed::new();
    let stranger = Authority::new(EC, Kind::Ec);
    for (refusal, token) in by_header(&bed).into_iter().chain(by_claim(&bed)) {
        assert_eq!(says(&bed, &token), refusal, "{token}");
    }
    assert_eq!(says(&bed, &token(&stranger, &claims(EC, "s"))), "signature");
    assert_eq!(says(&bed, &token(&bed.rsa, &claims(EC, "x"))), "token-algorithm");
    assert_eq!(says(&bed, &token(&bed.revoked, &claims(REVOKED, "r"))), "certificate-revoked");
    let genuine = token(&bed.ec, &claims(EC, "g"));
    let other = claims(EC, "g").to_string().replace("R0260", "R0050");
    let parts: Vec<&str> = genuine.split('.').collect();
    let forged = format!("{}.{}.{}", parts[0], base64url(other), parts[2]);
    assert_eq!(says(&bed, &forged), "signature");
    assert_eq!(says(&bed, &format!("{}.{}.", parts[0], parts[1])), "signature");
    assert_eq!(says(&bed, &format!("{}.{}", parts[0], parts[1])), "token");
    assert_eq!(says(&bed, &"a.b.c".repeat(5_000)), "token");
    assert_eq!(says(&bed, "a.b.c"), "token-algorithm");
    let by = Presented { acting_for: OdsCode::parse("RXN").ok(), ..presented() };
    let refused = bed.token(&token(&bed.ec, &claims(EC, "o")), &by).unwrap_err();
    assert_eq!(refused, "other-organisation");
}

/// Headers that ask for another way to verify.
fn by_header(bed: &Bed) -> Vec<(&'static str, String)> {
    let mut forged = Vec::new();
    for algorithm in
        ["none", "None", "HS256", "HS512", "RS384", "RS512", "PS256", "ES384", "EdDSA", ""]
    {
        let header = json!({"alg": algorithm});
        let (rsa, ec) = (claims(RSA, algorithm), claims(EC, algorithm));
        forged.push(("token-algorithm", signed(&bed.rsa, &header, &rsa)));
        forged.push(("token-algorithm", signed(&bed.ec, &header, &ec)));
    }
    let public = bed.rsa.certificate.public_key().and_then(|key| key.public_key_to_pem()).unwrap();
    let head = base64url(json!({"alg": "HS256"}).to_string());
    let text = format!("{head}.{}", base64url(claims(RSA, "hmac").to_string()));
    let key = PKey::hmac(&public).unwrap();
    let mut signer = Signer::new(MessageDigest::sha256(), &key).unwrap();
    signer.update(text.as_bytes()).unwrap();
    let confused = format!("{text}.{}", base64url(signer.sign_to_vec().unwrap()));
    forged.push(("token-algorithm", confused));
    let stranger = Authority::new(RSA, Kind::Rsa);
    for (key, value) in [
        ("jwk", json!({"kty": "RSA", "n": "AQAB", "e": "AQAB"})),
        ("x5c", json!([tests::saml::base64(&stranger.der())])),
        ("jku", json!("https://evil.example/keys")),
        ("kid", json!("../../etc/hostname")),
    ] {
        let mut header = header(&stranger);
        header[key] = value;
        forged.push(("signature", signed(&stranger, &header, &claims(RSA, key))));
    }
    forged
}

/// Claims that an honest key should not have signed.
fn by_claim(bed: &Bed) -> Vec<(&'static str, String)> {
    let mut forged = Vec::new();
    for (refusal, claim, value) in [
        ("expired", "exp", json!(NOW - 61)),
        ("expired", "exp", json!(NOW)),
        ("not-yet-valid", "nbf", json!(NOW + 61)),
        ("lives-too-long", "exp", json!(NOW + 100_000)),
        ("session", "auth_time", json!(NOW + 3_600)),
        ("audience", "aud", json!("urn:other")),
        ("audience", "aud", json!([])),
        ("unknown-issuer", "iss", json!("https://nobody.example")),
        ("token", "sub", json!("")),
        ("token", "jti", Value::Null),
        ("token", "exp", Value::Null),
        ("token", "nbf", json!("now")),
        ("token", "role", json!("R0260")),
        ("token", "role", json!([{"code": "R0260", "system": "1.2"}])),
        ("token", "organisation", json!("R-N")),
        ("token", "patient", json!("9990000018")),
        ("token", "transactional", json!("x")),
        ("token", "name", json!("x".repeat(2_000))),
        ("unknown-purpose", "purpose", json!({"code": "MARKETING", "system": "1.2"})),
        ("no-reason", "purpose", json!({"code": "BTG", "system": "2.16.840.1.113883.5.8"})),
    ] {
        for (authority, issuer) in [(&bed.rsa, RSA), (&bed.ec, EC)] {
            let mut claims = claims(issuer, "claim");
            claims[claim] = value.clone();
            forged.push((refusal, token(authority, &claims)));
        }
    }
    forged
}
