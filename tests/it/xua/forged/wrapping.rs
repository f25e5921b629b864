//! Signature wrapping, the eight known ways (Somorovsky and others, On Breaking SAML, 2012), where the
//! signed assertion is kept for the signature and another one is there to be read; each with an ID of
//! its own and with the same one.

use super::super::corpus::Forge;
use tests::saml::{DSIG, PLACE, envelope, replaced};

/// A signed assertion taken apart.
struct Parts {
    whole: String,
    signature: String,
    /// The signed assertion without its signature.
    bare: String,
    /// Unsigned, of somebody else: with a place for what is put into it.
    evil: String,
}

fn parts(forge: &Forge<'_>, same_id: bool) -> Parts {
    let mut claims = forge.claims();
    let text = claims.text();
    let whole = forge.signing().sign(&text);
    let bare = text.replace(PLACE, "");
    let at = text.find(PLACE).expect("a place");
    let signature = whole[at..whole.len() - (text.len() - at - PLACE.len())].to_owned();
    claims.name_id = "the-forger".to_owned();
    if !same_id {
        claims.id = format!("{}-evil", claims.id);
    }
    Parts { whole, signature, bare, evil: claims.text() }
}

fn object(inner: &str) -> String {
    format!("<ds:Object xmlns:ds=\"{DSIG}\">{inner}</ds:Object>")
}

fn with_object(signature: &str, inner: &str) -> String {
    replaced(signature, "</ds:Signature>", &format!("{}</ds:Signature>", object(inner)))
}

/// The eight, as the content of `wsse:Security`.
fn eight(p: &Parts) -> [String; 8] {
    let evil = |inner: &str| p.evil.replace(PLACE, inner);
    [
        evil(&with_object(&p.signature, &p.bare)),
        format!("{}{}{}", evil(""), p.bare, p.signature),
        format!("{}{}", evil(""), p.whole),
        replaced(&evil(""), "</saml2:Assertion>", &format!("{}</saml2:Assertion>", p.whole)),
        format!("{}{}", evil(&p.signature), p.bare),
        evil(&with_object(&p.signature, &p.whole)),
        format!("<x:Extensions xmlns:x=\"urn:x\">{}</x:Extensions>{}", evil(""), p.whole),
        format!("{}<x:Wrapper xmlns:x=\"urn:x\">{}</x:Wrapper>", evil(&p.signature), p.bare),
    ]
}

pub fn forge(forge: &mut Forge<'_>) {
    for same_id in [false, true] {
        let kind = if same_id { "same ID" } else { "own ID" };
        for n in 0..8 {
            let p = parts(forge, same_id);
            let name = format!("wrapping {} with {kind}", n + 1);
            forge.security("several-assertions", &name, &eight(&p)[n]);
        }
        elsewhere(forge, same_id, kind);
    }
    named_otherwise(forge);
}

/// The signed assertion stands in another part of the envelope.
fn elsewhere(forge: &mut Forge<'_>, same_id: bool, kind: &str) {
    let wrapped = |whole: &str| format!("<x:Wrapper xmlns:x=\"urn:x\">{whole}</x:Wrapper>");
    for (place, from) in [
        ("the body", "<question "),
        ("a header of its own", "</s:Header>"),
        ("a second Security", "</s:Header>"),
    ] {
        let p = parts(forge, same_id);
        let inner = match place {
            "the body" => format!("<question xmlns=\"urn:x\">{}</question>", p.whole),
            "a header of its own" => format!("{}</s:Header>", wrapped(&p.whole)),
            _ => format!(
                "<wsse:Security xmlns:wsse=\"http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-secext-1.0.xsd\">{}</wsse:Security></s:Header>",
                p.whole
            ),
        };
        let text = envelope(&p.evil.replace(PLACE, ""));
        let text = match place {
            "the body" => replaced(&text, "<question xmlns=\"urn:x\" id=\"q1\"/>", &inner),
            _ => replaced(&text, from, &inner),
        };
        forge.envelope("several-assertions", &format!("wrapped in {place} with {kind}"), text);
        let p = parts(forge, same_id);
        let text = envelope(&p.evil.replace(PLACE, &p.signature));
        let text = replaced(&text, "<question xmlns=\"urn:x\" id=\"q1\"/>", &wrapped(&p.bare));
        let name = format!("its content in {place}, its signature on the evil one, with {kind}");
        forge.envelope("several-assertions", &name, text);
    }
}

/// The signed element is called something else, so that there is one assertion only.
fn named_otherwise(forge: &mut Forge<'_>) {
    for (kind, refusal) in [("own ID", "reference-target"), ("same ID", "duplicate-id")] {
        for (name, element) in [("a timestamp", "Timestamp"), ("the body's question", "question")] {
            let evil = forge.claims();
            let id = if kind == "own ID" { "TS-1" } else { evil.id.as_str() };
            let signed = format!("<u:{element} xmlns:u=\"urn:u\" ID=\"{id}\">2026</u:{element}>");
            let signature = forge.signing().signature(signed.as_bytes(), id);
            let assertion = evil.text().replace(PLACE, &signature);
            let name = format!("a signature over {name} with {kind}");
            forge.security(refusal, &name, &format!("{signed}{assertion}"));
        }
    }
}
