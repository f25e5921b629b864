//! Where things stand in the file, so that a finding can name the line.

use std::collections::HashMap;

/// Lines of a file of the hub's own form, counted from one. What is written in an unusual way has
/// none: a finding then goes without.
#[derive(Debug, Default)]
pub(super) struct Lines<'t> {
    lines: Vec<&'t str>,
    /// First and last line of each `[[document_type]]`.
    types: Vec<(usize, usize)>,
    /// First and last line of each `[attribute.NAME]`.
    attributes: HashMap<&'t str, (usize, usize)>,
}

impl<'t> Lines<'t> {
    pub fn of(text: &'t str) -> Self {
        let lines: Vec<&str> = text.lines().map(str::trim).collect();
        let heads: Vec<usize> = (0..lines.len()).filter(|n| lines[*n].starts_with('[')).collect();
        let mut found = Self::default();
        for (n, head) in heads.iter().enumerate() {
            let last = heads.get(n + 1).map_or(lines.len(), |next| *next);
            let title = lines[*head].split('#').next().unwrap_or_default();
            let title = title.trim().trim_matches(['[', ']']).trim();
            if title == "document_type" {
                found.types.push((head + 1, last));
            } else if let Some(attribute) = title.strip_prefix("attribute.") {
                found.attributes.insert(attribute, (head + 1, last));
            }
        }
        found.lines = lines;
        found
    }

    /// The first line of a block that has every word.
    fn within(&self, block: (usize, usize), words: &[&str]) -> Option<usize> {
        (block.0..=block.1).find(|n| {
            let line = self.lines.get(n - 1).copied().unwrap_or_default();
            words.iter().all(|word| line.contains(word))
        })
    }

    /// The line of the n-th document type's key, or of its head; `words` narrow it to a value that
    /// may stand on a line of its own.
    pub fn document_type(&self, n: usize, key: &str, value: &str) -> Option<usize> {
        let block = *self.types.get(n)?;
        let quoted = format!("\"{value}\"");
        let line = self.within(block, &[key, &quoted]).or_else(|| self.within(block, &[&quoted]));
        line.or_else(|| self.within(block, &[key])).or(Some(block.0))
    }

    /// The line on which an attribute lists a code.
    pub fn code(&self, attribute: &str, code: &str) -> Option<usize> {
        let block = *self.attributes.get(attribute)?;
        self.within(block, &["code", &format!("\"{code}\"")]).or(Some(block.0))
    }

    /// The line of a key outside of every table.
    pub fn key(&self, key: &str) -> Option<usize> {
        self.within((1, self.lines.len().max(1)), &[key, "="])
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_is_found_by_block_key_and_value() {
        let text = "default_type = \"a\"\n[attribute.typeCode]\ncodes = [\n  { code = \"7\" },\n]\n\n[[document_type]]\nname = \"a\"\naliases = [\n  \"8\",\n]\n[[document_type]]\nname = \"b\"\n";
        let lines = Lines::of(text);
        assert_eq!(lines.key("default_type"), Some(1));
        assert_eq!(lines.code("typeCode", "7"), Some(4));
        assert_eq!(lines.code("classCode", "7"), None);
        assert_eq!(lines.document_type(0, "aliases", "8"), Some(10));
        assert_eq!(lines.document_type(1, "name", "b"), Some(13));
        assert_eq!(lines.document_type(1, "aliases", "8"), Some(12));
        assert_eq!(lines.document_type(2, "name", "c"), None);
    }
}
