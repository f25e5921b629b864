//! What the front door remembers: messages answered, documents in quarantine, withdrawals that wait.

mod messages;
mod nullifications;
mod quarantine;
mod reason;

pub use messages::{Answered, MessageKey};
pub use nullifications::{Nullified, Said, Stage, WithdrawnEntry};
pub use quarantine::{BYTES_MAX, Decision, OPEN_MAX, Quarantined, State};
pub use reason::Reason;

use node::sqlite::{Readers, SqliteError, Writer};
use std::path::Path;

/// The database's name in the repository's folder.
pub const DATABASE: &str = "front_door.db";

const MIGRATIONS: [&str; 3] = [
    include_str!("front_door/migrations/0001_front_door.sql"),
    include_str!("front_door/migrations/0010_quality.sql"),
    include_str!("front_door/migrations/0011_completeness.sql"),
];

/// The store of the front door. Clones share it.
#[derive(Clone)]
pub struct FrontDoor {
    pub(crate) writer: Writer,
    pub(crate) readers: Readers,
}

impl FrontDoor {
    /// Opens (or makes) the database in the repository's folder.
    pub fn open(folder: &Path) -> Result<Self, SqliteError> {
        let path = folder.join(DATABASE);
        let writer = Writer::open(&path, &MIGRATIONS)?;
        let readers = Readers::open(&path, 2)?;
        Ok(Self { writer, readers })
    }
}
