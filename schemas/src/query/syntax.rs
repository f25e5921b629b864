//! ebRIM's quoting of parameter values (ITI TF-2 3.18.4.1.2.3.5): `'a'`, `('a','b')`, `123`.

use crate::wire::ObjectWriter;
use std::iter::Peekable;
use std::str::Chars;

/// Reads every value of one Slot. A list may be spread over several Values: each a complete list
/// by the profile, one list cut in pieces by some clients. The error is the rule that is broken.
pub(super) fn read(values: &[String]) -> Result<Vec<String>, &'static str> {
    let mut out = Vec::new();
    let mut open = false;
    for value in values {
        let mut chars = value.chars().peekable();
        let mut after_value = false;
        while let Some(c) = chars.next() {
            match c {
                c if c.is_whitespace() => continue,
                '(' if open || after_value => return Err("has a parenthesis inside a list"),
                '(' => open = true,
                ')' if !open => return Err("closes a parenthesis that was not opened"),
                ')' => open = false,
                ',' => after_value = false,
                '\'' | '0'..='9' if after_value => {
                    return Err("has values without a comma between");
                }
                '\'' => {
                    out.push(quoted(&mut chars)?);
                    after_value = true;
                }
                '0'..='9' => {
                    out.push(number(c, &mut chars));
                    after_value = true;
                }
                _ => return Err("has a value that is neither a number nor in single quotes"),
            }
        }
    }
    if open { Err("has a list without its closing parenthesis") } else { Ok(out) }
}

/// After the opening quote; a quote inside is doubled.
fn quoted(chars: &mut Peekable<Chars<'_>>) -> Result<String, &'static str> {
    let mut text = String::new();
    loop {
        match chars.next() {
            Some('\'') if chars.peek() == Some(&'\'') => text.extend(chars.next()),
            Some('\'') => return Ok(text),
            Some(c) => text.push(c),
            None => return Err("has a value without its closing quote"),
        }
    }
}

fn number(first: char, chars: &mut Peekable<Chars<'_>>) -> String {
    let mut text = String::from(first);
    while let Some(digit) = chars.next_if(char::is_ascii_digit) {
        text.push(digit);
    }
    text
}

/// Writes values quoted, as one list. Lists are split over Values, each a complete list, because a
/// Value holds 256 characters at most. No values, no Slot.
pub(super) fn write_strings(
    out: &mut String,
    name: &str,
    values: impl IntoIterator<Item = impl AsRef<str>>,
) {
    let mut lines: Vec<String> = Vec::new();
    for value in values {
        let value = quote(value.as_ref());
        match lines.last_mut() {
            Some(line) if line.len() + value.len() <= 250 => {
                line.push(',');
                line.push_str(&value);
            }
            _ => lines.push(value),
        }
    }
    let lists: Vec<String> = lines.into_iter().map(|line| format!("({line})")).collect();
    ObjectWriter::new(out, "", 0).slot(name, &lists);
}

/// Writes values of which one must hold, none included: no value asks for what nothing has, and an
/// absent parameter would ask for everything.
pub(super) fn write_any(
    out: &mut String,
    name: &str,
    values: impl IntoIterator<Item = impl AsRef<str>>,
) {
    let mut values = values.into_iter().peekable();
    if values.peek().is_none() {
        return write_strings(out, name, [""]);
    }
    write_strings(out, name, values);
}

/// Writes a parameter that takes one text.
pub(super) fn write_one(out: &mut String, name: &str, value: &str) {
    ObjectWriter::new(out, "", 0).slot(name, &[quote(value)]);
}

/// Writes a parameter that takes one number: times, versions.
pub(super) fn write_number(out: &mut String, name: &str, value: &str) {
    ObjectWriter::new(out, "", 0).slot(name, &[value.to_owned()]);
}

fn quote(value: &str) -> String {
    format!("'{}'", value.replace('\'', "''"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::wire::{MetadataLimits, RIM, read_slot};
    use proptest::prelude::*;

    fn of(values: &[&str]) -> Result<Vec<String>, &'static str> {
        let values: Vec<String> = values.iter().map(|value| (*value).to_owned()).collect();
        read(&values)
    }

    #[test]
    fn every_spelling_of_a_list_is_read() {
        assert_eq!(of(&["'a'"]).unwrap(), ["a"]);
        assert_eq!(of(&["( 'a' , 'b' )", "('c')"]).unwrap(), ["a", "b", "c"]);
        assert_eq!(of(&["('a'", ",'b')"]).unwrap(), ["a", "b"]);
        assert_eq!(of(&["('a',", "'b')"]).unwrap(), ["a", "b"]);
        assert_eq!(of(&["'O''Brien'"]).unwrap(), ["O'Brien"]);
        assert_eq!(of(&["20250101"]).unwrap(), ["20250101"]);
        assert_eq!(of(&["()"]).unwrap(), Vec::<String>::new());
    }

    #[test]
    fn unquoted_and_unclosed_text_is_refused() {
        for (value, rule) in [
            ("abc", "in single quotes"),
            ("'a' or 1=1", "in single quotes"),
            ("'abc", "closing quote"),
            ("('abc'", "closing parenthesis"),
            ("'abc')", "not opened"),
            ("(('abc'))", "inside a list"),
            ("('a' 'b')", "comma between"),
        ] {
            assert!(of(&[value]).unwrap_err().contains(rule), "{value}");
        }
    }

    proptest! {
        #[test]
        fn what_is_written_is_read(values in prop::collection::vec("[a-z'^(),]{0,40}", 1..40)) {
            let mut out = format!("<a xmlns:rim=\"{RIM}\">");
            write_strings(&mut out, "$x", &values);
            out.push_str("</a>");
            let document = crate::xml::Document::parse(&out, &Default::default()).unwrap();
            let slot = document.root().child(RIM, "Slot").unwrap();
            let slot = read_slot(slot, &MetadataLimits::default()).unwrap();
            prop_assert_eq!(read(&slot.values).unwrap(), values);
        }

        #[test]
        fn reading_anything_never_panics(value in "[a-z0-9'^(), ]{0,40}") {
            let _ = read(&[value]);
        }
    }
}
