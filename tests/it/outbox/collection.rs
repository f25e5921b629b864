//! Organisations without an endpoint collect what waits for them.
