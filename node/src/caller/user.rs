//! Who is behind a system, where the request carries a verified assertion (ITI-40 XUA). Plain
//! values, so that what was verified once can be kept with a request that is answered later.

use schemas::hl7::PatientId;
use schemas::ods_code::OdsCode;
use serde::{Deserialize, Serialize};

/// SDS job roles, the system of every role that the hub's tables know.
pub const SDS_ROLE_SYSTEM: &str = "1.2.826.0.1285.0.2.1.104";

/// A code and its system: an OID, never absent.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Role {
    pub code: String,
    pub system: String,
}

impl Role {
    /// The SDS job role code; `None` for a role that the configuration does not map, which is no
    /// role.
    pub fn sds(&self) -> Option<&str> {
        (self.system == SDS_ROLE_SYSTEM).then_some(self.code.as_str())
    }
}

/// What a request says opens a record for a while: an incident, a case, a patient at the desk.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct TransactionalFlag {
    /// `ambulance-incident`, `111-case`, `self-presentation`; the relationship decides which count.
    pub kind: String,
    pub reference: String,
}

/// A person, as an issuer that the hub trusts asserts. Only verification makes one.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct UserAssertion {
    /// The name to show.
    pub subject_id: String,
    /// NameID, the issuer's identifier of the person.
    pub name_id: String,
    /// NameID/@SPProvidedID.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub alias: Option<String>,
    pub issuer: String,
    /// The caller's own where the assertion names none.
    pub organisation: OdsCode,
    /// Mapped to an SDS job role where the configuration knows the pair, as asserted otherwise.
    pub role: Role,
    /// The region's word, mapped by the configuration.
    pub purpose: String,
    /// The patient that the assertion is about: a request for another one is refused.
    #[serde(default, with = "patient", skip_serializing_if = "Option::is_none")]
    pub patient: Option<PatientId>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub department: Option<String>,
    /// `urn:oid:...`
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub home_community_id: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub transactional: Option<TransactionalFlag>,
    /// Why the rules are to be broken, in the person's words; present with a purpose that breaks
    /// glass.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub break_glass: Option<String>,
    /// Whether the person was authenticated by two factors, as the configuration names them.
    #[serde(default)]
    pub second_factor: bool,
}

impl UserAssertion {
    /// `alias<user@issuer>`: how an audit message names the person (ITI TF-2 3.40.4.2).
    pub fn user_name(&self) -> String {
        let alias = self.alias.as_deref().unwrap_or_default();
        format!("{alias}<{}@{}>", self.name_id, self.issuer)
    }

    /// Whether the assertion speaks of this patient, or of none at all.
    pub fn may_ask_for(&self, patient: &PatientId) -> bool {
        self.patient.as_ref().is_none_or(|own| own == patient)
    }
}

/// A patient identifier as its CX form.
mod patient {
    use schemas::hl7::PatientId;
    use serde::{Deserialize, Deserializer, Serializer};

    pub fn serialize<S: Serializer>(
        patient: &Option<PatientId>,
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        match patient {
            Some(patient) => serializer.serialize_str(&patient.text()),
            None => serializer.serialize_none(),
        }
    }

    pub fn deserialize<'de, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<Option<PatientId>, D::Error> {
        let text = Option::<String>::deserialize(deserializer)?;
        let patient = text.map(|text| PatientId::parse(&text)).transpose();
        patient.map_err(|_| serde::de::Error::custom("a patient identifier is not in CX form"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn user() -> UserAssertion {
        UserAssertion {
            subject_id: "Jane Roe".to_owned(),
            name_id: "555012345678".to_owned(),
            alias: Some("jane".to_owned()),
            issuer: "https://idp.example".to_owned(),
            organisation: OdsCode::parse("RXN").unwrap(),
            role: Role { code: "R0260".to_owned(), system: SDS_ROLE_SYSTEM.to_owned() },
            purpose: "direct-care".to_owned(),
            patient: PatientId::parse("9990000018^^^&2.16.840.1.113883.2.1.4.1&ISO").ok(),
            department: None,
            home_community_id: None,
            transactional: None,
            break_glass: None,
            second_factor: false,
        }
    }

    #[test]
    fn an_audit_message_names_a_person_by_alias_user_and_issuer() {
        assert_eq!(user().user_name(), "jane<555012345678@https://idp.example>");
        let nameless = UserAssertion { alias: None, ..user() };
        assert_eq!(nameless.user_name(), "<555012345678@https://idp.example>");
    }

    #[test]
    fn a_person_that_was_kept_comes_back_the_same_and_shows_no_number() {
        let text = serde_json::to_string(&user()).unwrap();
        assert_eq!(serde_json::from_str::<UserAssertion>(&text).unwrap(), user());
        assert!(!format!("{:?}", user()).contains("999000"), "Debug hides the number");
    }

    #[test]
    fn a_role_of_another_system_is_no_role_here() {
        let foreign = Role { code: "R0260".to_owned(), system: "1.2.3".to_owned() };
        assert_eq!((user().role.sds(), foreign.sds()), (Some("R0260"), None));
    }
}
