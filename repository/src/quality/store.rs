//! Quality events in the front door's store.

use crate::front_door::FrontDoor;
use node::sqlite::SqliteError;
use rusqlite::params;

/// What became of a document.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    Registered,
    Quarantined,
    /// Its sender was told to put something right.
    Rejected,
}

impl Outcome {
    pub fn name(self) -> &'static str {
        match self {
            Self::Registered => "registered",
            Self::Quarantined => "quarantined",
            Self::Rejected => "rejected",
        }
    }
}

/// One document's event, as it is kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Event {
    pub publisher: String,
    pub document_type: String,
    /// Monday of its week, `YYYYMMDD`.
    pub week: String,
    pub route: String,
    pub outcome: String,
    pub late_minutes: Option<i64>,
    pub unstructured: Option<bool>,
    /// Titles of mandatory headings; `None` where no standard is known.
    pub missing: Option<Vec<String>>,
    /// Headings that stand there and say nothing.
    pub blank: Option<Vec<String>>,
    /// The same for the same document of the same submission; what comes without one is counted as
    /// often as it comes.
    pub mark: Option<String>,
}

fn joined(titles: &Option<Vec<String>>) -> Option<String> {
    titles.as_ref().map(|titles| titles.join("\n"))
}

fn parted(text: Option<String>) -> Option<Vec<String>> {
    let lines = |text: String| text.lines().map(str::to_owned).collect();
    text.map(lines)
}

impl FrontDoor {
    pub(super) async fn count(&self, events: Vec<Event>, hour: i64) -> Result<(), SqliteError> {
        self.writer
            .run(move |connection| {
                let mut statement = connection.prepare_cached(
                    "INSERT OR IGNORE INTO quality (publisher, document_type, week, route, outcome, \
                     late_minutes, unstructured, missing, blank, mark) \
                     VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)",
                )?;
                for event in &events {
                    crate::completeness::hear(connection, &event.publisher, hour)?;
                    statement.execute(params![
                        event.publisher,
                        event.document_type,
                        event.week,
                        event.route,
                        event.outcome,
                        event.late_minutes,
                        event.unstructured,
                        joined(&event.missing),
                        joined(&event.blank),
                        event.mark
                    ])?;
                }
                Ok(())
            })
            .await
    }

    /// Events since a week, of one publisher or of all.
    pub async fn quality(
        &self,
        since: String,
        publisher: Option<String>,
    ) -> Result<Vec<Event>, SqliteError> {
        self.readers
            .run(move |connection| {
                let mut statement = connection.prepare_cached(
                    "SELECT publisher, document_type, week, route, outcome, late_minutes, \
                     unstructured, missing, blank FROM quality \
                     WHERE week >= $1 AND ($2 IS NULL OR publisher = $2) ORDER BY id",
                )?;
                let rows = statement.query_map(params![since, publisher], |row| {
                    Ok(Event {
                        publisher: row.get(0)?,
                        document_type: row.get(1)?,
                        week: row.get(2)?,
                        route: row.get(3)?,
                        outcome: row.get(4)?,
                        late_minutes: row.get(5)?,
                        unstructured: row.get(6)?,
                        missing: parted(row.get(7)?),
                        blank: parted(row.get(8)?),
                        mark: None,
                    })
                })?;
                Ok(rows.collect::<Result<_, _>>()?)
            })
            .await
    }
}
