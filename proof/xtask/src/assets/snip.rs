//! Takes out of a module what it can never reach: the words of panics, and the ciphers that we do not use.
//!
//! A panic ends a module at once and its words go nowhere, for a browser gives a module no place to write them. So the
//! functions that make those words become the trap that they would end in. The same is done with code that is linked
//! only because a library offers a choice which we make once. Should such code be called after all, it traps: the
//! worker is dead, every frame is dropped and the page says so (SEC-018).

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use anyhow::{Context, Result};
use walrus::ir::Value;
use walrus::{ConstExpr, DataKind, FunctionBuilder, FunctionId, FunctionKind, Module};

use super::reach::{Unreached, unreached};

/// Makes traps of the panics in the module at `path`, of every function whose name has one of `unused` in it, and of
/// what only these reach; empties the data that only these read. `linked` is the module as the linker wrote it.
pub(super) fn snip(path: &Path, linked: &Path, unused: &[&str]) -> Result<()> {
    let is_end = |name: &str| {
        let name = plain(&rustc_demangle::demangle(name).to_string());
        only_panics(&name) || unused.iter().any(|part| name.contains(part))
    };
    let linked = fs::read(linked).with_context(|| format!("reading {}", linked.display()))?;
    let rest = unreached(&linked, is_end)?;
    let mut module = Module::from_file(path)?;
    cut(&mut module, |name| is_end(name) || rest.functions.contains(name));
    blank(&mut module, &rest);
    for name in LINKERS {
        module.customs.remove_raw(name);
    }
    module.emit_wasm_file(path)
}

/// What the linker wrote for us and for nobody else.
const LINKERS: [&str; 3] = ["linking", "reloc.CODE", "reloc.DATA"];

/// Makes traps of the functions whose name `is_cut`.
fn cut(module: &mut Module, is_cut: impl Fn(&str) -> bool) {
    let is_ours = |function: &&walrus::Function| {
        let local = matches!(function.kind, FunctionKind::Local(_));
        local && is_cut(function.name.as_deref().unwrap_or_default())
    };
    let found: BTreeSet<FunctionId> = module.funcs.iter().filter(is_ours).map(walrus::Function::id).collect();
    for id in found {
        let kind = module.types.get(module.funcs.get(id).ty());
        let (takes, gives) = (kind.params().to_vec(), kind.results().to_vec());
        let mut builder = FunctionBuilder::new(&mut module.types, &takes, &gives);
        builder.func_body().unreachable();
        let arguments = takes.iter().map(|kind| module.locals.add(*kind)).collect();
        module.funcs.get_mut(id).kind = FunctionKind::Local(builder.local_func(arguments));
    }
    walrus::passes::gc::run(module);
}

/// Writes zeros where nobody reads: Brotli makes nothing of them, and wasm-opt leaves them out.
fn blank(module: &mut Module, rest: &Unreached) {
    let segments: Vec<_> = module.data.iter().map(walrus::Data::id).collect();
    for id in segments {
        let segment = module.data.get_mut(id);
        let DataKind::Active { offset: ConstExpr::Value(Value::I32(start)), .. } = segment.kind else {
            continue;
        };
        let inside = |address: u32| address.checked_sub(start.cast_unsigned()).map(|place| place as usize);
        for range in &rest.data {
            let (Some(from), Some(to)) = (inside(range.start), inside(range.end)) else { continue };
            if let Some(bytes) = segment.value.get_mut(from..to) {
                bytes.fill(0);
            }
        }
    }
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
        cut(&mut module, |name| only_panics(&plain(name)));
        let left: Vec<_> = module.funcs.iter_local().collect();
        let [(_, end)] = left.as_slice() else {
            panic!("what only the panic called is gone: {}", left.len())
        };
        let body: Vec<_> =
            end.block(end.entry_block()).instrs.iter().map(|(instruction, _)| instruction).collect();
        assert!(matches!(body.as_slice(), [walrus::ir::Instr::Unreachable(_)]), "{body:?}");
    }
}
