//! How an answer is packed: an envelope alone, or a package with its parts (MTOM, RFC 2046).

use crate::conformance::http::Incoming;
use base64::Engine;
use schemas::xml::Element;

/// An envelope and the parts that came with it.
pub struct Package {
    pub mtom: bool,
    pub root: Vec<u8>,
    parts: Vec<(String, Vec<u8>)>,
}

impl Package {
    pub fn read(incoming: &Incoming) -> Result<Self, String> {
        let kind = incoming.content_type.to_lowercase();
        if !kind.starts_with("multipart/related") {
            return Ok(Self { mtom: false, root: incoming.body.clone(), parts: Vec::new() });
        }
        let boundary = parameter(&incoming.content_type, "boundary").ok_or("no boundary")?;
        let start = parameter(&incoming.content_type, "start");
        let start = start.map(|id| id.trim_matches(['<', '>']).to_owned());
        let mut parts = split(&incoming.body, &boundary)?;
        let at = start.and_then(|id| parts.iter().position(|(cid, _)| *cid == id)).unwrap_or(0);
        if parts.is_empty() {
            return Err("a package without parts".to_owned());
        }
        let (_, root) = parts.remove(at);
        Ok(Self { mtom: true, root, parts })
    }
}

fn parameter(content_type: &str, name: &str) -> Option<String> {
    let mut parameters = content_type.split(';').skip(1).filter_map(|p| p.split_once('='));
    let found = parameters.find(|(key, _)| key.trim().eq_ignore_ascii_case(name));
    found.map(|(_, value)| value.trim().trim_matches('"').to_owned())
}

fn find(bytes: &[u8], needle: &[u8]) -> Option<usize> {
    bytes.windows(needle.len()).position(|window| window == needle)
}

/// Content-ID and bytes of each part.
fn split(body: &[u8], boundary: &str) -> Result<Vec<(String, Vec<u8>)>, String> {
    let mark = format!("\r\n--{boundary}");
    // The first boundary has no line before it.
    let mut rest = [b"\r\n", body].concat();
    let mut parts = Vec::new();
    let first = find(&rest, mark.as_bytes()).ok_or("no boundary in the answer")?;
    rest.drain(..first + mark.len());
    while !rest.starts_with(b"--") {
        let end = find(&rest, mark.as_bytes()).ok_or("a part without its end")?;
        let head = find(&rest, b"\r\n\r\n").ok_or("a part without its head")?;
        let headers = String::from_utf8_lossy(&rest[..head]).into_owned();
        let mut lines = headers.lines().filter_map(|line| line.split_once(':'));
        let id = lines.find(|(name, _)| name.trim().eq_ignore_ascii_case("content-id"));
        let id = id.map_or("", |(_, id)| id.trim()).trim_matches(['<', '>']).to_owned();
        parts.push((id, rest[(head + 4).min(end)..end].to_vec()));
        rest.drain(..end + mark.len());
    }
    Ok(parts)
}

/// A document inline or by reference.
pub fn content(element: Element<'_>, package: &Package) -> Result<Vec<u8>, String> {
    if let Some(include) = element.children().find(|child| child.local() == "Include") {
        let href = include.attr("href").unwrap_or_default();
        let cid = href.strip_prefix("cid:").ok_or_else(|| format!("href {href:?}"))?;
        let cid = percent_decoded(cid);
        let part = package.parts.iter().find(|(id, _)| *id == cid);
        return part.map(|(_, bytes)| bytes.clone()).ok_or_else(|| format!("no part {cid}"));
    }
    let text: String = element.text().split_whitespace().collect();
    base64::engine::general_purpose::STANDARD.decode(text).map_err(|error| error.to_string())
}

fn percent_decoded(text: &str) -> String {
    let mut out = Vec::new();
    let mut bytes = text.bytes();
    while let Some(byte) = bytes.next() {
        let hex = |b: Option<u8>| b.and_then(|b| char::from(b).to_digit(16));
        if byte == b'%'
            && let (Some(high), Some(low)) = (hex(bytes.next()), hex(bytes.next()))
        {
            out.push(u8::try_from(high * 16 + low).unwrap_or_default());
        } else {
            out.push(byte);
        }
    }
    String::from_utf8_lossy(&out).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_part_is_what_lies_between_its_head_and_the_next_boundary() {
        let body = "pre\r\n--b\r\nContent-ID: <a>\r\n\r\n<e/>\r\n--b\r\ncontent-id: <d@x>\r\n\r\n1\r\n\r\n--b--\r\n";
        let content_type = "multipart/related; boundary=b; start=\"<a>\"".to_owned();
        let incoming = Incoming { status: 200, content_type, body: body.as_bytes().to_vec() };
        let package = Package::read(&incoming).unwrap();
        assert_eq!(package.root, b"<e/>");
        assert_eq!(package.parts, [("d@x".to_owned(), b"1\r\n".to_vec())]);
    }

    #[test]
    fn a_percent_sign_needs_two_digits() {
        assert_eq!(percent_decoded("a%40b"), "a@b");
    }
}
