//! HL7 v2 data types as XDS uses them: CX, CXi, XCN, XON (ITI TF-3 table 4.2.3.1.7-2).

use crate::nhs_number::{NhsNumber, NhsNumberError};
use crate::oid::{self, Oid};
use std::fmt;

/// CX: an identifier and its assigning authority, `ID^^^&OID&ISO`.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct Cx {
    pub id: String,
    pub authority: Oid,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum CxError {
    #[error("a patient identifier has the form ID^^^&OID&ISO")]
    Shape,
    #[error(transparent)]
    NhsNumber(#[from] NhsNumberError),
}

impl Cx {
    /// Components 2 and 3 empty, component 4 `&OID&ISO`, nothing after it (a trailing `^` is
    /// forgiven).
    pub fn parse(text: &str) -> Result<Self, CxError> {
        let mut parts = text.trim_end_matches('^').split('^');
        let id = parts.next().unwrap_or_default();
        let empty = parts.next() == Some("") && parts.next() == Some("");
        let authority = parts.next().and_then(|part| part.strip_prefix('&'));
        let authority = authority.and_then(|part| part.strip_suffix("&ISO"));
        let authority = authority.and_then(|part| Oid::parse(part).ok()).ok_or(CxError::Shape)?;
        if id.is_empty() || !empty || parts.next().is_some() || text.len() > 256 {
            return Err(CxError::Shape);
        }
        Ok(Self { id: id.to_owned(), authority })
    }

    /// The wire form.
    pub fn text(&self) -> String {
        format!("{}^^^&{}&ISO", self.id, self.authority)
    }
}

impl fmt::Debug for Cx {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Cx(***^^^&{}&ISO)", self.authority)
    }
}

/// The patient of an entry: an NHS number where the authority is the NHS's, else another
/// authority's identifier. An NHS number with a wrong check digit cannot become one.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum PatientId {
    Nhs(NhsNumber),
    Other(Cx),
}

impl PatientId {
    pub fn parse(text: &str) -> Result<Self, CxError> {
        let cx = Cx::parse(text)?;
        if cx.authority.as_str() == oid::NHS_NUMBER {
            return Ok(Self::Nhs(NhsNumber::parse(&cx.id)?));
        }
        Ok(Self::Other(cx))
    }

    /// The wire form, `9990000018^^^&2.16.840.1.113883.2.1.4.1&ISO`.
    pub fn text(&self) -> String {
        match self {
            Self::Nhs(number) => format!("{}^^^&{}&ISO", number.digits(), oid::NHS_NUMBER),
            Self::Other(cx) => cx.text(),
        }
    }

    pub fn nhs_number(&self) -> Option<NhsNumber> {
        match self {
            Self::Nhs(number) => Some(*number),
            Self::Other(_) => None,
        }
    }
}

/// CXi: an identifier of something a document belongs to, with what it identifies, kept as sent:
/// `ID^^^&OID&ISO^TypeCode`, `ID^^^Namespace^TypeCode` or `ID^^^^TypeCode`, and a home community in
/// component 6 where there is one.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct Cxi(String);

#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error(
    "a reference identifier is ID^^^&OID&ISO^TypeCode: the identifier and in component 5 the type \
     code are required, the authority in component 4 is &OID&ISO, a namespace or empty, and a home \
     community in component 6 is &OID&ISO"
)]
pub struct CxiError;

impl Cxi {
    pub fn parse(text: &str) -> Result<Self, CxiError> {
        let components: Vec<&str> = text.trim_end_matches('^').split('^').collect();
        let (id, second, third, issuer, type_code, home) = match components[..] {
            [id, second, third, issuer, type_code] => (id, second, third, issuer, type_code, ""),
            [id, second, third, issuer, type_code, home] => {
                (id, second, third, issuer, type_code, home)
            }
            _ => return Err(CxiError),
        };
        let present = !id.is_empty() && !type_code.is_empty();
        let absent = second.is_empty() && third.is_empty();
        let issued = !issuer.contains('&') || authority(issuer.trim_start_matches(|c| c != '&'));
        let at_home = home.is_empty() || authority(home) || Oid::parse_urn(home).is_ok();
        if present && absent && issued && at_home && text.len() <= 256 {
            return Ok(Self(text.to_owned()));
        }
        Err(CxiError)
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Cxi {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

// It may name a patient's episode, so it stays out of logs like one's number.
impl fmt::Debug for Cxi {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Cxi(***)")
    }
}

/// XCN: a person, kept as sent; an identifier or a family name is required, and where there is no
/// identifier there is nobody who assigned it.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct Xcn(String);

/// XON: an organisation, kept as sent; its name is required.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct Xon(String);

#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum NameError {
    #[error(
        "a person is ID^Family^Given^...: an identifier or a family name; the authority of an \
             identifier is &OID&ISO in component 9, which is empty without one"
    )]
    Xcn,
    #[error(
        "an organisation is Name^^^^^&OID&ISO^^^^ID: the name is required, and with an \
             identifier its authority in component 6 unless the identifier is itself an OID"
    )]
    Xon,
}

fn authority(component: &str) -> bool {
    let mut parts = component.split('&');
    let (name, oid, iso) = (parts.next(), parts.next(), parts.next());
    name == Some("") && oid.is_some_and(|oid| Oid::parse(oid).is_ok()) && iso == Some("ISO")
}

impl Xcn {
    pub fn parse(text: &str) -> Result<Self, NameError> {
        let part = |n: usize| text.split('^').nth(n - 1).unwrap_or_default();
        if part(1).is_empty() && part(2).is_empty() || text.len() > 256 {
            return Err(NameError::Xcn);
        }
        if !part(9).is_empty() && (part(1).is_empty() || !authority(part(9))) {
            return Err(NameError::Xcn);
        }
        Ok(Self(text.to_owned()))
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// `Dr Ada Sample`, for people to read.
    pub fn display(&self) -> String {
        let part = |n: usize| self.0.split('^').nth(n - 1).unwrap_or_default();
        let name: Vec<&str> =
            [part(6), part(3), part(2)].into_iter().filter(|s| !s.is_empty()).collect();
        if name.is_empty() { part(1).to_owned() } else { name.join(" ") }
    }
}

impl Xon {
    pub fn parse(text: &str) -> Result<Self, NameError> {
        let part = |n: usize| text.split('^').nth(n - 1).unwrap_or_default();
        let identifier = part(10);
        let named = !part(1).is_empty() && text.len() <= 256;
        let authorised =
            identifier.is_empty() || Oid::parse(identifier).is_ok() || authority(part(6));
        if named && authorised { Ok(Self(text.to_owned())) } else { Err(NameError::Xon) }
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The organisation's name.
    pub fn name(&self) -> &str {
        self.0.split('^').next().unwrap_or_default()
    }

    /// Component 10, often an ODS code.
    pub fn identifier(&self) -> &str {
        self.0.split('^').nth(9).unwrap_or_default()
    }
}

impl fmt::Debug for Xcn {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Xcn(***)")
    }
}

impl fmt::Debug for Xon {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Xon({})", self.0)
    }
}

/// Makes a text safe as one HL7 component: the separators become spaces, since XDS stores
/// components unescaped and a stray `^` would shift them.
pub fn component(text: &str) -> String {
    text.replace(['^', '&', '~', '|', '\\', '\r', '\n', '\t'], " ").trim().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_patient_id_needs_a_right_nhs_number() {
        let good = "9990000018^^^&2.16.840.1.113883.2.1.4.1&ISO";
        assert_eq!(PatientId::parse(good).unwrap().text(), good);
        let bad = "9999345201^^^&2.16.840.1.113883.2.1.4.1&ISO";
        assert_eq!(PatientId::parse(bad), Err(CxError::NhsNumber(NhsNumberError::CheckDigit)));
    }

    #[test]
    fn extra_components_are_refused() {
        for text in
            ["1^^^&1.2&ISO^PI", "1^x^^&1.2&ISO", "^^^&1.2&ISO", "1^^^NS&1.2&ISO", "1^^^&1.2&DNS"]
        {
            assert_eq!(Cx::parse(text), Err(CxError::Shape), "{text}");
        }
        assert!(Cx::parse("1^^^&1.2&ISO^").is_ok());
    }

    #[test]
    fn a_reference_says_what_it_identifies() {
        for text in [
            "A-1^^^&1.2.3&ISO^urn:ihe:iti:xds:2013:accession",
            "A-1^^^NS&1.2.3&ISO^urn:ihe:iti:xds:2013:order",
            "A-1^^^RXN^urn:ihe:iti:xds:2013:order",
            "1.2.3^^^^urn:ihe:iti:xdw:2013:workflowInstanceId",
            "A-1^^^&1.2.3&ISO^urn:ihe:iti:xds:2013:referral^&1.2.4&ISO",
            "A-1^^^&1.2.3&ISO^urn:ihe:iti:xds:2013:referral^urn:oid:1.2.4^",
        ] {
            assert_eq!(Cxi::parse(text).map(|id| id.to_string()), Ok(text.to_owned()));
        }
    }

    #[test]
    fn a_reference_without_identifier_type_or_right_authority_is_refused() {
        for text in [
            "",
            "A-1",
            "A-1^^^&1.2.3&ISO",
            "A-1^^^&1.2.3&ISO^",
            "^^^&1.2.3&ISO^urn:x",
            "A-1^2^^&1.2.3&ISO^urn:x",
            "A-1^^M11^&1.2.3&ISO^urn:x",
            "A-1^^^&1.02&ISO^urn:x",
            "A-1^^^&1.2.3^urn:x",
            "A-1^^^&1.2.3&ISO^urn:x^somewhere",
            "A-1^^^&1.2.3&ISO^urn:x^&1.2.4&ISO^more",
        ] {
            assert_eq!(Cxi::parse(text), Err(CxiError), "{text}");
        }
        assert!(Cxi::parse(&format!("{}^^^^urn:x", "1".repeat(250))).is_err());
    }

    #[test]
    fn people_and_organisations_need_a_name() {
        assert!(Xcn::parse("^Smith^Jane^^^Dr").is_ok());
        assert!(Xcn::parse("^^Jane").is_err());
        assert!(Xcn::parse("^Smith^Jane^^^Dr^^^&1.2&ISO").is_err(), "nothing was assigned");
        assert!(Xon::parse("Example^^^^^&1.2&ISO^^^^RX1").is_ok());
        assert!(Xon::parse("Example^^^^^^^^^RX1").is_err());
        assert!(Xon::parse("Example^^^^^^^^^1.2.3").is_ok());
        assert_eq!(Xcn::parse("1^Smith^Jane^^^Dr^^^&1.2&ISO").unwrap().display(), "Dr Jane Smith");
    }

    proptest! {
        #[test]
        fn reading_anything_never_panics(text in "[0-9A-Z^&.]{0,60}") {
            let _ = (PatientId::parse(&text), Xcn::parse(&text), Xon::parse(&text));
            let _ = Cxi::parse(&text);
        }

        #[test]
        fn writing_and_reading_are_inverse(id in "[A-Z0-9-]{1,20}", arc in 1u32..99999) {
            let cx = Cx { id, authority: Oid::parse(&format!("1.2.{arc}")).unwrap() };
            prop_assert_eq!(Cx::parse(&cx.text()), Ok(cx));
        }
    }
}
