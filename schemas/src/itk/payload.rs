//! Payloads: inline XML that must leave the envelope byte for byte, base64, gzip, text.

use super::distribution_error::DistributionErrorCode as De;
use super::{ItkErrorCode, ItkFault};
use crate::xml::Element;
use base64::Engine;
use std::io::Read;

/// What decoding may cost, in bytes.
#[derive(Clone, Copy, Debug)]
pub struct DecodeLimits {
    /// One payload, decoded.
    pub payload_bytes: usize,
    /// All payloads of a message together, decoded.
    pub message_bytes: usize,
}

impl Default for DecodeLimits {
    fn default() -> Self {
        Self { payload_bytes: 64 * 1024 * 1024, message_bytes: 128 * 1024 * 1024 }
    }
}

/// How a payload travelled.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Encoding {
    /// An element of the envelope.
    Inline,
    /// Character data.
    Text,
    Base64,
    /// Compressed, then base64.
    Gzip,
}

/// An inline element as a document of its own: the octets as received, plus the declarations that
/// it uses and its surroundings made, sorted by prefix, before the end of its start tag. No XML
/// declaration, no re-indenting.
pub fn standalone(element: Element<'_>) -> String {
    let source = element.source();
    let start_tag = element.start_tag();
    let mut missing: Vec<(&str, &str)> = Vec::new();
    for (prefix, uri) in element.namespaces() {
        missing.retain(|(other, _)| *other != prefix);
        let used = prefix.is_empty() || is_used(source, prefix);
        if prefix != "xml"
            && used
            && !element.declares(prefix)
            && !(prefix.is_empty() && uri.is_empty())
        {
            missing.push((prefix, uri));
        }
    }
    missing.sort_unstable();
    let close = if start_tag.ends_with("/>") { 2 } else { 1 };
    let (head, tail) = source.split_at(start_tag.len() - close);
    let mut out = head.to_owned();
    for (prefix, uri) in missing {
        let name = if prefix.is_empty() { "xmlns".to_owned() } else { format!("xmlns:{prefix}") };
        // As it was declared: the reader takes no reference in one, so it holds one kind of quote at most.
        let quote = if uri.contains('"') { '\'' } else { '"' };
        out.extend([" ", &name, "="]);
        out.push(quote);
        out.push_str(uri);
        out.push(quote);
    }
    out.push_str(tail);
    out
}

/// Whether a prefix stands where a name can begin: a tag's, an attribute's, or a QName's that is a
/// value. Inside a word, as in `services:`, it is none.
fn is_used(source: &str, prefix: &str) -> bool {
    let bytes = source.as_bytes();
    let mark = format!("{prefix}:");
    memchr::memmem::find_iter(bytes, &mark).any(|at| {
        let before = at.checked_sub(1).map(|at| bytes[at]);
        let after = bytes.get(at + mark.len());
        let begins = before.is_some_and(|b| b"</>\"' \t\r\n".contains(&b));
        begins && after.is_some_and(|b| b.is_ascii_alphabetic() || *b == b'_' || *b >= 0x80)
    })
}

/// How the manifest says a payload is wrapped.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Wrapping {
    pub base64: bool,
    pub compressed: bool,
    pub encrypted: bool,
}

/// The payload's bytes.
pub(super) fn decode(
    payload: Element<'_>,
    wrapping: Wrapping,
    limit: usize,
) -> Result<(Vec<u8>, Encoding), ItkFault> {
    let refused = |what: &str| ItkFault::in_part(De::Payload, what);
    if wrapping.encrypted {
        let what = "an encrypted payload cannot be read here: no key is configured";
        return Err(ItkFault { code: ItkErrorCode::CannotProcess, ..refused(what) });
    }
    if wrapping.compressed && !wrapping.base64 {
        let what = "manifestitem: compressed content must also be base64";
        return Err(ItkFault::in_part(De::ManifestItem, what));
    }
    let mut children = payload.children();
    let child = children.next();
    if children.next().is_some() {
        return Err(refused("itk:payload holds more than one element"));
    }
    let text = payload.trimmed();
    let (bytes, encoding) = match child {
        Some(_) if wrapping.base64 => {
            return Err(refused("manifestitem says base64 and the payload holds an element"));
        }
        Some(_) if !text.is_empty() => {
            return Err(refused("itk:payload holds text beside its element"));
        }
        Some(element) => (standalone(element).into_bytes(), Encoding::Inline),
        None if text.is_empty() => return Err(refused("itk:payload is empty")),
        None if !wrapping.base64 => (text.as_bytes().to_vec(), Encoding::Text),
        None => {
            let mut digits = Vec::with_capacity(text.len());
            text.split_ascii_whitespace()
                .for_each(|line| digits.extend_from_slice(line.as_bytes()));
            let bytes = base64::engine::general_purpose::STANDARD
                .decode(digits)
                .map_err(|_| refused("itk:payload is not base64"))?;
            match wrapping.compressed {
                true => (gunzip(&bytes, limit)?, Encoding::Gzip),
                false => (bytes, Encoding::Base64),
            }
        }
    };
    if bytes.len() > limit {
        return Err(refused(&format!("itk:payload is larger than the limit of {limit} bytes")));
    }
    Ok((bytes, encoding))
}

fn gunzip(bytes: &[u8], limit: usize) -> Result<Vec<u8>, ItkFault> {
    let refused = |what: &str| ItkFault::in_part(De::Payload, what);
    let mut out = Vec::new();
    let mut reader = flate2::read::MultiGzDecoder::new(bytes).take(limit as u64 + 1);
    reader.read_to_end(&mut out).map_err(|_| refused("itk:payload is not gzip (RFC 1952)"))?;
    if out.len() > limit {
        let what = format!("itk:payload decompresses to more than the limit of {limit} bytes");
        return Err(refused(&what));
    }
    Ok(out)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::xml::Document;

    #[test]
    fn a_payload_leaves_its_envelope_with_the_names_it_needs_and_no_other() {
        let text = "<e xmlns:b='u:b' xmlns:a='u:a' xmlns:c='u:c'><p>\n<d xmlns='u:d' b:x='1'><a:y/>\r\n</d></p></e>";
        let document = Document::parse(text, &Default::default()).unwrap();
        let element = document.root().child("", "p").unwrap().child("u:d", "d").unwrap();
        let expected = "<d xmlns='u:d' b:x='1' xmlns:a=\"u:a\" xmlns:b=\"u:b\"><a:y/>\r\n</d>";
        assert_eq!(standalone(element), expected);
        Document::parse(expected, &Default::default()).unwrap();
    }

    #[test]
    fn a_word_that_ends_like_a_prefix_needs_no_declaration() {
        let text =
            "<s:e xmlns:s='u:s' xmlns:t='u:t'><d k='urn:services:x' q='t:y'>notes: s: z</d></s:e>";
        let document = Document::parse(text, &Default::default()).unwrap();
        let element = document.root().children().next().unwrap();
        let expected = "<d k='urn:services:x' q='t:y' xmlns:t=\"u:t\">notes: s: z</d>";
        assert_eq!(standalone(element), expected);
    }

    #[test]
    fn a_payload_that_declares_everything_itself_is_untouched() {
        let text = "<e xmlns:a='u:a'><a:d xmlns:a='u:a' >x</a:d></e>";
        let document = Document::parse(text, &Default::default()).unwrap();
        let element = document.root().children().next().unwrap();
        assert_eq!(standalone(element), "<a:d xmlns:a='u:a' >x</a:d>");
    }
}
