//! What a sender is told of a document: for a program and for a person. It names no patient.

use schemas::described::FieldError;
use schemas::ods_code::OdsCode;
use serde::{Serialize, Serializer};
use uuid::Uuid;

/// What became of a document.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Status {
    /// It is in the index.
    Registered,
    /// It was there already; nothing was stored.
    AlreadyRegistered,
    /// A document was withdrawn, as the message asked.
    Withdrawn,
    /// A withdrawal that waits for its document.
    Held,
    /// The hub keeps it and shows it to nobody until somebody has looked at it.
    Quarantined,
    /// Not taken: to be put right and sent again.
    Refused,
    /// Nothing is wrong with it: it is tried again.
    Waiting,
}

impl Status {
    /// A sentence for a person.
    pub fn says(self) -> &'static str {
        match self {
            Self::Registered => {
                "The document is registered and can be found by those who may see it."
            }
            Self::AlreadyRegistered => {
                "The hub has this document already: nothing was changed, and it need not be sent again."
            }
            Self::Withdrawn => "The document was withdrawn: nobody is shown it any more.",
            Self::Held => "The withdrawal is kept until the document that it names arrives.",
            Self::Quarantined => {
                "The document is in quarantine: it is kept safe and shown to nobody until it has been looked at."
            }
            Self::Refused => "The document was not taken.",
            Self::Waiting => {
                "The hub cannot take the document now. It is not lost, and is tried again."
            }
        }
    }

    pub fn is_accepted(self) -> bool {
        !matches!(self, Self::Refused | Self::Waiting)
    }
}

/// One document's receipt.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Receipt {
    pub status: Status,
    /// The organisation for which it was taken.
    pub publisher: OdsCode,
    /// To quote when somebody asks.
    #[serde(serialize_with = "as_text")]
    pub reference: Uuid,
    /// RFC 3339, by the hub's clock.
    pub at: String,
    /// XDS uniqueIds.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub documents: Vec<String>,
    pub size: u64,
    /// Of the bytes, in hexadecimal.
    pub sha1: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub quarantine_id: Option<i64>,
    /// Why it was not taken, or not at once.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub reasons: Vec<Reason>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub warnings: Vec<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub what_to_do: Option<&'static str>,
}

fn as_text<S: Serializer>(id: &Uuid, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_str(id)
}

/// A reason, with the field that it is about where there is one.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Reason {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub field: Option<String>,
    pub rule: String,
}

impl From<FieldError> for Reason {
    fn from(error: FieldError) -> Self {
        Self { field: Some(error.field), rule: error.rule }
    }
}

impl Reason {
    pub fn new(rule: impl Into<String>) -> Self {
        Self { field: None, rule: rule.into() }
    }

    pub fn text(&self) -> String {
        match &self.field {
            Some(field) => format!("{field}: {}", self.rule),
            None => self.rule.clone(),
        }
    }
}

impl Receipt {
    /// For a person, as plain text. `name` is the file's.
    pub fn text(&self, name: &str) -> String {
        let mut lines = vec![name.to_owned(), String::new(), self.status.says().to_owned()];
        let mut list = |heading: &str, of: Vec<String>| {
            if !of.is_empty() {
                lines.push(String::new());
                lines.push(heading.to_owned());
                lines.extend(of.into_iter().map(|line| format!("  - {line}")));
            }
        };
        list("Why:", self.reasons.iter().map(Reason::text).collect());
        list("What to do:", self.what_to_do.into_iter().map(str::to_owned).collect());
        list("Worth knowing:", self.warnings.clone());
        list("Document (uniqueId):", self.documents.clone());
        let quarantine = self.quarantine_id.map(|id| format!("Quarantine number: {id}"));
        lines.push(String::new());
        lines.extend(quarantine);
        lines.push(format!("Sent by: {}", self.publisher));
        lines.push(format!("Time: {}", self.at));
        lines.push(format!("Size: {} bytes, SHA-1 {}", self.size, self.sha1));
        lines.push(format!("Reference: {}", self.reference));
        lines.join("\r\n") + "\r\n"
    }
}
