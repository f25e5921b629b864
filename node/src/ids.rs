//! Fresh identifiers: the only place that draws randomness for them.

use schemas::entry_uuid::EntryUuid;
use uuid::Uuid;

pub fn uuid() -> Uuid {
    Uuid::new_v4()
}

pub fn entry_uuid() -> EntryUuid {
    EntryUuid::from_uuid(Uuid::new_v4())
}

/// `urn:uuid:...`, for wsa:MessageID.
pub fn message_id() -> String {
    format!("urn:uuid:{}", Uuid::new_v4())
}
