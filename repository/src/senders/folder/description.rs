//! The description beside a document: a flat TOML or JSON file.

use schemas::described::FieldError;

pub const BYTES_MAX: u64 = 64 * 1024;

/// Its fields as texts. Errors name the line, never what stands on it.
pub fn read(name: &str, bytes: &[u8]) -> Result<Vec<(String, String)>, FieldError> {
    let wrong = |rule: String| FieldError::new("description", rule);
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    let text = std::str::from_utf8(bytes)
        .map_err(|_| wrong("it is not UTF-8: save it with that encoding".to_owned()))?;
    if name.to_ascii_lowercase().ends_with(".json") { json(text) } else { toml(text) }
        .map_err(wrong)
}

fn toml(text: &str) -> Result<Vec<(String, String)>, String> {
    let table: toml::Table = text.parse().map_err(|error: toml::de::Error| {
        let before = error.span().and_then(|span| text.get(..span.start)).unwrap_or_default();
        let line = before.matches('\n').count() + 1;
        format!("line {line} is not TOML: write each field as name = \"value\"")
    })?;
    let field = |(name, value): (String, toml::Value)| match value {
        toml::Value::String(text) => Ok((name, text)),
        toml::Value::Integer(number) => Ok((name, number.to_string())),
        toml::Value::Datetime(at) => Ok((name, at.to_string())),
        _ => Err("a field's value must be a text in quotes or a date".to_owned()),
    };
    table.into_iter().map(field).collect()
}

fn json(text: &str) -> Result<Vec<(String, String)>, String> {
    let value: serde_json::Value = serde_json::from_str(text)
        .map_err(|error| format!("line {} is not JSON: write one object of texts", error.line()))?;
    let serde_json::Value::Object(object) = value else {
        return Err("it must be one JSON object".to_owned());
    };
    let field = |(name, value): (String, serde_json::Value)| match value {
        serde_json::Value::String(text) => Ok((name, text)),
        serde_json::Value::Number(number) => Ok((name, number.to_string())),
        serde_json::Value::Null => Ok((name, String::new())),
        _ => Err("a field's value must be a text".to_owned()),
    };
    object.into_iter().map(field).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_forms_give_the_same_fields() {
        let toml = "\u{feff}nhs_number = 9990000026\nbirth_date = 1948-03-09\ntitle = \"A letter\"";
        let json = r#"{"nhs_number": 9990000026, "birth_date": "1948-03-09", "title": "A letter"}"#;
        let mut fields = read("a.toml", toml.as_bytes()).unwrap();
        let mut others = read("a.JSON", json.as_bytes()).unwrap();
        fields.sort();
        others.sort();
        assert_eq!(fields, others);
    }

    #[test]
    fn a_mistake_is_told_by_its_line_and_not_repeated() {
        for (name, text) in [
            ("a.toml", "title = \"x\"\nfamily_name = Synthetic"),
            ("a.json", "{\"title\": \"x\",\n\"family_name\": Synthetic}"),
        ] {
            let error = read(name, text.as_bytes()).unwrap_err().to_string();
            assert!(error.contains("line 2") && !error.contains("Synthetic"), "{error}");
        }
        assert!(read("a.toml", b"title = \"\xff\"").is_err());
        assert!(read("a.toml", b"title = [1]").is_err());
        assert!(read("a.json", b"[]").is_err());
    }
}
