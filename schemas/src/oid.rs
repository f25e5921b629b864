//! Object identifiers, and the ones that the hub knows by name.

use std::fmt;

/// Assigning authority of the NHS number: the affinity domain's patient identifiers.
pub const NHS_NUMBER: &str = "2.16.840.1.113883.2.1.4.1";
/// NHS number that its sender has not traced (NHS CDA).
pub const NHS_NUMBER_UNVERIFIED: &str = "2.16.840.1.113883.2.1.3.2.4.18.23";
/// Local identifier of a patient, person or device (NHS CDA); not unique by itself.
pub const LOCAL_IDENTIFIER: &str = "2.16.840.1.113883.2.1.3.2.4.18.24";
/// ODS organisation code.
pub const ODS_ORGANISATION: &str = "2.16.840.1.113883.2.1.3.2.4.19.1";
/// ODS site code.
pub const ODS_SITE: &str = "2.16.840.1.113883.2.1.3.2.4.19.2";
/// SNOMED CT, international.
pub const SNOMED_CT: &str = "2.16.840.1.113883.6.96";
/// SNOMED CT as UK documents name it.
pub const SNOMED_CT_UK: &str = "2.16.840.1.113883.2.1.3.2.4.15";
/// SNOMED CT compositional expressions (document type with care setting).
pub const SNOMED_CT_EXPRESSION: &str = "2.16.840.1.113883.2.1.3.2.4.15.1";
/// HL7 confidentiality.
pub const CONFIDENTIALITY: &str = "2.16.840.1.113883.5.25";
/// SDS user id.
pub const SDS_USER: &str = "1.2.826.0.1285.0.2.0.65";
/// NHS CDA message types (POCD_MT...).
pub const CDA_MESSAGE_TYPE: &str = "2.16.840.1.113883.2.1.3.2.4.18.17";
/// CDA organisation types (001 general practice, 008 acute trust, 018 ambulance trust ...).
pub const CDA_ORGANISATION_TYPE: &str = "2.16.840.1.113883.2.1.3.2.4.17.191";
/// IHE format codes.
pub const IHE_FORMAT: &str = "1.3.6.1.4.1.19376.1.2.3";

/// A dotted object identifier of at most 64 characters (ITI TF-3 table 4.2.3.1.7-2).
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Oid(String);

#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("an OID is dotted numbers without leading zeros, at most 64 characters")]
pub struct OidError;

/// The assigning authority of NHS numbers, [`NHS_NUMBER`].
pub fn nhs_number() -> Oid {
    Oid(NHS_NUMBER.to_owned())
}

impl Oid {
    pub fn parse(text: &str) -> Result<Self, OidError> {
        let mut arcs = text.split('.');
        let root = matches!(arcs.next(), Some("0" | "1" | "2"));
        let mut rest = 0;
        for arc in arcs {
            let digits = !arc.is_empty() && arc.bytes().all(|byte| byte.is_ascii_digit());
            if !digits || (arc.len() > 1 && arc.starts_with('0')) {
                return Err(OidError);
            }
            rest += 1;
        }
        if !root || rest == 0 || text.len() > 64 {
            return Err(OidError);
        }
        Ok(Self(text.to_owned()))
    }

    /// `urn:oid:OID`, the form of a homeCommunityId.
    pub fn parse_urn(text: &str) -> Result<Self, OidError> {
        text.strip_prefix("urn:oid:").ok_or(OidError).and_then(Self::parse)
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// `2.25.` followed by the UUID as a decimal number: an OID that needs no registration.
    pub fn from_uuid(uuid: uuid::Uuid) -> Self {
        Self(format!("2.25.{}", uuid.as_u128()))
    }
}

impl fmt::Display for Oid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Debug for Oid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl serde::Serialize for Oid {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.0)
    }
}

impl<'de> serde::Deserialize<'de> for Oid {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        Self::parse(&text).map_err(|error| serde::de::Error::custom(format!("{text:?}: {error}")))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shape_is_checked() {
        assert!(Oid::parse(NHS_NUMBER).is_ok());
        let long = format!("1.{}", "1".repeat(63));
        for text in ["", "1", "3.1", "1.02", "1..2", "1.a", ".1", "1.", long.as_str()] {
            assert_eq!(Oid::parse(text), Err(OidError), "{text:?}");
        }
    }

    #[test]
    fn a_uuid_becomes_the_worked_example_of_the_mapping() {
        let uuid = uuid::Uuid::parse_str("5C0B1A52-3D44-4D0F-9E0B-8F2E4B7A1C01").unwrap();
        assert_eq!(Oid::from_uuid(uuid).as_str(), "2.25.122346624735976320989315329860700871681");
    }
}
