//! Whether a document's patient is who it says, decided from what it says, what a trace says and
//! what earlier documents say. Pure: nobody is asked here.

use super::difference::{Difference, differences, listed};
use crate::front_door::Reason;
use crate::trace::{TraceOutcome, Traced, Unavailable, When};
use schemas::demographics::Demographics;
use schemas::nhs_number::NhsNumber;
use schemas::ods_code::OdsCode;
use std::collections::{BTreeSet, HashSet};
use std::fmt;

/// What a document says of its patient.
#[derive(Clone, Debug)]
pub struct Claim {
    /// The number and whether its sender says that it was traced (status 01), or why there is none.
    pub number: Result<(NhsNumber, bool), Reason>,
    pub person: Demographics,
}

/// Why a document cannot be indexed, with an explanation that names attributes and counts, never
/// values.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Doubt {
    pub reason: Reason,
    pub explanation: String,
}

impl fmt::Display for Doubt {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.explanation)
    }
}

/// A patient whose number may be indexed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Identified {
    pub number: NhsNumber,
    /// The service's account, where it was asked and told one.
    pub traced: Option<Traced>,
    /// What a reader of the log should know; no patient's data.
    pub notes: Vec<Note>,
}

/// What was accepted with a remark.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Note {
    /// The document had no valid number; the trace found one.
    FoundByTrace,
    /// Another number has taken the place of the document's.
    Superseded,
    /// The sender says that the number was traced; the service did not answer, so nobody checked.
    NotConfirmed,
    /// Earlier documents say another name or birth date; PDS, or more publishers, agree with this one.
    EarlierDiffer { documents: usize, publishers: usize },
}

impl fmt::Display for Note {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::FoundByTrace => f.write_str("the NHS number was found by a trace"),
            Self::Superseded => f.write_str(
                "another NHS number has taken the place of the document's: merge the two (watling patient merge)",
            ),
            Self::NotConfirmed => {
                f.write_str("the trace did not answer: the sender's word for the number was taken")
            }
            Self::EarlierDiffer { documents, publishers } => write!(
                f,
                "{documents} earlier documents of {publishers} publishers say another name or date of birth: they may be another person's"
            ),
        }
    }
}

/// What has to be asked first.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Question {
    Nothing(NhsNumber),
    Verify(NhsNumber),
    Find,
}

/// Whom to ask about a claim; `when` is `None` where nobody can be asked.
pub fn question(claim: &Claim, when: Option<When>) -> Result<Question, Doubt> {
    match (claim.number, when) {
        (Ok((number, true)), None | Some(When::Unverified)) => Ok(Question::Nothing(number)),
        (Ok(_), None) => Err(Doubt::plain(Reason::Untraced)),
        (Ok((number, _)), Some(_)) => Ok(Question::Verify(number)),
        (Err(reason), Some(_)) if reason.is_of_number() && claim.person.tell_a_person() => {
            Ok(Question::Find)
        }
        (Err(reason), _) => Err(Doubt::plain(reason)),
    }
}

impl Doubt {
    fn new(reason: Reason, explanation: impl Into<String>) -> Self {
        Self { reason, explanation: explanation.into() }
    }

    /// With the rule that was broken for an explanation.
    pub(crate) fn plain(reason: Reason) -> Self {
        Self::new(reason, reason.to_string())
    }
}

/// What the answer of a trace makes of a claim.
pub fn answered(claim: &Claim, outcome: TraceOutcome) -> Result<Identified, Doubt> {
    match outcome {
        TraceOutcome::Verified(traced) => verified(claim, *traced),
        TraceOutcome::NoMatch => Err(Doubt::plain(Reason::NotFound)),
        TraceOutcome::Several => Err(Doubt::plain(Reason::Ambiguous)),
        TraceOutcome::Mismatch => Err(Doubt::plain(Reason::DemographicsMismatch)),
        TraceOutcome::Invalidated => Err(Doubt::plain(Reason::Invalidated)),
        TraceOutcome::NotEnough => sender_says(claim).ok_or_else(|| match claim.number {
            Ok(_) => Doubt::plain(Reason::Incomplete),
            Err(reason) => Doubt::plain(reason),
        }),
        TraceOutcome::Unavailable(unavailable) => {
            sender_says(claim).ok_or_else(|| not_answered(unavailable))
        }
    }
}

fn not_answered(unavailable: Unavailable) -> Doubt {
    match unavailable {
        Unavailable::Retry => Doubt::plain(Reason::TraceUnavailable),
        Unavailable::Refused => Doubt::new(
            Reason::TraceFault,
            "the trace refuses this hub: its certificate, token or permission is not right",
        ),
        Unavailable::Unreadable => {
            Doubt::new(Reason::TraceFault, "the answer of the trace cannot be read: see the log")
        }
    }
}

/// A number that its sender has traced stands by the sender's word where nobody else can say.
fn sender_says(claim: &Claim) -> Option<Identified> {
    match claim.number {
        Ok((number, true)) => {
            Some(Identified { number, traced: None, notes: vec![Note::NotConfirmed] })
        }
        _ => None,
    }
}

fn verified(claim: &Claim, traced: Traced) -> Result<Identified, Doubt> {
    let differing = differences(&claim.person, &traced.demographics);
    if !differing.is_empty() {
        let reason = match differing[..] {
            [Difference::BirthDateTransposed] => Reason::BirthDateTransposed,
            _ => Reason::DemographicsMismatch,
        };
        let explanation = format!(
            "{} of the document and of PDS differ: it may be another person's number",
            listed(&differing)
        );
        return Err(Doubt::new(reason, explanation));
    }
    let given = claim.number.is_ok();
    if given && !traced.compared && !traced.demographics.tell_a_person() {
        return sender_says(claim).ok_or_else(|| Doubt::plain(Reason::Withheld));
    }
    let unverified = !matches!(claim.number, Ok((_, true)));
    if unverified && !claim.person.tell_a_person() {
        return Err(Doubt::plain(Reason::Incomplete));
    }
    let mut notes = Vec::new();
    if !given {
        notes.push(Note::FoundByTrace);
    }
    if traced.superseded_from.is_some() {
        notes.push(Note::Superseded);
    }
    Ok(Identified { number: traced.number, traced: Some(traced), notes })
}

/// What an earlier document says of the patient.
#[derive(Clone, Debug)]
pub struct Earlier {
    pub publisher: Option<OdsCode>,
    pub person: Demographics,
}

/// Compares a person with what earlier documents say, newest first. The first of two documents
/// is not therefore right: a difference is told as one. Each publisher has one voice, its newest
/// document's; where more of them agree than differ, or where PDS has `confirmed` name and birth
/// date, the document is taken with a note on the others.
pub fn compared(
    person: &Demographics,
    earlier: &[Earlier],
    confirmed: bool,
) -> Result<Option<Note>, Doubt> {
    let mut found: BTreeSet<Difference> = BTreeSet::new();
    let (mut documents, mut publishers) = (0, HashSet::new());
    let (mut agree, mut differ, mut heard) = (0, 0, HashSet::new());
    for one in earlier {
        let differing = differences(person, &one.person);
        let says = one.person.name().is_some() || one.person.birth_date.is_some();
        if says && heard.insert(one.publisher.as_ref()) {
            if differing.is_empty() { agree += 1 } else { differ += 1 }
        }
        if !differing.is_empty() {
            documents += 1;
            publishers.insert(one.publisher.as_ref());
            found.extend(differing);
        }
    }
    let publishers = publishers.len();
    if documents == 0 {
        return Ok(None);
    }
    if confirmed || differ < agree {
        return Ok(Some(Note::EarlierDiffer { documents, publishers }));
    }
    let found: Vec<Difference> = found.into_iter().collect();
    let explanation = format!(
        "{} differ from what {documents} earlier documents of {publishers} publishers say under this number: either may be another person's",
        listed(&found)
    );
    let reason = match found[..] {
        [Difference::BirthDateTransposed] => Reason::BirthDateTransposed,
        _ => Reason::KnownOtherwise,
    };
    Err(Doubt::new(reason, explanation))
}

#[cfg(test)]
mod tests;
