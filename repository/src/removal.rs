//! Who may remove which document: its own publisher, unless the registry says that it has to be kept.
//! Pure.

use crate::index::Candidate;
use node::actors::Kept;
use schemas::ods_code::OdsCode;

/// Why a document may not be removed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum NotRemovable {
    /// Another organisation published it, or nobody noted who did.
    PublishedByAnother,
    /// Another organisation has published the same document too.
    PublishedByOthersToo,
    /// A submission of it is on its way, or its registration is not settled.
    UnderWay,
    /// A hold is on it, or its retention period has not ended.
    Kept(Kept),
}

impl NotRemovable {
    /// The word in audit records.
    pub fn code(&self) -> &'static str {
        match self {
            Self::PublishedByAnother => "published-by-another",
            Self::PublishedByOthersToo => "published-by-others-too",
            Self::UnderWay => "under-way",
            Self::Kept(kept) => kept.code,
        }
    }

    /// What the answer says of the document, and what to do.
    pub fn reason(&self) -> &str {
        match self {
            Self::PublishedByAnother => {
                "was published by another organisation: only its publisher may remove it"
            }
            Self::PublishedByOthersToo => {
                "was published by another organisation too: the region's operator decides on it"
            }
            Self::UnderWay => "is being registered: send the request again in a few minutes",
            Self::Kept(kept) => &kept.reason,
        }
    }
}

/// The decision on one document; `kept` is the registry's word on it.
pub fn decide(
    candidate: &Candidate,
    by: &OdsCode,
    kept: Option<&Kept>,
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
    kept.cloned().map_or(Ok(()), |kept| Err(NotRemovable::Kept(kept)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::index::DocumentKey;
    use crate::objects::Sha256;

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
            decide(candidate, &OdsCode::parse(ods).unwrap(), None)
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
    fn what_has_to_be_kept_is_kept_from_its_publisher_and_said_to_nobody_else() {
        let kept = Kept { code: "hold", reason: "is kept by the hold \"H-1\"".to_owned() };
        let by = |ods| decide(&letter(), &OdsCode::parse(ods).unwrap(), Some(&kept));
        assert_eq!(by("RXN"), Err(NotRemovable::Kept(kept.clone())));
        assert_eq!(by("RXR"), Err(NotRemovable::PublishedByAnother));
    }
}
