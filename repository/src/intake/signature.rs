//! Whether a document begins as documents of its declared type begin. Types without a known
//! beginning, and `application/octet-stream`, are not judged.

/// How much of a document is looked at.
pub const HEAD_BYTES: u64 = 1024;

/// The bytes are not of the declared type.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Mismatch {
    /// What they are instead, where that can be told.
    pub looks_like: Option<&'static str>,
}

type Test = fn(&[u8]) -> bool;

/// Types that are told by their first bytes, the surest first.
const KNOWN: [(&str, Test); 16] = [
    ("application/pdf", is_pdf),
    ("image/png", |head| head.starts_with(b"\x89PNG\r\n\x1a\n")),
    ("image/jpeg", |head| head.starts_with(b"\xff\xd8\xff")),
    ("image/gif", |head| head.starts_with(b"GIF87a") || head.starts_with(b"GIF89a")),
    ("image/tiff", |head| {
        [b"II*\0", b"MM\0*", b"II+\0", b"MM\0+"].iter().any(|m| head.starts_with(*m))
    }),
    ("image/webp", |head| head.starts_with(b"RIFF") && head.get(8..12) == Some(b"WEBP")),
    ("image/bmp", |head| head.starts_with(b"BM") && head.get(6..10) == Some(&[0; 4])),
    ("application/dicom", |head| head.get(128..132) == Some(b"DICM")),
    ("application/zip", |head| head.starts_with(b"PK\x03\x04") || head.starts_with(b"PK\x05\x06")),
    ("application/gzip", |head| head.starts_with(b"\x1f\x8b")),
    ("application/x-ole-storage", |head| head.starts_with(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1")),
    ("video/mp4", |head| head.get(4..8) == Some(b"ftyp")),
    ("a PDF in base64", |head| head.starts_with(b"JVBERi0")),
    ("application/rtf", |head| head.starts_with(b"{\\rtf")),
    ("text/xml", is_xml),
    ("application/json", is_json),
];

/// Binary types, which text never is.
const BINARY: usize = 12;

fn is(name: &str, head: &[u8]) -> bool {
    KNOWN.iter().any(|(known, test)| *known == name && test(head))
}

/// Readers look for the mark in the first KiB (ISO 32000-1 annex H.3.4.1).
fn is_pdf(head: &[u8]) -> bool {
    head.windows(5).any(|window| window == b"%PDF-")
}

/// UTF-8 with or without a mark, or UTF-16: the first sign is `<`.
fn is_xml(head: &[u8]) -> bool {
    let utf16 = [&b"\xfe\xff\0<"[..], b"\xff\xfe<\0", b"\0<\0", b"<\0"];
    utf16.iter().any(|start| head.starts_with(start)) || first_sign(head) == Some(b'<')
}

fn is_json(head: &[u8]) -> bool {
    matches!(first_sign(head), Some(b'{' | b'['))
}

fn first_sign(head: &[u8]) -> Option<u8> {
    let head = head.strip_prefix(b"\xef\xbb\xbf").unwrap_or(head);
    head.iter().copied().find(|byte| !byte.is_ascii_whitespace())
}

/// No NUL, unless it is UTF-16 by its mark, and not the beginning of something binary.
fn is_text(head: &[u8]) -> bool {
    let utf16 = head.starts_with(b"\xfe\xff") || head.starts_with(b"\xff\xfe");
    // A text may speak of a PDF's mark; it does not begin with it.
    let binary = head.starts_with(b"%PDF-") || KNOWN[1..BINARY].iter().any(|(_, test)| test(head));
    (utf16 || !head.contains(&0)) && !binary
}

/// Office formats before 2007; a template engine's `.doc` is often RTF.
fn is_msword(head: &[u8]) -> bool {
    is("application/x-ole-storage", head) || is("application/rtf", head)
}

/// How documents of a type begin; `None` where no rule is known.
fn rule(declared: &str) -> Option<Test> {
    let office = ["application/vnd.openxmlformats-", "application/vnd.oasis.opendocument."];
    Some(match declared {
        "image/jpg" | "image/pjpeg" => |head| is("image/jpeg", head),
        "text/rtf" => |head| is("application/rtf", head),
        "application/msword" => is_msword,
        "application/vnd.ms-excel" | "application/vnd.ms-powerpoint" => {
            |head| is("application/x-ole-storage", head)
        }
        "application/xml" => is_xml,
        "video/mp4" | "audio/mp4" => |head| is("video/mp4", head),
        xml if xml.ends_with("+xml") => is_xml,
        json if json.ends_with("+json") => is_json,
        zip if office.iter().any(|start| zip.starts_with(start)) => {
            |head| is("application/zip", head)
        }
        known => match KNOWN.iter().find(|(name, _)| *name == known) {
            Some((_, test)) => *test,
            None if known.starts_with("text/") || known.starts_with("multipart/") => is_text,
            None => return None,
        },
    })
}

/// Compares a declared mimeType with a document's first [`HEAD_BYTES`] (all of a shorter one). An
/// empty document is not judged: it is assembled later.
pub fn mismatch(declared: &str, head: &[u8]) -> Option<Mismatch> {
    let declared = declared.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    let fits = head.is_empty() || rule(&declared).is_none_or(|test| test(head));
    if fits {
        return None;
    }
    let looks_like = KNOWN.iter().find(|(_, test)| test(head)).map(|(name, _)| *name);
    Some(Mismatch { looks_like })
}

#[cfg(test)]
mod tests {
    use super::*;

    const PDF: &[u8] = b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n1 0 obj";
    const PNG: &[u8] = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR";

    #[test]
    fn documents_of_their_type_pass() {
        let mut dicom = vec![0; 128];
        dicom.extend(b"DICM");
        for (declared, head) in [
            ("application/pdf", PDF),
            ("APPLICATION/PDF; version=1.7", PDF),
            ("application/pdf", b"\n\n%PDF-1.4"),
            ("image/png", PNG),
            ("image/jpeg", b"\xff\xd8\xff\xe0\0\x10JFIF"),
            ("image/jpg", b"\xff\xd8\xff\xe1"),
            ("image/tiff", b"II*\0\x08\0\0\0"),
            ("text/xml", b"<?xml version=\"1.0\"?><ClinicalDocument/>"),
            ("text/xml", b"\xef\xbb\xbf\r\n <ClinicalDocument/>"),
            ("text/xml", b"\xff\xfe<\0?\0x\0"),
            ("application/hl7-v3+xml", b"<ClinicalDocument/>"),
            ("application/fhir+xml", b"<Bundle/>"),
            ("application/fhir+json", b"\n{\"resourceType\":\"Bundle\"}"),
            ("text/plain", b"Dear colleague,\n"),
            ("text/plain; charset=ISO-8859-1", b"Caf\xe9"),
            ("text/plain", b"\xff\xfeD\0e\0"),
            ("text/plain", b"<b>a letter that begins with a tag</b>"),
            ("text/plain", b"Every PDF begins with %PDF-1 and a version."),
            ("text/html", b"<!doctype html>"),
            ("text/rtf", b"{\\rtf1\\ansi"),
            ("application/msword", b"{\\rtf1\\ansi"),
            (
                "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
                b"PK\x03\x04\x14\0",
            ),
            ("application/dicom", &dicom),
            ("application/octet-stream", PDF),
            ("application/x-something", b"\0\0\0"),
            ("application/pdf", b""),
        ] {
            assert_eq!(mismatch(declared, head), None, "{declared}");
        }
    }

    #[test]
    fn documents_of_another_type_are_told_by_it() {
        for (declared, head, looks_like) in [
            ("application/pdf", PNG, Some("image/png")),
            ("application/pdf", b"Dear colleague," as &[u8], None),
            ("application/pdf", b"JVBERi0xLjcK", Some("a PDF in base64")),
            ("text/xml", PDF, Some("application/pdf")),
            ("text/xml", b"Dear colleague,", None),
            ("text/plain", PDF, Some("application/pdf")),
            ("text/plain", b"a\0b", None),
            ("image/png", b"\xff\xd8\xff\xe0", Some("image/jpeg")),
            ("application/fhir+json", b"<Bundle/>", Some("text/xml")),
            ("application/fhir+xml", b"{\"resourceType\":\"Bundle\"}", Some("application/json")),
        ] {
            assert_eq!(mismatch(declared, head), Some(Mismatch { looks_like }), "{declared}");
        }
    }
}
