//! The patient identity feed: what ITI-8 (HL7 v2) and ITI-44 (HL7 v3) both mean (ITI TF-2 3.8,
//! 3.44).
//!
//! A registry needs nothing of a patient but identifiers, and of those only the affinity domain's
//! and the local ones it was told of; all others are passed over.

pub mod acknowledgement;
pub mod message;
pub mod particulars;

pub use acknowledgement::Acknowledgement;
pub use message::{Ii, Interaction, PixHeader, PixMessage, PixRefusal};
pub use particulars::{Encounter, EncounterStep, Particulars, Vital};

use crate::hl7::{Cx, CxError, PatientId};
use crate::oid::Oid;

/// Namespace of HL7 v3 messages.
pub const NAMESPACE: &str = "urn:hl7-org:v3";

/// What a feed says of a patient.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PatientFeed {
    /// The patient is registered somewhere: A01, A04, A05, PRPA_IN201301UV02.
    Add(PatientId),
    /// Something about the patient changed, not who it is: A08, A31, PRPA_IN201302UV02.
    Update(PatientId),
    /// Two identifiers are one patient's, and one of them goes: A40, PRPA_IN201304UV02.
    Merge { surviving: PatientId, subsumed: PatientId },
}

/// Whose identifiers a registry keeps.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AffinityDomain {
    /// The short name by which senders know the authority, `NHS`.
    pub namespace: String,
    /// The assigning authority of the domain's identifiers.
    pub authority: Oid,
    /// Authorities of local identifiers, for patients who have none of the domain's.
    pub local: Vec<Oid>,
}

/// Why the identifiers of a message do not name a patient. None repeats an identifier.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum IdentifierError {
    #[error("no identifier of this affinity domain's assigning authority is given")]
    Missing,
    #[error(
        "more than one identifier of this affinity domain is given: send one patient at a time"
    )]
    Several,
    #[error("the assigning authority's namespace and its OID name two different authorities")]
    AuthorityDisagrees,
    #[error("the surviving and the subsumed identifier have different assigning authorities")]
    AuthoritiesDiffer,
    #[error(transparent)]
    Value(#[from] CxError),
}

/// An identifier with the assigning authority as a sender spells it: a namespace, an OID, or both.
#[derive(Clone, Copy)]
pub struct Spelled<'a> {
    pub id: &'a str,
    pub namespace: &'a str,
    pub oid: &'a str,
}

/// Those identifiers of one patient that this registry keeps.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Kept {
    domain: Vec<PatientId>,
    local: Vec<PatientId>,
}

impl AffinityDomain {
    /// Keeps what is the domain's or a known local authority's (ITI TF-2 3.8.4.1.3): a namespace
    /// alone is completed, a namespace and an OID must agree.
    pub fn keep<'a>(
        &self,
        identifiers: impl Iterator<Item = Spelled<'a>>,
    ) -> Result<Kept, IdentifierError> {
        let mut kept = Kept::default();
        for identifier in identifiers {
            let named = !identifier.namespace.is_empty() && identifier.namespace == self.namespace;
            let ours = identifier.oid == self.authority.as_str();
            let other_name = !identifier.namespace.is_empty() && !named;
            if (named && !identifier.oid.is_empty() && !ours) || (ours && other_name) {
                return Err(IdentifierError::AuthorityDisagrees);
            }
            let local = self.local.iter().find(|authority| authority.as_str() == identifier.oid);
            let (list, authority) = match local {
                _ if named || ours => (&mut kept.domain, &self.authority),
                Some(local) => (&mut kept.local, local),
                None => continue,
            };
            let patient = patient(identifier.id, authority)?;
            if !list.contains(&patient) {
                list.push(patient);
            }
        }
        Ok(kept)
    }
}

/// One component's text under an authority.
fn patient(id: &str, authority: &Oid) -> Result<PatientId, CxError> {
    let plain = |c: char| !c.is_control() && !"^&~|\\".contains(c);
    if id.is_empty() || id.len() > 64 || !id.chars().all(plain) {
        return Err(CxError::Shape);
    }
    let cx = Cx { id: id.to_owned(), authority: authority.clone() };
    PatientId::parse(&cx.text())
}

impl Kept {
    fn only(mut list: Vec<PatientId>) -> Result<Option<PatientId>, IdentifierError> {
        if list.len() > 1 { Err(IdentifierError::Several) } else { Ok(list.pop()) }
    }

    /// The one patient: by the domain's identifier, or by a local one where there is none.
    pub fn patient(self) -> Result<PatientId, IdentifierError> {
        let domain = Self::only(self.domain)?;
        let local = if domain.is_some() { None } else { Self::only(self.local)? };
        domain.or(local).ok_or(IdentifierError::Missing)
    }

    /// The pair of a merge. The domain's identifiers pair up; a local one may be subsumed by the
    /// domain's (the patient was traced) or by another of its own authority.
    pub fn merge(self, subsumed: Self) -> Result<PatientFeed, IdentifierError> {
        let (into_domain, from_domain) = (!self.domain.is_empty(), !subsumed.domain.is_empty());
        let (surviving, subsumed) = (self.patient()?, subsumed.patient()?);
        let authority = |patient: &PatientId| match patient {
            PatientId::Nhs(_) => None,
            PatientId::Other(cx) => Some(cx.authority.clone()),
        };
        let same = into_domain == from_domain && authority(&surviving) == authority(&subsumed);
        if same || (into_domain && !from_domain) {
            Ok(PatientFeed::Merge { surviving, subsumed })
        } else {
            Err(IdentifierError::AuthoritiesDiffer)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::hl7::CxError;
    use crate::oid;

    fn domain() -> AffinityDomain {
        AffinityDomain {
            namespace: "NHS".to_owned(),
            authority: Oid::parse(oid::NHS_NUMBER).unwrap(),
            local: vec![Oid::parse("1.2.826.0.1.99999.10.1").unwrap()],
        }
    }

    fn keep(list: &[(&str, &str, &str)]) -> Result<Kept, IdentifierError> {
        let spelled = |(id, namespace, oid): &(&'static str, &'static str, &'static str)| Spelled {
            id,
            namespace,
            oid,
        };
        let list: Vec<(&'static str, &'static str, &'static str)> =
            list.iter().map(|(a, b, c)| (leak(a), leak(b), leak(c))).collect();
        domain().keep(list.iter().map(spelled))
    }

    fn leak(text: &str) -> &'static str {
        Box::leak(text.to_owned().into_boxed_str())
    }

    #[test]
    fn only_the_domains_identifier_is_kept() {
        let kept = keep(&[("LOC1", "RX1", "1.2.3"), ("9990000018", "", oid::NHS_NUMBER)]);
        let patient = kept.unwrap().patient().unwrap();
        assert_eq!(patient.nhs_number().unwrap().digits(), "9990000018");
        assert_eq!(keep(&[("X", "RX1", "")]).unwrap().patient(), Err(IdentifierError::Missing));
    }

    #[test]
    fn a_namespace_alone_is_completed_and_with_an_oid_it_must_agree() {
        assert!(keep(&[("999 000 0018", "NHS", "")]).unwrap().patient().is_ok());
        let disagrees = Err(IdentifierError::AuthorityDisagrees);
        assert_eq!(keep(&[("9990000018", "NHS", "1.2.3")]), disagrees);
        assert_eq!(keep(&[("9990000018", "OTHER", oid::NHS_NUMBER)]), disagrees);
    }

    #[test]
    fn a_wrong_number_and_two_numbers_are_refused() {
        let wrong = keep(&[("9990000019", "NHS", "")]);
        assert!(matches!(wrong, Err(IdentifierError::Value(CxError::NhsNumber(_)))));
        let two = keep(&[("9990000018", "NHS", ""), ("9990000026", "NHS", "")]).unwrap();
        assert_eq!(two.patient(), Err(IdentifierError::Several));
        let twice = keep(&[("9990000018", "NHS", ""), ("9990000018", "", oid::NHS_NUMBER)]);
        assert!(twice.unwrap().patient().is_ok(), "the same number twice is one patient");
    }

    #[test]
    fn a_local_identifier_may_be_subsumed_and_never_subsumes_a_number() {
        let local = ("L1", "", "1.2.826.0.1.99999.10.1");
        let number = ("9990000018", "NHS", "");
        assert!(keep(&[number, local]).unwrap().merge(keep(&[local]).unwrap()).is_ok());
        let wrong = keep(&[local]).unwrap().merge(keep(&[number]).unwrap());
        assert_eq!(wrong, Err(IdentifierError::AuthoritiesDiffer));
        let foreign = keep(&[number]).unwrap().merge(keep(&[("X", "", "1.2.3")]).unwrap());
        assert_eq!(foreign, Err(IdentifierError::Missing));
    }
}
