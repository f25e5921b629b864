//! An information-governance lead's day, by the command line beside a running hub: a practice joins, a
//! trust offers, the ambulance service requests, the guardian approves; an amendment, an incident, the
//! question why, a draft tried on what was asked, and the report at the end.

use crate::executable;
use hub::serve::Role;
use serde_json::Value;
use std::process::Command;
use tests::message::{self, Itk, Provide};
use tests::{Answer, TestHub};

const PATIENT: &str = "9000000009";
const LETTER: &str = "1.2.826.0.1.99999.20.1";
const DISCHARGE: &str = "2.25.122346624735976320989315329860700871681";

struct Day {
    hub: TestHub,
}

impl Day {
    /// A letter and a discharge of one patient, who is on the new practice's list.
    fn begins() -> Self {
        let hub = TestHub::start();
        let letter = Provide::letter(1).inline();
        let answer = hub.request("RXN", hub.url(Role::Repository)).soap(&letter);
        assert_eq!(answer.xds_status(), "Success", "{}", answer.text());
        let discharge = Itk::discharge(PATIENT, "5C0B1A52-3D44-4D0F-9E0B-8F2E4B7A1C01");
        let answer =
            hub.request("RXN", hub.itk_url()).content_type("text/xml").post(discharge.message());
        assert!(answer.contains("OK:"), "{}", answer.text());
        hub.apply(&format!(
            "[[relationship]]\npatient = \"{PATIENT}\"\nods = \"ZZP06\"\nkind = \"registration\"\nstarts = \"2026-07-01\"\nsource = \"list\"\n"
        ));
        Self { hub }
    }

    fn watling(&self, arguments: &[&str]) -> (bool, String) {
        let mut command = Command::new(executable());
        command.args(arguments).arg("--data").arg(self.hub.data());
        let output = self.hub.beside(&mut command).output().unwrap();
        let said = String::from_utf8(output.stdout).unwrap();
        (output.status.success(), said + &String::from_utf8(output.stderr).unwrap())
    }

    /// A deed, which every gateway follows within a second.
    #[track_caller]
    fn does(&self, line: &str, quoted: &[&str]) -> String {
        let arguments: Vec<&str> = line.split(' ').chain(quoted.iter().copied()).collect();
        let (done, said) = self.watling(&[&["agreement"], &arguments[..]].concat());
        assert!(done, "{line}: {said}");
        std::thread::sleep(std::time::Duration::from_millis(600));
        said
    }

    #[track_caller]
    fn json(&self, arguments: &[&str]) -> Value {
        let (done, said) = self.watling(&[arguments, &["--json"]].concat());
        assert!(done, "{said}");
        assert!(!said.contains(PATIENT), "{said}");
        serde_json::from_str(&said).unwrap()
    }

    fn find(&self, ods: &str) -> Answer {
        let query = message::find_documents(PATIENT, "LeafClass", "");
        self.hub.request(ods, self.hub.url(Role::Gateway)).soap(&query)
    }

    /// Whether the letter and the discharge are listed.
    fn sees(&self, ods: &str) -> (bool, bool) {
        let answer = self.find(ods);
        (answer.contains(LETTER), answer.contains(DISCHARGE))
    }

    fn gaps(&self, kind: &str) -> Vec<String> {
        let gaps = self.json(&["agreement", "gaps"]);
        let of_kind = gaps.as_array().unwrap().iter().filter(|gap| gap["kind"] == kind);
        of_kind.map(|gap| gap["about"].as_str().unwrap().to_owned()).collect()
    }

    fn explains(&self, id: &str) -> Value {
        let found = self.json(&["agreement", "explain", "--as", "RX7", PATIENT]);
        let mut entries = found["entries"].as_array().unwrap().iter();
        entries.find(|entry| entry["id"] == id).unwrap().clone()
    }
}

const PARTNER: [&str; 4] = ["--by", "P Artner", "--for", "ZZP06"];
const LEAD: [&str; 4] = ["--by", "A Person, IG Lead", "--for", "RXN"];
const GUARDIAN: [&str; 4] = ["--by", "B Guardian, Caldicott Guardian", "--for", "RXN"];
const AMBULANCE: [&str; 4] = ["--by", "C Rew, IG Lead", "--for", "RX7"];

fn joins(day: &Day) {
    assert!(day.find("ZZP06").contains("is not a member"));
    assert_eq!(day.gaps("connected-unsigned"), ["ZZP06"]);
    let shown = [
        "--office",
        "Senior partner",
        "--dspt",
        "Standards Met",
        "--caldicott-guardian",
        "P Artner",
    ];
    day.does(
        "join ZZP06 --signed-on 2020-01-01 --dspt-until 2099-06-30 --ico ZA123456",
        &[&shown[..], &PARTNER].concat(),
    );
    assert_eq!(day.sees("ZZP06"), (true, true), "what was agreed for practices holds for it");
    assert!(day.gaps("connected-unsigned").is_empty());
}

fn offers_requests_approves(day: &Day) {
    assert_eq!(day.sees("RX7"), (false, true));
    let offer = "offer LETTERS --to RX7 --type group:letter --purpose urgent-care --role paramedic --starts 2020-01-01";
    day.does(offer, &LEAD);
    assert_eq!(day.gaps("offer-unanswered"), ["LETTERS#1"]);
    let why = [
        "--justification",
        "the last clinic before a call",
        "--legal-basis",
        "UK GDPR 6(1)(e), 9(2)(h)",
    ];
    day.does("request LETTERS", &[&why[..], &AMBULANCE].concat());
    assert!(day.gaps("requested-undecided").contains(&"LETTERS#2".to_owned()));
    assert_eq!(day.sees("RX7"), (false, true), "nothing flows before it is decided");
    let would = day.explains(LETTER);
    assert_eq!(
        (&would["permitted"], &would["reason"]),
        (&false.into(), &"type-not-covered".into())
    );
    day.does("approve LETTERS", &GUARDIAN);
    assert_eq!(day.sees("RX7"), (true, true));
    let seen = day.explains(LETTER);
    assert_eq!(
        (&seen["permitted"], &seen["findings"][1]["agreement"]),
        (&true.into(), &"LETTERS#3".into())
    );
}

fn tries_a_draft(day: &Day) {
    let (done, shown) = day.watling(&["agreement", "show", "LSC-URGENT-2026"]);
    assert!(done, "{shown}");
    let draft = day.hub.data().join("draft.toml");
    let ended = shown.replace("title = ", "ends = \"2026-07-14\"\ntitle = ");
    std::fs::write(&draft, ended).unwrap();
    let report = day.json(&[
        "agreement",
        "simulate",
        draft.to_str().unwrap(),
        "--since",
        "2026-07-01",
        "--until",
        "2026-08-01",
        "--on",
        "2026-07-15",
    ]);
    let lost = report["changes"].as_array().unwrap();
    assert!(!lost.is_empty(), "{report}");
    for change in lost {
        assert_eq!(change["direction"], "newly-withheld", "{change}");
        assert_eq!(
            (&change["consumer"], &change["documentType"]),
            (&"RX7".into(), &"inpatient-discharge".into())
        );
        assert_eq!(change["agreement"], "LSC-URGENT-2026#1");
    }
    assert_eq!(day.sees("RX7"), (true, true), "nothing was changed by asking");
}

fn amends_and_suspends(day: &Day) {
    day.does("amend LETTERS --add-type group:referral", &AMBULANCE);
    assert_eq!(day.gaps("amendment-undecided").len(), 1);
    day.does("approve LETTERS", &GUARDIAN);
    assert!(day.gaps("amendment-undecided").is_empty());
    let row =
        |cells: &Value| cells.as_array().unwrap().iter().any(|cell| cell["group"] == "referral");
    let of_crew = ["agreement", "matrix", "--consumer", "RX7", "--publisher", "RXN"];
    assert!(row(&day.json(&of_crew)));
    day.does("suspend LETTERS --reason incident", &GUARDIAN);
    assert_eq!(day.sees("RX7"), (false, true), "at once");
    assert!(!row(&day.json(&of_crew)));
    assert!(day.gaps("suspended").iter().any(|about| about.starts_with("LETTERS#")));
    assert_eq!(day.explains(LETTER)["permitted"], false);
}

fn reports(day: &Day) {
    let said = day.does("history LETTERS", &[]);
    for deed in ["offer", "request", "approve", "amend", "suspend"] {
        assert!(said.contains(deed), "{deed}: {said}");
    }
    let (done, readers) = day.watling(&["report", "readers", LETTER]);
    assert!(done && readers.contains("RX7") && readers.contains("ZZP06"), "{readers}");
    let (whole, said) = day.watling(&["audit", "verify"]);
    assert!(whole, "{said}");
}

#[test]
fn an_ig_leads_day() {
    let day = Day::begins();
    joins(&day);
    offers_requests_approves(&day);
    tries_a_draft(&day);
    amends_and_suspends(&day);
    reports(&day);
}
