//! What citizens have said of their documents, as it is kept: each statement with who recorded it,
//! when and on what evidence. Nothing is changed; a later row withdraws an earlier one.

pub mod import;
mod problems;

pub use problems::problems;

use crate::region::{TypeSelector, Wish};
use jiff::civil::Date;
use schemas::nhs_number::NhsNumber;
use schemas::ods_code::OdsCode;
use serde::{Deserialize, Serialize};

/// What was said.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "kebab-case")]
pub enum Said {
    /// What is absent means "any".
    Wish {
        wish: Wish,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        document_type: Option<TypeSelector>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        publisher: Option<OdsCode>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        consumer: Option<OdsCode>,
    },
    /// An entry is for its publisher and these organisations. Locked: nobody else learns of it, and
    /// no glass can be broken; else its existence may be told.
    Sealed {
        unique_id: String,
        locked: bool,
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        open_to: Vec<OdsCode>,
    },
    Consent {
        purpose: String,
        given: bool,
    },
}

impl Said {
    /// One line for people.
    pub fn words(&self) -> String {
        match self {
            Self::Wish { wish, document_type, publisher, consumer } => {
                let verb = match wish {
                    Wish::Share => "share",
                    Wish::DoNotShare => "do not share",
                };
                let what = document_type.as_ref().map_or("anything".to_owned(), |t| t.to_string());
                let of = publisher.as_ref().map_or(String::new(), |ods| format!(" of {ods}"));
                let with = consumer.as_ref().map_or("anyone", OdsCode::as_str);
                format!("{verb} {what}{of} with {with}")
            }
            Self::Sealed { unique_id, locked, open_to } => {
                let verb = if *locked { "seal and lock" } else { "seal" };
                let inside: Vec<&str> = open_to.iter().map(OdsCode::as_str).collect();
                let inside = match inside.is_empty() {
                    true => "its publisher".to_owned(),
                    false => format!("its publisher and {}", inside.join(", ")),
                };
                format!("{verb} document {unique_id}, for {inside}")
            }
            Self::Consent { purpose, given: true } => format!("consents to {purpose}"),
            Self::Consent { purpose, given: false } => format!("refuses consent to {purpose}"),
        }
    }
}

/// Who entered it: an organisation, and a person or office there.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RecordedBy {
    pub organisation: OdsCode,
    pub person: String,
}

/// On what ground it was entered.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Evidence {
    Text(String),
    /// uniqueId of a document that the hub holds.
    Document(String),
}

impl Evidence {
    pub fn words(&self) -> String {
        match self {
            Self::Text(text) => text.clone(),
            Self::Document(unique_id) => format!("document {unique_id}"),
        }
    }
}

/// A statement to be kept.
#[derive(Clone, Debug, PartialEq)]
pub struct NewStatement {
    pub patient: NhsNumber,
    pub said: Said,
    pub starts: Date,
    /// The last day.
    pub ends: Option<Date>,
    pub by: RecordedBy,
    pub evidence: Evidence,
}

/// A statement as it is kept.
#[derive(Clone, Debug, PartialEq)]
pub struct Statement {
    pub id: i64,
    pub patient: NhsNumber,
    pub said: Said,
    pub starts: Date,
    pub ends: Option<Date>,
    pub by: RecordedBy,
    /// RFC 3339
    pub at: String,
    pub evidence: Evidence,
    pub withdrawn: Option<Withdrawal>,
}

/// The later row that withdrew a statement.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Withdrawal {
    pub id: i64,
    pub by: RecordedBy,
    /// RFC 3339
    pub at: String,
    pub evidence: Evidence,
}

/// How a statement stands on a day.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Standing {
    InForce,
    NotStarted,
    Ended,
    Withdrawn,
}

impl Standing {
    pub fn name(self) -> &'static str {
        match self {
            Self::InForce => "in force",
            Self::NotStarted => "not started",
            Self::Ended => "ended",
            Self::Withdrawn => "withdrawn",
        }
    }
}

impl Statement {
    pub fn standing(&self, today: Date) -> Standing {
        match () {
            () if self.withdrawn.is_some() => Standing::Withdrawn,
            () if today < self.starts => Standing::NotStarted,
            () if self.ends.is_some_and(|ends| ends < today) => Standing::Ended,
            () => Standing::InForce,
        }
    }
}
