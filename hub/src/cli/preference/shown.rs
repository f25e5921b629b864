//! Statements as people and machines read them. None names the patient: it was asked by the number.

use gateway::preference::{RecordedBy, Statement};
use jiff::civil::Date;
use serde_json::{Value, json};

pub(super) fn lines(statement: &Statement, today: Date) {
    let standing = statement.standing(today).name();
    say!("{:>5}  {:<11}  {}", statement.id, standing, statement.said.words());
    let until = statement.ends.map_or(String::new(), |ends| format!(" until {ends}"));
    say!(
        "       from {}{until}; recorded {}",
        statement.starts,
        ground(&statement.by, &statement.at, &statement.evidence.words(),)
    );
    if let Some(withdrawn) = &statement.withdrawn {
        let ground = ground(&withdrawn.by, &withdrawn.at, &withdrawn.evidence.words());
        say!("       withdrawn {ground}");
    }
}

fn ground(by: &RecordedBy, at: &str, evidence: &str) -> String {
    format!("{at} by {} of {}, on: {evidence}", by.person, by.organisation)
}

pub(super) fn json(statement: &Statement, today: Date) -> Value {
    let withdrawn = statement.withdrawn.as_ref().map(|withdrawn| {
        json!({
            "id": withdrawn.id, "at": withdrawn.at, "by": withdrawn.by,
            "evidence": withdrawn.evidence,
        })
    });
    json!({
        "id": statement.id, "standing": statement.standing(today), "said": statement.said,
        "words": statement.said.words(), "starts": statement.starts, "ends": statement.ends,
        "by": statement.by, "at": statement.at, "evidence": statement.evidence,
        "withdrawn": withdrawn,
    })
}
