//! Whether a document's patient is who it says, decided from what it says, what a trace says and
//! what earlier documents say. Pure: nobody is asked here.

use super::difference::{Difference, differences, listed};
use crate::trace::{Traced, TraceOutcome, Unavailable, When};
use schemas::demographics::Demographics;
use schemas::nhs_number::{NhsNumber, NhsNumberError};
use schemas::ods_code::OdsCode;
use std::collections::{BTreeSet, HashSet};
use std::fmt;

/// The number as a document gives it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ClaimedNumber {
    Missing,
    Wrong(NhsNumberError),
    /// Present; `verified`: its sender says that it was traced (status 01).
    Given { number: NhsNumber, verified: bool },
}

/// What a document says of its patient.
#[derive(Clone, Debug)]
pub struct Claim {
    pub number: ClaimedNumber,
    pub person: Demographics,
}

/// Why a document cannot be indexed under a number: for the quarantine's closed set of reasons.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Doubted {
    NoNumber,
    Wrong(WrongNumber),
    /// Nobody can be asked.
    Untraced,
    /// Not enough is said of the person to ask.
    Incomplete,
    NotFound,
    Several,
    /// The number is no longer anybody's.
    Invalidated,
    /// PDS knows another person under the number.
    Mismatch,
    /// The same, but for day and month of the birth date exchanged.
    Transposed,
    /// PDS does not tell who has the number.
    Withheld,
    /// Earlier documents know another person under the number.
    KnownOtherwise,
    /// Tried again when the service answers.
    Unavailable,
    /// For a person: the service refuses this hub, or its answer cannot be read.
    ServiceFault,
}

/// The ways in which ten digits can be none.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum WrongNumber {
    NotTenDigits,
    CheckDigit,
    RepeatedDigit,
}

/// A doubt with its explanation, which names attributes and counts, never values.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Doubt {
    pub why: Doubted,
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
        (ClaimedNumber::Given { number, verified: true }, None | Some(When::Unverified)) => {
            Ok(Question::Nothing(number))
        }
        (ClaimedNumber::Given { .. }, None) => Err(doubt(
            Doubted::Untraced,
            "the NHS number is marked as unverified, and no trace is configured that could confirm it",
        )),
        (ClaimedNumber::Given { number, .. }, Some(_)) => Ok(Question::Verify(number)),
        (fault, None) => Err(number_fault(fault)),
        (fault, Some(_)) if !claim.person.tell_a_person() => Err(number_fault(fault)),
        (_, Some(_)) => Ok(Question::Find),
    }
}

fn doubt(why: Doubted, explanation: impl Into<String>) -> Doubt {
    Doubt { why, explanation: explanation.into() }
}

fn number_fault(fault: ClaimedNumber) -> Doubt {
    let wrong = |wrong, error: NhsNumberError| doubt(Doubted::Wrong(wrong), error.to_string());
    match fault {
        ClaimedNumber::Wrong(error @ NhsNumberError::NotTenDigits) => {
            wrong(WrongNumber::NotTenDigits, error)
        }
        ClaimedNumber::Wrong(error @ NhsNumberError::CheckDigit) => {
            wrong(WrongNumber::CheckDigit, error)
        }
        ClaimedNumber::Wrong(error @ NhsNumberError::RepeatedDigit) => {
            wrong(WrongNumber::RepeatedDigit, error)
        }
        ClaimedNumber::Missing | ClaimedNumber::Given { .. } => {
            doubt(Doubted::NoNumber, "the document has no NHS number")
        }
    }
}

/// What the answer of a trace makes of a claim.
pub fn answered(claim: &Claim, outcome: TraceOutcome) -> Result<Identified, Doubt> {
    match outcome {
        TraceOutcome::Verified(traced) => verified(claim, *traced),
        TraceOutcome::NoMatch => Err(doubt(
            Doubted::NotFound,
            "the trace found nobody: check number, name and date of birth with the sender",
        )),
        TraceOutcome::Several => Err(doubt(
            Doubted::Several,
            "the trace found several people: it takes more than is in the document to tell them apart",
        )),
        TraceOutcome::Mismatch => {
            Err(doubt(Doubted::Mismatch, "the number is another person's (said by the trace)"))
        }
        TraceOutcome::Invalidated => Err(doubt(
            Doubted::Invalidated,
            "the number was withdrawn and no other has taken its place",
        )),
        TraceOutcome::NotEnough => sender_says(claim).ok_or_else(|| match claim.number {
            ClaimedNumber::Given { .. } => doubt(
                Doubted::Incomplete,
                "an unverified number needs name, date of birth and sex beside it to be traced",
            ),
            fault => number_fault(fault),
        }),
        TraceOutcome::Unavailable(unavailable) => {
            sender_says(claim).ok_or_else(|| not_answered(unavailable))
        }
    }
}

fn not_answered(unavailable: Unavailable) -> Doubt {
    match unavailable {
        Unavailable::Retry => {
            doubt(Doubted::Unavailable, "the trace did not answer; it is asked again")
        }
        Unavailable::Refused => {
            doubt(Doubted::ServiceFault, "the trace refuses this hub: see its certificate or token")
        }
        Unavailable::Unreadable => {
            doubt(Doubted::ServiceFault, "the answer of the trace cannot be read: see the log")
        }
    }
}

/// A number that its sender has traced stands by the sender's word where nobody else can say.
fn sender_says(claim: &Claim) -> Option<Identified> {
    match claim.number {
        ClaimedNumber::Given { number, verified: true } => {
            Some(Identified { number, traced: None, notes: vec![Note::NotConfirmed] })
        }
        _ => None,
    }
}

fn verified(claim: &Claim, traced: Traced) -> Result<Identified, Doubt> {
    let differing = differences(&claim.person, &traced.demographics);
    if !differing.is_empty() {
        let why = match differing[..] {
            [Difference::BirthDateTransposed] => Doubted::Transposed,
            _ => Doubted::Mismatch,
        };
        let explanation = format!(
            "{} of the document and of PDS differ: it may be another person's number",
            listed(&differing)
        );
        return Err(doubt(why, explanation));
    }
    let given = matches!(claim.number, ClaimedNumber::Given { .. });
    if given && !traced.compared && !traced.demographics.tell_a_person() {
        return sender_says(claim).ok_or_else(|| {
            doubt(Doubted::Withheld, "PDS does not tell whose the number is, so nobody can compare")
        });
    }
    let unverified = !matches!(claim.number, ClaimedNumber::Given { verified: true, .. });
    if unverified && !claim.person.tell_a_person() {
        let what = "an unverified number needs name and date of birth beside it to be compared";
        return Err(doubt(Doubted::Incomplete, what));
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
    let why = match found[..] {
        [Difference::BirthDateTransposed] => Doubted::Transposed,
        _ => Doubted::KnownOtherwise,
    };
    Err(doubt(why, explanation))
}

#[cfg(test)]
mod tests;
