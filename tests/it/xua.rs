//! ITI-40: what an assertion must be to be believed, and the forgeries that are not.

mod bearer;
mod bed;
mod callers;
mod corpus;
mod forged;
mod genuine;
mod oracle;
mod replay;
mod wire;
