//! A SNOMED CT compositional expression as a document code: type of document and care setting, read
//! by attribute and never by position.

/// Attribute "Type of clinical document".
const TYPE: &str = "810311000000101";
/// Attribute "Care setting of clinical document".
const SETTING: &str = "810321000000107";

/// How a code names its document type.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Composition {
    /// One code, as it stands.
    Single(String),
    /// `type+setting` or `type:setting`, without the wrapper that the grammar asks for.
    Pair { type_code: String, setting: String },
    /// The whole expression; without a type attribute there is no type.
    Expression { type_code: Option<String>, setting: Option<String> },
}

/// Reads `focus ":" attribute "=" value ("," attribute "=" value)*`: terms between bars, white space
/// and braces around groups are dropped, the order of attributes is free.
pub fn compose(code: &str) -> Composition {
    let Some(bare) = without_terms(code) else { return Composition::Single(code.to_owned()) };
    if bare.contains('=') {
        return refined(&bare);
    }
    let pair = bare.split_once(['+', ':']);
    match pair.filter(|(left, right)| is_concept(left) && is_concept(right)) {
        Some((type_code, setting)) => {
            Composition::Pair { type_code: type_code.to_owned(), setting: setting.to_owned() }
        }
        None => Composition::Single(bare),
    }
}

/// `None` where a term is not closed.
fn without_terms(code: &str) -> Option<String> {
    let mut bare = String::new();
    let mut in_term = false;
    for c in code.chars() {
        match c {
            '|' => in_term = !in_term,
            c if in_term || c.is_whitespace() => {}
            // A group ends where the next may begin without a comma.
            '{' | '}' => bare.push(','),
            c => bare.push(c),
        }
    }
    (!in_term).then_some(bare)
}

fn refined(bare: &str) -> Composition {
    let refinement = bare.split_once(':').map_or(bare, |(_, refinement)| refinement);
    let pairs: Vec<(&str, &str)> =
        refinement.split(',').filter_map(|part| part.split_once('=')).collect();
    // Two values for one attribute are two meanings: none is taken.
    let value = |attribute: &str| {
        let mut found = pairs.iter().filter(|(name, _)| *name == attribute).map(|(_, v)| *v);
        let value = found.next().filter(|value| is_concept(value))?;
        found.all(|other| other == value).then(|| value.to_owned())
    };
    Composition::Expression { type_code: value(TYPE), setting: value(SETTING) }
}

fn is_concept(text: &str) -> bool {
    (6..=18).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn expression(type_code: Option<&str>, setting: Option<&str>) -> Composition {
        let owned = |text: Option<&str>| text.map(str::to_owned);
        Composition::Expression { type_code: owned(type_code), setting: owned(setting) }
    }

    #[test]
    fn a_compositional_code_is_read_by_attribute_not_by_position() {
        let both = expression(Some("373942005"), Some("394576009"));
        for code in [
            "810301000000103:810311000000101=373942005,810321000000107=394576009",
            "810301000000103:810321000000107=394576009,810311000000101=373942005",
            "810301000000103:{810311000000101=373942005,810321000000107=394576009}",
            "810301000000103:{810311000000101=373942005}{810321000000107=394576009}",
            "810301000000103:{810311000000101=373942005},{810321000000107=394576009}",
            " 810301000000103 |Clinical document descriptor| : 810311000000101 |Type, of: document| \
             = 373942005 |Discharge = summary| , 810321000000107 = 394576009 |A, E + {x}|",
            "810311000000101=373942005,810321000000107=394576009",
            "810301000000103:810311000000101=373942005,810321000000107=394576009,363589002=46825001",
        ] {
            assert_eq!(compose(code), both, "{code}");
        }
    }

    #[test]
    fn an_expression_says_only_what_its_attributes_say() {
        let cases = [
            ("810301000000103:810311000000101=373942005", (Some("373942005"), None)),
            ("810301000000103:810321000000107=394576009", (None, Some("394576009"))),
            ("810301000000103:363589002=46825001", (None, None)),
            ("810301000000103:810311000000101=(373942005)", (None, None)),
            ("1:810311000000101=373942005,810311000000101=823681000000100", (None, None)),
            ("1:810311000000101=373942005,810311000000101=373942005", (Some("373942005"), None)),
        ];
        for (code, (type_code, setting)) in cases {
            assert_eq!(compose(code), expression(type_code, setting), "{code}");
        }
    }

    #[test]
    fn a_pair_and_a_single_code_are_told_apart() {
        let pair = Composition::Pair {
            type_code: "373942005".to_owned(),
            setting: "394576009".to_owned(),
        };
        for code in ["373942005+394576009", "373942005:394576009", "373942005 |x| + 394576009"] {
            assert_eq!(compose(code), pair, "{code}");
        }
        for (code, bare) in [
            ("373942005", "373942005"),
            ("373942005 |Discharge summary|", "373942005"),
            ("LOCAL:1", "LOCAL:1"),
            ("373942005 |open", "373942005 |open"),
        ] {
            assert_eq!(compose(code), Composition::Single(bare.to_owned()), "{code}");
        }
    }

    proptest! {
        #[test]
        fn reading_anything_never_panics(code in "[0-9|:=+{},() a]{0,60}") {
            let _ = compose(&code);
        }
    }
}
