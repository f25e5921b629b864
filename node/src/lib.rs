//! The secure node: what every service of the hub needs to be allowed on the network.
//!
//! * [`clock`]: the only place that reads time.
//! * [`tls`]: ITI-19, both directions; who is at the other end ([`caller`]).
//! * [`endpoint`]: bytes to envelope to service to bytes, with audit before the answer leaves.
//! * [`mllp`]: HL7 v2 messages over TLS, in and answered.
//! * [`client`]: the same road outward. [`asynchronous`]: answers on connections of their own.
//! * [`outbox`]: messages of the hub's own, delivered until they are taken.
//! * [`actors`]: the traits through which services meet; [`recalls`] brings withdrawals to the gateway.
//! * [`audit`]: ITI-20, durable and hash-chained.
//! * [`xua`]: ITI-40, who the person behind a system is.
//! * [`sqlite`]: one writer with group commit, many readers.
//! * [`config`], [`telemetry`], [`server`].

pub mod actors;
pub mod asynchronous;
pub mod audit;
pub mod caller;
pub mod client;
pub mod clock;
pub mod config;
pub mod endpoint;
pub mod ids;
pub mod mllp;
pub mod outbox;
mod post;
pub mod recalls;
pub mod relating;
pub mod server;
pub mod spool;
pub mod sqlite;
pub mod syslog;
pub mod telemetry;
pub mod tls;
pub mod xua;
