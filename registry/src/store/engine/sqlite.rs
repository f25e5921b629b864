//! SQLite: one writer that commits many jobs at once, and a pool of readers.

use crate::store::StoreError;
use crate::store::sql::{Row, Sql, Value};
use node::sqlite::{Readers, SqliteError, Writer};
use rusqlite::types::{ToSqlOutput, ValueRef};
use rusqlite::{Connection, OpenFlags};
use std::path::Path;

const MIGRATIONS: [&str; 7] = [
    include_str!("../migrations/0001_index.sqlite.sql"),
    include_str!("../migrations/0002_patient.sqlite.sql"),
    include_str!("../migrations/0003_retention.sqlite.sql"),
    include_str!("../migrations/0004_withdrawal.sqlite.sql"),
    include_str!("../migrations/0005_sensitivity.sqlite.sql"),
    include_str!("../migrations/0006_nullified.sqlite.sql"),
    include_str!("../migrations/0007_told.sqlite.sql"),
];

#[derive(Clone)]
pub struct Sqlite {
    writer: Writer,
    readers: Readers,
}

impl Sqlite {
    /// Opens or makes the index.
    pub fn open(path: &Path) -> Result<Self, SqliteError> {
        if path.exists() && is_before_the_first_release(path)? {
            let what = format!(
                "{}: this index was made before the first release, whose form is another: keep the folder, start in a new one and publish again",
                path.display()
            );
            return Err(SqliteError::Failed(what));
        }
        let writer = Writer::open(path, &MIGRATIONS)?;
        Ok(Self { writer, readers: Readers::open(path, 8)? })
    }

    pub(super) async fn read<T, F>(&self, job: F) -> Result<T, StoreError>
    where
        T: Send + 'static,
        F: FnOnce(&mut dyn Sql) -> Result<T, StoreError> + Send + 'static,
    {
        // Without a transaction each statement would see another moment.
        let read = |connection: &Connection| {
            connection.execute_batch("BEGIN")?;
            let result = job(&mut Session(connection));
            connection.execute_batch("COMMIT")?;
            result
        };
        self.readers.run(read).await
    }

    pub(super) async fn write<T, F>(&self, job: F) -> Result<T, StoreError>
    where
        T: Send + 'static,
        F: FnOnce(&mut dyn Sql) -> Result<T, StoreError> + Send + 'static,
    {
        self.writer.run(|connection| job(&mut Session(connection))).await
    }
}

/// Its tables have the names of today's and not the columns, so migrations would half succeed.
fn is_before_the_first_release(path: &Path) -> Result<bool, SqliteError> {
    let connection = Connection::open_with_flags(path, OpenFlags::SQLITE_OPEN_READ_ONLY)?;
    let columns = |name: &str| {
        let sql = "SELECT count(*) FROM pragma_table_info('document_entry') WHERE name = $1";
        connection.query_row(sql, [name], |row| row.get::<_, i64>(0))
    };
    Ok(columns("entry_uuid")? == 1 && columns("latest")? == 0)
}

struct Session<'c>(&'c Connection);

impl Sql for Session<'_> {
    fn rows(&mut self, sql: &str, values: &[Value]) -> Result<Vec<Row>, StoreError> {
        super::tell(sql);
        let mut statement = self.0.prepare_cached(sql)?;
        let columns = statement.column_count();
        let mut rows = statement.query(rusqlite::params_from_iter(values))?;
        let mut found = Vec::new();
        while let Some(row) = rows.next()? {
            let value = |column| row.get_ref(column).map_err(StoreError::from).and_then(owned);
            found.push(Row((0..columns).map(value).collect::<Result<_, _>>()?));
        }
        Ok(found)
    }

    fn execute(&mut self, sql: &str, values: &[Value]) -> Result<u64, StoreError> {
        super::tell(sql);
        let mut statement = self.0.prepare_cached(sql)?;
        Ok(statement.execute(rusqlite::params_from_iter(values))? as u64)
    }
}

fn owned(value: ValueRef<'_>) -> Result<Value, StoreError> {
    Ok(match value {
        ValueRef::Null => Value::Null,
        ValueRef::Integer(number) => Value::Integer(number),
        ValueRef::Text(text) => {
            let text = std::str::from_utf8(text).map_err(|e| StoreError::Failed(e.to_string()))?;
            Value::Text(text.to_owned())
        }
        ValueRef::Blob(bytes) => Value::Bytes(bytes.to_owned()),
        ValueRef::Real(_) => {
            return Err(StoreError::Failed("the index holds no fractions".to_owned()));
        }
    })
}

impl rusqlite::ToSql for Value {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(ToSqlOutput::Borrowed(match self {
            Self::Null => ValueRef::Null,
            Self::Integer(number) => ValueRef::Integer(*number),
            Self::Text(text) => ValueRef::Text(text.as_bytes()),
            Self::Bytes(bytes) => ValueRef::Blob(bytes),
        }))
    }
}

impl From<rusqlite::Error> for StoreError {
    fn from(error: rusqlite::Error) -> Self {
        // Another submission took the same id first: reading again shows it.
        match &error {
            rusqlite::Error::SqliteFailure(failure, _)
                if failure.code == rusqlite::ErrorCode::ConstraintViolation =>
            {
                Self::Conflict
            }
            _ => Self::Failed(error.to_string()),
        }
    }
}

impl From<SqliteError> for StoreError {
    fn from(error: SqliteError) -> Self {
        match error {
            SqliteError::Busy => Self::Busy,
            SqliteError::Full(reason) | SqliteError::Failed(reason) => Self::Failed(reason),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_index_of_before_the_first_release_is_refused_and_left_alone() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("index.db");
        let old = Connection::open(&path).unwrap();
        let table = "CREATE TABLE document_entry (patient_key INTEGER, entry_uuid TEXT, content TEXT); PRAGMA user_version = 1";
        old.execute_batch(table).unwrap();
        drop(old);
        let bytes = std::fs::read(&path).unwrap();
        let refused = Sqlite::open(&path).err().unwrap().to_string();
        assert!(refused.contains("publish again"), "{refused}");
        assert!(std::fs::read(&path).unwrap() == bytes);
    }
}
