//! `watling agreement`: membership and agreements as people run them. It works on the gateway's
//! database, where a hub may be serving it.

mod apply;
mod args;
mod deeds;
mod desk;
mod entries;
mod explain;
mod folder;
mod gaps;
mod lines;
mod look;
mod matrix;
mod membership;
mod shown;
mod simulate;

pub use args::AgreementArgs;

use super::{Ended, runtime};
use args::AgreementCommand as Command;
use desk::Desk;

pub(super) fn run(args: AgreementArgs) -> Result<Ended, String> {
    runtime()?.block_on(async {
        let desk = Desk::open(&args).await?;
        let desk = &desk;
        let (data, config) = (args.data.as_path(), args.config.as_deref());
        match args.command {
            Command::List(args) => look::list(desk, args).await,
            Command::Show(args) => look::show(desk, args).await,
            Command::Diff(args) => look::diff(desk, args).await,
            Command::Plan(args) => apply::show(desk, args).await,
            Command::Apply(args) => apply::apply(desk, args).await,
            Command::Export(args) => look::export(desk, args),
            Command::History(args) => look::history(desk, args).await,
            Command::Offer(args) => deeds::offer(desk, args).await,
            Command::Request(args) => deeds::request(desk, args).await,
            Command::Approve(args) => deeds::approve(desk, args).await,
            Command::Refuse(args) => deeds::refuse(desk, args).await,
            Command::Amend(args) => deeds::amend(desk, args).await,
            Command::Suspend(args) => deeds::suspend(desk, args).await,
            Command::Resume(args) => deeds::resume(desk, args).await,
            Command::Withdraw(args) => deeds::withdraw(desk, args).await,
            Command::Join(args) => membership::join(desk, *args).await,
            Command::Evidence(args) => membership::evidence(desk, args).await,
            Command::Clone(args) => deeds::clone(desk, args).await,
            Command::Expiring(args) => look::expiring(desk, &args),
            Command::Simulate(args) => simulate::run(&args, data, config).await,
            Command::Explain(args) => explain::run(&args, data, config).await,
            Command::Matrix(args) => matrix::run(&args, data, config).await,
            Command::Gaps(args) => gaps::run(&args, data, config).await,
        }
    })
}
