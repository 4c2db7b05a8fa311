//! Every target for a moment: what is kept in `fuzz/corpus`, plain rubbish, and good messages with bits turned.

use std::path::Path;

use foreign::{TARGETS, Target, seeds};
use proptest::prelude::*;

#[test]
fn the_corpus_is_replayed() {
    let corpus = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fuzz/corpus");
    for (name, target) in TARGETS {
        let files = std::fs::read_dir(corpus.join(name)).expect(name);
        let mut replayed = 0;
        for file in files {
            let path = file.expect("the folder can be read").path();
            target(&std::fs::read(path).expect("the file can be read"));
            replayed += 1;
        }
        assert!(replayed > 0, "{name} has nothing to start from");
    }
    for folder in std::fs::read_dir(corpus).expect("the folder can be read") {
        let name = folder.expect("the folder can be read").file_name();
        assert!(TARGETS.iter().any(|(target, _)| name == *target), "{name:?} is of no target");
    }
}

#[test]
fn every_target_has_a_binary() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fuzz/fuzz_targets");
    for (name, _) in TARGETS {
        let text = std::fs::read_to_string(folder.join(format!("{name}.rs"))).expect("a binary");
        assert!(text.contains(&format!("foreign::{name}")), "{name}");
    }
}

fn rubbish() -> impl Strategy<Value = Vec<u8>> {
    let spoilt = (prop::sample::select(seeds()), prop::collection::vec((any::<u16>(), any::<u8>()), 0..4))
        .prop_map(|((_, mut bytes), changes)| {
            for (place, change) in changes {
                let length = bytes.len();
                bytes[usize::from(place) % length] ^= change;
            }
            bytes
        });
    prop_oneof![prop::collection::vec(any::<u8>(), 0..300), spoilt]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, failure_persistence: None, ..ProptestConfig::default() })]

    /// SEC-023: no target panics, and nothing foreign is believed.
    #[test]
    fn foreign_bytes_are_refused(data in rubbish()) {
        for (name, target) in TARGETS {
            run(name, target, &data);
        }
    }
}

/// The target that makes a group for each input is run on every eighth only.
fn run(name: &str, target: Target, data: &[u8]) {
    if name != "group_command" || data.len().is_multiple_of(8) {
        target(data);
    }
}
