//! Who may remove which document: its own publisher, unless it has to be kept. Pure, but for the
//! one question to [`Retention`].

use crate::index::{Candidate, DocumentKey};
use schemas::ods_code::OdsCode;

/// Why a document may not be removed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NotRemovable {
    /// Another organisation published it, or nobody noted who did.
    PublishedByAnother,
    /// Another organisation has published the same document too.
    PublishedByOthersToo,
    /// A submission of it is on its way, or its registration is not settled.
    UnderWay,
    /// Its retention period has not ended.
    RetentionPeriod,
    /// A legal hold is on it.
    LegalHold,
}

impl NotRemovable {
    /// The word in audit records.
    pub fn code(self) -> &'static str {
        match self {
            Self::PublishedByAnother => "published-by-another",
            Self::PublishedByOthersToo => "published-by-others-too",
            Self::UnderWay => "under-way",
            Self::RetentionPeriod => "retention-period",
            Self::LegalHold => "legal-hold",
        }
    }

    /// What the answer says of the document, and what to do.
    pub fn reason(self) -> &'static str {
        match self {
            Self::PublishedByAnother => {
                "was published by another organisation: only its publisher may remove it"
            }
            Self::PublishedByOthersToo => {
                "was published by another organisation too: the region's operator decides on it"
            }
            Self::UnderWay => "is being registered: send the request again in a few minutes",
            Self::RetentionPeriod => "is kept until its retention period ends",
            Self::LegalHold => "is kept by a legal hold: the region's operator can lift it",
        }
    }
}

/// Says what has to be kept whatever its publisher wants.
pub trait Retention: Send + Sync {
    /// Why a document has to be kept, `None` where it may go. Blocking, since it is asked under the
    /// index writer's lock: what is put on hold meanwhile is not removed meanwhile.
    fn keeps(&self, document: &DocumentKey) -> Option<NotRemovable>;
}

/// No periods and no holds: publishers decide.
#[derive(Clone, Copy, Debug, Default)]
pub struct NothingRetained;

impl Retention for NothingRetained {
    fn keeps(&self, _document: &DocumentKey) -> Option<NotRemovable> {
        None
    }
}

/// The decision on one document.
pub fn decide(
    candidate: &Candidate,
    by: &OdsCode,
    retention: &dyn Retention,
) -> Result<(), NotRemovable> {
    if candidate.publisher_ods != by.as_str() {
        return Err(NotRemovable::PublishedByAnother);
    }
    if candidate.shared {
        return Err(NotRemovable::PublishedByOthersToo);
    }
    if !candidate.settled {
        return Err(NotRemovable::UnderWay);
    }
    retention.keeps(&candidate.key).map_or(Ok(()), Err)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::objects::Sha256;

    struct Keeps(NotRemovable);

    impl Retention for Keeps {
        fn keeps(&self, _document: &DocumentKey) -> Option<NotRemovable> {
            Some(self.0)
        }
    }

    fn letter() -> Candidate {
        Candidate {
            key: DocumentKey::parse("1.2.3", "1.2.3.4").unwrap(),
            publisher_ods: "RXN".to_owned(),
            shared: false,
            settled: true,
            sha256: Sha256([7; 32]),
        }
    }

    #[test]
    fn only_the_publisher_removes_and_only_what_nobody_else_needs() {
        let by = |ods: &str, candidate: &Candidate| {
            decide(candidate, &OdsCode::parse(ods).unwrap(), &NothingRetained)
        };
        assert_eq!(by("RXN", &letter()), Ok(()));
        assert_eq!(by("RXR", &letter()), Err(NotRemovable::PublishedByAnother));
        let unnoted = Candidate { publisher_ods: String::new(), ..letter() };
        assert_eq!(by("RXN", &unnoted), Err(NotRemovable::PublishedByAnother));
        let shared = Candidate { shared: true, ..letter() };
        assert_eq!(by("RXN", &shared), Err(NotRemovable::PublishedByOthersToo));
        let unsettled = Candidate { settled: false, ..letter() };
        assert_eq!(by("RXN", &unsettled), Err(NotRemovable::UnderWay));
    }

    #[test]
    fn what_has_to_be_kept_is_kept_from_its_publisher() {
        let by = OdsCode::parse("RXN").unwrap();
        for reason in [NotRemovable::RetentionPeriod, NotRemovable::LegalHold] {
            assert_eq!(decide(&letter(), &by, &Keeps(reason)), Err(reason));
        }
    }
}
