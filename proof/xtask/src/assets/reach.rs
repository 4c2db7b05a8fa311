//! Finds what nothing reaches once the functions that only make a panic's words are gone: functions that stand in
//! tables of what was printed, and the data that only they read.
//!
//! What refers to what is known to the linker alone, which writes it down when it is asked to (`--emit-relocs`):
//! symbols, and the places in code and data that hold the address of one. From what is called from outside we follow
//! them, past the ends and what is handed to an end, for an end looks at nothing.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

use anyhow::{Context, Result, bail, ensure};
use wasmparser::{
    CustomSectionReader, DataKind, DefinedDataSymbol, ExternalKind, FunctionBody, KnownCustom, Linking, Name,
    Operator, Parser, Payload, RelocationType, SymbolFlags, SymbolInfo, TypeRef,
};

/// Our modules have none such.
const NOWHERE: &str = "data that lies at no address of its own";

/// What nothing reaches.
#[derive(Debug, Default)]
pub(super) struct Unreached {
    /// Functions, by name.
    pub(super) functions: BTreeSet<String>,
    /// Addresses in memory.
    pub(super) data: Vec<Range<u32>>,
}

/// A function by its index, or data by where it lies in the file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Part {
    Function(u32),
    Data { start: usize, end: usize },
}

/// A module as the linker wrote it.
#[derive(Default)]
struct Linked<'a> {
    imported: u32,
    roots: Vec<Part>,
    exported: BTreeSet<&'a str>,
    bodies: Vec<FunctionBody<'a>>,
    names: BTreeMap<u32, &'a str>,
    /// Where each segment of data lies in the file and in memory.
    segments: Vec<(Range<usize>, u32)>,
    code_start: usize,
    data_start: usize,
    symbols: Vec<Symbol>,
    /// Where in the file the address of which symbol stands.
    references: BTreeMap<usize, usize>,
    /// The same, counted from the beginning of a section.
    relocations: Vec<(bool, usize, usize)>,
}

/// What a symbol stands for; globals and the like are always there.
enum Symbol {
    Function(u32),
    Data(DefinedDataSymbol),
    Other,
}

/// What is not reached in `wasm` when nothing goes on behind a function whose name `is_end`.
pub(super) fn unreached(wasm: &[u8], is_end: impl Fn(&str) -> bool) -> Result<Unreached> {
    let linked = Linked::read(wasm)?;
    let ends: BTreeSet<u32> =
        linked.names.iter().filter(|(_, name)| is_end(name)).map(|(index, _)| *index).collect();
    let mut reached: BTreeSet<Part> = linked.roots.iter().copied().collect();
    let mut next: Vec<Part> = linked.roots.clone();
    while let Some(part) = next.pop() {
        let found = linked.reach_of(part, &ends)?;
        next.extend(found.into_iter().filter(|part| reached.insert(*part)));
    }
    Ok(linked.rest(&reached))
}

impl<'a> Linked<'a> {
    fn read(wasm: &'a [u8]) -> Result<Self> {
        let mut linked = Self::default();
        for payload in Parser::new(0).parse_all(wasm) {
            linked.take(payload?)?;
        }
        ensure!(!linked.relocations.is_empty(), "the linker was not asked what refers to what");
        for (in_code, at, symbol) in std::mem::take(&mut linked.relocations) {
            let start = if in_code { linked.code_start } else { linked.data_start };
            linked.references.insert(start + at, symbol);
        }
        Ok(linked)
    }

    fn take(&mut self, payload: Payload<'a>) -> Result<()> {
        match payload {
            Payload::ImportSection(imports) => {
                for import in imports.into_imports() {
                    self.imported += u32::from(matches!(import?.ty, TypeRef::Func(_)));
                }
            }
            Payload::ExportSection(exports) => {
                for export in exports {
                    let export = export?;
                    self.exported.insert(export.name);
                    if export.kind == ExternalKind::Func {
                        self.roots.push(Part::Function(export.index));
                    }
                }
            }
            Payload::StartSection { func, .. } => self.roots.push(Part::Function(func)),
            Payload::CodeSectionStart { range, .. } => self.code_start = range.start,
            Payload::CodeSectionEntry(body) => self.bodies.push(body),
            Payload::DataSection(data) => {
                self.data_start = data.range().start;
                for segment in data {
                    let segment = segment?;
                    let DataKind::Active { offset_expr, .. } = segment.kind else { bail!(NOWHERE) };
                    let Operator::I32Const { value } = offset_expr.get_operators_reader().read()? else {
                        bail!(NOWHERE)
                    };
                    let start = segment.range.end.saturating_sub(segment.data.len());
                    self.segments.push((start..segment.range.end, value.cast_unsigned()));
                }
            }
            Payload::CustomSection(section) => self.take_custom(&section)?,
            _ => {}
        }
        Ok(())
    }

    fn take_custom(&mut self, section: &CustomSectionReader<'a>) -> Result<()> {
        match section.as_known() {
            KnownCustom::Name(names) => {
                for name in names {
                    let Name::Function(functions) = name? else { continue };
                    for function in functions {
                        let function = function?;
                        self.names.insert(function.index, function.name);
                    }
                }
            }
            KnownCustom::Linking(linking) => {
                for part in linking.subsections() {
                    let Linking::SymbolTable(symbols) = part? else { continue };
                    for symbol in symbols {
                        self.take_symbol(symbol?);
                    }
                }
            }
            KnownCustom::Reloc(relocations) => {
                let in_code = section.name() == "reloc.CODE";
                for entry in relocations.entries() {
                    let entry = entry?;
                    let is_symbol = !matches!(entry.ty, RelocationType::TypeIndexLeb);
                    if is_symbol && (in_code || section.name() == "reloc.DATA") {
                        self.relocations.push((in_code, entry.offset as usize, entry.index as usize));
                    }
                }
            }
            _ => {}
        }
        Ok(())
    }

    fn take_symbol(&mut self, symbol: SymbolInfo<'a>) {
        let (is_exported, symbol) = match symbol {
            SymbolInfo::Func { index, .. } => (false, Symbol::Function(index)),
            SymbolInfo::Data { flags, name, symbol: Some(data) }
                if !flags.contains(SymbolFlags::ABSOLUTE) =>
            {
                (self.exported.contains(name), Symbol::Data(data))
            }
            _ => (false, Symbol::Other),
        };
        self.symbols.push(symbol);
        if is_exported {
            // The script reads it by its address.
            self.roots.extend(self.part(self.symbols.len() - 1));
        }
    }

    /// What a part refers to.
    fn reach_of(&self, part: Part, ends: &BTreeSet<u32>) -> Result<Vec<Part>> {
        let (range, handed) = match part {
            Part::Function(index) if ends.contains(&index) => return Ok(Vec::new()),
            Part::Function(index) => match index.checked_sub(self.imported) {
                None => return Ok(Vec::new()),
                Some(own) => {
                    let body = self.bodies.get(own as usize).context("a function without a body")?;
                    (body.range(), handed_to(body, ends)?)
                }
            },
            Part::Data { start, end } => (start..end, Vec::new()),
        };
        let references = self.references.range(range);
        let kept = references.filter(|(at, _)| !handed.iter().any(|handed| handed.contains(at)));
        Ok(kept.filter_map(|(_, symbol)| self.part(*symbol)).collect())
    }

    fn part(&self, symbol: usize) -> Option<Part> {
        match self.symbols.get(symbol)? {
            Symbol::Function(index) => Some(Part::Function(*index)),
            Symbol::Data(data) => {
                let (segment, _) = self.segments.get(data.index as usize)?;
                let start = segment.start + data.offset as usize;
                Some(Part::Data { start, end: start + data.size as usize })
            }
            Symbol::Other => None,
        }
    }

    fn rest(&self, reached: &BTreeSet<Part>) -> Unreached {
        let mut rest = Unreached::default();
        let is_reached = |index: &u32| reached.contains(&Part::Function(*index));
        let idle = self.names.iter().filter(|(index, _)| !is_reached(index));
        rest.functions = idle.map(|(_, name)| (*name).to_owned()).collect();
        for symbol in 0..self.symbols.len() {
            let Some(Part::Data { start, end }) = self.part(symbol) else { continue };
            // The linker may lay equal data in one place.
            let is_read = |part: &Part| matches!(part, Part::Data { start: from, end: to } if *from < end && start < *to);
            if reached.iter().any(is_read) {
                continue;
            }
            let Some((segment, address)) = self.segments.iter().find(|(range, _)| range.contains(&start))
            else {
                continue;
            };
            let at =
                |place: usize| address + u32::try_from(place - segment.start).unwrap_or(u32::MAX - address);
            rest.data.push(at(start)..at(end));
        }
        rest
    }
}

/// The places in a function that are only handed to an end: what is pushed right before it is called, for nothing runs
/// after it.
fn handed_to(body: &FunctionBody<'_>, ends: &BTreeSet<u32>) -> Result<Vec<Range<usize>>> {
    let (mut handed, mut pushed) = (Vec::new(), Vec::new());
    let mut operators = body.get_operators_reader()?;
    while !operators.eof() {
        let at = operators.original_position();
        match operators.read()? {
            Operator::I32Const { .. } => pushed.push(at..operators.original_position()),
            Operator::LocalGet { .. } | Operator::I64Const { .. } => {}
            Operator::Call { function_index } if ends.contains(&function_index) => handed.append(&mut pushed),
            _ => pushed.clear(),
        }
    }
    Ok(handed)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Bytes with their number before them; all numbers here are small.
    fn counted(bytes: &[u8]) -> Vec<u8> {
        let length = u8::try_from(bytes.len()).expect("a short list");
        assert!(length < 128, "one byte says how many");
        [&[length], bytes].concat()
    }

    fn section(id: u8, bytes: &[u8]) -> Vec<u8> {
        [vec![id], counted(bytes)].concat()
    }

    fn custom(name: &str, bytes: &[u8]) -> Vec<u8> {
        section(0, &[counted(name.as_bytes()), bytes.to_vec()].concat())
    }

    /// `start` reads `kept` and hands `word` to `end`, which would call `print`, which would read a table in which
    /// `show` stands.
    fn module() -> Vec<u8> {
        let functions = ["start", "end", "print", "show"];
        let data = ["kept", "word", "list"];
        let named = |index: usize, name: &str| [vec![index as u8], counted(name.as_bytes())].concat();
        let names: Vec<u8> =
            functions.iter().enumerate().flat_map(|(index, name)| named(index, name)).collect();
        let mut symbols = vec![7];
        for (index, name) in functions.iter().enumerate() {
            symbols.extend([vec![0, 0], named(index, name)].concat());
        }
        for (index, name) in data.iter().enumerate() {
            symbols.extend([vec![1, 0], counted(name.as_bytes()), vec![0, 4 * index as u8, 4]].concat());
        }
        let bodies: [&[u8]; 4] = [
            &[0, 0x41, 0, 0x1a, 0x41, 4, 0x10, 1, 0x0b],
            &[0, 0x10, 2, 0x00, 0x0b],
            &[0, 0x41, 8, 0x1a, 0x0b],
            &[0, 0x0b],
        ];
        let code = bodies.iter().flat_map(|body| counted(body)).collect::<Vec<u8>>();
        let references = [4, 4, 4, 0, 4, 7, 5, 0, 0, 9, 1, 0, 14, 2, 4, 20, 6, 0];
        [
            b"\0asm\x01\0\0\0".to_vec(),
            section(1, &[2, 0x60, 0, 0, 0x60, 1, 0x7f, 0]),
            section(3, &[4, 0, 1, 0, 0]),
            section(5, &[1, 0, 1]),
            section(7, &[vec![1], counted(b"start"), vec![0, 0]].concat()),
            section(10, &[vec![4], code].concat()),
            section(11, &[vec![1, 0, 0x41, 0x80, 8, 0x0b], counted(b"keptwordlist")].concat()),
            custom("name", &[vec![1], counted(&[vec![4], names].concat())].concat()),
            custom("linking", &[vec![2, 8], counted(&symbols)].concat()),
            custom("reloc.CODE", &[&[5, 5], references.as_slice()].concat()),
            custom("reloc.DATA", &[6, 1, 2, 15, 3]),
        ]
        .concat()
    }

    #[test]
    fn what_only_an_end_would_reach_is_found() {
        let rest = unreached(&module(), |name| name == "end").expect("a module");
        assert_eq!(rest.functions, BTreeSet::from(["print".to_owned(), "show".to_owned()]));
        assert_eq!(rest.data, [1_028..1_032, 1_032..1_036], "the word and the list, and what is kept stays");
        let rest = unreached(&module(), |_| false).expect("a module");
        assert!(rest.functions.is_empty() && rest.data.is_empty(), "without an end all is reached: {rest:?}");
    }

    #[test]
    fn a_module_without_the_linkers_word_is_refused() {
        let bare = walrus::Module::default().emit_wasm();
        assert!(unreached(&bare, |_| true).is_err(), "nothing may be taken out on no ground");
    }
}
