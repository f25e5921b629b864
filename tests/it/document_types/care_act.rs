//! Notices under the Care Act at the hub: what takes the place of what, and what is kept and said.

use super::*;
use schemas::metadata::ids::slot::PUBLISHER_ODS;

const PATIENT: &str = "9990000069";
const READER: &str = "ZZP05";

/// Sends notices in order; each is accepted.
fn given(hub: &TestHub, files: &[&str]) {
    for file in files {
        send(hub, &row(file), &document(file));
    }
}

/// Titles and publishers of what stands, in no order.
fn standing(hub: &TestHub) -> Vec<String> {
    let found = find(hub, READER, PATIENT, "").plain();
    let entries = found.split("<rim:ExtrinsicObject").skip(1);
    let mut standing: Vec<String> = entries
        .map(|entry| {
            let entry = entry.split("</rim:ExtrinsicObject>").next().unwrap_or_default();
            let code = codes(entry, message::scheme::TYPE_CODE).join(" ");
            let code = code.split("^^").next().unwrap_or_default();
            let kind = schemas::hsci::NoticeKind::of_code(code).map(|kind| kind.name());
            format!("{} of {}", kind.unwrap_or(code), slot_values(entry, PUBLISHER_ODS).join(" "))
        })
        .collect();
    standing.sort();
    standing
}

fn remarks(hub: &TestHub, file: &str) -> Vec<String> {
    let row = row(file);
    let found = find(hub, READER, PATIENT, "");
    let own = entries(&found, &row.title);
    let own =
        own.iter().find(|e| codes(e, message::scheme::TYPE_CODE)[0].starts_with(&row.type_code));
    slot_values(
        own.unwrap_or_else(|| panic!("{file}: {}", found.text())),
        schemas::hsci::REMARK_SLOT,
    )
}

#[test]
fn withdrawing_all_notices_takes_the_place_of_both_and_of_what_the_council_answered() {
    let hub = TestHub::start();
    given(
        &hub,
        &[
            "assessment-notice",
            "assessment-notice-acceptance",
            "discharge-notice",
            "discharge-notice-agreement",
        ],
    );
    assert_eq!(
        standing(&hub),
        [
            "Assessment Notice Accept Response of 323",
            "Assessment Notice of RXN",
            "Discharge Notice Agreement of 323",
            "Discharge Notice of RXN",
        ]
    );
    given(&hub, &["withdrawal-of-notices"]);
    assert_eq!(standing(&hub), ["Withdrawal of all notices of RXN"]);
    assert_eq!(hub.contents(), (5, 5), "nothing is lost");
}

#[test]
fn withdrawing_the_discharge_notice_leaves_the_assessment_and_its_answer() {
    let hub = TestHub::start();
    given(
        &hub,
        &[
            "assessment-notice",
            "assessment-notice-acceptance",
            "discharge-notice",
            "discharge-notice-disagreement",
            "withdrawal-of-discharge-notice",
        ],
    );
    assert_eq!(
        standing(&hub),
        [
            "Assessment Notice Accept Response of 323",
            "Assessment Notice of RXN",
            "Withdrawal of discharge notice only of RXN",
        ]
    );
}

#[test]
fn withdrawing_an_answer_opens_the_notice_again() {
    let hub = TestHub::start();
    given(&hub, &["assessment-notice", "assessment-notice-acceptance", "withdrawal-of-acceptance"]);
    assert_eq!(
        standing(&hub),
        ["Assessment Notice of RXN", "Withdrawal of accept response of 323"]
    );
    given(&hub, &["assessment-notice-rejection"]);
    assert!(standing(&hub).contains(&"Assessment Notice Reject Response of 323".to_owned()));
}

#[test]
fn a_second_answer_takes_the_place_of_the_first() {
    let hub = TestHub::start();
    given(
        &hub,
        &["assessment-notice", "assessment-notice-acceptance", "assessment-notice-rejection"],
    );
    assert_eq!(
        standing(&hub),
        ["Assessment Notice Reject Response of 323", "Assessment Notice of RXN"]
    );
}

#[test]
fn a_notice_that_was_withdrawn_before_it_came_does_not_stand() {
    let hub = TestHub::start();
    given(&hub, &["withdrawal-of-assessment-notice"]);
    assert_eq!(
        remarks(&hub, "withdrawal-of-assessment-notice"),
        ["nothing-to-withdraw", "unknown-reference"]
    );
    given(&hub, &["assessment-notice"]);
    assert_eq!(standing(&hub), ["Withdrawal of assessment notice only of RXN"]);
    assert_eq!(hub.contents(), (2, 2), "it is kept all the same");
}

#[test]
fn an_answer_to_nothing_and_a_discharge_before_an_assessment_are_kept_and_said() {
    let hub = TestHub::start();
    given(&hub, &["assessment-notice-acceptance", "discharge-notice"]);
    assert_eq!(
        remarks(&hub, "assessment-notice-acceptance"),
        ["nothing-to-answer", "unknown-reference"]
    );
    assert_eq!(remarks(&hub, "discharge-notice"), ["no-assessment-notice"]);
}

#[test]
fn what_a_notice_does_not_say_is_taken_with_a_word_for_it() {
    let hub = TestHub::start();
    let notice = row("assessment-notice");
    let text = document("assessment-notice").replace("code=\"CHCS\"", "code=\"MCC\"");
    send(&hub, &notice, &text);
    assert_eq!(remarks(&hub, "assessment-notice"), ["missing continuing-healthcare"]);
    let said = hub.audit(Role::Repository);
    let said: Vec<_> = said.iter().flat_map(|record| record.event.reasons.clone()).collect();
    assert!(said.join("; ").contains("does not say its continuing-healthcare"), "{said:?}");
}

#[test]
fn the_council_finds_the_notice_that_it_has_to_answer() {
    let hub = TestHub::start();
    given(&hub, &["assessment-notice"]);
    let of_type =
        message::slot("$XDSDocumentEntryTypeCode", &format!("('975701000000106^^{SNOMED}')"));
    let found = hub.request("323", hub.url(Role::Gateway)).soap(&message::find_documents(
        PATIENT,
        "LeafClass",
        &of_type,
    ));
    assert!(found.contains("975701000000106"), "{}", found.text());
}

#[test]
fn nobody_takes_the_place_of_another_organisations_notice() {
    let hub = TestHub::start();
    given(&hub, &["assessment-notice"]);
    let stranger = Row { publisher: "RXR".to_owned(), ..row("withdrawal-of-notices") };
    send(&hub, &stranger, &document("withdrawal-of-notices"));
    let standing = standing(&hub);
    assert!(standing.contains(&"Assessment Notice of RXN".to_owned()), "{standing:?}");
    let said = hub.audit(Role::Repository);
    let said: Vec<_> = said.iter().flat_map(|record| record.event.reasons.clone()).collect();
    assert!(said.join("; ").contains("another organisation published"), "{said:?}");
}

#[test]
fn an_ended_flag_takes_the_place_of_the_plan() {
    let hub = TestHub::start();
    let flag = row("child-protection");
    let plan = document("child-protection");
    send(&hub, &flag, &plan);
    let id = between(&plan, "<id>", "</id>").to_owned();
    let ended = plan
        .replace(&id, "0A1B2C3D-0000-4000-8000-0000000000CC")
        .replace("<versionNumber>1<", "<versionNumber>2<")
        .replace("status=\"active\"", "status=\"ended\"")
        .replace("</start>", "</start><end>2026-07-01</end>");
    send(&hub, &flag, &ended);
    let found = find(&hub, &flag.reader, &flag.patient, "");
    assert!(entries(&found, "Child protection plan").is_empty(), "{}", found.text());
    let ended = entries(&found, "Child protection plan (ended 1 Jul 2026)");
    assert_eq!(ended.len(), 1, "{}", found.text());
    assert_eq!(slot_values(&ended[0], "serviceStopTime"), ["20260701"]);
}
