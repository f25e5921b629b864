use super::*;
use crate::hsci::{Remark, known_of};
use crate::metadata::AvailabilityStatus;

const ASSESSMENT: &str = include_str!("../../../../fixtures/documents/assessment-notice.xml");
const ACCEPTANCE: &str =
    include_str!("../../../../fixtures/documents/assessment-notice-acceptance.xml");
const WITHDRAWAL: &str = include_str!("../../../../fixtures/documents/withdrawal-of-notices.xml");

fn read(text: &str) -> Result<Notice, NoticeError> {
    Notice::read(text.as_bytes(), &Limits::default())
}

#[test]
fn a_notice_is_told_by_its_code_and_read_with_both_sides() {
    let notice = read(ASSESSMENT).unwrap();
    assert_eq!(notice.kind, NoticeKind::AssessmentNotice);
    assert_eq!(notice.hospital.unwrap().as_str(), "RXN");
    assert_eq!(notice.authority.unwrap().as_str(), "323");
    assert!(notice.spell.is_some() && notice.answers.is_none());
    assert_eq!(notice.missing, []);
    assert_eq!(notice.header.code.code, "975701000000106");
}

#[test]
fn an_answer_names_the_notice_and_shares_its_process() {
    let (notice, answer) = (read(ASSESSMENT).unwrap(), read(ACCEPTANCE).unwrap());
    assert_eq!(answer.kind, NoticeKind::AssessmentAcceptance);
    assert_eq!(answer.answers.as_deref(), Some(notice.id.as_str()));
    assert_eq!((&answer.hospital, &answer.authority), (&notice.hospital, &notice.authority));
    assert_eq!(answer.references()[0], notice.references()[0], "one process");
    assert!(answer.references().contains(&notice.references()[1]), "the notice itself");
    assert_eq!(answer.missing, []);
}

#[test]
fn a_withdrawal_says_why() {
    let withdrawal = read(WITHDRAWAL).unwrap();
    assert_eq!(withdrawal.kind, NoticeKind::WithdrawalOfAll);
    assert_eq!(withdrawal.reason.as_deref(), Some("05"));
    assert_eq!(withdrawal.missing, []);
    assert_eq!(withdrawal.references()[0], read(ASSESSMENT).unwrap().references()[0]);
}

#[test]
fn what_a_notice_does_not_say_is_named() {
    let without = |text: &str, start: &str, end: &str| {
        let from = text.find(start).unwrap();
        let to = from + text[from..].find(end).unwrap() + end.len();
        format!("{}{}", &text[..from], &text[to..])
    };
    let liaison = without(ASSESSMENT, "<callBackContact", "</callBackContact>");
    assert_eq!(
        read(&liaison).unwrap().missing,
        [MissingField::LiaisonName, MissingField::LiaisonContact]
    );
    let silent = ASSESSMENT.replace("code=\"CHCS\"", "code=\"MCC\"");
    assert_eq!(read(&silent).unwrap().missing, [MissingField::ContinuingHealthcare]);
    let loose = without(WITHDRAWAL, "<reference", "</reference>");
    assert_eq!(read(&loose).unwrap().missing, [MissingField::Reference]);
    let idle = WITHDRAWAL.replace("code=\"DNCRC\"", "code=\"MCC\"");
    assert_eq!(read(&idle).unwrap().missing, [MissingField::Reason]);
}

#[test]
fn what_is_no_notice_is_refused_with_the_reason() {
    let code = "code=\"975701000000106\"";
    assert!(ASSESSMENT.contains(code));
    let other = ASSESSMENT.replacen(code, "code=\"373942005\"", 1);
    assert_eq!(
        read(&other).map(|n| n.kind),
        Ok(NoticeKind::AssessmentNotice),
        "its messageType has one code only"
    );
    let other = other.replace("COMT_MT000002UK03", "COMT_MT000099UK01");
    assert_eq!(read(&other).unwrap_err(), NoticeError::NotNotice);
    let timeless = ASSESSMENT.replacen("<effectiveTime ", "<availabilityTime ", 1);
    assert_eq!(read(&timeless).unwrap_err(), NoticeError::Missing("effectiveTime"));
    assert!(matches!(read("<a/>"), Err(NoticeError::NotNotice)));
    assert!(matches!(read("<a"), Err(NoticeError::Xml(_))));
}

#[test]
fn an_entry_tells_the_process_what_its_notice_was() {
    let sets = crate::code_set::CodeSets {
        version: "1".to_owned(),
        domain: oid::NHS_NUMBER.to_owned(),
        default_type: None,
        system: Vec::new(),
        attribute: Default::default(),
        mime_type: Default::default(),
        mapping: Default::default(),
        document_type: [NoticeKind::AssessmentNotice, NoticeKind::AssessmentAcceptance]
            .map(|kind| crate::code_set::DocumentType {
                name: kind.name().to_owned(),
                type_code: kind.code().to_owned(),
                ..Default::default()
            })
            .to_vec(),
    };
    let (root, publisher) = (oid::Oid::parse("1.2.3").unwrap(), OdsCode::parse("323").unwrap());
    let context = crate::cda::MappingContext {
        code_sets: &sets,
        oid_root: &root,
        publisher: &publisher,
        profile_id: None,
        interaction: None,
        mime_type: "text/xml",
    };
    let answer = read(ACCEPTANCE).unwrap();
    let mut entry = crate::cda::map(&answer.header, &context).unwrap().entry;
    answer.complete(&mut entry);
    crate::hsci::remark(&mut entry, vec![Remark::OutOfOrder.code().to_owned()]);
    let known = known_of(&entry, AvailabilityStatus::Approved, 7).unwrap();
    assert_eq!((known.kind, known.id.as_str()), (answer.kind, answer.id.as_str()));
    assert_eq!((known.answers, known.live, known.key), (answer.answers, true, 7));
    assert_eq!(known.given, answer.given);
    let deprecated = known_of(&entry, AvailabilityStatus::Deprecated, 7).unwrap();
    assert!(!deprecated.live);
    let references: Vec<_> = entry.reference_id_list.iter().map(|cxi| cxi.as_str()).collect();
    assert!(references.iter().any(|text| text.ends_with(crate::hsci::PROCESS_REFERENCE)));
    let marks = entry.extra.iter().find(|slot| slot.name == crate::hsci::REMARK_SLOT).unwrap();
    assert_eq!(marks.values, ["out-of-order"]);
}
