//! `samrom audit verify`: follows the chain from its start, names the first broken link and sees a cut tail (SEC-007).

use std::process::ExitCode;

use store::Db;

use crate::config::Config;
use crate::{clock, records};

/// The chain does not hold; different from a failure to look, which is 1.
const BROKEN: u8 = 3;

/// Checks the chain and says what was found.
///
/// # Errors
/// When database or head file could not be read. A chain that does not hold is an exit code, not an error.
pub(crate) async fn verify(config: &Config, db: &Db) -> anyhow::Result<ExitCode> {
    let file = records::head_file(config);
    let report = store::verify(db, &file, &db.audit_public_key(), clock::wall()).await?;
    println!("{} entries hold, from the first on", report.entries);
    if let Some(head) = report.head {
        println!("the signed head names entry {}", head.sequence);
    }
    for problem in &report.problems {
        println!("problem: {problem}");
    }
    if report.is_whole() {
        println!("the audit chain is whole");
        return Ok(ExitCode::SUCCESS);
    }
    Ok(ExitCode::from(BROKEN))
}
