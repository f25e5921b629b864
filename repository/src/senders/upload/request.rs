//! What a POST brings: a browser's form, a script's JSON, or a document as it is.

use crate::senders::receipt::Reason;
use base64::Engine;
use schemas::form::{self, Part};
use schemas::soap::mime::ContentType;

/// A document with its fields, as they came.
#[derive(Clone, Default)]
pub(super) struct Read {
    pub file_name: String,
    pub bytes: Vec<u8>,
    /// Blank fields of a form are left out.
    pub fields: Vec<(String, String)>,
}

const FIELD_BYTES_MAX: usize = 4_096;

fn wrong(field: &str, rule: &str) -> Reason {
    Reason { field: Some(field.to_owned()), rule: rule.to_owned() }
}

pub(super) fn read(content_type: &str, body: &[u8]) -> Result<Read, Reason> {
    let content_type = ContentType::parse(content_type);
    match content_type.media_type.as_str() {
        "multipart/form-data" => {
            let parts = form::read(&content_type, body).map_err(|e| Reason::new(e.to_string()))?;
            from_parts(&parts)
        }
        "application/json" => from_json(body),
        "text/xml" | "application/xml" => Ok(Read {
            file_name: "document.xml".to_owned(),
            bytes: body.to_vec(),
            fields: Vec::new(),
        }),
        _ => Err(Reason::new(
            "send multipart/form-data, application/json, or a CDA or an ITK message as text/xml",
        )),
    }
}

fn from_parts(parts: &[Part<'_>]) -> Result<Read, Reason> {
    let mut read = Read::default();
    for part in parts {
        if part.name == "document" {
            if !read.bytes.is_empty() {
                return Err(wrong("document", "send one document at a time"));
            }
            read.file_name = part.file_name.clone().unwrap_or_default();
            read.bytes = part.bytes.to_vec();
            continue;
        }
        let text = std::str::from_utf8(part.bytes).ok();
        let text = text
            .filter(|text| text.len() <= FIELD_BYTES_MAX)
            .ok_or_else(|| Reason::new("a field is not UTF-8 text, or longer than 4096 bytes"))?;
        if !text.trim().is_empty() {
            read.fields.push((part.name.clone(), text.to_owned()));
        }
    }
    Ok(read)
}

fn from_json(body: &[u8]) -> Result<Read, Reason> {
    let value: serde_json::Value = serde_json::from_slice(body)
        .map_err(|error| Reason::new(format!("line {} is not JSON", error.line())))?;
    let serde_json::Value::Object(object) = value else {
        return Err(Reason::new("the body must be one JSON object"));
    };
    let mut read = Read::default();
    for (name, value) in object {
        let text = match value {
            serde_json::Value::String(text) => text,
            serde_json::Value::Number(number) => number.to_string(),
            serde_json::Value::Null => continue,
            _ => return Err(Reason::new("a field's value must be a text")),
        };
        match name.as_str() {
            "document" => {
                let text: String = text.split_ascii_whitespace().collect();
                let bytes = base64::engine::general_purpose::STANDARD.decode(text);
                read.bytes = bytes.map_err(|_| wrong("document", "it must be base64"))?;
            }
            "file_name" => read.file_name = text,
            _ if text.trim().is_empty() => {}
            _ => read.fields.push((name, text)),
        }
    }
    Ok(read)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_script_says_the_same_in_each_form() {
        let json = r#"{"file_name": "a.pdf", "document": "JVBE Rg==", "nhs_number": 9990000026, "title": null}"#;
        let form = "--b\r\nContent-Disposition: form-data; name=\"nhs_number\"\r\n\r\n9990000026\r\n--b\r\nContent-Disposition: form-data; name=\"title\"\r\n\r\n \r\n--b\r\nContent-Disposition: form-data; name=\"document\"; filename=\"a.pdf\"\r\n\r\n%PDF\r\n--b--";
        for (content_type, body) in
            [("application/json", json), ("multipart/form-data; boundary=b", form)]
        {
            let Ok(read) = read(content_type, body.as_bytes()) else {
                panic!("{content_type} is read")
            };
            assert_eq!((read.file_name.as_str(), &read.bytes[..]), ("a.pdf", &b"%PDF"[..]));
            assert_eq!(read.fields, [("nhs_number".to_owned(), "9990000026".to_owned())]);
        }
        assert!(read("text/plain", b"x").is_err());
        assert!(read("application/json", b"[]").is_err());
        assert!(read("application/json", br#"{"document": "%"}"#).is_err());
    }
}
