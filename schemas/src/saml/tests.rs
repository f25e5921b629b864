use super::*;
use crate::soap::Envelope;
use crate::xml::{Document, Limits};

const ASSERTION: &str = r##"<s2:Assertion xmlns:s2="urn:oasis:names:tc:SAML:2.0:assertion" ID="_a1" Version="2.0" IssueInstant="2026-07-15T12:00:00Z"><s2:Issuer>https://idp.example</s2:Issuer>SIGNATURE<s2:Subject><s2:NameID SPProvidedID="jane">555</s2:NameID><s2:SubjectConfirmation Method="urn:oasis:names:tc:SAML:2.0:cm:bearer"/></s2:Subject><s2:Conditions NotBefore="2026-07-15T12:00:00Z" NotOnOrAfter="2026-07-15T12:05:00Z"><s2:AudienceRestriction><s2:Audience>urn:hub</s2:Audience></s2:AudienceRestriction></s2:Conditions><s2:AuthnStatement AuthnInstant="2026-07-15T11:59:00.5Z"><s2:AuthnContext><s2:AuthnContextClassRef>urn:x</s2:AuthnContextClassRef></s2:AuthnContext></s2:AuthnStatement><s2:AttributeStatement><s2:Attribute Name="urn:oasis:names:tc:xspa:1.0:subject:organization-id"><s2:AttributeValue>urn:oid:2.16.840.1.113883.2.1.3.2.4.19.1.RXN</s2:AttributeValue></s2:Attribute><s2:Attribute Name="urn:oasis:names:tc:xacml:2.0:subject:role"><s2:AttributeValue><Role xmlns="urn:hl7-org:v3" code="R0260" codeSystem="1.2.826.0.1285.0.2.1.104"/></s2:AttributeValue></s2:Attribute><s2:Attribute Name="urn:oasis:names:tc:xspa:1.0:subject:purposeofuse"><s2:AttributeValue><PurposeOfUse xmlns="urn:hl7-org:v3" code="TREATMENT" codeSystem="2.16.840.1.113883.3.18.7.1"/></s2:AttributeValue></s2:Attribute></s2:AttributeStatement></s2:Assertion>"##;

const SIGNATURE: &str = r##"<d:Signature xmlns:d="http://www.w3.org/2000/09/xmldsig#"><d:SignedInfo><d:CanonicalizationMethod Algorithm="http://www.w3.org/2001/10/xml-exc-c14n#"/><d:SignatureMethod Algorithm="http://www.w3.org/2001/04/xmldsig-more#rsa-sha256"/><d:Reference URI="#_a1"><d:Transforms><d:Transform Algorithm="http://www.w3.org/2000/09/xmldsig#enveloped-signature"/><d:Transform Algorithm="http://www.w3.org/2001/10/xml-exc-c14n#"/></d:Transforms><d:DigestMethod Algorithm="http://www.w3.org/2001/04/xmlenc#sha256"/><d:DigestValue>AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=</d:DigestValue></d:Reference></d:SignedInfo><d:SignatureValue>AA==</d:SignatureValue><d:KeyInfo><d:X509Data><d:X509Certificate>AQID</d:X509Certificate></d:X509Data></d:KeyInfo></d:Signature>"##;

fn envelope(security: &str) -> String {
    format!(
        r#"<s:Envelope xmlns:s="http://www.w3.org/2003/05/soap-envelope" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"><s:Header><w:Security xmlns:w="http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-secext-1.0.xsd">{security}</w:Security></s:Header><s:Body><b id="x"/></s:Body></s:Envelope>"#
    )
}

fn enveloped(text: &str) -> Result<Option<Enveloped>, SamlProblem> {
    let document = Document::parse(text, &Limits::default()).unwrap();
    let envelope = Envelope::read(&document).unwrap();
    let found = locate(document.root(), envelope.header)?;
    found.map(Enveloped::read).transpose()
}

fn signed() -> String {
    ASSERTION.replace("SIGNATURE", SIGNATURE)
}

#[test]
fn an_assertion_is_cut_out_with_the_declarations_around_it_and_without_keys() {
    let found = enveloped(&envelope(&signed())).unwrap().unwrap();
    assert_eq!((found.id.as_str(), found.method), ("_a1", SignatureMethod::Rsa));
    assert_eq!(found.certificates, [vec![1, 2, 3]]);
    assert!(!found.document.contains("KeyInfo") && found.document.contains("SignatureValue"));
    assert!(!found.content.contains("Signature"));
    assert!(found.content.contains("xmlns:xsi="), "{}", found.content);
    assert_eq!(enveloped(&envelope("")).unwrap().map(|e| e.id), None);
}

#[test]
fn each_deviation_of_place_or_shape_has_its_own_refusal() {
    use SamlProblem::*;
    let own = signed();
    let other = own.replace("_a1", "_a2");
    for (text, problem) in [
        (envelope(&format!("{own}{other}")), SeveralAssertions),
        (envelope(&format!("<x>{own}</x>")), Misplaced),
        (envelope(&own.replace(">555<", ">55<!-- -->5<")), Markup),
        (envelope(&own.replace(">555<", ">55<?p?>5<")), Markup),
        (envelope(&own.replace(">555<", "><![CDATA[555]]><")), Markup),
        (envelope(&own).replace("id=\"x\"", "ID=\"_a1\""), DuplicateId),
        (envelope(&own).replace("id=\"x\"", "id=\"_a1\""), DuplicateId),
        (envelope(&own.replace("ID=\"_a1\"", "ID=\"1 a\"")), Id),
        (envelope(&own.replace("Version=\"2.0\"", "Version=\"1.1\"")), Version),
        (envelope(&ASSERTION.replace("SIGNATURE", "")), Unsigned),
        (envelope(&own.replace("URI=\"#_a1\"", "URI=\"\"")), ReferenceTarget),
        (envelope(&own.replace(" URI=\"#_a1\"", "")), ReferenceTarget),
        (envelope(&own.replace("rsa-sha256", "hmac-sha256")), SignatureAlgorithm),
        (envelope(&own.replace("xmlenc#sha256", "xmldsig#sha1")), DigestAlgorithm),
        (envelope(&own.replace("DigestValue>AAAA", "DigestValue>")), DigestValue),
    ] {
        assert_eq!(enveloped(&text).unwrap_err(), problem, "{text}");
    }
}

#[test]
fn what_an_assertion_says_is_read() {
    let text = ASSERTION.replace("SIGNATURE", "");
    let read = Assertion::read(text.as_bytes()).unwrap();
    assert_eq!((read.issuer.as_str(), read.name_id.as_str()), ("https://idp.example", "555"));
    assert_eq!(read.attributes.organisation.unwrap().as_str(), "RXN");
    assert_eq!(read.attributes.role.code, "R0260");
    assert_eq!(read.audiences, [vec!["urn:hub".to_owned()]]);
    assert_eq!(read.confirmations.len(), 1);
}

#[test]
fn what_must_stand_once_is_refused_twice_and_never() {
    use SamlProblem::*;
    let own = ASSERTION.replace("SIGNATURE", "");
    let authn =
        &own[own.find("<s2:AuthnStatement").unwrap()..own.find("<s2:AttributeStatement").unwrap()];
    let role = &own[own.find("<s2:Attribute Name=\"urn:oasis:names:tc:xacml").unwrap()
        ..own
            .find("<s2:Attribute Name=\"urn:oasis:names:tc:xspa:1.0:subject:purposeofuse")
            .unwrap()];
    for (text, problem) in [
        (own.replace(authn, &format!("{authn}{authn}")), AuthnStatement),
        (own.replace(authn, ""), AuthnStatement),
        (own.replace(role, &format!("{role}{role}")), Role),
        (own.replace(role, ""), Role),
        (own.replace(" codeSystem=\"2.16.840.1.113883.3.18.7.1\"", ""), Purpose),
        (own.replace(" NotOnOrAfter=\"2026-07-15T12:05:00Z\"", ""), Conditions),
        (own.replace("11:59:00.5Z", "11:59:00"), Time),
        (own.replace("19.1.RXN", "19.1.R_N"), Organisation),
        (own.replace("AudienceRestriction", "Restriction"), UnknownCondition),
        (own.replace("s2:Subject>", "s2:Object>"), UnknownStatement),
        (own.replace(">555<", &format!(">{}<", "5".repeat(2_000))), Subject),
    ] {
        assert_eq!(Assertion::read(text.as_bytes()).unwrap_err(), problem, "{text}");
    }
}

#[test]
fn a_problem_has_a_word() {
    assert_eq!(SamlProblem::SeveralSecurityHeaders.code(), "several-security-headers");
}

#[test]
fn a_flag_is_a_kind_and_a_reference() {
    let flag = FlagText::parse("ambulance-incident|EMAS-1").unwrap();
    assert_eq!((flag.kind.as_str(), flag.reference.as_str()), ("ambulance-incident", "EMAS-1"));
    assert_eq!(
        (FlagText::parse("a|"), FlagText::parse("A|1"), FlagText::parse("a")),
        (None, None, None)
    );
}
