//! Whose document it is: the gate before anything is indexed.
//!
//! A number that exists and passes its check can still be another person's. What a document says of
//! its patient is compared with what earlier documents say and, where it is asked, with PDS.

mod decision;
mod difference;
mod known;
mod provided;

pub use decision::{Claim, Doubt, Earlier, Identified, Note};
pub use difference::{Difference, differences};
pub(crate) use provided::examine as provided;
pub use provided::{Mode, ProvidedModes};

use crate::Repository;
use crate::arrival::Envelope;
use crate::front_door::Reason;
use crate::trace::{Trace, Traced, When};
use decision::{Question, answered, compared, question};
use node::actors::CallContext;
use schemas::cda::CdaHeader;
use schemas::cda::slot::NHS_NUMBER_STATUS;
use schemas::demographics::Demographics;
use schemas::metadata::DocumentEntry;
use schemas::metadata::ids::slot;
use schemas::nhs_number::NhsNumber;
use schemas::nhs_number_status::NhsNumberStatus;
use schemas::oid;
use schemas::wire::Slot;
use std::sync::Arc;

/// Who is asked, about whom, and how strictly provided metadata is taken.
#[derive(Clone, Default)]
pub struct Tracing {
    pub service: Option<Arc<dyn Trace>>,
    pub when: When,
    pub provided: ProvidedModes,
}

impl Tracing {
    fn when(&self) -> Option<When> {
        self.service.is_some().then_some(self.when)
    }
}

/// A patient that may be indexed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Verified {
    pub number: NhsNumber,
    /// PDS's account, where it was asked.
    pub traced: Option<Traced>,
    pub notes: Vec<Note>,
}

impl Verified {
    /// By its word alone: the sender's or an operator's.
    pub fn unasked(number: NhsNumber) -> Self {
        Self { number, traced: None, notes: Vec::new() }
    }
}

/// Whether the document's patient is who its header says. `number` is the header's own number
/// where it has a valid one, with whether the sender had traced it; else why it has none.
pub(crate) async fn check(
    repository: &Repository,
    _envelope: &Envelope,
    header: &CdaHeader,
    number: Result<(NhsNumber, bool), Reason>,
    call: &CallContext,
) -> Result<Verified, Doubt> {
    let claim = Claim { number, person: Demographics::of_cda(&header.patient) };
    let identified = ask(&repository.tracing, &claim).await?;
    let confirmed = confirmed(&claim, &identified);
    let earlier = known::earlier(repository, identified.number, call).await?;
    let Identified { number, traced, mut notes } = identified;
    notes.extend(compared(&claim.person, &earlier, confirmed)?);
    Ok(Verified { number, traced, notes })
}

/// What the service, where it is to be asked, makes of a claim.
async fn ask(tracing: &Tracing, claim: &Claim) -> Result<Identified, Doubt> {
    let question = question(claim, tracing.when())?;
    let outcome = match (&tracing.service, question) {
        (Some(service), Question::Verify(number)) => service.verify(number, &claim.person).await,
        (Some(service), Question::Find) => service.find(&claim.person).await,
        (_, Question::Nothing(number) | Question::Verify(number)) => {
            return Ok(Identified { number, traced: None, notes: Vec::new() });
        }
        (None, Question::Find) => return Err(Doubt::plain(Reason::NoNhsNumber)),
    };
    answered(claim, outcome)
}

/// Whether PDS has confirmed name and birth date of the document.
fn confirmed(claim: &Claim, identified: &Identified) -> bool {
    let told = |traced: &Traced| traced.compared || traced.demographics.tell_a_person();
    claim.person.tell_a_person() && identified.traced.as_ref().is_some_and(told)
}

/// Writes what the gate found into an entry: the number in force with the old one beside it, its
/// status, name and birth date where the document does not say them, and how PDS classes the record.
pub(crate) fn settle(entry: &mut DocumentEntry, verified: &Verified) {
    let Some(traced) = &verified.traced else { return };
    let status = NhsNumberStatus::Verified.code();
    for slot in entry.extra.iter_mut().filter(|slot| slot.name == NHS_NUMBER_STATUS) {
        slot.values = vec![status.to_owned()];
    }
    if let Some(old) = traced.superseded_from {
        let line = format!("PID-3|{}^^^&{}&ISO", old.digits(), oid::NHS_NUMBER);
        if !entry.source_patient_info.contains(&line) {
            let lines = &mut entry.source_patient_info;
            let after = lines.iter().rposition(|line| line.starts_with("PID-3|"));
            lines.insert(after.map_or(0, |at| at + 1), line);
        }
    }
    fill(entry, &traced.demographics);
    if let Some(sensitivity) = traced.sensitivity {
        entry.extra.push(Slot::one(slot::PATIENT_SENSITIVITY, sensitivity.code()));
    }
}

/// Name and birth date from PDS, where the source says none; the entry tells which they are.
fn fill(entry: &mut DocumentEntry, known: &Demographics) {
    let before = entry.source_patient_info.clone();
    known.fill(&mut entry.source_patient_info);
    let added: Vec<String> = entry
        .source_patient_info
        .iter()
        .filter(|line| !before.contains(line))
        .filter_map(|line| line.split('|').next().map(str::to_owned))
        .collect();
    if !added.is_empty() {
        entry.extra.push(Slot { name: slot::FROM_PDS.to_owned(), values: added });
    }
}
