//! `[gateway.safeguarding]`: of whom what is told.

use crate::region::OrganisationKind;
use serde::{Deserialize, Serialize};

/// When a council is told.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Notify {
    AtOnce,
    /// With everything else about the child of a day or so.
    Digest,
    /// It is kept, and shown in the report.
    No,
}

impl Notify {
    pub fn name(self) -> &'static str {
        match self {
            Self::AtOnce => "at-once",
            Self::Digest => "digest",
            Self::No => "no",
        }
    }
}

/// A setting in which entries are read; what is absent fits any.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Setting {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub kind: Option<OrganisationKind>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub purpose: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub department: Option<String>,
    pub notify: Notify,
}

#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(deny_unknown_fields, default)]
pub struct Settings {
    /// Names of document types whose reading is told.
    pub document_types: Vec<String>,
    /// An episode is the encounter that the region knows; else so many hours from its first reading.
    pub episode_hours: u32,
    /// How long a digest waits from the first reading in it.
    pub digest_hours: u32,
    /// Where no setting fits.
    pub otherwise: Notify,
    /// The first that fits decides.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub setting: Vec<Setting>,
}

impl Default for Settings {
    /// Unscheduled care at once, practices not, everything else in a digest.
    fn default() -> Self {
        let of = |kind, purpose: Option<&str>, notify| Setting {
            kind,
            purpose: purpose.map(str::to_owned),
            department: None,
            notify,
        };
        Self {
            document_types: vec!["child-protection".to_owned()],
            episode_hours: 24,
            digest_hours: 24,
            otherwise: Notify::Digest,
            setting: vec![
                of(None, Some("urgent-care"), Notify::AtOnce),
                of(Some(OrganisationKind::Ambulance), None, Notify::AtOnce),
                of(Some(OrganisationKind::OutOfHours), None, Notify::AtOnce),
                of(Some(OrganisationKind::Practice), None, Notify::No),
            ],
        }
    }
}

impl Settings {
    pub fn notify(
        &self,
        kind: Option<OrganisationKind>,
        purpose: &str,
        department: Option<&str>,
    ) -> Notify {
        let fits = |setting: &&Setting| {
            setting.kind.is_none_or(|wanted| kind == Some(wanted))
                && setting.purpose.as_ref().is_none_or(|wanted| wanted == purpose)
                && setting.department.as_ref().is_none_or(|w| department == Some(w.as_str()))
        };
        self.setting.iter().find(fits).map_or(self.otherwise, |setting| setting.notify)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn unscheduled_care_is_told_at_once_and_scheduled_care_floods_nobody() {
        use OrganisationKind::{Acute, Ambulance, OutOfHours, Practice};
        let settings = Settings::default();
        for (kind, purpose, notify) in [
            (Acute, "urgent-care", Notify::AtOnce),
            (Acute, "direct-care", Notify::Digest),
            (Ambulance, "direct-care", Notify::AtOnce),
            (OutOfHours, "direct-care", Notify::AtOnce),
            (Practice, "direct-care", Notify::No),
        ] {
            assert_eq!(settings.notify(Some(kind), purpose, None), notify, "{kind:?} {purpose}");
        }
        let emergency = Setting {
            kind: Some(Acute),
            purpose: None,
            department: Some("emergency".to_owned()),
            notify: Notify::AtOnce,
        };
        let settings = Settings { setting: vec![emergency], ..settings };
        let notify = |department| settings.notify(Some(Acute), "direct-care", department);
        assert_eq!(notify(Some("emergency")), Notify::AtOnce);
        assert_eq!((notify(Some("dermatology")), notify(None)), (Notify::Digest, Notify::Digest));
    }
}
