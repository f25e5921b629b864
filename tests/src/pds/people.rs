//! The people that the servers know.

/// One person, as PDS has them.
#[derive(Clone, Debug)]
pub struct Known {
    /// Ten digits.
    pub number: String,
    pub family: String,
    pub given: String,
    pub prefix: String,
    /// YYYYMMDD.
    pub birth_date: String,
    /// 1 male, 2 female.
    pub sex: String,
    pub line: String,
    pub postcode: String,
    pub practice: String,
    /// U, R, V or REDACTED.
    pub sensitivity: String,
    /// Numbers of before.
    pub superseded: Vec<String>,
    pub invalidated: bool,
}

pub(super) fn of_the_fixtures() -> Vec<Known> {
    let patients = hub::fixtures::patients().expect("the patients of the fixtures");
    let known = |patient: hub::fixtures::Patient| Known {
        number: patient.number.digits(),
        family: patient.family,
        given: patient.given,
        prefix: patient.prefix,
        birth_date: patient.birth_date,
        sex: patient.sex,
        line: patient.address_line,
        postcode: patient.postcode,
        practice: patient.practice.to_string(),
        sensitivity: "U".to_owned(),
        superseded: Vec::new(),
        invalidated: false,
    };
    patients.into_iter().map(known).collect()
}

impl Known {
    /// Has this number, or had it.
    pub(super) fn is(&self, number: &str) -> bool {
        self.number == number || self.superseded.iter().any(|old| old == number)
    }

    /// Where nothing that is asked is another: family name, birth date, sex, and as far as they are
    /// asked, given name and postcode.
    pub(super) fn fits(
        &self,
        (family, birth_date, sex): (&str, &str, &str),
        (given, postcode): (Option<&str>, Option<&str>),
    ) -> bool {
        let same = |one: &str, other: &str| one.eq_ignore_ascii_case(other);
        same(&self.family, family)
            && self.birth_date == birth_date
            && self.sex == sex
            && given.is_none_or(|given| same(&self.given, given))
            && postcode.is_none_or(|postcode| same(&self.postcode, postcode))
    }
}
