//! What waits in an outbox: a message with the ids that it keeps, and what has become of it.

use schemas::ods_code::OdsCode;
use serde::{Deserialize, Serialize};
use std::fmt;
use uuid::Uuid;

/// Why a message is sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Kind {
    /// The envelope was taken, or not (`itk:InfrastructureResponse`).
    InfrastructureAck,
    /// The document was taken, or not (`hl7:BusinessResponseMessage`).
    BusinessAck,
    /// A document that its reader has was withdrawn or corrected.
    RecallNotice,
    /// A child protection entry was read, of which its publisher is told.
    ReadNotice,
    /// Documents of a publisher were opened by breaking the glass.
    BreakGlassDigest,
}

impl Kind {
    pub const ALL: [Self; 5] = [
        Self::InfrastructureAck,
        Self::BusinessAck,
        Self::RecallNotice,
        Self::ReadNotice,
        Self::BreakGlassDigest,
    ];

    pub fn name(self) -> &'static str {
        match self {
            Self::InfrastructureAck => "infrastructure-ack",
            Self::BusinessAck => "business-ack",
            Self::RecallNotice => "recall-notice",
            Self::ReadNotice => "read-notice",
            Self::BreakGlassDigest => "break-glass-digest",
        }
    }

    pub(super) fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.name() == name)
    }

    /// An acknowledgement is never acknowledged.
    pub fn is_acknowledgement(self) -> bool {
        !matches!(self, Self::RecallNotice | Self::ReadNotice | Self::BreakGlassDigest)
    }
}

/// How far an item is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum State {
    /// For its turn, for another try, or to be collected.
    Waiting,
    Delivering,
    /// Handed out to its collector, who has not confirmed it yet.
    Collected,
    Delivered,
    /// Refused for good, or not taken in time: somebody has to look.
    Parked,
    /// Given up by hand.
    Dropped,
}

impl State {
    pub const ALL: [Self; 6] = [
        Self::Waiting,
        Self::Delivering,
        Self::Collected,
        Self::Delivered,
        Self::Parked,
        Self::Dropped,
    ];

    pub fn name(self) -> &'static str {
        match self {
            Self::Waiting => "waiting",
            Self::Delivering => "delivering",
            Self::Collected => "collected",
            Self::Delivered => "delivered",
            Self::Parked => "parked",
            Self::Dropped => "dropped",
        }
    }

    pub(super) fn number(self) -> i64 {
        self as i64
    }

    pub(super) fn from_number(number: i64) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.number() == number)
    }
}

impl fmt::Display for State {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// What an envelope is composed of at each try. Its tracking id and its payload's id are made once;
/// wsa:MessageID and the security timestamp are new each time.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Message {
    /// The specific service without its prefix, `SendBusinessAck-v1-0`.
    pub service: String,
    #[serde(with = "as_text")]
    pub tracking_id: Uuid,
    /// As in manifest and payload, `uuid_...`.
    pub payload_id: String,
    /// The hub's own address, `urn:nhs-uk:addressing:ods:QE1:DOCHUB`; acknowledgements come here.
    pub sender_address: String,
    /// `urn:nhs-uk:identity:ods:QE1:DOCHUB`
    pub audit_identity: String,
    /// Without its URN prefix, `ITKBusinessAcknowledgement-v1-0`.
    pub interaction: Option<String>,
    /// `urn:nhs-en:profile:...`
    pub profile_id: Option<String>,
    /// Whether the receiver is asked for acknowledgements; never by one.
    pub wants_infrastructure_ack: bool,
    pub wants_business_ack: bool,
    /// One XML element with its namespace declarations.
    pub payload: String,
}

/// A UUID in JSON.
mod as_text {
    use serde::{Deserialize, Deserializer, Serializer};
    use uuid::Uuid;

    pub fn serialize<S: Serializer>(id: &Uuid, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(id)
    }

    pub fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Uuid, D::Error> {
        let text = String::deserialize(deserializer)?;
        Uuid::try_parse(&text).map_err(serde::de::Error::custom)
    }
}

/// A message to be delivered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Item {
    pub kind: Kind,
    /// Whose endpoint it goes to: looked up in the directory, never taken from a message.
    pub destination: OdsCode,
    /// The ITK address inside the envelope, `urn:nhs-uk:addressing:ods:RXN:TIE`.
    pub address: String,
    /// What it is about: the tracking id that it answers, or a document's uniqueId.
    pub reference: String,
    /// What tells it from others of its kind about the same reference: a tracking id recurs.
    pub occasion: String,
    pub message: Message,
}

/// What became of [`super::Outbox::put`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Put {
    New,
    /// It was parked, and is tried again.
    Again,
    /// It is there already and stays as it is.
    Known(State),
}

/// An item as it is shown; it holds nothing of the message's payload.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Shown {
    pub id: Uuid,
    pub kind: Kind,
    pub state: State,
    pub destination: OdsCode,
    pub address: String,
    pub reference: String,
    pub occasion: String,
    pub tracking_id: Uuid,
    pub attempts: u32,
    /// Milliseconds since 1970, all of them.
    pub created_at: i64,
    pub next_attempt_at: i64,
    pub settled_at: Option<i64>,
    pub last_error: Option<String>,
    /// What its receiver acknowledged of it, in its own code: `OK`, `Failure`.
    pub infrastructure_answer: Option<String>,
    /// `AA`, `AE`, `AR`.
    pub business_answer: Option<String>,
    /// Error codes of a negative answer.
    pub answer_detail: Option<String>,
}

impl Shown {
    /// Whether its receiver has acknowledged it, and how; a negative answer at either level decides.
    pub fn acknowledged(&self) -> Option<bool> {
        let infrastructure = self.infrastructure_answer.as_deref().map(|code| code == "OK");
        let business = self.business_answer.as_deref().map(|code| code == "AA");
        match (infrastructure, business) {
            (None, None) => None,
            (one, other) => Some(one.unwrap_or(true) && other.unwrap_or(true)),
        }
    }
}

/// What an outbox holds for one organisation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Destination {
    pub destination: OdsCode,
    /// Waiting, under way or handed out.
    pub open: u64,
    /// When the oldest open one was put, in milliseconds since 1970.
    pub oldest_at: Option<i64>,
}

/// How many items are how far.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// Waiting, under way or handed out.
    pub open: u64,
    pub delivered: u64,
    pub parked: u64,
    pub dropped: u64,
    /// When the oldest open one was put, in milliseconds since 1970.
    pub oldest_at: Option<i64>,
    /// Acknowledgements that came and answer nothing of the hub's.
    pub unmatched: u64,
}
