//! Honest assertions, in the shapes that honest stacks send.

use super::bed::{Bed, EC, RSA, SESSION, presented};
use node::xua::Presented;
use schemas::ods_code::OdsCode;
use tests::saml::{Claims, ENC, EXCLUSIVE, MORE, Signing, envelope, flag, replaced, transform};

#[test]
fn a_genuine_assertion_says_who_the_person_is() {
    let bed = Bed::new();
    let mut claims = Claims::new("_g1", RSA);
    claims.patient = Some("9990000018^^^&2.16.840.1.113883.2.1.4.1&ISO".to_owned());
    claims.more = [
        flag("urn:watling:2026:subject:department", "A&amp;E"),
        flag("urn:watling:2026:transactional", "ambulance-incident|EMAS-4711"),
        flag("urn:ihe:iti:xca:2010:homeCommunityId", "urn:oid:1.2.3"),
    ]
    .concat();
    let person = bed.person(&envelope(&Signing::by(&bed.rsa).sign(&claims.text())));
    assert_eq!(person.user_name(), "jane<555012345678@https://rsa.example>");
    assert_eq!((person.subject_id.as_str(), person.organisation.as_str()), ("Jane Roe", "ZZP01"));
    assert_eq!((person.role.sds(), person.purpose.as_str()), (Some("R0260"), "direct-care"));
    assert_eq!(person.department.as_deref(), Some("A&E"));
    let flag = person.transactional.unwrap();
    assert_eq!((flag.kind.as_str(), flag.reference.as_str()), ("ambulance-incident", "EMAS-4711"));
    assert!(person.patient.is_some() && person.break_glass.is_none() && !person.second_factor);
    assert_eq!(person.home_community_id.as_deref(), Some("urn:oid:1.2.3"));
}

#[test]
fn a_broken_glass_has_a_reason_and_may_have_a_second_factor() {
    let bed = Bed::new();
    let mut claims = Claims::new("_g2", EC);
    claims.purpose = ("BTG".to_owned(), "2.16.840.1.113883.5.8".to_owned());
    claims.more = flag("urn:watling:2026:break-glass-reason", "unconscious");
    claims.context = "urn:oasis:names:tc:SAML:2.0:ac:classes:TimeSyncToken".to_owned();
    let person = bed.person(&envelope(&Signing::by(&bed.ec).sign(&claims.text())));
    assert_eq!(person.break_glass.as_deref(), Some("unconscious"));
    assert!(person.second_factor);
}

#[test]
fn honest_stacks_sign_in_different_ways() {
    let bed = Bed::new();
    let mut shapes: Vec<(String, String)> = Vec::new();
    for (authority, family) in [(&bed.rsa, "rsa"), (&bed.ec, "ecdsa")] {
        let mut add = |name: &str, signing: &Signing<'_>, change: &dyn Fn(String) -> String| {
            let claims = Claims::new(&format!("_{family}-{name}"), &authority.name);
            let signed = signing.sign(&change(claims.text()));
            shapes.push((format!("{family} {name}"), envelope(&signed)));
        };
        let same = |text: String| text;
        let plain = Signing::by(authority);
        add("plain", &plain, &same);
        for digest in ["sha384", "sha512"] {
            let method = format!("{MORE}{family}-{digest}");
            let uri = if digest == "sha384" { MORE } else { ENC };
            let own = Signing { method, digest: format!("{uri}{digest}"), ..plain.clone() };
            add(digest, &own, &same);
        }
        add("no-key-info", &Signing { key_info: String::new(), ..plain.clone() }, &same);
        add("key-value", &Signing { key_info: authority.key_value(), ..plain.clone() }, &same);
        let list = format!("<ec:InclusiveNamespaces xmlns:ec=\"{EXCLUSIVE}\" PrefixList=\"xsi\"/>");
        let inclusive = transform(EXCLUSIVE).replace("/>", &format!(">{list}</ds:Transform>"));
        let transforms = vec![plain.transforms[0].clone(), inclusive];
        let prefixes = vec!["xsi".to_owned()];
        add("prefixes", &Signing { transforms, prefixes, ..plain.clone() }, &same);
        add("default-namespace", &plain, &|text| {
            text.replace("saml2:", "").replace("xmlns:saml2=", "xmlns=")
        });
        add("line-breaks", &plain, &|text| text.replace("><", ">\r\n  <"));
        add("two-audiences", &plain, &|text| {
            replaced(
                &text,
                "<saml2:Audience>",
                "<saml2:Audience>urn:other</saml2:Audience><saml2:Audience>",
            )
        });
        add("letters", &plain, &|text| text.replace("Jane Roe", "Zoë Ó Brien &#x1F600; &lt;x&gt;"));
        add("one-time", &plain, &|text| {
            replaced(&text, "</saml2:Conditions>", "<saml2:OneTimeUse/></saml2:Conditions>")
        });
        add("confirmation", &plain, &|text| {
            replaced(
                &text,
                "cm:bearer\"/>",
                "cm:bearer\"><saml2:SubjectConfirmationData NotOnOrAfter=\"2026-07-15T12:03:00Z\" Recipient=\"urn:watling:test\" Address=\"192.0.2.7\"/></saml2:SubjectConfirmation>",
            )
        });
    }
    for (name, text) in &shapes {
        assert_eq!(bed.says(text), "accepted", "{name}: {text}");
    }
    assert_eq!(shapes.len(), 24);
}

#[test]
fn declarations_around_the_assertion_are_taken_along() {
    let bed = Bed::new();
    let text = Claims::new("_ns1", RSA).text();
    let signed = Signing::by(&bed.rsa).sign(&text);
    let xsi = " xmlns:xsi=\"http://www.w3.org/2001/XMLSchema-instance\"";
    let inner = replaced(&signed, xsi, "");
    let outer = replaced(
        &envelope(&inner),
        "<s:Envelope",
        &format!("<s:Envelope{xsi} xmlns:noise=\"urn:n\""),
    );
    assert_eq!(bed.says(&outer), "accepted", "{outer}");
}

#[test]
fn clocks_may_differ_by_the_skew_and_no_more() {
    let bed = Bed::new();
    let signed = |id: &str| envelope(&Signing::by(&bed.rsa).sign(&Claims::new(id, RSA).text()));
    bed.clock.advance_seconds(-60);
    assert_eq!(bed.says(&signed("_t1")), "accepted");
    bed.clock.advance_seconds(-1);
    assert_eq!(bed.says(&signed("_t2")), "not-yet-valid");
    bed.clock.advance_seconds(61 + 300 + 59);
    assert_eq!(bed.says(&signed("_t3")), "accepted");
    bed.clock.advance_seconds(1);
    assert_eq!(bed.says(&signed("_t4")), "expired");
}

#[test]
fn a_session_is_reused_over_its_own_certificate_only() {
    let bed = Bed::new();
    let text = envelope(&Signing::by(&bed.session).sign(&Claims::new("_s1", SESSION).text()));
    assert_eq!(bed.says(&text), "accepted");
    assert_eq!(bed.says(&text), "accepted");
    let other = Presented { certificate: Some([8; 32]), ..presented() };
    assert_eq!(bed.says_to(&bed.xua, &text, &other), "other-presenter");
    let nobody = Presented { certificate: None, ..presented() };
    assert_eq!(bed.says_to(&bed.xua, &text, &nobody), "other-presenter");
}

#[test]
fn a_holder_of_key_is_who_has_the_client_certificate() {
    let bed = Bed::new();
    let holder = tests::saml::Authority::new("holder", tests::saml::Kind::Ec);
    let text = |id: &str| {
        let data = format!(
            "cm:holder-of-key\"><saml2:SubjectConfirmationData xmlns:ds=\"{}\">{}</saml2:SubjectConfirmationData></saml2:SubjectConfirmation>",
            tests::saml::DSIG,
            holder.key_info()
        );
        let text = replaced(&Claims::new(id, RSA).text(), "cm:bearer\"/>", &data);
        envelope(&Signing::by(&bed.rsa).sign(&text))
    };
    let own = node::caller::fingerprint::of(&holder.der());
    let by = Presented { certificate: Some(own), ..presented() };
    assert_eq!(bed.says_to(&bed.xua, &text("_h1"), &by), "accepted");
    assert_eq!(bed.says(&text("_h2")), "confirmation-not-met");
}

#[test]
fn the_request_and_the_assertion_name_one_organisation() {
    let bed = Bed::new();
    let text = |id: &str| envelope(&Signing::by(&bed.rsa).sign(&Claims::new(id, RSA).text()));
    let by = |code: &str| Presented { acting_for: OdsCode::parse(code).ok(), ..presented() };
    assert_eq!(bed.says_to(&bed.xua, &text("_o1"), &by("ZZP01")), "accepted");
    assert_eq!(bed.says_to(&bed.xua, &text("_o2"), &by("RXN")), "other-organisation");
}

#[test]
fn an_envelope_without_an_assertion_has_no_person() {
    assert_eq!(Bed::new().says(&envelope("")), "none");
}
