//! `watling preference`: what citizens have said of their documents, beside a running hub.

mod args;
mod import;
mod shown;

pub use args::PreferenceArgs;

use super::gateway_desk::{ByHand, GatewayDesk};
use super::{Ended, print_json};
use args::{Days, Ground, PreferenceCommand, ShownArgs, UnsealArgs};
use gateway::preference::{Evidence, NewStatement, RecordedBy, Said, Standing, problems};
use gateway::region::Wish;
use gateway::store::preference::Withdrawn;
use schemas::nhs_number::NhsNumber;

pub(super) fn run(args: PreferenceArgs) -> Result<Ended, String> {
    let desk = GatewayDesk::open(&args.data)?;
    match args.command {
        PreferenceCommand::List(args) => list(&desk, &args, false),
        PreferenceCommand::History(args) => list(&desk, &args, true),
        PreferenceCommand::Withdraw(args) => {
            withdraw(&desk, args.patient, args.id, &args.ground)?;
            say!("statement {} is withdrawn", args.id);
            Ok(Ended::Done)
        }
        PreferenceCommand::Unseal(args) => unseal(&desk, &args),
        PreferenceCommand::Import(args) => import::run(&desk, &args),
        PreferenceCommand::Record(args) => {
            let wish = if args.share { Wish::Share } else { Wish::DoNotShare };
            let said = Said::Wish {
                wish,
                document_type: args.document_type,
                publisher: args.publisher,
                consumer: args.consumer,
            };
            keep(&desk, args.patient, said, &args.days, &args.ground)
        }
        PreferenceCommand::Seal(args) => {
            let said = Said::Sealed {
                unique_id: args.unique_id,
                locked: args.lock,
                open_to: args.open_to,
            };
            keep(&desk, args.patient, said, &args.days, &args.ground)
        }
        PreferenceCommand::Consent(args) => {
            let said = Said::Consent { purpose: args.purpose, given: args.given };
            keep(&desk, args.patient, said, &args.days, &args.ground)
        }
    }
}

impl Ground {
    fn recorded_by(&self) -> RecordedBy {
        RecordedBy { organisation: self.organisation.clone(), person: self.by.clone() }
    }

    fn evidence(&self) -> Evidence {
        let text = || Evidence::Text(self.evidence.clone().unwrap_or_default());
        self.document.clone().map_or_else(text, Evidence::Document)
    }

    fn by_hand(&self) -> ByHand<'_> {
        ByHand { organisation: &self.organisation, person: &self.by }
    }
}

fn keep(
    desk: &GatewayDesk,
    patient: NhsNumber,
    said: Said,
    days: &Days,
    ground: &Ground,
) -> Result<Ended, String> {
    let new = NewStatement {
        patient,
        said,
        starts: days.starts.unwrap_or_else(|| desk.today()),
        ends: days.until,
        by: ground.recorded_by(),
        evidence: ground.evidence(),
    };
    let problems = problems(&new, &*desk.region()?, &crate::fixtures::code_sets()?);
    if !problems.is_empty() {
        problems.iter().for_each(|problem| eprintln!("watling: {problem}"));
        return Ok(Ended::Failed);
    }
    let (words, starts) = (new.said.words(), new.starts);
    let kept = desk.runtime.block_on(desk.store.keep_statements(vec![new], desk.now()));
    let kept = kept.map_err(|error| error.to_string())?;
    let id = kept.first().copied().ok_or("it was not kept")?;
    let what = format!("statement {id} recorded, from {starts}: {words}");
    desk.record(&ground.by_hand(), Some(patient), what)?;
    say!("statement {id}, from {starts}: {words}");
    Ok(Ended::Done)
}

fn withdraw(
    desk: &GatewayDesk,
    patient: NhsNumber,
    id: i64,
    ground: &Ground,
) -> Result<(), String> {
    if desk.region()?.organisation(&ground.organisation).is_none() {
        return Err(format!("{} is no organisation of this region", ground.organisation));
    }
    let (by, evidence) = (ground.recorded_by(), ground.evidence());
    let withdrawn = desk.store.withdraw_statement(patient, id, by, evidence, desk.now());
    match desk.runtime.block_on(withdrawn).map_err(|error| error.to_string())? {
        Withdrawn::Done => {
            let what = format!("statement {id} withdrawn");
            desk.record(&ground.by_hand(), Some(patient), what)
        }
        Withdrawn::Unknown => Err(format!(
            "this patient has no statement {id}: see `watling preference list NHS_NUMBER`"
        )),
        Withdrawn::Already => Err(format!("statement {id} was withdrawn before")),
    }
}

fn unseal(desk: &GatewayDesk, args: &UnsealArgs) -> Result<Ended, String> {
    let known = desk.runtime.block_on(desk.store.statements(args.patient));
    let known = known.map_err(|error| error.to_string())?;
    let seals = known.iter().filter(|statement| {
        let of_it = |said: &Said| matches!(said, Said::Sealed { unique_id, .. } if *unique_id == args.unique_id);
        statement.withdrawn.is_none() && of_it(&statement.said)
    });
    let seals: Vec<i64> = seals.map(|statement| statement.id).collect();
    if seals.is_empty() {
        return Err(format!("document {} of this patient is not sealed", args.unique_id));
    }
    for id in &seals {
        withdraw(desk, args.patient, *id, &args.ground)?;
        say!("statement {id} is withdrawn");
    }
    Ok(Ended::Done)
}

fn list(desk: &GatewayDesk, args: &ShownArgs, whole: bool) -> Result<Ended, String> {
    let found = desk.runtime.block_on(desk.store.statements(args.patient));
    let mut found = found.map_err(|error| error.to_string())?;
    let today = desk.today();
    let lasts = |standing| matches!(standing, Standing::InForce | Standing::NotStarted);
    found.retain(|statement| whole || lasts(statement.standing(today)));
    if args.json {
        print_json(&found.iter().map(|one| shown::json(one, today)).collect::<Vec<_>>())?;
        return Ok(Ended::Done);
    }
    if found.is_empty() {
        say!("nothing is recorded: the region's agreements alone decide");
    }
    found.iter().for_each(|statement| shown::lines(statement, today));
    Ok(Ended::Done)
}
