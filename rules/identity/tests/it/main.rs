//! Both ceremonies against a software authenticator that answers rightly, and in every wrong way that matters.

mod authenticator;
mod ceremonies;
mod foreign;
