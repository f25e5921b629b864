//! languageCode: the language of a document as a tag of BCP 47 (RFC 5646), `en-GB`.

use std::fmt;

/// A well-formed language tag of at most 256 characters, kept as sent; whether its subtags are
/// registered is not asked (ITI TF-3 4.2.3.2.13).
#[derive(Clone, PartialEq, Eq)]
pub struct LanguageCode(String);

#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a language code is a language tag of BCP 47, such as en-GB or cy")]
pub struct LanguageCodeError;

/// Registered before the grammar was made, and outside it (RFC 5646 2.1, `irregular`).
const IRREGULAR: [&str; 17] = [
    "en-gb-oed",
    "i-ami",
    "i-bnn",
    "i-default",
    "i-enochian",
    "i-hak",
    "i-klingon",
    "i-lux",
    "i-mingo",
    "i-navajo",
    "i-pwn",
    "i-tao",
    "i-tay",
    "i-tsu",
    "sgn-be-fr",
    "sgn-be-nl",
    "sgn-ch-de",
];

impl LanguageCode {
    pub fn parse(text: &str) -> Result<Self, LanguageCodeError> {
        let irregular = || IRREGULAR.contains(&text.to_ascii_lowercase().as_str());
        if text.len() <= 256 && (is_tag(text) || irregular()) {
            return Ok(Self(text.to_owned()));
        }
        Err(LanguageCodeError)
    }

    /// The English of the United Kingdom.
    pub fn british_english() -> Self {
        Self("en-GB".to_owned())
    }

    /// What is known of the language of a document that does not say: nothing.
    pub fn undetermined() -> Self {
        Self("und".to_owned())
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }
}

fn letters(subtag: &str) -> bool {
    subtag.bytes().all(|byte| byte.is_ascii_alphabetic())
}

/// `langtag` or `privateuse`: language, up to three further languages, script, region, variants,
/// extensions, and what is of private use.
fn is_tag(text: &str) -> bool {
    let well_formed = |subtag: &str| {
        (1..=8).contains(&subtag.len()) && subtag.bytes().all(|byte| byte.is_ascii_alphanumeric())
    };
    let subtags: Vec<&str> = text.split('-').collect();
    if !subtags.iter().all(|subtag| well_formed(subtag)) {
        return false;
    }
    let [language, rest @ ..] = subtags.as_slice() else { return false };
    if language.eq_ignore_ascii_case("x") {
        return !rest.is_empty();
    }
    if !letters(language) || language.len() < 2 {
        return false;
    }
    let further = if language.len() <= 3 { 3 } else { 0 };
    let rest = skip(rest, further, |s| s.len() == 3 && letters(s));
    let rest = skip(rest, 1, |s| s.len() == 4 && letters(s));
    let digits = |s: &str| s.bytes().all(|byte| byte.is_ascii_digit());
    let rest = skip(rest, 1, |s| s.len() == 2 && letters(s) || s.len() == 3 && digits(s));
    let rest = skip(rest, usize::MAX, |s| s.len() >= 5 || s.len() == 4 && digits(&s[..1]));
    are_extensions(rest)
}

/// Goes past as many subtags of a kind as there may be.
fn skip<'a, 't>(
    subtags: &'a [&'t str],
    most: usize,
    fits: impl Fn(&'t str) -> bool,
) -> &'a [&'t str] {
    let count = subtags.iter().take(most).take_while(|subtag| fits(subtag)).count();
    &subtags[count..]
}

/// Each a single character with subtags behind it; after `x` they may be of any length.
fn are_extensions(mut subtags: &[&str]) -> bool {
    while let [singleton, rest @ ..] = subtags {
        if singleton.len() != 1 {
            return false;
        }
        let private = singleton.eq_ignore_ascii_case("x");
        let after = skip(rest, usize::MAX, |subtag| private || subtag.len() >= 2);
        if after.len() == rest.len() {
            return false;
        }
        subtags = after;
    }
    true
}

impl fmt::Display for LanguageCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Debug for LanguageCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn tags_of_the_standard_are_language_codes() {
        for text in [
            "en",
            "en-GB",
            "cy",
            "zh-Hant-TW",
            "zh-cmn-Hans-CN",
            "sl-rozaj-biske",
            "de-CH-1901",
            "es-419",
            "de-DE-u-co-phonebk",
            "en-a-myext-b-another",
            "x-whatever",
            "qaa-Qaaa-QM",
            "en-x-1-b",
            "art-lojban",
            "zh-min-nan",
            "i-klingon",
            "en-GB-oed",
            "und",
            "EN-gb",
        ] {
            assert_eq!(LanguageCode::parse(text).map(|code| code.to_string()), Ok(text.to_owned()));
        }
        assert!(LanguageCode::parse(LanguageCode::british_english().as_str()).is_ok());
        assert!(LanguageCode::parse(LanguageCode::undetermined().as_str()).is_ok());
    }

    #[test]
    fn what_no_tag_can_be_is_refused() {
        for text in [
            "",
            "e",
            "english!",
            "en_GB",
            "en-",
            "-en",
            "en--GB",
            "en GB",
            "1e",
            "en-GB-GB",
            "en-a",
            "en-a-b",
            "x",
            "en-x",
            "abcdefghi",
            "en-Latn-Latn",
            "de-419-DE",
            "émü",
        ] {
            assert_eq!(LanguageCode::parse(text), Err(LanguageCodeError), "{text:?}");
        }
    }

    proptest! {
        #[test]
        fn reading_anything_never_panics(text in ".{0,40}", tag in "[a-zA-Z0-9-]{0,40}") {
            let _ = (LanguageCode::parse(&text), LanguageCode::parse(&tag));
        }
    }
}
