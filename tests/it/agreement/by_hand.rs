//! Agreements as people run them, by the executable beside a running hub: each deed is in force
//! within a second, on record with who did it, and refused with what to do instead.

use super::{find, published, sees};
use crate::executable;
use hub::serve::Role;
use std::process::Command;
use tests::TestHub;

/// `watling agreement ...` beside the hub, and what it said.
pub(super) fn agreement(hub: &TestHub, arguments: &[&str]) -> (bool, String) {
    let output = Command::new(executable())
        .arg("agreement")
        .args(arguments)
        .arg("--data")
        .arg(hub.data())
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    (output.status.success(), said + &String::from_utf8_lossy(&output.stderr))
}

#[track_caller]
pub(super) fn done(hub: &TestHub, arguments: &[&str]) -> String {
    let (done, said) = agreement(hub, arguments);
    assert!(done, "{said}");
    // Every gateway follows within a second.
    std::thread::sleep(std::time::Duration::from_millis(600));
    said
}

#[track_caller]
pub(super) fn refused(hub: &TestHub, arguments: &[&str], words: &str) {
    let (done, said) = agreement(hub, arguments);
    assert!(!done && said.contains(words), "{said}");
}

const RELATED: &str = "[[relationship]]\npatient = \"9000000009\"\nods = \"ZZH01\"\nkind = \"referral\"\nstarts = \"2026-07-01\"\nsource = \"letter\"\n";

/// What the hospice asks of RXN; in force on any day that a test may run.
const REQUEST: [&str; 20] = [
    "request",
    "HOSPICE",
    "--from",
    "RXN",
    "--type",
    "group:discharge",
    "--purpose",
    "direct-care",
    "--role",
    "clinician",
    "--starts",
    "2020-01-01",
    "--justification",
    "care at the end of life",
    "--legal-basis",
    "UK GDPR 6(1)(e), 9(2)(h)",
    "--by",
    "H Nurse, IG Lead",
    "--for",
    "ZZH01",
];

const GUARDIAN: [&str; 4] = ["--by", "B Guardian, Caldicott Guardian", "--for", "RXN"];

fn with<'a>(start: &[&'a str], end: &[&'a str]) -> Vec<&'a str> {
    [start, end].concat()
}

#[test]
fn what_a_consumer_requests_flows_once_the_publisher_approves_and_stops_when_it_suspends() {
    let hub = published();
    hub.apply(RELATED);
    assert!(find(&hub, "ZZH01").contains("no agreement in force"));
    let said = done(&hub, &REQUEST);
    assert!(said.contains("HOSPICE#1: requested: RXN to decide"), "{said}");
    assert!(find(&hub, "ZZH01").contains("no agreement in force"), "a request opens nothing");
    refused(
        &hub,
        &["approve", "HOSPICE", "--by", "X", "--for", "RXL"],
        "RXL is not among the publishers of HOSPICE",
    );
    let said = done(&hub, &with(&["approve", "HOSPICE"], &GUARDIAN));
    assert!(said.contains("HOSPICE#2: approved for RXN"), "{said}");
    assert!(said.contains("+ ZZH01 sees more: group:discharge of RXN"), "{said}");
    assert_eq!(sees(&find(&hub, "ZZH01")), (false, true));
    let decided = hub.last_audit(Role::Gateway).event;
    assert!(decided.decisions.iter().any(|d| d.agreement.as_deref() == Some("HOSPICE#2")));

    let said = done(&hub, &with(&["suspend", "HOSPICE", "--reason", "incident"], &GUARDIAN));
    assert!(said.contains("- ZZH01 sees no longer: group:discharge of RXN"), "{said}");
    let record = hub.last_audit(Role::Gateway).event;
    assert_eq!(record.kind_name(), "security-configuration");
    assert_eq!(record.organisation.as_deref(), Some("RXN"));
    assert!(record.reasons[0].contains("suspend by B Guardian, Caldicott Guardian"), "{record:?}");
    assert!(find(&hub, "ZZH01").contains("no agreement in force"));
    done(&hub, &with(&["resume", "HOSPICE", "--reason", "closed"], &GUARDIAN));
    assert_eq!(sees(&find(&hub, "ZZH01")), (false, true));

    let said = done(&hub, &["history", "HOSPICE"]);
    let deeds: Vec<&str> = said
        .lines()
        .filter(|l| l.contains("HOSPICE#"))
        .map(|l| l.split_whitespace().nth(5).unwrap())
        .collect();
    assert_eq!(deeds, ["request", "approve", "suspend", "resume"], "{said}");
    assert!(said.contains("H Nurse, IG Lead (ZZH01)") && said.contains("; because incident"));
}

#[test]
fn an_amendment_is_signed_by_the_publisher_and_two_versions_can_be_compared() {
    let hub = published();
    hub.apply(RELATED);
    done(&hub, &REQUEST);
    done(&hub, &with(&["approve", "HOSPICE"], &GUARDIAN));
    let by_hospice = ["--by", "H Nurse", "--for", "ZZH01"];
    let said = done(&hub, &with(&["amend", "HOSPICE", "--add-type", "group:letter"], &by_hospice));
    assert!(said.contains("it stands as it was until signed by RXN"), "{said}");
    assert_eq!(sees(&find(&hub, "ZZH01")), (false, true));
    done(&hub, &with(&["approve", "HOSPICE"], &GUARDIAN));
    assert_eq!(sees(&find(&hub, "ZZH01")), (true, true));
    let said = done(&hub, &["diff", "HOSPICE", "2", "4"]);
    assert!(said.contains("+ document_types") && said.contains("group:letter"), "{said}");
    assert!(said.contains("+ ZZH01 sees more: group:letter of RXN"), "{said}");
    refused(&hub, &["diff", "HOSPICE", "2", "9"], "has no version 9: it has 1 to 4");
    let less = ["amend", "HOSPICE", "--remove-type", "group:discharge"];
    let said = done(&hub, &with(&less, &GUARDIAN));
    assert!(said.contains("- ZZH01 sees no longer: group:discharge"), "{said}");
    assert_eq!(sees(&find(&hub, "ZZH01")), (true, false), "what takes away holds at once");
}

#[test]
fn a_second_approval_by_the_same_person_and_a_high_risk_are_refused() {
    let hub = TestHub::start();
    hub.apply("[policy]\ntwo_person_approval = true\n");
    done(&hub, &REQUEST);
    let said = done(&hub, &with(&["approve", "HOSPICE"], &GUARDIAN));
    assert!(said.contains("by one person; it waits for a second"), "{said}");
    refused(
        &hub,
        &["approve", "HOSPICE", "--by", "B Guardian, SIRO", "--for", "RXN"],
        "the second approval is for another person",
    );
    done(&hub, &["approve", "HOSPICE", "--by", "C Owner, SIRO", "--for", "RXN"]);
    assert!(done(&hub, &["show", "HOSPICE"]).contains("in force"));

    let mut risky = REQUEST.to_vec();
    risky[1] = "RISKY";
    risky.extend(["--dpia", "DPIA-7", "--residual-risk", "high"]);
    done(&hub, &risky);
    refused(
        &hub,
        &with(&["approve", "RISKY"], &GUARDIAN),
        "residual risk of the DPIA DPIA-7 is high",
    );
    let mut mixed = REQUEST.to_vec();
    mixed[1] = "MIXED";
    mixed.extend(["--purpose", "research"]);
    refused(&hub, &mixed, "never passes on an agreement for direct-care");
}

#[test]
fn a_region_clones_a_template_offers_it_and_a_practice_requests_it() {
    let hub = published();
    let ig = ["--by", "A Person, IG Lead", "--for", "RXN"];
    refused(&hub, &with(&["offer", "TEMPLATE-DIRECT-CARE"], &ig), "clone it");
    let clone = ["clone", "TEMPLATE-DIRECT-CARE", "RXN-OOH", "--publisher", "RXN", "--consumer"];
    let dated = ["ZZO01", "--starts", "2020-01-01"];
    done(&hub, &with(&with(&clone, &dated), &ig));
    let said = done(&hub, &with(&["offer", "RXN-OOH"], &ig));
    assert!(said.contains("RXN-OOH#2: offered"), "{said}");
    refused(&hub, &with(&["approve", "RXN-OOH"], &GUARDIAN), "a consumer requests it first");
    let ask = ["request", "RXN-OOH", "--justification", "nights", "--by", "O Doctor", "--for"];
    refused(&hub, &with(&ask, &["ZZH01"]), "not among the consumers");
    done(&hub, &with(&ask, &["ZZO01"]));
    done(&hub, &with(&["approve", "RXN-OOH"], &GUARDIAN));
    let shown = done(&hub, &["show", "RXN-OOH"]);
    assert!(shown.contains("template = \"TEMPLATE-DIRECT-CARE\""), "{shown}");
    assert!(shown.contains("Read for the care of the patient"), "its conditions came along");
    assert!(done(&hub, &["show", "RXN-OOH", "--version", "1"]).contains("version 1, draft"));
}

#[test]
fn a_practice_that_joins_is_at_once_in_the_group_that_agreements_name() {
    let hub = published();
    hub.apply("[[relationship]]\npatient = \"9000000009\"\nods = \"ZZP06\"\nkind = \"registration\"\nstarts = \"2026-07-01\"\nsource = \"list\"\n");
    assert!(find(&hub, "ZZP06").contains("is not a member"));
    let join = ["join", "ZZP06", "--office", "Senior partner", "--signed-on", "2020-01-01"];
    let partner = ["--by", "P Artner", "--for", "ZZP06"];
    refused(&hub, &with(&join, &partner), "cannot join yet: dspt is missing; ico is missing");
    let shown = [
        "--dspt",
        "Standards Met",
        "--dspt-until",
        "2099-06-30",
        "--ico",
        "ZA123456",
        "--caldicott-guardian",
        "P Artner",
    ];
    let whole = with(&join, &shown);
    refused(&hub, &with(&whole, &["--by", "X", "--for", "RXL"]), "is for ZZP06 itself, or for QE1");
    let said = done(&hub, &with(&whole, &partner));
    assert!(said.contains("+ ZZP06 sees more: *"), "{said}");
    assert_eq!(sees(&find(&hub, "ZZP06")), (true, true), "nobody signed an agreement again");
    refused(&hub, &with(&whole, &partner), "is a member already");
    assert!(done(&hub, &["history", "ZZP06"]).contains("signed the framework on 2020-01-01"));
}

#[test]
fn documents_of_a_closed_trust_flow_under_its_successors_signature_from_its_day_on() {
    let hub = published();
    hub.apply(
        "[[organisation]]\nods = \"RXN\"\nname = \"Closed\"\nkind = \"acute\"\nsuccessor = { ods = \"RXL\", from = \"2026-07-16\" }\n[organisation.membership]\nsigned_on = \"2016-04-01\"\nsigned_by = \"x\"\nuntil = \"2026-07-15\"\n\n[[agreement]]\nid = \"LSC-GP-2026\"\ntitle = \"Of the successor alone\"\npublishers = [\"RXL\"]\nconsumers = [\"group:practices\"]\ndocument_types = [\"*\"]\npurposes = [\"direct-care\"]\nroles = [\"clinician\"]\nstarts = \"2026-01-01\"\n",
    );
    assert_eq!(sees(&find(&hub, "ZZP01")), (false, false), "RXN is not named and not merged yet");
    hub.clock().advance_seconds(86_400);
    assert_eq!(sees(&find(&hub, "ZZP01")), (true, true));
    let own = "[[relationship]]\npatient = \"9000000009\"\nods = \"RXN\"\nkind = \"encounter\"\nstarts = \"2026-07-01\"\nsource = \"ADT\"\n";
    hub.apply(own);
    assert!(find(&hub, "RXN").contains("is not a member"), "who has closed consumes nothing");
}
