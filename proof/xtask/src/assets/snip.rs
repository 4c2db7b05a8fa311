//! Takes out of a module what it can never reach: the words of panics, and the ciphers that we do not use.
//!
//! A panic ends a module at once and its words go nowhere, for a browser gives a module no place to write them. So the
//! functions that make those words become the trap that they would end in. The same is done with code that is linked
//! only because a library offers a choice which we make once. Should such code be called after all, it traps: the
//! worker is dead, every frame is dropped and the page says so (SEC-018).

use std::path::Path;

use anyhow::Result;
use walrus::{FunctionBuilder, FunctionId, FunctionKind, Module};

/// Makes traps of the panics in the module at `path` and of every function whose name has one of `unused` in it.
pub(super) fn snip(path: &Path, unused: &[&str]) -> Result<()> {
    let mut module = Module::from_file(path)?;
    for id in found(&module, unused) {
        let kind = module.types.get(module.funcs.get(id).ty());
        let (takes, gives) = (kind.params().to_vec(), kind.results().to_vec());
        let mut builder = FunctionBuilder::new(&mut module.types, &takes, &gives);
        builder.func_body().unreachable();
        let arguments = takes.iter().map(|kind| module.locals.add(*kind)).collect();
        module.funcs.get_mut(id).kind = FunctionKind::Local(builder.local_func(arguments));
    }
    walrus::passes::gc::run(&mut module);
    module.emit_wasm_file(path)
}

fn found(module: &Module, unused: &[&str]) -> Vec<FunctionId> {
    let is_ours = |function: &&walrus::Function| {
        let name = plain(function.name.as_deref().unwrap_or_default());
        let local = matches!(function.kind, FunctionKind::Local(_));
        local && (only_panics(&name) || unused.iter().any(|part| name.contains(part)))
    };
    module.funcs.iter().filter(is_ours).map(walrus::Function::id).collect()
}

/// Names of the standard library's functions that never return. What they are called is the library's own affair; a
/// name that changes is code that stays, and the weight of the page tells.
fn only_panics(name: &str) -> bool {
    let standard = ["core::", "std::", "alloc::", "__rustc::"].iter().any(|of| name.starts_with(of));
    let last = name.split("::<").next().unwrap_or(name).rsplit("::").next().unwrap_or_default();
    let never = ["_fail", "_failed", "panic_fmt", "handle_error", "capacity_overflow", "handle_alloc_error"];
    standard
        && (name.starts_with("core::panicking::")
            || last.starts_with("panic_")
            || matches!(last, "rust_panic" | "__rust_alloc_error_handler")
            || never.iter().any(|end| last.ends_with(end)))
}

/// The name without the compiler's marks: `core[5930c85a12de822]::option` is `core::option`.
fn plain(name: &str) -> String {
    let mut depth = 0_u32;
    let outside = |character: &char| {
        match character {
            '[' => depth += 1,
            ']' => depth = depth.saturating_sub(1),
            _ => return depth == 0,
        }
        false
    };
    name.chars().filter(outside).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_standard_librarys_ends_are_taken_for_panics() {
        for panic in [
            "core[c5930c85a12de822]::panicking::panic_fmt",
            "core[c5930c85a12de822]::panicking::assert_failed::<usize, usize>",
            "core[c5930c85a12de822]::result::unwrap_failed",
            "core[c5930c85a12de822]::slice::index::slice_index_fail",
            "alloc[3ca501edff3f0c7c]::raw_vec::handle_error",
            "__rustc[b7974e8690430dd9]::rust_panic",
        ] {
            assert!(only_panics(&plain(panic)), "{panic}");
        }
        for other in [
            "call::join::<impl call::Call>::media_failed::h76fa0f77be84c47e",
            "core[c5930c85a12de822]::str::count::do_count_chars",
            "seal::sealer::Sealer::open::h08b823fffacbb9b1",
        ] {
            assert!(!only_panics(&plain(other)), "{other}");
        }
    }

    #[test]
    fn a_snipped_function_traps_and_what_only_it_called_is_gone() {
        let mut module = Module::default();
        let mut deep = FunctionBuilder::new(&mut module.types, &[], &[]);
        deep.name("words".to_owned()).func_body().i32_const(7).drop();
        let deep = deep.finish(Vec::new(), &mut module.funcs);
        let mut end = FunctionBuilder::new(&mut module.types, &[], &[]);
        end.name("core[1]::panicking::panic_fmt".to_owned()).func_body().call(deep).unreachable();
        let end = end.finish(Vec::new(), &mut module.funcs);
        module.exports.add("end", end);
        let file = std::env::temp_dir().join(format!("samrom-snip-{}.wasm", std::process::id()));
        module.emit_wasm_file(&file).expect("the temporary folder is ours");
        snip(&file, &[]).expect("the module is ours");
        let after = Module::from_file(&file).expect("still a module");
        std::fs::remove_file(&file).expect("the file is ours");
        let left: Vec<_> = after.funcs.iter_local().collect();
        let [(_, end)] = left.as_slice() else {
            panic!("what only the panic called is gone: {}", left.len())
        };
        let body: Vec<_> =
            end.block(end.entry_block()).instrs.iter().map(|(instruction, _)| instruction).collect();
        assert!(matches!(body.as_slice(), [walrus::ir::Instr::Unreachable(_)]), "{body:?}");
    }
}
