//! Legal and inquiry holds: what they cover is kept, whoever wants it gone.

use super::Subject;
use crate::store::PatientKey;
use jiff::civil::Date;
use schemas::ods_code::OdsCode;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum HoldKind {
    /// For litigation, or at the order of a court.
    Legal,
    /// For a public inquiry.
    Inquiry,
}

impl HoldKind {
    pub fn name(self) -> &'static str {
        match self {
            Self::Legal => "legal",
            Self::Inquiry => "inquiry",
        }
    }

    pub fn parse(text: &str) -> Option<Self> {
        [Self::Legal, Self::Inquiry].into_iter().find(|kind| kind.name() == text)
    }
}

/// What a hold covers: documents that fit all that is given; every document where nothing is.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Scope {
    pub patient: Option<PatientKey>,
    pub publisher: Option<OdsCode>,
    /// The document type's own typeCode.
    pub type_code: Option<String>,
    /// uniqueId.
    pub document: Option<String>,
}

impl Scope {
    pub fn covers(&self, subject: &Subject) -> bool {
        fn fits<T: PartialEq>(wanted: &Option<T>, is: Option<&T>) -> bool {
            wanted.as_ref().is_none_or(|wanted| is == Some(wanted))
        }
        let of_patient = |patient: &PatientKey| subject.patients.contains(patient);
        self.patient.as_ref().is_none_or(of_patient)
            && fits(&self.publisher, subject.publisher_ods.as_ref())
            && fits(&self.type_code, Some(&subject.type_code))
            && fits(&self.document, Some(&subject.unique_id))
    }
}

/// The end of a hold.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Lifted {
    pub by: String,
    pub at: String,
    pub reason: String,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Hold {
    /// Given once and never again. It is said to whoever is refused, so it names no person.
    pub name: String,
    pub kind: HoldKind,
    pub scope: Scope,
    pub reason: String,
    pub placed_by: String,
    pub placed_at: String,
    /// When somebody has to look whether it is still needed. It does not end by itself.
    pub review_on: Date,
    pub lifted: Option<Lifted>,
}

impl Hold {
    pub fn keeps(&self, subject: &Subject) -> bool {
        self.lifted.is_none() && self.scope.covers(subject)
    }
}
