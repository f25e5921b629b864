//! Tier 2: which publishers agreed to share which document types with which consumers, for which
//! purposes and roles, from when to when.

mod signing;

pub use signing::{
    Amendment, Decision, Dpia, Exception, Outside, Request, ResidualRisk, Signatory, Suspension,
    Verdict,
};

use jiff::civil::Date;
use schemas::code_set::DocumentType;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use std::fmt;

/// Document types: all, a group of them, or one by its name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum TypeSelector {
    All,
    Group(String),
    Name(String),
}

impl TypeSelector {
    pub fn parse(text: &str) -> Self {
        match text.strip_prefix("group:") {
            _ if text == "*" => Self::All,
            Some(group) => Self::Group(group.to_owned()),
            None => Self::Name(text.to_owned()),
        }
    }

    pub fn matches(&self, document_type: &DocumentType) -> bool {
        match self {
            Self::All => true,
            Self::Group(group) => document_type.group == *group,
            Self::Name(name) => document_type.name == *name,
        }
    }
}

impl fmt::Display for TypeSelector {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::All => f.write_str("*"),
            Self::Group(group) => write!(f, "group:{group}"),
            Self::Name(name) => f.write_str(name),
        }
    }
}

impl Serialize for TypeSelector {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for TypeSelector {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Ok(Self::parse(&String::deserialize(deserializer)?))
    }
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum AgreementState {
    /// A pattern that a region clones; never in force.
    Template,
    /// Being written; binds nobody.
    Draft,
    /// A publisher would share; no consumer has asked.
    Offered,
    /// A consumer has asked; no publisher has decided.
    #[serde(alias = "proposed")]
    Requested,
    /// Every publisher has refused.
    Refused,
    #[default]
    Agreed,
    Suspended,
    Withdrawn,
}

impl AgreementState {
    pub const ALL: [Self; 8] = [
        Self::Template,
        Self::Draft,
        Self::Offered,
        Self::Requested,
        Self::Refused,
        Self::Agreed,
        Self::Suspended,
        Self::Withdrawn,
    ];

    pub fn name(self) -> &'static str {
        match self {
            Self::Template => "template",
            Self::Draft => "draft",
            Self::Offered => "offered",
            Self::Requested => "requested",
            Self::Refused => "refused",
            Self::Agreed => "agreed",
            Self::Suspended => "suspended",
            Self::Withdrawn => "withdrawn",
        }
    }
}

/// An agreement as its newest version has it. `publishers` are those whose documents flow once it
/// is agreed; those that have not decided stand in `awaiting`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Agreement {
    pub id: String,
    pub title: String,
    #[serde(default)]
    pub state: AgreementState,
    /// ODS codes and `group:` names.
    #[serde(default)]
    pub publishers: Vec<String>,
    #[serde(default)]
    pub consumers: Vec<String>,
    pub document_types: Vec<TypeSelector>,
    pub purposes: Vec<String>,
    pub roles: Vec<String>,
    pub starts: Date,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ends: Option<Date>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub review_by: Option<Date>,
    /// Highest confidentialityCode that passes: N, R or V.
    #[serde(default = "normal")]
    pub confidentiality: String,
    /// Legal basis, as recorded by the parties.
    #[serde(default)]
    pub legal_basis: String,
    /// The day on which the first publisher signed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub agreed_on: Option<Date>,
    /// Departments of the consumers that it is for; all where none is named.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub departments: Vec<String>,
    /// What the publishers ask of those who read, in words.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub conditions: Vec<String>,
    /// The id of the template that it was cloned from.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub template: Option<String>,
    /// Publisher parties that have not decided: nothing of theirs flows.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub awaiting: Vec<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub dpia: Option<Dpia>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub offer: Option<Signatory>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub request: Option<Request>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub suspension: Option<Suspension>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub amendment: Option<Amendment>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub decisions: Vec<Decision>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub exceptions: Vec<Exception>,
}

fn normal() -> String {
    "N".to_owned()
}

/// Nothing for nobody: what a literal that names some of the fields ends with.
impl Default for Agreement {
    fn default() -> Self {
        Self {
            id: String::new(),
            title: String::new(),
            state: AgreementState::default(),
            publishers: Vec::new(),
            consumers: Vec::new(),
            document_types: Vec::new(),
            purposes: Vec::new(),
            roles: Vec::new(),
            starts: Date::default(),
            ends: None,
            review_by: None,
            confidentiality: normal(),
            legal_basis: String::new(),
            agreed_on: None,
            departments: Vec::new(),
            conditions: Vec::new(),
            template: None,
            awaiting: Vec::new(),
            dpia: None,
            offer: None,
            request: None,
            suspension: None,
            amendment: None,
            decisions: Vec::new(),
            exceptions: Vec::new(),
        }
    }
}

/// How an agreement stands on a day: its state, or where it is agreed, what its dates say.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Standing {
    Is(AgreementState),
    NotStarted,
    InForce,
    Ended,
}

impl Standing {
    pub fn name(self) -> &'static str {
        match self {
            Self::Is(state) => state.name(),
            Self::NotStarted => "not started",
            Self::InForce => "in force",
            Self::Ended => "ended",
        }
    }
}

impl Agreement {
    pub fn standing(&self, today: Date) -> Standing {
        match self.state {
            AgreementState::Agreed if today < self.starts => Standing::NotStarted,
            AgreementState::Agreed if self.ends.is_some_and(|ends| ends < today) => Standing::Ended,
            AgreementState::Agreed => Standing::InForce,
            state => Standing::Is(state),
        }
    }

    pub fn is_in_force(&self, today: Date) -> bool {
        self.standing(today) == Standing::InForce
    }

    pub fn covers(&self, document_type: &DocumentType) -> bool {
        self.document_types.iter().any(|selector| selector.matches(document_type))
    }

    /// Whether it is for a caller of this department.
    pub fn is_for_department(&self, department: Option<&str>) -> bool {
        let named =
            |department| self.departments.iter().any(|d| d.eq_ignore_ascii_case(department));
        self.departments.is_empty() || department.is_some_and(named)
    }
}
