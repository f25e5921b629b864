//! Whether two names, or two birth dates, can be one person's.
//!
//! Tolerant of how people and their systems write, not of another person: the rules are the variants
//! of [`NameAgreement`], each with its line in the table of the tests.

use super::fold::words;
use super::given::are_familiar;
use super::{BirthDate, PersonName};

/// By which rule two names are one person's, or which of their parts is another's.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NameAgreement {
    /// The same but for case, accents, apostrophes, hyphens, spaces, `Mac`, titles and further names.
    Same,
    /// One given name is the other's initial.
    Initial,
    /// One given name is a familiar form of the other.
    Familiar,
    /// One is called by a further given name of the other.
    FurtherName,
    /// One family name is a part of the other: maiden and married name, double names.
    PartOfFamilyName,
    /// Family and given name stand in each other's place.
    Exchanged,
    /// One of the two has no family name, or no given name.
    NotTold,
    FamilyDiffers,
    GivenDiffers,
    BothDiffer,
}

impl NameAgreement {
    pub fn differs(self) -> bool {
        matches!(self, Self::FamilyDiffers | Self::GivenDiffers | Self::BothDiffer)
    }
}

/// Parts of family names that many share: two names that have only these in common differ.
const PARTICLES: [&str; 25] = [
    "al", "ap", "ben", "bin", "bint", "da", "de", "del", "della", "der", "di", "dos", "du", "el",
    "la", "le", "mac", "mc", "o", "ould", "st", "ter", "van", "von", "y",
];

/// Compares two names.
pub fn compare_names(one: &PersonName, other: &PersonName) -> NameAgreement {
    let (families, givens) = (family(one, other), given(one, other));
    match (families, givens) {
        (NameAgreement::FamilyDiffers, NameAgreement::GivenDiffers) if exchanged(one, other) => {
            NameAgreement::Exchanged
        }
        (NameAgreement::FamilyDiffers, NameAgreement::GivenDiffers) => NameAgreement::BothDiffer,
        (NameAgreement::FamilyDiffers, _) => NameAgreement::FamilyDiffers,
        (_, NameAgreement::GivenDiffers) => NameAgreement::GivenDiffers,
        (NameAgreement::Same, givens) => givens,
        (families, _) => families,
    }
}

fn family(one: &PersonName, other: &PersonName) -> NameAgreement {
    let (one, other) = (words(&one.family), words(&other.family));
    if one.is_empty() || other.is_empty() {
        return NameAgreement::NotTold;
    }
    if one.concat() == other.concat() {
        return NameAgreement::Same;
    }
    let telling = |word: &&String| word.len() > 1 && !PARTICLES.contains(&word.as_str());
    let within = |part: &[String], whole: &[String]| {
        part.iter().any(|word| telling(&word)) && part.iter().all(|word| whole.contains(word))
    };
    if within(&one, &other) || within(&other, &one) {
        return NameAgreement::PartOfFamilyName;
    }
    NameAgreement::FamilyDiffers
}

fn given(one: &PersonName, other: &PersonName) -> NameAgreement {
    let all = |name: &PersonName| words(&name.given.join(" "));
    let (one, other) = (all(one), all(other));
    let (Some(first), Some(second)) = (one.first(), other.first()) else {
        return NameAgreement::NotTold;
    };
    if first == second || one.concat() == other.concat() {
        return NameAgreement::Same;
    }
    let initial = |short: &str, long: &str| short.chars().count() == 1 && long.starts_with(short);
    if initial(first, second) || initial(second, first) {
        return NameAgreement::Initial;
    }
    if are_familiar(first, second) {
        return NameAgreement::Familiar;
    }
    let further =
        |name: &String, names: &[String]| name.chars().count() > 1 && names.contains(name);
    if further(first, &other) || further(second, &one) {
        return NameAgreement::FurtherName;
    }
    NameAgreement::GivenDiffers
}

fn exchanged(one: &PersonName, other: &PersonName) -> bool {
    let family = |name: &PersonName| words(&name.family).concat();
    let given = |name: &PersonName| words(&name.given.join(" "));
    let crossed = |family: String, givens: Vec<String>| givens.first() == Some(&family);
    crossed(family(one), given(other)) && crossed(family(other), given(one))
}

/// Whether two birth dates can be one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BirthDateAgreement {
    /// As far as both are known.
    Same,
    /// Day and month exchanged: most likely a slip, but not for the hub to mend.
    Transposed,
    Differs,
}

/// Compares two birth dates.
pub fn compare_birth_dates(one: BirthDate, other: BirthDate) -> BirthDateAgreement {
    if one.may_be(other) {
        BirthDateAgreement::Same
    } else if one.is_transposed(other) {
        BirthDateAgreement::Transposed
    } else {
        BirthDateAgreement::Differs
    }
}

#[cfg(test)]
mod tests {
    use super::NameAgreement::*;
    use super::*;
    use proptest::prelude::*;

    fn name(text: &str) -> PersonName {
        let (family, given) = text.split_once(", ").unwrap_or((text, ""));
        PersonName::new(family, given, "").unwrap()
    }

    #[test]
    fn names_are_compared_as_people_write_them() {
        for (one, other, expected) in [
            ("Haworth, Marjorie", "Haworth, Marjorie", Same),
            ("Haworth, Marjorie", "HAWORTH, MARJORIE", Same),
            ("Núñez, Zoë", "NUNEZ, ZOE", Same),
            ("Nu\u{301}n\u{303}ez, Zoe\u{308}", "Núñez, Zoë", Same),
            ("Müller, Jörg", "Muller, Jorg", Same),
            ("Łukasiewicz, Paweł", "Lukasiewicz, Pawel", Same),
            ("O'Brien, Mary", "OBRIEN, Mary", Same),
            ("O’Brien, Mary", "O Brien, Mary", Same),
            ("Smith-Jones, Ann", "Smith Jones, Ann", Same),
            ("St. John, Ann", "St John, Ann", Same),
            ("MacDonald, Ian", "McDonald, Ian", Same),
            ("de la Cruz, Ana", "Delacruz, Ana", Same),
            ("Haworth, Marjorie Anne", "Haworth, Marjorie", Same),
            ("Haworth, Anne-Marie", "Haworth, Anne Marie", Same),
            ("Haworth, M", "Haworth, Marjorie", Initial),
            ("Haworth, M.", "Haworth, Marjorie", Initial),
            ("Threlfall, Bob", "Threlfall, Robert", Familiar),
            ("Threlfall, Bill", "Threlfall, William", Familiar),
            ("Threlfall, Steven", "Threlfall, Stephen", Familiar),
            ("Haworth, Anne", "Haworth, Marjorie Anne", FurtherName),
            ("Smith, Ann", "Smith-Jones, Ann", PartOfFamilyName),
            ("Jones, Ann", "Smith-Jones, Ann", PartOfFamilyName),
            ("Garcia, Ana", "Garcia Lopez, Ana", PartOfFamilyName),
            ("Marjorie, Haworth", "Haworth, Marjorie", Exchanged),
            ("Haworth", "Haworth, Marjorie", NotTold),
            ("Haworth, Marjorie", "Threlfall, Marjorie", FamilyDiffers),
            ("van Dyke, Ann", "van Halen, Ann", FamilyDiffers),
            ("O, Ann", "O Neill, Ann", FamilyDiffers),
            ("Haworth, Marjorie", "Haworth, Alan", GivenDiffers),
            ("Iqbal, Hasan", "Iqbal, Hussain", GivenDiffers),
            ("Haworth, Joan", "Haworth, Joanne", GivenDiffers),
            ("Haworth, A", "Haworth, Marjorie", GivenDiffers),
            ("Haworth, Marjorie", "Threlfall, Alan", BothDiffer),
        ] {
            assert_eq!(compare_names(&name(one), &name(other)), expected, "{one} / {other}");
            assert_eq!(compare_names(&name(other), &name(one)), expected, "{other} / {one}");
        }
    }

    #[test]
    fn titles_are_not_compared() {
        let one = PersonName::new("Haworth", "Marjorie", "Mrs").unwrap();
        let other = PersonName::new("Haworth", "Marjorie", "Dr").unwrap();
        assert_eq!(compare_names(&one, &other), Same);
    }

    #[test]
    fn birth_dates_are_compared_as_far_as_they_are_known() {
        for (one, other, expected) in [
            ("19480309", "1948-03-09", BirthDateAgreement::Same),
            ("19480309", "194803", BirthDateAgreement::Same),
            ("19480309", "1948", BirthDateAgreement::Same),
            ("19480309", "19480903", BirthDateAgreement::Transposed),
            ("19480309", "19480310", BirthDateAgreement::Differs),
            ("19480313", "19481303", BirthDateAgreement::Differs),
            ("19480309", "1949", BirthDateAgreement::Differs),
            ("194803", "194809", BirthDateAgreement::Differs),
        ] {
            let Ok(other) = BirthDate::parse(other) else { continue };
            let one = BirthDate::parse(one).unwrap();
            assert_eq!(compare_birth_dates(one, other), expected);
            assert_eq!(compare_birth_dates(other, one), expected);
        }
    }

    proptest! {
        #[test]
        fn comparing_anything_is_symmetric(a in "\\PC{1,12}", b in "\\PC{0,12}", c in "\\PC{1,12}") {
            let one = PersonName { family: a, given: vec![b], prefix: String::new() };
            let other = PersonName { family: c.clone(), given: vec![c], prefix: String::new() };
            prop_assert_eq!(compare_names(&one, &other), compare_names(&other, &one));
        }
    }
}
