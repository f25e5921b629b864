//! A description as it is kept with a document that waits: plain texts.

use super::Description;
use crate::dtm::Dtm;
use crate::nhs_number::NhsNumber;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};

#[derive(Deserialize, Serialize)]
pub(super) struct Kept {
    document_type: String,
    nhs_number: String,
    family_name: Option<String>,
    given_name: Option<String>,
    birth_date: Option<Date>,
    title: Option<String>,
    event: Option<String>,
    written: Option<String>,
}

impl From<Description> for Kept {
    fn from(description: Description) -> Self {
        Self {
            document_type: description.document_type,
            nhs_number: description.patient.digits(),
            family_name: description.family_name,
            given_name: description.given_name,
            birth_date: description.birth_date,
            title: description.title,
            event: description.event.map(|dtm| dtm.to_string()),
            written: description.written.map(|dtm| dtm.to_string()),
        }
    }
}

impl TryFrom<Kept> for Description {
    type Error = String;

    fn try_from(kept: Kept) -> Result<Self, String> {
        let dtm = |text: Option<String>| {
            text.map(|text| Dtm::parse(&text)).transpose().map_err(|e| e.to_string())
        };
        Ok(Self {
            document_type: kept.document_type,
            patient: NhsNumber::parse(&kept.nhs_number).map_err(|error| error.to_string())?,
            family_name: kept.family_name,
            given_name: kept.given_name,
            birth_date: kept.birth_date,
            title: kept.title,
            event: dtm(kept.event)?,
            written: dtm(kept.written)?,
        })
    }
}
