//! What a message of the feed says beside who the patient is: the practice whose list the patient is
//! on, the visit that begins or ends, a death. A registry of documents ignores it (ITI TF-2
//! 3.8.4.1.3); whoever decides on legitimate relationships does not.

use crate::dtm::Dtm;
use crate::ods_code::OdsCode;

/// What a message does to a visit.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum EncounterStep {
    /// A01, A04.
    Begins,
    /// A08 of a visit that has not ended.
    GoesOn,
    /// A03.
    Ends,
    /// A11: there was no visit.
    Cancelled,
    /// A13: it has not ended after all.
    EndCancelled,
}

impl EncounterStep {
    pub const ALL: [Self; 5] =
        [Self::Begins, Self::GoesOn, Self::Ends, Self::Cancelled, Self::EndCancelled];

    /// The word in messages between services.
    pub fn name(self) -> &'static str {
        match self {
            Self::Begins => "begins",
            Self::GoesOn => "goes-on",
            Self::Ends => "ends",
            Self::Cancelled => "cancelled",
            Self::EndCancelled => "end-cancelled",
        }
    }

    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|step| step.name() == text)
    }
}

/// A visit with the organisation that sent the message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Encounter {
    pub step: EncounterStep,
    /// The sender's number for the visit, PV1-19; where it gives none, its newest is meant.
    pub visit: Option<String>,
    /// When it began or ended, PV1-44 or PV1-45; else EVN-6, EVN-2.
    pub at: Option<Dtm>,
}

/// Whether the patient lives, where the message says so.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Vital {
    /// PID-29 with PID-30 `Y`, or a discharge by death.
    Died(Option<Dtm>),
    /// PID-30 is `N`.
    Lives,
}

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Particulars {
    /// PD1-3, PD1-4, or patient/providerOrganization.
    pub practice: Option<OdsCode>,
    pub encounter: Option<Encounter>,
    pub vital: Option<Vital>,
}

impl Particulars {
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}
