//! Figures, each beside its floor in the same run, round by round:
//!
//! * publishes per second, beside the same bytes written and fsynced;
//! * queries per second, beside the same bytes served by the same server without the hub.
//!
//! `cargo run --release -p tests --bin speed`
//!
//! With `--itk-messages 10000` instead: reading so many mixed messages of the toolkit, beside a bare scan
//! of the same bytes. With `--large-patient 50000` instead: what it takes to ask about and add to a patient with so many
//! documents, beside a patient with 50; on PostgreSQL where `WATLING_TEST_POSTGRES` names a server.
//! With `--audit-records 1000000` instead: how long `watling audit verify` walks, beside a bare read.
//! With `--empty-answers 200` instead: whether answers that show nothing can be told apart by time.
//! With `--decisions 5000` instead: one decision among so many agreements, beside one look-up in a hash table.

use actix_web::{App, HttpResponse, HttpServer, web};
use clap::Parser;
use hub::client::publish::Publisher;
use hub::client::{Connection, Target};
use hub::config::Config;
use hub::pki::DevelopmentPki;
use hub::serve::{Hub, Options};
use schemas::described::Description;
use schemas::hl7::PatientId;
use schemas::nhs_number::NhsNumber;
use schemas::ods_code::OdsCode;
use schemas::query::{FindDocuments, QueryKind, StoredQuery};
use schemas::transaction::Transaction;
use std::future::Future;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};
use tests::postgres::Schema;
use tests::{audit_log, decision_speed, empty_answers, itk_parse, large_patient};

#[derive(Parser)]
struct Arguments {
    /// Seconds of each measurement
    #[arg(long, default_value_t = 4)]
    seconds: u64,
    /// Measurements of each kind, in turn with their floor
    #[arg(long, default_value_t = 5)]
    rounds: usize,
    /// Requests under way at once
    #[arg(long, default_value_t = 32)]
    lanes: usize,
    /// Only one kind
    #[arg(long)]
    only: Option<Kind>,
    /// Bytes of a published document
    #[arg(long, default_value_t = 20_000)]
    document_bytes: usize,
    /// Only: reading so many messages of the toolkit
    #[arg(long)]
    itk_messages: Option<usize>,
    /// Only: decisions in a region with so many agreements
    #[arg(long)]
    decisions: Option<usize>,
    /// Only: so many rounds of answers that show nothing
    #[arg(long)]
    empty_answers: Option<usize>,
    /// Only: a patient with so many documents
    #[arg(long)]
    large_patient: Option<u64>,
    /// Only: writing and walking an audit log of so many records
    #[arg(long)]
    audit_records: Option<u64>,
}

#[derive(Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
enum Kind {
    Publish,
    Query,
}

/// One measurement: how many a second, and how long one takes.
#[derive(Clone, Copy, Default)]
struct Measured {
    per_second: f64,
    p50_ms: f64,
    p99_ms: f64,
}

fn main() -> Result<(), String> {
    let arguments = Arguments::parse();
    if let Some(messages) = arguments.itk_messages {
        return itk(&itk_parse::measure(messages, arguments.rounds)?);
    }
    if let Some(agreements) = arguments.decisions {
        decisions(agreements, &decision_speed::measure(agreements, arguments.rounds)?);
        return Ok(());
    }
    if let Some(rounds) = arguments.empty_answers {
        empty(&empty_answers::measure(rounds)?);
        return Ok(());
    }
    let folder = tempfile::tempdir().map_err(|error| error.to_string())?;
    if let Some(records) = arguments.audit_records {
        let runtime = tokio::runtime::Runtime::new().map_err(|error| error.to_string())?;
        audit(runtime.block_on(audit_log::measure(folder.path(), records))?);
        return Ok(());
    }
    let data = folder.path().join("data");
    let free = Some(([127, 0, 0, 1], 0).into());
    let mut options = Options {
        registry_listen: free,
        repository_listen: free,
        gateway_listen: free,
        ..Options::new(data.clone(), Config::default())
    };
    let schema = Schema::fresh();
    options.config.registry.store.url = schema.as_ref().map(Schema::url);
    let hub = Hub::start(&options)?;
    let runtime = tokio::runtime::Runtime::new().map_err(|error| error.to_string())?;
    if let Some(documents) = arguments.large_patient {
        let steps = large_patient::measure(&data, FEW, documents, arguments.rounds);
        let rows = runtime.block_on(steps)?;
        hub.stop();
        large(&rows, documents);
        return Ok(());
    }
    let wants = |kind| arguments.only.is_none_or(|only| only == kind);
    let mut rows = Vec::new();
    if wants(Kind::Publish) {
        let rounds = runtime.block_on(publishes(&arguments, &data, folder.path()))?;
        rows.push((format!("publish ITI-41, {} B document", arguments.document_bytes), rounds));
    }
    if wants(Kind::Query) {
        let rounds = runtime.block_on(queries(&arguments, &data))?;
        rows.push(("query ITI-18 at the gateway, 20 entries".to_owned(), rounds));
    }
    hub.stop();
    println!();
    println!("| | hub, per second | floor, per second | hub/floor | hub p50, p99 (ms) |");
    println!("|---|---|---|---|---|");
    for (name, rounds) in &rows {
        row(name, rounds);
    }
    println!();
    println!(
        "{} lanes, median of {} rounds of {} s, {} processors; client and server share them.",
        arguments.lanes,
        arguments.rounds,
        arguments.seconds,
        std::thread::available_parallelism().map_or(0, std::num::NonZero::get)
    );
    Ok(())
}

fn audit(walked: audit_log::Walked) {
    println!(
        "| records | GB | written, s | bare read, s | verified, s | records verified a second |"
    );
    println!("|---|---|---|---|---|---|");
    println!(
        "| {} | {:.2} | {:.1} | {:.1} | {:.1} | {:.0} |",
        walked.records,
        walked.bytes as f64 / 1e9,
        walked.written.as_secs_f64(),
        walked.read.as_secs_f64(),
        walked.verified.as_secs_f64(),
        walked.records as f64 / walked.verified.as_secs_f64()
    );
}

fn itk(parsed: &itk_parse::Parsed) -> Result<(), String> {
    let megabytes = parsed.bytes as f64 / 1e6;
    let second = |taken: Duration| megabytes / taken.as_secs_f64();
    println!("| | messages | MB | read, MB/s | bare scan, MB/s | read/scan, time |");
    println!("|---|---|---|---|---|---|");
    println!(
        "| ITK messages of twelve kinds | {} | {megabytes:.0} | {:.0} | {:.0} | {:.2} |",
        parsed.messages,
        second(parsed.read),
        second(parsed.scan),
        parsed.ratio
    );
    Ok(())
}

fn decisions(agreements: usize, rows: &[decision_speed::Row]) {
    let micros = |taken: Duration| taken.as_secs_f64() * 1e6;
    println!(
        "| {agreements} agreements | permits | look-ups made, ms | decision p50, p99 (µs) | hash look-up p50, p99 (µs) |"
    );
    println!("|---|---|---|---|---|");
    for row in rows {
        println!(
            "| {} | {} | {:.0} | {:.2}, {:.2} | {:.2}, {:.2} |",
            row.name,
            row.permits,
            row.prepared.as_secs_f64() * 1e3,
            micros(row.decision.p50),
            micros(row.decision.p99),
            micros(row.floor.p50),
            micros(row.floor.p99),
        );
    }
}

fn empty(rows: &[empty_answers::Row]) {
    println!("| The patient is | median, 90 % (ms) | slower than an unknown one, of all pairs |");
    println!("|---|---|---|");
    for row in rows {
        println!("| {} | {:.1}, {:.1} | {:.2} |", row.name, row.p50_ms, row.p90_ms, row.slower);
    }
}

/// A patient to compare with.
const FEW: u64 = 50;

fn large(rows: &[large_patient::Row], documents: u64) {
    println!("| | objects | ms, {FEW} documents | ms, {documents} documents |");
    println!("|---|---|---|---|");
    for (what, objects, few, many) in rows {
        let objects = objects.map_or("too many".to_owned(), |objects| objects.to_string());
        println!("| {what} | {objects} | {few:.1} | {many:.1} |");
    }
}

fn row(name: &str, rounds: &[(Measured, Measured)]) {
    let median = |read: &dyn Fn(&(Measured, Measured)) -> f64| {
        let mut values: Vec<f64> = rounds.iter().map(read).collect();
        values.sort_by(f64::total_cmp);
        values.get(values.len() / 2).copied().unwrap_or_default()
    };
    println!(
        "| {name} | {:.0} | {:.0} | {:.2} | {:.1}, {:.1} |",
        median(&|(hub, _)| hub.per_second),
        median(&|(_, floor)| floor.per_second),
        median(&|(hub, floor)| hub.per_second / floor.per_second),
        median(&|(hub, _)| hub.p50_ms),
        median(&|(hub, _)| hub.p99_ms),
    );
}

/// Runs `lanes` loops of a step for some seconds.
async fn measure<F, S>(arguments: &Arguments, step: F) -> Measured
where
    F: Fn(u64) -> S + Clone + Send + 'static,
    S: Future<Output = ()> + Send,
{
    let number = Arc::new(AtomicU64::new(0));
    let until = Instant::now() + Duration::from_secs(arguments.seconds);
    let began = Instant::now();
    let lanes: Vec<_> = (0..arguments.lanes)
        .map(|_| {
            let (step, number) = (step.clone(), number.clone());
            tokio::spawn(async move {
                let mut took = Vec::new();
                while Instant::now() < until {
                    let start = Instant::now();
                    step(number.fetch_add(1, Ordering::Relaxed)).await;
                    took.push(start.elapsed().as_secs_f64() * 1000.0);
                }
                took
            })
        })
        .collect();
    let mut took = Vec::new();
    for lane in lanes {
        took.extend(lane.await.unwrap_or_default());
    }
    let elapsed = began.elapsed().as_secs_f64();
    took.sort_by(f64::total_cmp);
    let at =
        |share: f64| took.get((took.len() as f64 * share) as usize).copied().unwrap_or_default();
    Measured { per_second: took.len() as f64 / elapsed, p50_ms: at(0.5), p99_ms: at(0.99) }
}

fn target(data: &Path, ods: &str, url: Option<String>) -> Result<Target, String> {
    let ods = OdsCode::parse(ods).map_err(|error| error.to_string())?;
    let files = DevelopmentPki { folder: data.join("pki") }.client(&ods);
    let in_folder = Target::in_folder(data, ods);
    Ok(match url {
        None => in_folder,
        Some(url) => Target {
            url: Some(url),
            cert: Some(files.certificate),
            key: Some(files.key),
            cacert: Some(files.trust),
            ..in_folder
        },
    })
}

fn patient(n: u64) -> Result<NhsNumber, String> {
    (0..)
        .find_map(|skip| NhsNumber::from_first_nine(999_100_000 + n * 2 + skip))
        .ok_or("no number".to_owned())
}

async fn publishes(
    arguments: &Arguments,
    data: &Path,
    folder: &Path,
) -> Result<Vec<(Measured, Measured)>, String> {
    let publisher = Arc::new(Publisher::new(&target(data, "RXN", None)?)?);
    let bytes = arguments.document_bytes;
    let mut rounds = Vec::new();
    for round in 0..arguments.rounds {
        let publisher = publisher.clone();
        let hub = measure(arguments, move |n| {
            let publisher = publisher.clone();
            async move {
                let text = document(round, n, bytes);
                let patient = patient(n % 5_000).expect("a synthetic number");
                let described = Description::new("outpatient-letter", patient);
                let published = publisher.publish("letter.txt", text, Some(&described)).await;
                assert_eq!(published.status, "published", "{:?}", published.errors);
            }
        });
        let hub = hub.await;
        let files = folder.join(format!("floor-{round}"));
        std::fs::create_dir_all(&files).map_err(|error| error.to_string())?;
        let floor = measure(arguments, move |n| {
            let path = files.join(n.to_string());
            async move {
                let text = document(round, n, bytes);
                tokio::task::spawn_blocking(move || write_and_sync(path, &text))
                    .await
                    .expect("it runs");
            }
        });
        rounds.push((hub, floor.await));
        eprint!(".");
    }
    Ok(rounds)
}

fn document(round: usize, n: u64, bytes: usize) -> Vec<u8> {
    let mut text = format!("letter {round} {n} ").into_bytes();
    text.resize(bytes, b'x');
    text
}

fn write_and_sync(path: PathBuf, bytes: &[u8]) {
    let mut file = std::fs::File::create(path).expect("a file");
    file.write_all(bytes).expect("written");
    file.sync_all().expect("synced");
}

async fn queries(arguments: &Arguments, data: &Path) -> Result<Vec<(Measured, Measured)>, String> {
    let number = NhsNumber::parse("9000000009").map_err(|error| error.to_string())?;
    let publisher = Publisher::new(&target(data, "RXN", None)?)?;
    let described = Description::new("outpatient-letter", number);
    for n in 0..20 {
        publisher.publish("letter.txt", document(99, n, 200), Some(&described)).await;
    }
    let find = FindDocuments::approved(PatientId::Nhs(number));
    let query = StoredQuery::leaf_class(QueryKind::FindDocuments(Box::new(find)));
    let body: Arc<str> = query.write().into();
    let gateway = Arc::new(target(data, "ZZP01", None)?.connect("gateway")?);
    let answer = gateway.simple(Transaction::Iti18, &body).await?.envelope;
    let entries = String::from_utf8_lossy(&answer).matches("<rim:ExtrinsicObject").count();
    assert_eq!(entries, 20);
    let url = serve_bytes(data, answer.clone())?;
    let bare = Arc::new(target(data, "ZZP01", Some(url))?.connect("gateway")?);
    let mut rounds = Vec::new();
    for _ in 0..arguments.rounds {
        let hub = measure(arguments, ask(gateway.clone(), body.clone(), answer.len())).await;
        let floor = measure(arguments, ask(bare.clone(), body.clone(), answer.len())).await;
        rounds.push((hub, floor));
        eprint!(".");
    }
    Ok(rounds)
}

fn ask(
    connection: Arc<Connection>,
    body: Arc<str>,
    length: usize,
) -> impl Fn(u64) -> std::pin::Pin<Box<dyn Future<Output = ()> + Send>> + Clone + Send + 'static {
    move |_| {
        let (connection, body) = (connection.clone(), body.clone());
        Box::pin(async move {
            let received = connection.simple(Transaction::Iti18, &body).await.expect("an answer");
            assert_eq!(received.envelope.len(), length);
        })
    }
}

/// The same server and TLS, answering every POST with the same bytes.
fn serve_bytes(data: &Path, bytes: Vec<u8>) -> Result<String, String> {
    let identity = DevelopmentPki { folder: data.join("pki") }.service("watling-gateway");
    let (tls, _) = identity.server_config().map_err(|error| error.to_string())?;
    let listener = std::net::TcpListener::bind("127.0.0.1:0").map_err(|error| error.to_string())?;
    let address = listener.local_addr().map_err(|error| error.to_string())?;
    std::thread::spawn(move || {
        let bytes = web::Bytes::from(bytes);
        actix_web::rt::System::new().block_on(async move {
            let server = HttpServer::new(move || {
                let bytes = bytes.clone();
                let answer = move |_request: web::Bytes| {
                    let bytes = bytes.clone();
                    async move { HttpResponse::Ok().content_type("application/soap+xml").body(bytes) }
                };
                App::new().default_service(web::post().to(answer))
            });
            let server = server.workers(2).disable_signals().listen_rustls_0_23(listener, tls);
            server.expect("it listens").run().await.expect("it runs");
        });
    });
    Ok(format!("https://{address}/gateway"))
}
