//! Breaking the glass: what it opens and what it never opens, what is kept of it, who reviews it and
//! who is told.

mod factor;
mod opens;
mod review;
mod told;

use crate::executable;
use hub::serve::{Options, Role};
use std::process::Command;
use tests::message::{self, Provide};
use tests::{Answer, TestHub};

const PATIENT: &str = "9000000009";
const LETTER: &str = "1.2.826.0.1.99999.20.1";
const REASON: &str = "Unconscious on arrival, no list of medicines";

/// Of RXL, which has nothing to do with the patient, and of the ambulance service.
const REGION: &str = r#"
[[system]]
name = "rxl-integration"
organisation = "RXL"
role = "clinician"
purposes = ["direct-care", "break-glass"]
publishes = true

[[system]]
name = "zzp06-integration"
organisation = "ZZP06"
role = "clinician"
purposes = ["direct-care", "break-glass"]

[[system]]
name = "rx7-integration"
organisation = "RX7"
role = "paramedic"
purposes = ["urgent-care", "break-glass"]

[[system]]
name = "325-integration"
organisation = "325"
role = "clinician"
purposes = ["direct-care", "break-glass"]

[[agreement]]
id = "LSC-GLASS-2026"
title = "Emergencies"
publishers = ["RXN"]
consumers = ["RXL", "RX7", "group:practices"]
document_types = ["*"]
purposes = ["break-glass"]
roles = ["clinician", "paramedic"]
starts = "2026-01-01"

[policy.break_glass]
roles = ["clinician"]
"#;

/// A hub with a letter of RXN's about the patient, and this policy after `[policy.break_glass]`.
fn hub_with(policy: &str, change: impl FnOnce(&mut Options)) -> TestHub {
    let hub = TestHub::with(change);
    let answer = hub.request("RXN", hub.url(Role::Repository)).soap(&Provide::letter(1).inline());
    assert_eq!(answer.xds_status(), "Success", "{}", answer.text());
    hub.apply(&format!("{REGION}{policy}"));
    hub
}

fn hub(policy: &str) -> TestHub {
    hub_with(policy, |_| {})
}

/// A request as an organisation, with a BreakGlass header of this content.
fn ask(hub: &TestHub, ods: &str, body: &str, inside: &str) -> Answer {
    let header = format!(
        "<s:Header><g:BreakGlass xmlns:g=\"urn:watling:break-glass:2026\">{inside}</g:BreakGlass>"
    );
    hub.request(ods, hub.url(Role::Gateway)).soap(&body.replace("<s:Header>", &header))
}

fn reason() -> String {
    format!("<g:Reason>{REASON}</g:Reason>")
}

fn find_query() -> String {
    message::find_documents(PATIENT, "LeafClass", "")
}

/// What an organisation finds with broken glass.
fn find(hub: &TestHub, ods: &str) -> Answer {
    ask(hub, ods, &find_query(), &reason())
}

fn get(hub: &TestHub, ods: &str) -> Answer {
    ask(hub, ods, &message::retrieve(&[LETTER]), &reason())
}

/// `watling ARGUMENTS --data ...`; what it said, if it succeeded.
fn run(hub: &TestHub, arguments: &[&str]) -> Result<String, String> {
    let mut command = Command::new(executable());
    let output = command.args(arguments).arg("--data").arg(hub.data()).output().unwrap();
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    if output.status.success() { Ok(text(&output.stdout)) } else { Err(text(&output.stderr)) }
}

#[track_caller]
fn said(hub: &TestHub, arguments: &[&str]) -> String {
    run(hub, arguments).unwrap_or_else(|error| panic!("{arguments:?}: {error}"))
}

#[track_caller]
fn uses(hub: &TestHub) -> serde_json::Value {
    serde_json::from_str(&said(hub, &["break-glass", "list", "--json"])).unwrap()
}
