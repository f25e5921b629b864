//! `watling serve`.

use super::Ended;
use super::args::ServeArgs;
use crate::config::Config;
use crate::serve::{Hub, Options};
use std::io::Write;

pub(super) fn serve(args: ServeArgs) -> Result<Ended, String> {
    let config = Config::load(args.config.as_deref())?;
    let options = Options {
        roles: args.role,
        registry_url: args.registry_url,
        repository_url: args.repository_url,
        registry_listen: args.registry_listen,
        repository_listen: args.repository_listen,
        gateway_listen: args.gateway_listen,
        empty: args.empty,
        conformance: args.conformance,
        ..Options::new(args.data, config)
    };
    let hub = Hub::start(&options)?;
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
