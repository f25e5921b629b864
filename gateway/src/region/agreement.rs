//! Tier 2: which publishers agreed to share which document types with which consumers, for which
//! purposes and roles, from when to when.

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
    /// Offered or requested; the publisher has not decided.
    Proposed,
    #[default]
    Agreed,
    Suspended,
    Withdrawn,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Agreement {
    pub id: String,
    pub title: String,
    #[serde(default)]
    pub state: AgreementState,
    /// ODS codes and `group:` names.
    pub publishers: Vec<String>,
    pub consumers: Vec<String>,
    pub document_types: Vec<TypeSelector>,
    pub purposes: Vec<String>,
    pub roles: Vec<String>,
    pub starts: Date,
    #[serde(default)]
    pub ends: Option<Date>,
    #[serde(default)]
    pub review_by: Option<Date>,
    /// Highest confidentialityCode that passes: N, R or V.
    #[serde(default = "normal")]
    pub confidentiality: String,
    /// Legal basis, as recorded by the parties.
    #[serde(default)]
    pub legal_basis: String,
    /// Offices that signed for the publishers and the consumers, and when.
    #[serde(default)]
    pub agreed_on: Option<Date>,
}

fn normal() -> String {
    "N".to_owned()
}

impl Agreement {
    pub fn is_in_force(&self, today: Date) -> bool {
        self.state == AgreementState::Agreed
            && self.starts <= today
            && self.ends.is_none_or(|ends| today <= ends)
    }

    pub fn covers(&self, document_type: &DocumentType) -> bool {
        self.document_types.iter().any(|selector| selector.matches(document_type))
    }
}
