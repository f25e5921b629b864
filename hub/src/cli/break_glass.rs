//! `watling break-glass`: uses of a broken glass, their review, digests, second factors.

mod args;
mod shown;

pub use args::BreakGlassArgs;

use super::gateway_desk::{ByHand, GatewayDesk};
use super::{Ended, print_json};
use args::{BreakGlassCommand, DigestArgs, FactorArgs, FactorCommand, ListArgs, ReviewArgs};
use gateway::break_glass::review::{Review, Use, count, order};
use gateway::break_glass::totp;
use gateway::region::BreakGlassPolicy;
use schemas::ods_code::OdsCode;
use sha2::{Digest, Sha256};
use std::collections::BTreeMap;
use std::path::Path;

pub(super) fn run(args: BreakGlassArgs) -> Result<Ended, String> {
    let desk = Desk::open(&args.data)?;
    match args.command {
        BreakGlassCommand::List(args) => desk.list(args),
        BreakGlassCommand::Show(args) => desk.show(args.id, args.json),
        BreakGlassCommand::Review(args) => desk.review(args),
        BreakGlassCommand::Digest(args) => desk.digest(args),
        BreakGlassCommand::Factor { command: FactorCommand::Add(args) } => desk.add_factor(&args),
        BreakGlassCommand::Factor { command: FactorCommand::Remove(args) } => {
            desk.remove_factor(&args)
        }
    }
}

/// `watling report break-glass`: how many uses of each organisation stand how.
pub(super) fn report(data: &Path, json: bool) -> Result<Ended, String> {
    let desk = Desk::open(data)?;
    let mut by_organisation: BTreeMap<String, Vec<Use>> = BTreeMap::new();
    for one in desk.uses(None)? {
        by_organisation.entry(one.organisation.to_string()).or_default().push(one);
    }
    let counts = by_organisation.iter().map(|(organisation, uses)| {
        (organisation, count(uses, desk.now(), desk.policy.review_days))
    });
    let counts: BTreeMap<_, _> = counts.collect();
    if json {
        print_json(&counts)?;
        return Ok(Ended::Done);
    }
    if counts.is_empty() {
        say!("no glass was broken");
    }
    counts.iter().for_each(|(organisation, counts)| shown::counts(organisation, counts));
    Ok(Ended::Done)
}

struct Desk {
    desk: GatewayDesk,
    policy: BreakGlassPolicy,
}

impl Desk {
    fn open(data: &Path) -> Result<Self, String> {
        let desk = GatewayDesk::open(data)?;
        let policy = desk.region()?.policy.break_glass.clone();
        Ok(Self { desk, policy })
    }

    fn now(&self) -> i64 {
        self.desk.clock.now().as_millisecond()
    }

    fn uses(&self, organisation: Option<OdsCode>) -> Result<Vec<Use>, String> {
        let uses = self.desk.store.glass_uses(organisation, self.policy.followed_days);
        self.desk.runtime.block_on(uses).map_err(|error| error.to_string())
    }

    fn find(&self, id: i64) -> Result<Use, String> {
        let found = self.desk.store.glass_use(id, self.policy.followed_days);
        let found = self.desk.runtime.block_on(found).map_err(|error| error.to_string())?;
        found.ok_or_else(|| format!("there is no use {id} (watling break-glass list)"))
    }

    fn list(&self, args: ListArgs) -> Result<Ended, String> {
        let mut uses = self.uses(args.organisation)?;
        uses.retain(|one| one.is_open() || !args.open);
        order(&mut uses);
        let now = self.now();
        if args.json {
            let all = uses.iter().map(|one| shown::json(one, now, &self.policy, false));
            print_json(&all.collect::<Vec<_>>())?;
            return Ok(Ended::Done);
        }
        if uses.is_empty() {
            say!("nothing to look at");
        }
        uses.iter().for_each(|one| shown::line(one, now, &self.policy));
        Ok(Ended::Done)
    }

    fn show(&self, id: i64, json: bool) -> Result<Ended, String> {
        let one = self.find(id)?;
        let what = format!("use {id} of a broken glass was shown");
        self.desk.looked(&one.organisation, Some(one.patient), what)?;
        if json {
            print_json(&shown::json(&one, self.now(), &self.policy, true))?;
        } else {
            shown::whole(&one, self.now(), &self.policy);
        }
        Ok(Ended::Done)
    }

    fn review(&self, args: ReviewArgs) -> Result<Ended, String> {
        let one = self.find(args.id)?;
        if let Some(outcome) = one.outcome().filter(|_| !one.is_open()) {
            return Err(format!("use {} was decided: {}", one.id, outcome.name()));
        }
        let ReviewArgs { id, by, outcome, note } = args;
        let review = Review { at: self.now(), reviewer: by.clone(), outcome, note };
        let kept = self.desk.runtime.block_on(self.desk.store.review_glass(id, review));
        kept.map_err(|error| error.to_string())?;
        let by = ByHand { organisation: &one.organisation, person: &by };
        let what = format!("use {id} of a broken glass reviewed: {}", outcome.name());
        self.desk.record(&by, Some(one.patient), what)?;
        say!("use {id}: {}", outcome.name());
        Ok(Ended::Done)
    }

    fn digest(&self, args: DigestArgs) -> Result<Ended, String> {
        let (desk, store) = (&self.desk, &self.desk.store);
        if let Some(publisher) = &args.publisher {
            let made = desk.runtime.block_on(store.make_digest(publisher.clone(), self.now()));
            if let Some(id) = made.map_err(|error| error.to_string())? {
                let what = format!("digest {id} of broken glass made for {publisher}");
                let person = "the operator";
                desk.record(&ByHand { organisation: publisher, person }, None, what)?;
            } else if !args.json {
                say!("nothing new to tell {publisher}");
            }
        }
        let digests = desk.runtime.block_on(store.digests(args.publisher));
        let digests = digests.map_err(|error| error.to_string())?;
        if args.json {
            print_json(&digests.iter().map(shown::digest_json).collect::<Vec<_>>())?;
            return Ok(Ended::Done);
        }
        digests.iter().for_each(shown::digest);
        Ok(Ended::Done)
    }

    fn add_factor(&self, args: &FactorArgs) -> Result<Ended, String> {
        let desk = &self.desk;
        if desk.region()?.organisation(&args.organisation).is_none() {
            return Err(format!("{} is no organisation of this region", args.organisation));
        }
        let digest = Sha256::new().chain_update(node::ids::uuid().as_bytes());
        let digest = digest.chain_update(node::ids::uuid().as_bytes()).finalize();
        let secret: Vec<u8> = digest.iter().copied().take(totp::SECRET_BYTES).collect();
        let shown = totp::base32(&secret);
        let (organisation, actor) = (args.organisation.clone(), args.actor.clone());
        let kept = desk.store.register_second_factor(organisation, actor, secret, self.now());
        let again = desk.runtime.block_on(kept).map_err(|error| error.to_string())?;
        let verb = if again { "replaced" } else { "registered" };
        self.record_factor(args, verb)?;
        say!("{verb} for {} of {}; shown this once:", args.actor, args.organisation);
        say!("otpauth://totp/Watling:{}?secret={shown}&issuer=Watling", escaped(&args.actor));
        Ok(Ended::Done)
    }

    fn remove_factor(&self, args: &FactorArgs) -> Result<Ended, String> {
        let (organisation, actor) = (args.organisation.clone(), args.actor.clone());
        let removed = self.desk.store.remove_second_factor(organisation, actor);
        if !self.desk.runtime.block_on(removed).map_err(|error| error.to_string())? {
            return Err(format!("{} of {} has no second factor", args.actor, args.organisation));
        }
        self.record_factor(args, "removed")?;
        say!("removed for {} of {}", args.actor, args.organisation);
        Ok(Ended::Done)
    }

    fn record_factor(&self, args: &FactorArgs, verb: &str) -> Result<(), String> {
        let by = ByHand { organisation: &args.organisation, person: &args.by };
        self.desk.record(&by, None, format!("second factor of {} {verb}", args.actor))
    }
}

/// For a URL.
fn escaped(text: &str) -> String {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-._@".contains(&byte);
    let escape = |byte: u8| {
        if plain(byte) { char::from(byte).to_string() } else { format!("%{byte:02X}") }
    };
    text.bytes().map(escape).collect()
}
