//! Whether an unknown patient, one without relationship and one who does not share can be told apart
//! by the time that an answer takes: in process, against a registry on disk.

use crate::TestHub;
use crate::message::{self, Provide};
use gateway::GatewayEndpoint;
use hub::serve::Role;
use node::caller::Caller;
use node::endpoint::{Reply, SoapRequest, SoapService};
use node::spool::{Encoding, Received};
use schemas::ods_code::OdsCode;
use schemas::soap::Envelope;
use schemas::transaction::Transaction;
use schemas::xml::{Document, Limits};
use std::time::Instant;

const UNKNOWN: &str = "9997001117";
const NO_RELATIONSHIP: &str = "9997001125";
const NOT_SHARED: &str = "9997001133";
const DOCUMENTS: u32 = 20;

/// How long answers about one patient take.
pub struct Row {
    pub name: &'static str,
    pub p50_ms: f64,
    pub p90_ms: f64,
    /// How often an answer was slower than one about an unknown patient, of all pairs: 0.5 tells nothing.
    pub slower: f64,
}

fn hub() -> Result<TestHub, String> {
    let hub = TestHub::start();
    for number in 0..DOCUMENTS {
        for (patient, number) in [(NO_RELATIONSHIP, 2 * number + 1), (NOT_SHARED, 2 * number + 2)] {
            let letter = Provide::letter(number).patient(patient).inline();
            let answer = hub.request("RXN", hub.url(Role::Repository)).soap(&letter);
            if answer.xds_status() != "Success" {
                return Err(answer.text());
            }
        }
    }
    hub.apply(&format!(
        "[[relationship]]\npatient = \"{NOT_SHARED}\"\nods = \"ZZP01\"\nkind = \"registration\"\nstarts = \"2026-01-01\"\nsource = \"practice list\"\n\n[[preference]]\npatient = \"{NOT_SHARED}\"\nconsumer = \"ZZP01\"\nrecorded_on = \"2026-07-01\"\nrecorded_by = \"ZZP01\"\n"
    ));
    Ok(hub)
}

/// The answer to a query of the practice ZZP01.
async fn ask(endpoint: &GatewayEndpoint, envelope: &str) -> Result<String, String> {
    let document =
        Document::parse(envelope, &Limits::default()).map_err(|error| error.to_string())?;
    let read = Envelope::read(&document).map_err(|fault| fault.reason)?;
    let received = Received {
        encoding: Encoding::Simple,
        envelope: envelope.to_owned().into_bytes(),
        attachments: Vec::new(),
        http_action: None,
    };
    let caller = Caller {
        system: "zzp01-integration".to_owned(),
        organisation: OdsCode::parse("ZZP01").map_err(|error| error.to_string())?,
        claimed_for: None,
        address: ([127, 0, 0, 1], 1).into(),
        user: None,
    };
    let request = SoapRequest {
        transaction: Transaction::Iti18,
        envelope: read,
        caller: &caller,
        received: &received,
        correlation_id: uuid::Uuid::new_v4(),
    };
    match endpoint.handle(&request).await {
        Ok(outcome) => match outcome.reply {
            Reply::Body(text) => Ok(text),
            Reply::Documents(_) => Err("documents answer a query".to_owned()),
        },
        Err(_) => Err("the query is refused".to_owned()),
    }
}

/// How often a value of the one is larger than a value of the other.
fn larger(one: &[f64], other: &[f64]) -> f64 {
    let pairs = one.iter().flat_map(|a| other.iter().map(move |b| a.total_cmp(b)));
    let wins = pairs.map(|order| (f64::from(order as i8) + 1.0) / 2.0);
    wins.sum::<f64>() / (one.len() * other.len()) as f64
}

fn quantile(times: &[f64], part: f64) -> f64 {
    let mut sorted = times.to_vec();
    sorted.sort_by(f64::total_cmp);
    sorted[((sorted.len() - 1) as f64 * part) as usize]
}

pub fn measure(rounds: usize) -> Result<Vec<Row>, String> {
    let hub = hub()?;
    let endpoint = GatewayEndpoint { gateway: hub.gateway() };
    let runtime = tokio::runtime::Runtime::new().map_err(|error| error.to_string())?;
    let patients = [UNKNOWN, NO_RELATIONSHIP, NOT_SHARED];
    let mut times = [Vec::new(), Vec::new(), Vec::new()];
    for round in 0..rounds.max(1) {
        for n in 0..patients.len() {
            // In another order each time.
            let n = (n + round) % patients.len();
            let query = message::find_documents(patients[n], "LeafClass", "");
            let asked = Instant::now();
            let said = runtime.block_on(ask(&endpoint, &query))?;
            times[n].push(asked.elapsed().as_secs_f64() * 1e3);
            if said.contains("<rim:ExtrinsicObject") {
                return Err("an answer that should show nothing shows an entry".to_owned());
            }
        }
    }
    let names = ["unknown", "without relationship", "not sharing"];
    let rows = names.into_iter().zip(&times).map(|(name, taken)| Row {
        name,
        p50_ms: quantile(taken, 0.5),
        p90_ms: quantile(taken, 0.9),
        slower: larger(taken, &times[0]),
    });
    Ok(rows.collect())
}
