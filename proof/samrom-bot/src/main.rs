//! samrom-bot
fn main() {}
