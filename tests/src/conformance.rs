//! A conformance suite for any XDS.b registry and repository: a foreign client that shares no code
//! with the hub's own writers, so that it can send what is wrong, and knows no mercy with answers.
//!
//! [`case`] reads the cases, which are data; [`scope`] knows what goes by which name; [`compose`]
//! makes messages; [`expect`] looks at answers; [`run`] does all that side by side; [`report`] tells.

pub mod answer;
pub mod bed;
pub mod case;
pub mod cli;
pub mod codes;
pub mod compose;
pub mod expect;
pub mod http;
pub mod message;
pub mod metadata;
pub mod reply;
pub mod report;
pub mod run;
pub mod scope;
pub mod vocabulary;
