//! xs:dateTime with a zone, as SAML writes times (SAML Core 1.3.3).

use super::SamlProblem;
use jiff::Timestamp;

/// A time without a zone means nothing, and is refused.
pub(super) fn read(text: &str) -> Result<Timestamp, SamlProblem> {
    let text = text.trim();
    let shaped = text.len() <= 40 && text.as_bytes().get(10) == Some(&b'T');
    if !shaped || text.contains(['[', ' ', ',']) {
        return Err(SamlProblem::Time);
    }
    text.parse().map_err(|_| SamlProblem::Time)
}
