//! What a notice changes: the process of one patient, spell and authority, as pure functions.
//!
//! A notice that is given again takes the place of the first, with its answers. An answer belongs to
//! its notice and goes with it; a new answer of the council takes the place of its old one. A
//! withdrawal takes the place of what it withdraws. What comes late or answers nothing is kept, and
//! said.

use super::kind::{NoticeKind, Subject};
use crate::dtm::Dtm;

/// A message of the process that is registered already.
#[derive(Clone, Debug)]
pub struct Known<K> {
    /// How the caller names it.
    pub key: K,
    pub kind: NoticeKind,
    /// Its own identifier.
    pub id: String,
    /// Identifier of what it answers or withdraws.
    pub answers: Option<String>,
    /// Approved: neither replaced nor withdrawn.
    pub live: bool,
    /// When it was given.
    pub given: Dtm,
}

/// The message that comes now.
#[derive(Clone, Copy, Debug)]
pub struct Incoming<'a> {
    pub kind: NoticeKind,
    pub id: &'a str,
    pub answers: Option<&'a str>,
    pub given: &'a Dtm,
}

/// How the new message stands to a registered one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Relation<K> {
    /// Takes its place (RPLC): what it replaces is deprecated, and its answers with it.
    Replaces(K),
    /// Belongs to it (APND).
    Answers(K),
}

/// What its reader should know.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Remark {
    NoAssessmentNotice,
    NothingToAnswer,
    NothingToWithdraw,
    UnknownReference,
    OutOfOrder,
    WithdrawnAlready,
}

impl Remark {
    pub fn code(self) -> &'static str {
        match self {
            Self::NoAssessmentNotice => "no-assessment-notice",
            Self::NothingToAnswer => "nothing-to-answer",
            Self::NothingToWithdraw => "nothing-to-withdraw",
            Self::UnknownReference => "unknown-reference",
            Self::OutOfOrder => "out-of-order",
            Self::WithdrawnAlready => "withdrawn-already",
        }
    }
}

impl std::fmt::Display for Remark {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::NoAssessmentNotice => {
                "a discharge notice needs an assessment notice that stands: none is known"
            }
            Self::NothingToAnswer => "no notice that stands is known which this answers",
            Self::NothingToWithdraw => "nothing that stands is known which this withdraws",
            Self::UnknownReference => "the message that it refers to is not known",
            Self::OutOfOrder => "it was given before what stands in its place already",
            Self::WithdrawnAlready => "it was given before the withdrawal that is known already",
        })
    }
}

/// What comes of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Decision<K> {
    pub relations: Vec<Relation<K>>,
    pub remarks: Vec<Remark>,
    /// What has taken its place already, where it comes late: it does not stand.
    pub superseded_by: Option<K>,
}

/// How far a notice has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Standing {
    Absent,
    Open,
    Accepted,
    Rejected,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct State {
    pub assessment: Standing,
    pub discharge: Standing,
}

/// Where a process stands by what is live of it.
pub fn state<K>(known: &[Known<K>]) -> State {
    let standing = |subject: Subject| {
        let live = || known.iter().filter(move |k| k.live && k.kind.subject() == Some(subject));
        let Some(notice) = live().filter(|k| k.kind.is_notice()).last() else {
            return Standing::Absent;
        };
        let is_known = |id: &str| known.iter().any(|k| k.id == id);
        let of_it = |k: &&Known<K>| match k.answers.as_deref() {
            Some(id) if is_known(id) => id == notice.id,
            _ => k.given.first_second() >= notice.given.first_second(),
        };
        let answers = live().filter(|k| k.kind.accepts().is_some()).filter(of_it);
        match answers.max_by_key(|k| k.given.first_second()).and_then(|k| k.kind.accepts()) {
            None => Standing::Open,
            Some(true) => Standing::Accepted,
            Some(false) => Standing::Rejected,
        }
    };
    State { assessment: standing(Subject::Assessment), discharge: standing(Subject::Discharge) }
}

/// What a new message does to the process.
pub fn decide<K: Clone>(known: &[Known<K>], new: &Incoming<'_>) -> Decision<K> {
    let process = Process { known, new };
    let mut decision = match new.kind.subject() {
        Some(subject) if new.kind.is_notice() => process.notice(subject),
        Some(subject) => process.answer(subject),
        None => process.withdrawal(),
    };
    let refers = new.answers.is_some_and(|id| !known.iter().any(|k| k.id == id));
    if refers {
        decision.remarks.push(Remark::UnknownReference);
    }
    decision
}

struct Process<'p, K> {
    known: &'p [Known<K>],
    new: &'p Incoming<'p>,
}

impl<K: Clone> Process<'_, K> {
    fn live(&self) -> impl Iterator<Item = &Known<K>> {
        self.known.iter().filter(|k| k.live)
    }

    fn is_after(&self, other: &Known<K>) -> bool {
        other.given.first_second() > self.new.given.first_second()
    }

    fn kept(&self, remark: Remark, by: Option<&Known<K>>) -> Decision<K> {
        let superseded_by = by.map(|known| known.key.clone());
        Decision { relations: Vec::new(), remarks: vec![remark], superseded_by }
    }

    fn notice(&self, subject: Subject) -> Decision<K> {
        let withdrawal = self.live().find(|k| {
            let aimed = k.answers.as_deref().is_none_or(|id| id == self.new.id);
            withdraws(k.kind, self.new.kind) && aimed && self.is_after(k)
        });
        if withdrawal.is_some() {
            return self.kept(Remark::WithdrawnAlready, withdrawal);
        }
        let same: Vec<_> = self.live().filter(|k| k.kind == self.new.kind).collect();
        if let Some(later) = same.iter().find(|k| self.is_after(k)) {
            return self.kept(Remark::OutOfOrder, Some(later));
        }
        let assessed = self.live().any(|k| k.kind == NoticeKind::AssessmentNotice);
        let alone = subject == Subject::Discharge && !assessed;
        Decision {
            relations: same.iter().map(|k| Relation::Replaces(k.key.clone())).collect(),
            remarks: alone.then_some(Remark::NoAssessmentNotice).into_iter().collect(),
            superseded_by: None,
        }
    }

    fn answer(&self, subject: Subject) -> Decision<K> {
        let of_subject = |k: &&Known<K>| k.kind.subject() == Some(subject);
        let notices: Vec<_> =
            self.live().filter(of_subject).filter(|k| k.kind.is_notice()).collect();
        let named = notices.iter().find(|k| self.new.answers == Some(k.id.as_str()));
        let Some(notice) = named.or(notices.last()).copied() else {
            return self.kept(Remark::NothingToAnswer, None);
        };
        let before = self.live().filter(of_subject).filter(|k| k.kind.accepts().is_some());
        let before: Vec<_> = before.collect();
        if let Some(later) = before.iter().find(|k| self.is_after(k)) {
            return self.kept(Remark::OutOfOrder, Some(later));
        }
        let replaces = before.iter().map(|k| Relation::Replaces(k.key.clone()));
        let relations = replaces.chain([Relation::Answers(notice.key.clone())]).collect();
        Decision { relations, remarks: Vec::new(), superseded_by: None }
    }

    fn withdrawal(&self) -> Decision<K> {
        let covered: Vec<_> =
            self.live().filter(|k| withdraws(self.new.kind, k.kind) && self.aims_at(k)).collect();
        let (late, on_time): (Vec<_>, Vec<_>) = covered.into_iter().partition(|k| self.is_after(k));
        let remark = match (on_time.is_empty(), late.is_empty()) {
            (false, _) => None,
            (true, false) => Some(Remark::OutOfOrder),
            (true, true) => Some(Remark::NothingToWithdraw),
        };
        Decision {
            relations: on_time.iter().map(|k| Relation::Replaces(k.key.clone())).collect(),
            remarks: remark.into_iter().collect(),
            superseded_by: None,
        }
    }

    /// The withdrawal of an answer may name the answer or its notice; one that names neither means
    /// every answer of its sort. That of a notice means the notices of its sort, whatever it names.
    fn aims_at(&self, target: &Known<K>) -> bool {
        let Some(id) = self.new.answers else { return true };
        if !self.new.kind.is_of_council() || !self.known.iter().any(|k| k.id == id) {
            return true;
        }
        target.id == id || target.answers.as_deref() == Some(id)
    }
}

/// Whether a withdrawal of one kind is about a message of another.
fn withdraws(withdrawal: NoticeKind, target: NoticeKind) -> bool {
    use NoticeKind as K;
    match withdrawal {
        K::WithdrawalOfAll => target.is_notice(),
        K::WithdrawalOfDischarge => target == K::DischargeNotice,
        K::WithdrawalOfAssessment => target == K::AssessmentNotice,
        K::WithdrawalOfAcceptance => target.accepts() == Some(true),
        K::WithdrawalOfRejection => target.accepts() == Some(false),
        _ => false,
    }
}

#[cfg(test)]
mod tests;
