//! SQLite: one writer that commits many jobs at once, and a pool of readers.

use crate::store::StoreError;
use crate::store::sql::{Row, Sql, Value};
use node::sqlite::{Readers, SqliteError, Writer};
use rusqlite::Connection;
use rusqlite::types::{ToSqlOutput, ValueRef};
use std::path::Path;

const MIGRATIONS: [&str; 3] = [
    include_str!("../migrations/0001_index.sqlite.sql"),
    include_str!("../migrations/0002_patient.sqlite.sql"),
    include_str!("../migrations/0003_retention.sqlite.sql"),
];

#[derive(Clone)]
pub struct Sqlite {
    writer: Writer,
    readers: Readers,
}

impl Sqlite {
    /// Opens or makes the index.
    pub fn open(path: &Path) -> Result<Self, SqliteError> {
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
            SqliteError::Failed(reason) => Self::Failed(reason),
        }
    }
}
