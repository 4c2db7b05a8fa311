//! The house's own tools: `cargo xtask tidy` checks the rules that no compiler knows, `cargo xtask assets` builds
//! what browsers load.

mod assets;
mod tidy;

use clap::Parser;

#[derive(Parser)]
#[command(name = "xtask", about = "Samrom's own build and check tools")]
enum Task {
    /// Checks edges, headers, sizes, requirement ids, language keys and a few words that must not occur.
    Tidy,
    /// Builds the browser modules and the style sheets into `target/site`.
    Assets(assets::Options),
}

fn main() -> anyhow::Result<()> {
    match Task::parse() {
        Task::Tidy => tidy::run(),
        Task::Assets(options) => assets::run(&options),
    }
}
