//! `multipart/form-data` (RFC 7578) as browsers and curl write it: bounded, borrowed from the body.

use crate::soap::mime::ContentType;

/// One field of a form; a file has a name of its own.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Part<'b> {
    pub name: String,
    pub file_name: Option<String>,
    pub content_type: Option<String>,
    pub bytes: &'b [u8],
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum FormError {
    #[error("the Content-Type is multipart/form-data without a boundary of 1 to 70 characters")]
    Boundary,
    #[error("the body does not begin with the boundary that its Content-Type names")]
    Start,
    #[error("the form ends in the middle of a field: it was cut off on its way")]
    CutOff,
    #[error("a field's headers are longer than {HEADERS_BYTES_MAX} bytes")]
    Headers,
    #[error("a field has no name in its Content-Disposition")]
    NoName,
    #[error("the form has more than {PARTS_MAX} fields")]
    TooMany,
}

pub const PARTS_MAX: usize = 32;
const HEADERS_BYTES_MAX: usize = 4_096;
const BOUNDARY_CHARACTERS_MAX: usize = 70;

/// Reads a whole body; `content_type` is the request's.
pub fn read<'b>(content_type: &ContentType, body: &'b [u8]) -> Result<Vec<Part<'b>>, FormError> {
    let boundary = content_type.parameter("boundary").unwrap_or_default();
    if boundary.is_empty() || boundary.len() > BOUNDARY_CHARACTERS_MAX {
        return Err(FormError::Boundary);
    }
    let mark = format!("--{boundary}");
    let between = memchr::memmem::Finder::new(&mark);
    let mut rest = body.strip_prefix(b"\r\n").unwrap_or(body);
    rest = rest.strip_prefix(mark.as_bytes()).ok_or(FormError::Start)?;
    let mut parts = Vec::new();
    loop {
        if rest.starts_with(b"--") {
            return Ok(parts);
        }
        let part = rest.strip_prefix(b"\r\n").ok_or(FormError::CutOff)?;
        let end = end(&between, part).ok_or(FormError::CutOff)?;
        if parts.len() == PARTS_MAX {
            return Err(FormError::TooMany);
        }
        parts.push(field(&part[..end])?);
        rest = &part[end + 2 + mark.len()..];
    }
}

/// Where a part's content ends: the boundary at the beginning of a line.
fn end(between: &memchr::memmem::Finder<'_>, part: &[u8]) -> Option<usize> {
    let mut found = between.find_iter(part);
    found.find(|at| *at >= 2 && part[at - 2..*at] == *b"\r\n").map(|at| at - 2)
}

fn field(part: &[u8]) -> Result<Part<'_>, FormError> {
    let (headers, bytes) = match memchr::memmem::find(part, b"\r\n\r\n") {
        Some(at) => (&part[..at], &part[at + 4..]),
        None => return Err(FormError::NoName),
    };
    if headers.len() > HEADERS_BYTES_MAX {
        return Err(FormError::Headers);
    }
    let headers = String::from_utf8_lossy(headers);
    let header = |wanted: &str| {
        let mut lines = headers.split("\r\n").filter_map(|line| line.split_once(':'));
        lines.find(|(name, _)| name.trim().eq_ignore_ascii_case(wanted)).map(|(_, v)| v.trim())
    };
    let disposition = ContentType::parse(header("Content-Disposition").unwrap_or_default());
    let name = disposition.parameter("name").filter(|_| disposition.media_type == "form-data");
    Ok(Part {
        name: name.filter(|name| !name.is_empty()).ok_or(FormError::NoName)?.to_owned(),
        file_name: disposition.parameter("filename").map(str::to_owned),
        content_type: header("Content-Type").map(str::to_owned),
        bytes,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const TYPE: &str = "multipart/form-data; boundary=----suite";

    fn parse(body: &[u8]) -> Result<Vec<Part<'_>>, FormError> {
        read(&ContentType::parse(TYPE), body)
    }

    #[test]
    fn fields_and_files_are_read_as_they_are() {
        let body = b"------suite\r\nContent-Disposition: form-data; name=\"title\"\r\n\r\nA letter\r\n------suite\r\ncontent-disposition: form-data; name=\"document\"; filename=\"a \\\"b\\\".pdf\"\r\nContent-Type: application/pdf\r\n\r\n%PDF\r\n\r\n--------suiteX\n\0\r\n------suite--\r\n";
        let parts = parse(body).unwrap();
        assert_eq!((parts[0].name.as_str(), parts[0].bytes), ("title", &b"A letter"[..]));
        assert_eq!(parts[1].file_name.as_deref(), Some("a \"b\".pdf"));
        assert_eq!(parts[1].content_type.as_deref(), Some("application/pdf"));
        assert_eq!(parts[1].bytes, b"%PDF\r\n\r\n--------suiteX\n\0");
        assert_eq!(parts.len(), 2);
    }

    #[test]
    fn a_broken_form_is_told_by_what_is_wrong() {
        let field = "------suite\r\nContent-Disposition: form-data; name=\"a\"\r\n\r\nx\r\n";
        for (body, error) in [
            ("".to_owned(), FormError::Start),
            ("--other--".to_owned(), FormError::Start),
            ("------suite".to_owned(), FormError::CutOff),
            (field.to_owned(), FormError::CutOff),
            (field.replace("name=\"a\"", "name=\"\"") + "------suite--", FormError::NoName),
            (field.replace("form-data", "attachment") + "------suite--", FormError::NoName),
            (field.replace("\r\n\r\n", "\r\n") + "------suite--", FormError::NoName),
            (field.repeat(PARTS_MAX + 1) + "------suite--", FormError::TooMany),
            (
                field
                    .replace("x\r\n\r\n", "")
                    .replace("name=", &format!("x=\"{}\"; name=", "y".repeat(HEADERS_BYTES_MAX)))
                    + "------suite--",
                FormError::Headers,
            ),
        ] {
            assert_eq!(parse(body.as_bytes()), Err(error), "{body:?}");
        }
        let none = ContentType::parse("multipart/form-data");
        assert_eq!(read(&none, b"--"), Err(FormError::Boundary));
    }

    proptest! {
        #[test]
        fn reading_anything_never_panics(body: Vec<u8>) {
            let _ = parse(&body);
            let mut begun = b"------suite\r\n".to_vec();
            begun.extend(&body);
            let _ = parse(&begun);
        }
    }
}
