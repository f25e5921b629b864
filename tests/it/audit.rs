//! Audit that stands up: its messages, its proof, its way to a receiver, and who has seen what.

mod dicom;
mod forward;
mod full;
mod receiver;
mod seen;
mod verify;
