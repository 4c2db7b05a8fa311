//! Writes the first corpus of each target to `fuzz/corpus`: `cargo run -p foreign --example seeds`.

use std::path::Path;

fn main() -> std::io::Result<()> {
    let corpus = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fuzz/corpus");
    for (number, (target, bytes)) in foreign::seeds().into_iter().enumerate() {
        let folder = corpus.join(target);
        std::fs::create_dir_all(&folder)?;
        std::fs::write(folder.join(format!("seed-{number:02}")), bytes)?;
    }
    Ok(())
}
