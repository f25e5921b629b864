//! What a draft would change is told from what was asked: by the command line, beside a running hub.

use crate::executable;
use hub::serve::Role;
use serde_json::Value;
use std::process::{Command, Output};
use tests::TestHub;
use tests::message::{self, Itk, Provide};

const PATIENT: &str = "9000000009";
const LETTER: &str = "1.2.826.0.1.99999.20.1";
const DISCHARGE: &str = "2.25.122346624735976320989315329860700871681";

/// A letter and a discharge of one patient; the practice lists both and opens the discharge, the crew
/// lists, a council is refused aloud.
fn asked() -> TestHub {
    let hub = TestHub::start();
    let answer = hub.request("RXN", hub.url(Role::Repository)).soap(&Provide::letter(1).inline());
    assert_eq!(answer.xds_status(), "Success", "{}", answer.text());
    let discharge = Itk::discharge(PATIENT, "5C0B1A52-3D44-4D0F-9E0B-8F2E4B7A1C01");
    let answer =
        hub.request("RXN", hub.itk_url()).content_type("text/xml").post(discharge.message());
    assert!(answer.contains("OK:"), "{}", answer.text());
    let find = message::find_documents(PATIENT, "LeafClass", "");
    for (ods, status) in [("ZZP01", "Success"), ("RX7", "Success"), ("325", "Failure")] {
        let answer = hub.request(ods, hub.url(Role::Gateway)).soap(&find);
        assert_eq!(answer.xds_status(), status, "{ods}: {}", answer.text());
    }
    let get = message::retrieve(&[DISCHARGE]);
    assert_eq!(hub.request("ZZP01", hub.url(Role::Gateway)).soap(&get).xds_status(), "Success");
    hub
}

fn simulate(hub: &TestHub, draft: &str, arguments: &[&str]) -> Output {
    let file = hub.data().join("draft.toml");
    std::fs::write(&file, draft).unwrap();
    let mut command = Command::new(executable());
    command.args(["agreement", "simulate"]).arg(&file).arg("--data").arg(hub.data());
    command.args(["--since", "2026-07-01", "--until", "2026-08-01", "--on", "2026-07-15"]);
    hub.beside(command.args(arguments)).output().unwrap()
}

fn text(output: &Output) -> String {
    let said = String::from_utf8(output.stdout.clone()).unwrap();
    assert!(output.status.success(), "{said}{}", String::from_utf8_lossy(&output.stderr));
    for secret in [PATIENT, LETTER, DISCHARGE] {
        assert!(!said.contains(secret), "counts only: {said}");
    }
    said
}

fn report(hub: &TestHub, draft: &str) -> Value {
    serde_json::from_str(&text(&simulate(hub, draft, &["--json"]))).unwrap()
}

/// An agreement of the development region, changed.
fn amended(id: &str, from: &str, to: &str) -> String {
    let region = include_str!("../../fixtures/region.toml");
    let blocks = region.split("[[agreement]]").skip(1);
    let mut found = blocks.filter(|block| block.contains(&format!("id = \"{id}\"")));
    let block = found.next().unwrap().split("\n\n").next().unwrap();
    assert!(block.contains(from), "{block}");
    format!("[[agreement]]{}\n", block.replace(from, to))
}

#[test]
fn a_draft_that_suspends_names_who_would_lose_what_of_whom() {
    let hub = asked();
    let draft = amended("LSC-GP-2026", "title =", "state = \"suspended\"\ntitle =");
    let found = report(&hub, &draft);
    assert_eq!(found["baseline"]["decisions"], found["baseline"]["reproduced"], "{found}");
    assert_eq!(found["newlyWithheld"]["questions"], 2, "{found}");
    assert_eq!(found["newlyWithheld"]["documents"], 2);
    assert_eq!(found["newlyWithheld"]["patients"], 1);
    assert_eq!(found["newlyWithheld"]["opened"], 1);
    let lost = found["changes"].as_array().unwrap();
    assert!(lost.iter().all(|c| c["consumer"] == "ZZP01" && c["publisher"] == "RXN"), "{lost:?}");
    assert!(lost.iter().all(|c| c["agreement"] == "LSC-GP-2026#1"), "{lost:?}");
    let said = text(&simulate(&hub, &draft, &[]));
    for words in ["newly withheld", "ZZP01", "until now LSC-GP-2026#1", "refused aloud"] {
        assert!(said.contains(words), "{words}: {said}");
    }
    assert!(said.lines().all(|line| line.chars().count() <= 100), "{said}");
}

#[test]
fn nothing_is_changed_by_asking() {
    let hub = asked();
    let draft = amended("LSC-GP-2026", "title =", "state = \"withdrawn\"\ntitle =");
    report(&hub, &draft);
    let find = message::find_documents(PATIENT, "LeafClass", "");
    let answer = hub.request("ZZP01", hub.url(Role::Gateway)).soap(&find);
    assert!(answer.contains(LETTER) && answer.contains(DISCHARGE), "{}", answer.text());
}

#[test]
fn a_draft_that_opens_shows_what_refused_questions_would_see() {
    let hub = asked();
    let draft = amended("LSC-BLACKPOOL-2026", "\"proposed\"", "\"agreed\"")
        .replace("\"RXL\"", "\"RXN\"")
        + &format!(
            "\n[[relationship]]\npatient = \"{PATIENT}\"\nods = \"325\"\nkind = \"care\"\nstarts = \"2026-07-01\"\nsource = \"case\"\n"
        );
    let found = report(&hub, &draft);
    let aloud = &found["aloud"][0];
    assert_eq!(
        (&aloud["consumer"], &aloud["direction"]),
        (&"325".into(), &"newly-permitted".into())
    );
    assert_eq!(
        (&aloud["reason"], &aloud["documents"]),
        (&"no-agreement".into(), &1.into()),
        "{found}"
    );
    assert!(found["changes"].as_array().unwrap().is_empty(), "{found}");
}

#[test]
fn a_draft_that_would_be_refused_is_refused() {
    let hub = asked();
    let draft = amended("LSC-GP-2026", "group:councils", "group:counsels");
    let output = simulate(&hub, &draft, &[]);
    assert!(!output.status.success());
    assert!(String::from_utf8_lossy(&output.stderr).contains("group:counsels"));
}

#[test]
fn the_page_stands_alone() {
    let hub = asked();
    let page = hub.data().join("impact.html");
    let draft = amended("LSC-URGENT-2026", "\"group:discharge\", ", "");
    let said = text(&simulate(&hub, &draft, &["--html", page.to_str().unwrap(), "--by-consumer"]));
    assert!(said.contains("RX7"), "{said}");
    let html = std::fs::read_to_string(page).unwrap();
    assert!(html.contains("type-not-covered") && html.contains("<caption>"), "{html}");
    for foreign in ["http:", "https:", "<script", PATIENT, DISCHARGE] {
        assert!(!html.contains(foreign), "{foreign}");
    }
}
