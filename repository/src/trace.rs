//! Tracing: whose NHS number is it? Asked of the Personal Demographics Service, by the messages of
//! a Spine mini service or by PDS FHIR, behind one trait.
//!
//! No implementation writes a number or a name into a log line or an error.

mod cached;
pub mod pds_fhir;
mod settings;
pub mod smsp;
mod token;

pub use cached::Cached;
pub use settings::{TraceKind, TraceSettings, When, open};

use async_trait::async_trait;
use schemas::demographics::Demographics;
use schemas::nhs_number::NhsNumber;
use schemas::sensitivity::Sensitivity;

/// A person as the service knows them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Traced {
    /// The person's number now.
    pub number: NhsNumber,
    /// The number asked for, where another has taken its place.
    pub superseded_from: Option<NhsNumber>,
    /// `None` where the service does not tell.
    pub sensitivity: Option<Sensitivity>,
    pub demographics: Demographics,
    /// The service itself has compared the number with what was sent along: it need not have told
    /// any demographics.
    pub compared: bool,
}

/// Why there is no answer, and what would change that.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unavailable {
    /// It will answer again by itself: unreachable, overloaded, or without its own source.
    Retry,
    /// It refuses this hub: a person has to look at certificate, token or permission.
    Refused,
    /// Its answer is none of the interface.
    Unreadable,
}

/// What tracing comes to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum TraceOutcome {
    Verified(Box<Traced>),
    /// Nobody has the number, or nobody fits.
    NoMatch,
    /// Several people fit.
    Several,
    /// The number is somebody else's, said by the service.
    Mismatch,
    /// The number is no longer anybody's.
    Invalidated,
    /// What is known of the person does not make a question.
    NotEnough,
    Unavailable(Unavailable),
}

/// Somebody who knows whose numbers are whose.
#[async_trait]
pub trait Trace: Send + Sync {
    /// Whether a number is this person's.
    async fn verify(&self, number: NhsNumber, person: &Demographics) -> TraceOutcome;

    /// The number of a person: family name, birth date and sex, with given name and postcode where
    /// they are known.
    async fn find(&self, person: &Demographics) -> TraceOutcome;

    /// What is known under a number; some services want the birth date with it.
    async fn details(&self, number: NhsNumber, person: &Demographics) -> TraceOutcome;
}
