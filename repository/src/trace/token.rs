//! By what PDS FHIR knows this hub, beside its certificate.

use std::path::PathBuf;

/// Where a bearer token comes from.
#[derive(Clone, Debug)]
pub(super) enum Token {
    /// The service wants none: a relay inside the organisation.
    None,
    /// From a file that another program keeps fresh.
    File(PathBuf),
}

/// The longest token that is read, in bytes.
const TOKEN_BYTES_MAX: u64 = 16 * 1024;

impl Token {
    /// The value of the Authorization header; an error says which file cannot serve, never what is
    /// in it.
    pub(super) async fn authorization(&self) -> Result<Option<String>, String> {
        let Self::File(path) = self else { return Ok(None) };
        let failed = |reason: &dyn std::fmt::Display| format!("{}: {reason}", path.display());
        let size = tokio::fs::metadata(path).await.map_err(|error| failed(&error))?.len();
        if size > TOKEN_BYTES_MAX {
            return Err(failed(&"it is too long for a token"));
        }
        let text = tokio::fs::read_to_string(path).await.map_err(|error| failed(&error))?;
        let token = text.trim();
        if token.is_empty() || !token.bytes().all(|byte| byte.is_ascii_graphic()) {
            return Err(failed(&"it holds no bearer token"));
        }
        Ok(Some(format!("Bearer {token}")))
    }
}
