//! Content-Type, read as leniently as SOAP stacks write it.
//!
//! Unquoted values with `=`, `<`, `@` and `:`, escaped quotes, any order and any case of names
//! occur in real traffic (ITI TF-2 appendix V says one thing, stacks another).

/// A media type and its parameters; names are lower-cased, values unquoted.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ContentType {
    pub media_type: String,
    parameters: Vec<(String, String)>,
}

const PARAMETERS_MAX: usize = 16;

impl ContentType {
    /// Never fails: what cannot be read is left out, and the caller asks for what it needs.
    pub fn parse(header: &str) -> Self {
        let header = header.trim();
        let end = header.find(';').unwrap_or(header.len());
        let media_type = header[..end].trim().to_ascii_lowercase();
        let mut parameters = Vec::new();
        let mut rest = &header[end..];
        while let Some(text) = rest.strip_prefix(';').map(str::trim_start) {
            let Some(equals) = text.find(['=', ';']) else { break };
            if text.as_bytes()[equals] == b';' {
                rest = &text[equals..];
                continue;
            }
            let name = text[..equals].trim().to_ascii_lowercase();
            let (value, after) = value(text[equals + 1..].trim_start());
            if parameters.len() < PARAMETERS_MAX {
                parameters.push((name, value));
            }
            rest = after.trim_start();
        }
        Self { media_type, parameters }
    }

    pub fn parameter(&self, name: &str) -> Option<&str> {
        self.parameters.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str())
    }

    pub fn is_multipart(&self) -> bool {
        self.media_type == "multipart/related"
    }
}

/// A quoted or bare value, and what follows it.
fn value(text: &str) -> (String, &str) {
    let Some(quoted) = text.strip_prefix('"') else {
        let end = text.find(';').unwrap_or(text.len());
        return (text[..end].trim().to_owned(), &text[end..]);
    };
    let mut out = String::new();
    let mut chars = quoted.char_indices();
    while let Some((at, c)) = chars.next() {
        match c {
            '"' => return (out, &quoted[at + 1..]),
            '\\' => out.extend(chars.next().map(|(_, escaped)| escaped)),
            _ => out.push(c),
        }
    }
    (out, "")
}

/// `<root@host>` without its brackets.
pub fn content_id(text: &str) -> &str {
    text.trim().trim_start_matches('<').trim_end_matches('>')
}

/// Percent-decodes the part after `cid:`.
pub fn cid(href: &str) -> Option<String> {
    let encoded = href.strip_prefix("cid:")?;
    let mut out = Vec::with_capacity(encoded.len());
    let mut bytes = encoded.bytes();
    while let Some(byte) = bytes.next() {
        if byte != b'%' {
            out.push(byte);
            continue;
        }
        let high = char::from(bytes.next()?).to_digit(16)?;
        let low = char::from(bytes.next()?).to_digit(16)?;
        out.push((high * 16 + low) as u8);
    }
    String::from_utf8(out).ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn the_headers_that_stacks_send_are_understood() {
        let axis = ContentType::parse(
            "multipart/related; boundary=MIMEBoundaryurn_uuid_1; type=\"application/xop+xml\"; start=\"<0.urn:uuid:1@apache.org>\"; start-info=\"application/soap+xml; action=\\\"urn:x\\\"\"",
        );
        assert!(axis.is_multipart());
        assert_eq!(axis.parameter("boundary"), Some("MIMEBoundaryurn_uuid_1"));
        assert_eq!(axis.parameter("start-info"), Some("application/soap+xml; action=\"urn:x\""));
        let loose = ContentType::parse(
            "Multipart/Related;Type=application/xop+xml;start=<a@b>;boundary=uuid:aaa=1",
        );
        assert_eq!(loose.parameter("boundary"), Some("uuid:aaa=1"));
        assert_eq!(loose.parameter("start").map(content_id), Some("a@b"));
    }

    #[test]
    fn content_ids_are_percent_decoded() {
        assert_eq!(cid("cid:doc%201@x"), Some("doc 1@x".to_owned()));
        assert_eq!(cid("cid:doc%2"), None);
        assert_eq!(cid("http://x"), None);
    }

    proptest! {
        #[test]
        fn any_header_can_be_read(text in ".{0,80}") {
            ContentType::parse(&text);
            cid(&text);
        }
    }
}
