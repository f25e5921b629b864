//! May a document go? A hold beats everything, then the period, then what its controller approved.

use super::Subject;
use super::hold::Hold;
use super::period::Retention;
use jiff::civil::Date;
use schemas::ods_code::OdsCode;
use std::fmt;

/// Whose word a correction needs before the period has passed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RemovalPolicy {
    /// The controller's approval, placed beforehand.
    Approved,
    /// The publisher's own request is enough.
    Publisher,
}

/// Why a document is to go.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Purpose {
    /// Its publisher takes it back: it should not have been there.
    Correction,
    /// Its time is over.
    Destruction,
}

impl Purpose {
    pub fn name(self) -> &'static str {
        match self {
            Self::Correction => "correction",
            Self::Destruction => "destruction",
        }
    }

    pub fn parse(text: &str) -> Option<Self> {
        [Self::Correction, Self::Destruction].into_iter().find(|purpose| purpose.name() == text)
    }
}

/// A controller's word that named documents may go.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Approval {
    pub id: i64,
    pub purpose: Purpose,
    /// The organisation whose documents they are.
    pub controller: OdsCode,
    /// Who decided for it: a name or an office.
    pub approved_by: String,
    pub reason: String,
    pub placed_at: String,
    /// The last day.
    pub valid_until: Date,
    /// uniqueIds.
    pub documents: Vec<String>,
}

impl Approval {
    /// Why it does not let a document go, if it does not.
    pub fn falls_short(&self, subject: &Subject, purpose: Purpose, today: Date) -> Option<String> {
        let id = self.id;
        if self.purpose != purpose {
            return Some(format!("approval {id} is for {}", self.purpose.name()));
        }
        if today > self.valid_until {
            return Some(format!("approval {id} was valid until {}", self.valid_until));
        }
        if !self.documents.contains(&subject.unique_id) {
            return Some(format!("approval {id} does not name the document"));
        }
        if subject.publisher_ods.as_ref() != Some(&self.controller) {
            let controller = &self.controller;
            return Some(format!("approval {id} is {controller}'s, and the document is not"));
        }
        None
    }
}

/// On what ground a document may go.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Permit {
    /// Its period has passed.
    PeriodPassed,
    /// The controller's approval.
    Approved(i64),
    /// The publisher's own word, where the policy leaves it at that.
    PublishersWord,
}

impl fmt::Display for Permit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::PeriodPassed => f.write_str("period passed"),
            Self::Approved(id) => write!(f, "approval {id}"),
            Self::PublishersWord => f.write_str("publisher's word"),
        }
    }
}

/// Why a document has to be kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum NotRemovable {
    /// The hold's name.
    Held(String),
    WithinPeriod(Retention),
    NotApproved(String),
}

impl NotRemovable {
    /// What is said of the document, and what to do.
    pub fn reason(&self) -> String {
        match self {
            Self::Held(name) => format!(
                "is kept by the hold {name:?}: nothing removes it until the region's operator has lifted that"
            ),
            Self::WithinPeriod(retention) => {
                let until = match retention.until {
                    Some(until) => format!("until {until}"),
                    None => "without a known end".to_owned(),
                };
                let because = match retention.because {
                    "" => String::new(),
                    because => format!("; {because}"),
                };
                format!(
                    "is kept {until} by the rule {:?} of the retention table {}{because}: before that its controller has to approve the removal, which the region's operator enters (watling retention approve)",
                    retention.rule, retention.version
                )
            }
            Self::NotApproved(why) => format!("is kept: {why}"),
        }
    }
}

/// Everything one decision looks at.
pub struct Asked<'a> {
    pub subject: &'a Subject,
    pub retention: &'a Retention,
    pub holds: &'a [Hold],
    /// Those that might serve; for a destruction the one it was asked under.
    pub approvals: &'a [Approval],
    pub purpose: Purpose,
    pub policy: RemovalPolicy,
    pub today: Date,
}

/// The decision on one document.
pub fn may_destroy(asked: &Asked<'_>) -> Result<Permit, NotRemovable> {
    if let Some(hold) = asked.holds.iter().find(|hold| hold.keeps(asked.subject)) {
        return Err(NotRemovable::Held(hold.name.clone()));
    }
    let passed = asked.retention.has_passed(asked.today);
    match asked.purpose {
        Purpose::Correction if asked.policy == RemovalPolicy::Publisher => {
            Ok(Permit::PublishersWord)
        }
        Purpose::Correction if passed => Ok(Permit::PeriodPassed),
        Purpose::Correction => {
            approved(asked).map_err(|_| NotRemovable::WithinPeriod(asked.retention.clone()))
        }
        Purpose::Destruction if !passed => Err(NotRemovable::WithinPeriod(asked.retention.clone())),
        Purpose::Destruction => approved(asked).map_err(NotRemovable::NotApproved),
    }
}

fn approved(asked: &Asked<'_>) -> Result<Permit, String> {
    let mut why = "no approval of its controller names it".to_owned();
    for approval in asked.approvals {
        match approval.falls_short(asked.subject, asked.purpose, asked.today) {
            None => return Ok(Permit::Approved(approval.id)),
            Some(short) => why = short,
        }
    }
    Err(why)
}
