//! `watling serve`.

use super::Ended;
use super::args::ServeArgs;
use crate::config::Config;
use crate::serve::{Hub, Options};
use std::io::{IsTerminal, Write};

const CONFORMANCE: &str = "CONFORMANCE MODE: whoever holds the conformance client's key can write, read and remove everything, past every agreement. It is for tests of the hub, and no way to run a region.";

/// Red where a person can see it.
fn red(text: &str) -> String {
    if std::io::stdout().is_terminal() && std::env::var_os("NO_COLOR").is_none() {
        return format!("\u{1b}[1;31m{text}\u{1b}[0m");
    }
    text.to_owned()
}

pub(super) fn serve(args: ServeArgs) -> Result<Ended, String> {
    let mut config = Config::load(args.config.as_deref())?;
    config.hub.code_sets = args.codes.or(config.hub.code_sets);
    config.registry.patients = args.patients.unwrap_or(config.registry.patients);
    let options = Options {
        roles: args.role,
        registry_url: args.registry_url,
        repository_url: args.repository_url,
        gateway_url: args.gateway_url,
        registry_listen: args.registry_listen,
        repository_listen: args.repository_listen,
        gateway_listen: args.gateway_listen,
        mllp_listen: args.mllp_listen,
        empty: args.empty,
        conformance: args.conformance,
        ..Options::new(args.data, config)
    };
    let hub = Hub::start(&options)?;
    if options.conformance {
        say!("{}", red(CONFORMANCE));
    }
    for line in &hub.said {
        say!("{line}");
    }
    for (name, url) in &hub.urls {
        say!("{name} listening on {url}");
    }
    say!("ready: Ctrl-C stops the hub");
    std::io::stdout().flush().map_err(|error| error.to_string())?;
    hub.wait()?;
    say!("stopped");
    Ok(Ended::Done)
}
