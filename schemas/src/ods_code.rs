//! ODS code: the identifier of an organisation or site in the NHS organisation data service.

use crate::oid::Oid;
use std::fmt;

/// One to ten upper-case letters and digits. Comparison is by the upper-cased form, since real
/// traffic carries `rhm` for `RHM`.
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct OdsCode(String);

#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("an ODS code is one to ten letters and digits")]
pub struct OdsCodeError;

impl OdsCode {
    pub fn parse(text: &str) -> Result<Self, OdsCodeError> {
        let text = text.trim();
        let allowed = text.bytes().all(|byte| byte.is_ascii_alphanumeric());
        if text.is_empty() || text.len() > 10 || !allowed {
            return Err(OdsCodeError);
        }
        Ok(Self(text.to_ascii_uppercase()))
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The organisation's OID in a branch of the hub's: the code read as a number to base 36.
    pub fn oid_under(&self, root: &Oid, branch: u8) -> Oid {
        let number = u64::from_str_radix(&self.0, 36).unwrap_or_default();
        Oid::parse(&format!("{root}.{branch}.{number}")).unwrap_or_else(|_| root.clone())
    }
}

impl fmt::Display for OdsCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Debug for OdsCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::str::FromStr for OdsCode {
    type Err = OdsCodeError;
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Self::parse(text)
    }
}

impl serde::Serialize for OdsCode {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.0)
    }
}

impl<'de> serde::Deserialize<'de> for OdsCode {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        Self::parse(&text).map_err(|error| serde::de::Error::custom(format!("{text:?}: {error}")))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lower_case_means_the_same_organisation() {
        assert_eq!(OdsCode::parse(" rhm ").unwrap(), OdsCode::parse("RHM").unwrap());
    }

    #[test]
    fn organisations_have_different_oids_in_a_branch() {
        let root = Oid::parse("1.2.3").unwrap();
        let oid = |text| OdsCode::parse(text).unwrap().oid_under(&root, 50).to_string();
        assert_eq!((oid("A").as_str(), oid("10").as_str()), ("1.2.3.50.10", "1.2.3.50.36"));
    }

    #[test]
    fn anything_but_letters_and_digits_is_refused() {
        for text in ["", "RX7/..", "R X", "ABCDEFGHIJK", "RX\u{e9}"] {
            assert_eq!(OdsCode::parse(text), Err(OdsCodeError), "{text:?}");
        }
    }
}
