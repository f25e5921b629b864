//! The enveloped signature of an assertion: its shape, and the texts to verify (XML Signature 4, with
//! one form of it allowed and every other refused).

use super::{DSIG, EXCLUSIVE_C14N, ITEMS_MAX, SAML2, SamlProblem};
use crate::xml::{Document, Element, Limits, attribute};
use base64::Engine;
use std::collections::BTreeMap;

const ENVELOPED: &str = "http://www.w3.org/2000/09/xmldsig#enveloped-signature";
const MORE: &str = "http://www.w3.org/2001/04/xmldsig-more#";
const ENC: &str = "http://www.w3.org/2001/04/xmlenc#";

/// The family of the key that a signature needs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SignatureMethod {
    Rsa,
    Ecdsa,
}

impl SignatureMethod {
    fn read(uri: &str) -> Option<Self> {
        match uri.strip_prefix(MORE)? {
            "rsa-sha256" | "rsa-sha384" | "rsa-sha512" => Some(Self::Rsa),
            "ecdsa-sha256" | "ecdsa-sha384" | "ecdsa-sha512" => Some(Self::Ecdsa),
            _ => None,
        }
    }
}

/// The digest of the reference.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Digest {
    Sha256,
    Sha384,
    Sha512,
}

impl Digest {
    fn read(uri: &str) -> Option<Self> {
        if uri == format!("{MORE}sha384") {
            return Some(Self::Sha384);
        }
        match uri.strip_prefix(ENC)? {
            "sha256" => Some(Self::Sha256),
            "sha512" => Some(Self::Sha512),
            _ => None,
        }
    }

    fn bytes(self) -> usize {
        match self {
            Self::Sha256 => 32,
            Self::Sha384 => 48,
            Self::Sha512 => 64,
        }
    }
}

/// An assertion cut out of its envelope, whose signature has the one shape that is taken.
#[derive(Clone, Debug)]
pub struct Enveloped {
    pub id: String,
    pub method: SignatureMethod,
    pub digest: Digest,
    pub digest_value: Vec<u8>,
    /// Prefixes that the transform treats inclusively; `#default` among them.
    pub prefixes: Vec<String>,
    /// DER of each X509Certificate in the KeyInfo: it may pick among trusted ones, no more.
    pub certificates: Vec<Vec<u8>>,
    /// The assertion on its own, with its signature and without the KeyInfo, so that no key can be
    /// taken from there.
    pub document: String,
    /// The assertion on its own without its signature: what the digest is over, before C14N.
    pub content: String,
}

impl Enveloped {
    /// Reads an assertion that [`super::locate`] has found.
    pub fn read(assertion: Element<'_>) -> Result<Self, SamlProblem> {
        if assertion.attr("Version") != Some("2.0") {
            return Err(SamlProblem::Version);
        }
        let id = assertion.attr("ID").filter(|id| is_name(id)).ok_or(SamlProblem::Id)?.to_owned();
        let text = on_its_own(assertion);
        let own = Document::parse(&text, &Limits::default()).map_err(|_| SamlProblem::IllFormed)?;
        let root = own.root();
        let mut signatures = root.descendants().filter(|e| e.is(DSIG, "Signature"));
        let signature = signatures.next().ok_or(SamlProblem::Unsigned)?;
        if signatures.next().is_some() {
            return Err(SamlProblem::SeveralSignatures);
        }
        if root.children().all(|child| child.span() != signature.span()) {
            return Err(SamlProblem::SignatureMisplaced);
        }
        let (info, key_info) = parts(signature)?;
        let (method, reference) = signed_info(info)?;
        if reference.attr("URI").and_then(|uri| uri.strip_prefix('#')) != Some(id.as_str()) {
            return Err(SamlProblem::ReferenceTarget);
        }
        let (prefixes, digest, digest_value) = referenced(reference)?;
        let certificates = key_info.map_or(Ok(Vec::new()), certificates)?;
        let document = key_info.map_or(text.clone(), |info| without(&text, info));
        let content = without(&text, signature);
        Ok(Self { id, method, digest, digest_value, prefixes, certificates, document, content })
    }
}

/// An NCName of ASCII.
fn is_name(id: &str) -> bool {
    let rest = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'-' | b'.');
    let first = id.bytes().next().is_some_and(|b| b.is_ascii_alphabetic() || b == b'_');
    first && id.len() <= 128 && id.bytes().all(rest)
}

fn without(text: &str, element: Element<'_>) -> String {
    let span = element.span();
    format!("{}{}", &text[..span.start], &text[span.end..])
}

/// The element as a document: the declarations in force around it are put on its start tag. Exclusive
/// C14N makes the same octets of it.
fn on_its_own(element: Element<'_>) -> String {
    let source = element.source();
    let name = source[1..].find(|c: char| c.is_ascii_whitespace() || matches!(c, '/' | '>'));
    let (tag, rest) = source.split_at(name.map_or(source.len(), |at| at + 1));
    let bindings: BTreeMap<&str, &str> = element.namespaces().collect();
    let mut out = tag.to_owned();
    for (prefix, uri) in bindings {
        match prefix {
            _ if element.declares(prefix) || prefix == "xml" => {}
            "" if uri.is_empty() => {}
            "" => attribute(&mut out, "xmlns", uri),
            prefix => attribute(&mut out, &format!("xmlns:{prefix}"), uri),
        }
    }
    out + rest
}

fn parts(signature: Element<'_>) -> Result<(Element<'_>, Option<Element<'_>>), SamlProblem> {
    let parts: Vec<Element<'_>> = signature.children().take(4).collect();
    let named =
        |at: usize, name| parts.get(at).is_none_or(|part: &Element<'_>| part.is(DSIG, name));
    let shaped = named(0, "SignedInfo") && named(1, "SignatureValue") && named(2, "KeyInfo");
    match parts[..] {
        [info, _] if shaped => Ok((info, None)),
        [info, _, key_info] if shaped => Ok((info, Some(key_info))),
        _ => Err(SamlProblem::SignatureShape),
    }
}

/// The method and the only reference.
fn signed_info(info: Element<'_>) -> Result<(SignatureMethod, Element<'_>), SamlProblem> {
    let mut children = info.children();
    let canonicalization = children.next().filter(|e| e.is(DSIG, "CanonicalizationMethod"));
    let canonicalization = canonicalization.ok_or(SamlProblem::SignatureShape)?;
    exclusive(canonicalization).ok_or(SamlProblem::Canonicalization)?;
    let method = children.next().filter(|e| e.is(DSIG, "SignatureMethod"));
    let method = method.ok_or(SamlProblem::SignatureShape)?;
    let bare = method.children().next().is_none();
    let method = method.attr("Algorithm").filter(|_| bare).and_then(SignatureMethod::read);
    let method = method.ok_or(SamlProblem::SignatureAlgorithm)?;
    match (children.next(), children.next()) {
        (Some(reference), None) if reference.is(DSIG, "Reference") => Ok((method, reference)),
        _ => Err(SamlProblem::References),
    }
}

/// The prefixes of exclusive C14N without comments; `None` for any other algorithm.
fn exclusive(method: Element<'_>) -> Option<Vec<String>> {
    if method.attr("Algorithm") != Some(EXCLUSIVE_C14N) {
        return None;
    }
    let mut children = method.children();
    let prefixes = match (children.next(), children.next()) {
        (None, _) => return Some(Vec::new()),
        (Some(list), None) if list.is(EXCLUSIVE_C14N, "InclusiveNamespaces") => {
            list.attr("PrefixList").unwrap_or_default()
        }
        _ => return None,
    };
    let prefixes: Vec<String> = prefixes.split_ascii_whitespace().map(str::to_owned).collect();
    let known = prefixes.iter().all(|prefix| prefix == "#default" || is_name(prefix));
    (known && prefixes.len() <= ITEMS_MAX).then_some(prefixes)
}

/// Prefixes, digest algorithm and value.
fn referenced(reference: Element<'_>) -> Result<(Vec<String>, Digest, Vec<u8>), SamlProblem> {
    let parts: Vec<Element<'_>> = reference.children().take(4).collect();
    let [transforms, method, value] = parts[..] else { return Err(SamlProblem::Transforms) };
    if !transforms.is(DSIG, "Transforms") {
        return Err(SamlProblem::Transforms);
    }
    let each: Vec<Element<'_>> = transforms.children().take(3).collect();
    let [enveloped, c14n] = each[..] else { return Err(SamlProblem::Transforms) };
    let is_transform = each.iter().all(|transform| transform.is(DSIG, "Transform"));
    let bare = enveloped.children().next().is_none();
    if !is_transform || !bare || enveloped.attr("Algorithm") != Some(ENVELOPED) {
        return Err(SamlProblem::Transforms);
    }
    let prefixes = exclusive(c14n).ok_or(SamlProblem::Transforms)?;
    let digest = method.attr("Algorithm").filter(|_| method.is(DSIG, "DigestMethod"));
    let digest = digest.and_then(Digest::read).ok_or(SamlProblem::DigestAlgorithm)?;
    let decoded = base64(value.text()).filter(|_| value.is(DSIG, "DigestValue"));
    let decoded = decoded.filter(|bytes| bytes.len() == digest.bytes());
    Ok((prefixes, digest, decoded.ok_or(SamlProblem::DigestValue)?))
}

fn base64(text: &str) -> Option<Vec<u8>> {
    let packed: String = text.split_ascii_whitespace().collect();
    base64::engine::general_purpose::STANDARD.decode(packed).ok()
}

fn certificates(key_info: Element<'_>) -> Result<Vec<Vec<u8>>, SamlProblem> {
    let found = key_info.descendants().filter(|e| e.is(DSIG, "X509Certificate")).take(ITEMS_MAX);
    found.map(|certificate| base64(certificate.text()).ok_or(SamlProblem::KeyInfo)).collect()
}

/// DER of certificates in a holder-of-key confirmation.
pub(super) fn holder_certificates(data: Element<'_>) -> Vec<Vec<u8>> {
    certificates(data).unwrap_or_default()
}

/// Whether an element is the assertion's own `ds:Signature`, which is no claim.
pub(super) fn is_claim(element: Element<'_>) -> bool {
    element.namespace() == SAML2
}
