//! A deputy that is not confused: whatever is asked, in whatever way patients, communities,
//! repositories, ids and patterns are mixed up, no answer holds a row of a document that its asker may
//! not see. `WATLING_CONFUSED_QUERIES=100000` makes it as many queries.

mod ask;
mod world;

use ask::{Dice, Question};
use gateway::GatewayEndpoint;
use node::actors::DocumentBytes;
use node::caller::Caller;
use node::endpoint::{Reply, SoapRequest, SoapService};
use node::spool::{Encoding, Received};
use schemas::ods_code::OdsCode;
use schemas::soap::Envelope;
use schemas::transaction::Transaction;
use schemas::xml::{Document, Limits};
use std::sync::Arc;
use world::{ASKERS, World};

/// In the suite; each takes some milliseconds.
const QUERIES: u64 = 5_000;

fn queries() -> u64 {
    let wanted = std::env::var("WATLING_CONFUSED_QUERIES").ok();
    wanted.map_or(QUERIES, |count| count.parse().expect("a number of queries"))
}

/// What an answer holds, and how many documents it handed out or listed.
struct Said {
    text: String,
    handed_out: Vec<String>,
}

async fn answer(endpoint: &GatewayEndpoint, question: &Question) -> Option<Said> {
    let document = Document::parse(&question.envelope, &Limits::default()).ok()?;
    let envelope = Envelope::read(&document).ok()?;
    let received = Received {
        encoding: Encoding::Simple,
        envelope: question.envelope.clone().into_bytes(),
        attachments: Vec::new(),
        http_action: None,
    };
    let ods = |text: &str| OdsCode::parse(text).expect("an ODS code");
    let caller =
        Caller { claimed_for: question.acting_for.map(ods), ..world::caller(question.asker) };
    let transaction = match question.retrieves {
        true => Transaction::Iti43,
        false => Transaction::Iti18,
    };
    let correlation_id = uuid::Uuid::new_v4();
    let request =
        SoapRequest { transaction, envelope, caller: &caller, received: &received, correlation_id };
    match endpoint.handle(&request).await.ok()?.reply {
        Reply::Body(text) => Some(Said { text, handed_out: Vec::new() }),
        Reply::Documents(reply) => {
            let errors = reply.errors.iter().map(ToString::to_string).collect::<Vec<_>>();
            let whole = |bytes: &DocumentBytes| match bytes {
                DocumentBytes::Whole(bytes) => String::from_utf8_lossy(bytes).into_owned(),
                DocumentBytes::Stream(_) => "a stream".to_owned(),
            };
            let bytes: Vec<String> = reply.documents.iter().map(|d| whole(&d.bytes)).collect();
            let ids = reply.documents.iter().map(|d| d.request.document_unique_id.clone());
            let text = errors.join("\n") + "\n" + &bytes.join("\n");
            Some(Said { text, handed_out: ids.collect() })
        }
    }
}

/// What one lane of questions came to.
#[derive(Default)]
struct Tally {
    answered: u64,
    rows: u64,
    handed_out: u64,
}

async fn lane(endpoint: Arc<GatewayEndpoint>, world: Arc<World>, seed: u64, count: u64) -> Tally {
    let mut dice = Dice::new(seed);
    let mut tally = Tally::default();
    for n in 0..count {
        let question = ask::question(&world, &mut dice);
        let Some(said) = answer(&endpoint, &question).await else { continue };
        tally.answered += 1;
        for id in &said.handed_out {
            let document = world.document(id).expect("a document of the world");
            assert!(
                question.acting_for.is_none() && world.may_see(question.asker, document),
                "{} was handed {id} (seed {seed}, question {n}):\n{}",
                question.asker,
                question.envelope
            );
            tally.handed_out += 1;
        }
        for mark in world.marks_in(&said.text) {
            let may = question.acting_for.is_none() && world.may_see_mark(question.asker, mark);
            assert!(
                may || question.envelope.contains(mark.as_str()),
                "{} was told {mark} (seed {seed}, question {n}):\n{}\n{}",
                question.asker,
                question.envelope,
                said.text
            );
            let row = world.document_of(mark);
            if let (Some(row), Some(patient)) = (row, &question.patient)
                && !question.envelope.contains(mark.as_str())
            {
                assert!(
                    world.is_of(row, patient),
                    "a row of another patient (seed {seed}, question {n}):\n{}\n{}",
                    question.envelope,
                    said.text
                );
            }
            tally.rows += u64::from(row.is_some());
        }
    }
    tally
}

#[test]
fn no_question_however_confused_shows_a_document_that_its_asker_may_not_see() {
    let (hub, world) = world::build();
    let world = Arc::new(world);
    let endpoint = Arc::new(GatewayEndpoint { gateway: hub.gateway() });
    let runtime = tokio::runtime::Runtime::new().expect("a runtime");
    let lanes = 32;
    let tallies = runtime.block_on(async {
        let lane =
            |n| tokio::spawn(lane(endpoint.clone(), world.clone(), n + 1, queries() / lanes));
        let lanes: Vec<_> = (0..lanes).map(lane).collect();
        let mut tallies = Vec::new();
        for lane in lanes {
            tallies.push(lane.await.expect("a lane"));
        }
        tallies
    });
    let sum = |of: fn(&Tally) -> u64| tallies.iter().map(of).sum::<u64>();
    let (answered, rows) = (sum(|t| t.answered), sum(|t| t.rows));
    let handed_out = sum(|t| t.handed_out);
    println!("{answered} answered, {rows} marks of documents seen, {handed_out} handed out");
    assert!(answered > queries() / 2, "most can be read: {answered}");
    assert!(rows > answered / 10 && handed_out > answered / 200, "some show something");
    assert!(ASKERS.len() > 3);
}
