//! Whether an unknown patient, one without relationship and one who does not share can be told apart
//! by time. It prints figures and asserts nothing about them; `WATLING_TIMING_ROUNDS=1000` makes more.

use super::publish;
use gateway::GatewayEndpoint;
use std::time::Instant;
use tests::TestHub;
use tests::message::{self, Provide};

const UNKNOWN: &str = "9997001117";
const NO_RELATIONSHIP: &str = "9997001125";
const NOT_SHARED: &str = "9997001133";
const DOCUMENTS: u32 = 20;

fn hub() -> TestHub {
    let hub = TestHub::start();
    for number in 0..DOCUMENTS {
        publish(&hub, &Provide::letter(2 * number + 1).patient(NO_RELATIONSHIP));
        publish(&hub, &Provide::letter(2 * number + 2).patient(NOT_SHARED));
    }
    hub.apply(&format!(
        "[[relationship]]\npatient = \"{NOT_SHARED}\"\nods = \"ZZP01\"\nkind = \"registration\"\nstarts = \"2026-01-01\"\nsource = \"practice list\"\n\n[[preference]]\npatient = \"{NOT_SHARED}\"\nconsumer = \"ZZP01\"\nrecorded_on = \"2026-07-01\"\nrecorded_by = \"ZZP01\"\n"
    ));
    hub
}

/// How often a value of the one is larger than a value of the other: 0.5 tells nothing.
fn told_apart(one: &[f64], other: &[f64]) -> f64 {
    let wins: f64 = one
        .iter()
        .flat_map(|a| {
            other.iter().map(move |b| {
                if a > b {
                    1.0
                } else if a < b {
                    0.0
                } else {
                    0.5
                }
            })
        })
        .sum();
    wins / (one.len() * other.len()) as f64
}

fn quantile(times: &[f64], part: f64) -> f64 {
    let mut sorted = times.to_vec();
    sorted.sort_by(f64::total_cmp);
    sorted[((sorted.len() - 1) as f64 * part) as usize]
}

#[test]
fn how_long_answers_that_show_nothing_take() {
    let rounds = std::env::var("WATLING_TIMING_ROUNDS").ok();
    let rounds: usize = rounds.map_or(5, |rounds| rounds.parse().expect("a number"));
    let hub = hub();
    let endpoint = GatewayEndpoint { gateway: hub.gateway() };
    let runtime = tokio::runtime::Runtime::new().expect("a runtime");
    let patients = [UNKNOWN, NO_RELATIONSHIP, NOT_SHARED];
    let mut times = [Vec::new(), Vec::new(), Vec::new()];
    for round in 0..rounds {
        for n in 0..patients.len() {
            // In another order each time.
            let n = (n + round) % patients.len();
            let query = message::find_documents(patients[n], "LeafClass", "");
            let asked = Instant::now();
            let said = runtime.block_on(super::confused::ask_as(&endpoint, "ZZP01", &query));
            times[n].push(asked.elapsed().as_secs_f64() * 1000.0);
            assert!(said.is_some_and(|said| !said.contains("<rim:ExtrinsicObject")));
        }
    }
    for (n, what) in ["unknown", "no relationship", "not shared"].iter().enumerate() {
        println!(
            "{what}: median {:.2} ms, 90 % {:.2} ms; told from an unknown one in {:.3} of pairs",
            quantile(&times[n], 0.5),
            quantile(&times[n], 0.9),
            told_apart(&times[n], &times[0])
        );
    }
}
