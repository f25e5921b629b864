//! Too late, too early, too long; for others, and shown by others.

use super::super::corpus::Forge;
use tests::saml::replaced;

const BEGINS: &str = "NotBefore=\"2026-07-15T12:00:00.000Z\"";
const ENDS: &str = "NotOnOrAfter=\"2026-07-15T12:05:00.000Z\"";
const ISSUED: &str = "IssueInstant=\"2026-07-15T12:00:00.000Z\"";
const AUTHENTICATED: &str = "AuthnInstant=\"2026-07-15T11:58:00.000Z\"";
const AUDIENCE: &str = "<saml2:Audience>urn:watling:test</saml2:Audience>";
const BEARER: &str =
    "<saml2:SubjectConfirmation Method=\"urn:oasis:names:tc:SAML:2.0:cm:bearer\"/>";

pub fn forge(forge: &mut Forge<'_>) {
    for (refusal, name, from, to) in [
        ("expired", "ended a year ago", "T12:05:00.000Z", "T12:05:00.000Z"),
        ("not-yet-valid", "that begins in an hour", BEGINS, "NotBefore=\"2026-07-15T13:00:00Z\""),
        ("not-yet-valid", "issued in the future", ISSUED, "IssueInstant=\"2026-07-15T12:01:01Z\""),
        ("lives-too-long", "that lives for years", ENDS, "NotOnOrAfter=\"2036-07-15T12:05:00Z\""),
        ("expired", "that ends as it begins", ENDS, "NotOnOrAfter=\"2026-07-15T12:00:00.000Z\""),
        (
            "session",
            "authenticated in the future",
            AUTHENTICATED,
            "AuthnInstant=\"2026-07-15T12:30:00Z\"",
        ),
        (
            "session",
            "whose session is over",
            AUTHENTICATED,
            "AuthnInstant=\"2026-07-15T09:00:00Z\" SessionNotOnOrAfter=\"2026-07-15T11:00:00Z\"",
        ),
        ("conditions", "without a begin", BEGINS, ""),
        ("conditions", "without an end", ENDS, ""),
        ("time", "that ends in no zone", ENDS, "NotOnOrAfter=\"2026-07-15T12:05:00\""),
        ("time", "that ends at no time", ENDS, "NotOnOrAfter=\"tomorrow\""),
        ("time", "that begins on a day", BEGINS, "NotBefore=\"2026-07-15Z\""),
        ("time", "without a time of issue", ISSUED, ""),
        ("audience", "for another", AUDIENCE, "<saml2:Audience>urn:other</saml2:Audience>"),
        (
            "audience",
            "for one whose name begins so",
            AUDIENCE,
            "<saml2:Audience>urn:watling:test2</saml2:Audience>",
        ),
        (
            "audience",
            "for one whose name is capitals",
            AUDIENCE,
            "<saml2:Audience>URN:WATLING:TEST</saml2:Audience>",
        ),
        ("audience", "for an audience of nobody", AUDIENCE, ""),
        (
            "audience",
            "for this and another",
            "</saml2:AudienceRestriction>",
            "</saml2:AudienceRestriction><saml2:AudienceRestriction><saml2:Audience>urn:other</saml2:Audience></saml2:AudienceRestriction>",
        ),
    ] {
        let name = format!("an assertion {name}");
        if from == to {
            forge.sealed(refusal, &name, |text| text.replace("2026-07-15T", "2025-07-15T"));
        } else {
            forge.sealed(refusal, &name, |text| replaced(text, from, to));
        }
    }
    forge.sealed("no-audience", "an assertion for everybody", |text| {
        let at = text.find("<saml2:AudienceRestriction>").unwrap();
        let end = text.find("</saml2:Conditions>").unwrap();
        format!("{}{}", &text[..at], &text[end..])
    });
    confirmations(forge);
}

fn confirmations(forge: &mut Forge<'_>) {
    let data = |attributes: &str| {
        BEARER.replace(
            "/>",
            &format!("><saml2:SubjectConfirmationData {attributes}/></saml2:SubjectConfirmation>"),
        )
    };
    let stranger = forge.bed.stranger.key_info();
    let holder = BEARER.replace("bearer", "holder-of-key");
    let held = holder.replace("/>", &format!("><saml2:SubjectConfirmationData xmlns:ds=\"{}\">{stranger}</saml2:SubjectConfirmationData></saml2:SubjectConfirmation>", tests::saml::DSIG));
    for (refusal, name, to) in [
        ("confirmation", "without a confirmation", String::new()),
        (
            "confirmation-not-met",
            "vouched for by its sender",
            BEARER.replace("bearer", "sender-vouches"),
        ),
        (
            "confirmation-not-met",
            "confirmed by an unknown method",
            BEARER.replace("bearer", "other"),
        ),
        ("confirmation-not-met", "of a holder of no key", holder),
        ("confirmation-not-met", "of a holder of another key", held),
        (
            "confirmation-not-met",
            "for another recipient",
            data("Recipient=\"https://other.example\""),
        ),
        ("confirmation-not-met", "for another address", data("Address=\"192.0.2.8\"")),
        (
            "confirmation-not-met",
            "confirmed until yesterday",
            data("NotOnOrAfter=\"2026-07-14T12:00:00Z\""),
        ),
        (
            "confirmation-not-met",
            "confirmed from tomorrow",
            data("NotBefore=\"2026-07-16T12:00:00Z\""),
        ),
    ] {
        let name = format!("an assertion {name}");
        forge.sealed(refusal, &name, |text| replaced(text, BEARER, &to));
    }
}
