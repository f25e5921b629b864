//! The reader: every element by name, each once.

use super::flag::{Flag, FlagError, PlanKind, PlanStatus, Subject};
use super::{NAMESPACE, header};
use crate::cda::CdaHeader;
use crate::dtm::Dtm;
use crate::ods_code::OdsCode;
use crate::xml::{Document, Element, Limits};
use jiff::civil::Date;
use uuid::Uuid;

/// The longest text that a flag may hold in one element, in characters.
const TEXT_MAX: usize = 256;

impl Flag {
    pub fn is_one(root: Element<'_>) -> bool {
        root.is(NAMESPACE, "ChildProtectionFlag")
    }

    pub fn read(bytes: &[u8], limits: &Limits) -> Result<Self, FlagError> {
        let document = Document::parse_bytes(bytes, limits)?;
        let root = document.root();
        if !Self::is_one(root) {
            return Err(FlagError::NotFlag);
        }
        let plan = child(root, "plan")?;
        let council = child(root, "council")?;
        let status = status(plan)?;
        let end = optional(plan, "end")?.map(|text| date(text, "plan/end")).transpose()?;
        let start = date(text(plan, "start", "plan/start")?, "plan/start")?;
        if end.is_some_and(|end| end < start) {
            return Err(FlagError::Wrong("plan/end", "is before plan/start"));
        }
        if (status == PlanStatus::Active) == end.is_some() {
            let rule = "goes with the status ended or deleted, and with no other";
            return Err(FlagError::Wrong("plan/end", rule));
        }
        let recorded = text(root, "recorded", "recorded")?;
        Dtm::from_cda(recorded)?;
        let flag = Self {
            id: uuid(root, "id")?,
            plan: uuid(root, "set")?,
            version: version(root)?,
            kind: kind(plan)?,
            status,
            start,
            end,
            subject: subject(child(root, "subject")?)?,
            council: OdsCode::parse(council.attr("ods").unwrap_or_default())?,
            council_name: text(council, "name", "council/name")?.to_owned(),
            telephone: text(council, "telephone", "council/telephone")?.to_owned(),
            out_of_hours: optional(council, "outOfHoursTelephone")?.map(str::to_owned),
            recorded: recorded.to_owned(),
            header: CdaHeader::default(),
        };
        let header = CdaHeader::read(header::written(&flag).as_bytes(), limits)?;
        Ok(Self { header, ..flag })
    }
}

fn child<'e>(parent: Element<'e>, name: &'static str) -> Result<Element<'e>, FlagError> {
    let mut found = parent.children_named(NAMESPACE, name);
    let first = found.next().ok_or(FlagError::Missing(name))?;
    match found.next() {
        Some(_) => Err(FlagError::Wrong(name, "stands more than once")),
        None => Ok(first),
    }
}

fn optional<'e>(parent: Element<'e>, name: &'static str) -> Result<Option<&'e str>, FlagError> {
    match child(parent, name) {
        Ok(element) if element.trimmed().chars().count() > TEXT_MAX => {
            Err(FlagError::Wrong(name, "is longer than 256 characters"))
        }
        Ok(element) => Ok(Some(element.trimmed()).filter(|text| !text.is_empty())),
        Err(FlagError::Missing(_)) => Ok(None),
        Err(error) => Err(error),
    }
}

fn text<'e>(
    parent: Element<'e>,
    name: &'static str,
    path: &'static str,
) -> Result<&'e str, FlagError> {
    optional(parent, name)?.ok_or(FlagError::Missing(path))
}

fn uuid(root: Element<'_>, name: &'static str) -> Result<Uuid, FlagError> {
    Uuid::try_parse(text(root, name, name)?).map_err(|_| FlagError::Wrong(name, "is not a UUID"))
}

fn version(root: Element<'_>) -> Result<u32, FlagError> {
    let version = text(root, "versionNumber", "versionNumber")?.parse().ok();
    version.filter(|n| *n > 0).ok_or(FlagError::Wrong("versionNumber", "is a number from 1"))
}

fn kind(plan: Element<'_>) -> Result<PlanKind, FlagError> {
    let code = plan.attr("type").unwrap_or_default();
    let kind = PlanKind::ALL.into_iter().find(|kind| kind.code() == code);
    kind.ok_or(FlagError::Wrong("plan/@type", "is CPPI, LACI or UCPI"))
}

fn status(plan: Element<'_>) -> Result<PlanStatus, FlagError> {
    let name = plan.attr("status").unwrap_or_default();
    let status = PlanStatus::ALL.into_iter().find(|status| status.name() == name);
    status.ok_or(FlagError::Wrong("plan/@status", "is active, ended or deleted"))
}

fn date(text: &str, path: &'static str) -> Result<Date, FlagError> {
    text.parse().map_err(|_| FlagError::Wrong(path, "is a date, YYYY-MM-DD"))
}

fn subject(element: Element<'_>) -> Result<Subject, FlagError> {
    let birth_date = text(element, "birthDate", "subject/birthDate")?;
    let gender = optional(element, "gender")?.unwrap_or("0");
    if !["0", "1", "2", "9"].contains(&gender) {
        return Err(FlagError::Wrong("subject/gender", "is 0, 1, 2 or 9"));
    }
    Ok(Subject {
        nhs_number: text(element, "nhsNumber", "subject/nhsNumber")?.to_owned(),
        family: text(element, "family", "subject/family")?.to_owned(),
        given: text(element, "given", "subject/given")?.to_owned(),
        birth_date: date(birth_date, "subject/birthDate")?,
        gender: gender.to_owned(),
    })
}

#[cfg(test)]
mod tests;
