//! The hub: roles composed into processes, and the client that a user has.
//!
//! * [`config`]: one TOML file, environment overrides, embedded defaults.
//! * [`data`]: the data folder, its stamp and its lock. [`pki`]: the development certificates.
//! * [`serve`]: configuration to running roles, top to bottom.
//! * [`client`]: publish, find, get. [`demo`]: the first journey, shown.
//! * [`cli`]: the command line.

/// Prints a line for a person; a reader that has gone away (`| head`) is no reason to fail.
macro_rules! say {
    ($($part:tt)*) => {{
        use std::io::Write;
        let _ = writeln!(std::io::stdout().lock(), $($part)*);
    }};
}

pub mod cli;
pub mod client;
pub mod config;
pub mod data;
pub mod demo;
pub mod fixtures;
pub mod pki;
pub mod serve;
