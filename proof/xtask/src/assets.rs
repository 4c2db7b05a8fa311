//! `cargo xtask assets`: the browser's half of the product, from Rust, TypeScript and CSS to `target/site`.
//!
//! Each step remembers a hash of what went into it and is skipped when nothing changed. No tool needs installing
//! beside cargo and npm: wasm-bindgen runs as a library, wasm-opt and esbuild come from the lock file in `assets/`, and
//! Brotli is in node. Beside each file lies `name.br`, as small as Brotli makes it; the server sends it as it is.

mod names;
mod snip;

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Instant;

use anyhow::{Context, Result, bail, ensure};
use sha2::{Digest, Sha256};

/// What can be asked of the asset build.
#[derive(clap::Args)]
pub(crate) struct Options {
    /// Build everything again even when nothing changed.
    #[arg(long)]
    force: bool,
}

/// One browser module: a crate, how it is compiled and how it is optimised afterwards.
struct Module {
    name: &'static str,
    profile: &'static str,
    optimise: &'static [&'static str],
    /// Parts of the names of functions that are linked and never called.
    unused: &'static [&'static str],
}

/// The page and MLS small, SFrame fast.
const MODULES: [Module; 4] = [
    Module { name: "stage", profile: "wasm-small", optimise: &SMALL, unused: &FOR_PROGRAMMERS },
    Module { name: "group-worker", profile: "wasm-small", optimise: &SMALL, unused: &[] },
    Module { name: "code-worker", profile: "wasm-small", optimise: &SMALL, unused: &[] },
    Module {
        name: "frame-worker",
        profile: "wasm-fast",
        optimise: &["-O3"],
        unused: &OTHER_SUITES_AND_WORDS,
    },
];
/// What only a panic's words would be made by; the page and the frame worker print nothing in this way.
const FOR_PROGRAMMERS: [&str; 1] = ["as core::fmt::Debug>::fmt"];
/// SFrame's library can do every suite of RFC 9605; ours is AES-128-GCM with SHA-256 (`seal::frame_key`).
const OTHER_SUITES_AND_WORDS: [&str; 4] = ["AesCtr128Hmac", "sha512", "aes256", FOR_PROGRAMMERS[0]];
/// The ways of this tool itself.
const OWN: [&str; 3] = ["assets.rs", "assets/names.rs", "assets/snip.rs"];
const TARGET: &str = "wasm32-unknown-unknown";
/// What rustc itself uses in its modules; all browsers that can seal media have had these for years.
const FEATURES: [&str; 6] = [
    "--enable-bulk-memory",
    "--enable-multivalue",
    "--enable-mutable-globals",
    "--enable-nontrapping-float-to-int",
    "--enable-reference-types",
    "--enable-sign-ext",
];
/// What is called from one place only stays a function of its own: large ones that are inlined press worse.
const SMALL: [&str; 2] = ["-Oz", "--one-caller-inline-max-function-size=0"];
const STYLES: [&str; 6] = ["site", "meeting", "staff", "crisis", "trust", "practice"];
/// Scripts without a module: one works when the stage does not, one stands in its place.
const SCRIPTS: [&str; 2] = ["crisis", "practice"];

/// Builds what changed and prints what the browser will have to load.
pub(crate) fn run(options: &Options) -> Result<()> {
    let started = moment();
    let site = Site::open(options.force)?;
    // Two builds at once would take each other's files away; the second waits, and then finds everything done.
    let alone = fs::File::create(site.work.join("lock")).context("making the lock")?;
    alone.lock().context("waiting for another build of the assets")?;
    site.step("npm packages", &site.npm_inputs()?, Site::install_packages)?;
    site.compile_modules()?;
    for module in &MODULES {
        let inputs = vec![site.compiled(module)];
        site.step(module.name, &inputs, |site| site.bind(module))?;
    }
    site.step("bundles", &site.bundle_inputs()?, Site::bundle)?;
    let hash = site.write_manifest()?;
    site.press()?;
    println!("assets {hash} ready in {:.1} s", started.elapsed().as_secs_f32());
    Ok(())
}

/// The folders of the build.
struct Site {
    root: PathBuf,
    assets: PathBuf,
    work: PathBuf,
    out: PathBuf,
    force: bool,
}

impl Site {
    fn open(force: bool) -> Result<Self> {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).ancestors().nth(2).context("xtask lies two deep")?;
        let target = std::env::var_os("CARGO_TARGET_DIR").map_or_else(|| root.join("target"), PathBuf::from);
        let site = Self {
            root: root.to_path_buf(),
            assets: root.join("assets"),
            work: target.join("site-work"),
            out: target.join("site"),
            force,
        };
        fs::create_dir_all(&site.work)?;
        fs::create_dir_all(&site.out)?;
        Ok(site)
    }

    /// Does `work` unless its inputs, and the ways of this tool itself, are those of the last time.
    fn step(&self, name: &str, inputs: &[PathBuf], work: impl FnOnce(&Self) -> Result<()>) -> Result<()> {
        let stamp = self.work.join(format!("{}.stamp", name.replace(' ', "-")));
        let own = OWN.map(|file| self.root.join("proof/xtask/src").join(file));
        let hash = hash_of_files(&[inputs, &own].concat())?;
        if !self.force && fs::read_to_string(&stamp).is_ok_and(|before| before == hash) {
            return Ok(());
        }
        let started = moment();
        work(self).with_context(|| format!("building {name}"))?;
        println!("  {name}: {:.1} s", started.elapsed().as_secs_f32());
        fs::write(stamp, hash).context("writing a stamp")
    }

    fn npm_inputs(&self) -> Result<Vec<PathBuf>> {
        let mut inputs = vec![self.assets.join("package.json"), self.assets.join("package-lock.json")];
        // A fresh clone has the stamp of nobody; a deleted node_modules must be seen as well.
        let installed = self.assets.join("node_modules/.package-lock.json");
        if !installed.exists() {
            let _ = fs::remove_file(self.work.join("npm-packages.stamp"));
        }
        inputs.retain(|file| file.exists());
        ensure!(inputs.len() == 2, "assets/package.json or its lock file is missing");
        Ok(inputs)
    }

    fn install_packages(&self) -> Result<()> {
        run_tool(Command::new("npm").current_dir(&self.assets).args([
            "ci",
            "--no-audit",
            "--no-fund",
            "--ignore-scripts",
        ]))
    }

    /// Cargo itself knows what is fresh; the two profiles are two runs.
    fn compile_modules(&self) -> Result<()> {
        for profile in ["wasm-small", "wasm-fast"] {
            let mut cargo = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
            cargo.current_dir(&self.root).args(["build", "-q", "--target", TARGET, "--profile", profile]);
            cargo.env(
                format!("CARGO_TARGET_{}_RUSTFLAGS", TARGET.to_uppercase().replace('-', "_")),
                self.flags(),
            );
            for module in MODULES.iter().filter(|module| module.profile == profile) {
                cargo.args(["-p", module.name]);
            }
            run_tool(&mut cargo)?;
        }
        Ok(())
    }

    /// Panic messages name source files; they are to name them alike on every machine, and briefly. SHA-2 is used for
    /// deriving keys, not for every frame: small is better than fast.
    fn flags(&self) -> String {
        let cargo_home =
            std::env::var("CARGO_HOME").or_else(|_| std::env::var("HOME").map(|home| home + "/.cargo"));
        let registry = cargo_home.map(|home| format!("{home}/registry/src")).unwrap_or_default();
        let paths =
            format!("--remap-path-prefix={}=. --remap-path-prefix={registry}=crates", self.root.display());
        format!("{paths} --cfg sha2_backend_soft=\"compact\"")
    }

    fn compiled(&self, module: &Module) -> PathBuf {
        let target = self.out.parent().unwrap_or(&self.root);
        target.join(TARGET).join(module.profile).join(format!("{}.wasm", module.name.replace('-', "_")))
    }

    /// Makes the JavaScript bindings of one module and optimises its code.
    fn bind(&self, module: &Module) -> Result<()> {
        let folder = self.work.join(module.name);
        let _ = fs::remove_dir_all(&folder);
        wasm_bindgen_cli_support::Bindgen::new()
            .input_path(self.compiled(module))
            .out_name("module")
            .web(true)?
            .typescript(false)
            // The names are needed once more; wasm-opt drops them.
            .remove_name_section(false)
            .remove_producers_section(true)
            .omit_default_module_path(true)
            .generate(&folder)?;
        let bound = folder.join("module_bg.wasm");
        snip::snip(&bound, module.unused)?;
        names::shorten(&bound, &folder.join("module.js"))?;
        let optimised = self.out.join(format!("{}.wasm", module.name));
        run_tool(
            Command::new("node")
                .current_dir(&self.assets)
                .arg("node_modules/binaryen/bin/wasm-opt")
                .arg(bound)
                .args(FEATURES)
                .args(module.optimise)
                .arg("-o")
                .arg(optimised),
        )
    }

    fn bundle_inputs(&self) -> Result<Vec<PathBuf>> {
        let mut inputs = files_below(&self.assets.join("ts"))?;
        inputs.extend(files_below(&self.assets.join("css"))?);
        inputs.extend(files_below(&self.assets.join("img"))?);
        inputs.extend(MODULES.iter().map(|module| self.work.join(module.name).join("module.js")));
        inputs.push(self.assets.join("package-lock.json"));
        inputs.retain(|file| file.exists());
        Ok(inputs)
    }

    /// One script per module (`import … from "<module>-wasm"` is its bindings), those without a module, one file per
    /// style sheet, and images.
    fn bundle(&self) -> Result<()> {
        for module in &MODULES {
            let entry = self.assets.join("ts").join(format!("{}.ts", module.name));
            if !entry.exists() {
                println!("  {}: no entry script yet", module.name);
                continue;
            }
            let bindings = self.work.join(module.name).join("module.js");
            run_tool(
                self.esbuild()
                    .arg(&entry)
                    .args(["--format=esm", "--target=es2022"])
                    .arg(format!("--alias:{}-wasm={}", module.name, bindings.display()))
                    .arg(format!("--outfile={}", self.out.join(format!("{}.js", module.name)).display())),
            )?;
        }
        for script in SCRIPTS {
            let out = self.out.join(format!("{script}.js"));
            let entry = self.assets.join("ts").join(format!("{script}.ts"));
            let esbuild = &mut self.esbuild();
            run_tool(
                esbuild
                    .arg(&entry)
                    .args(["--format=esm", "--target=es2022"])
                    .arg(format!("--outfile={}", out.display())),
            )?;
        }
        for style in STYLES {
            let entry = self.assets.join("css").join(format!("{style}.css"));
            if entry.exists() {
                let out = self.out.join(format!("{style}.css"));
                run_tool(self.esbuild().arg(&entry).arg(format!("--outfile={}", out.display())))?;
            }
        }
        for image in files_below(&self.assets.join("img"))? {
            fs::copy(&image, self.out.join(file_name(&image)))?;
        }
        Ok(())
    }

    fn esbuild(&self) -> Command {
        let mut command = Command::new("node");
        command.current_dir(&self.assets).arg("node_modules/esbuild/bin/esbuild");
        command.args(["--bundle", "--minify", "--legal-comments=none", "--log-level=warning"]);
        command
    }

    /// What is served as it is: neither the manifest nor the pressed copies.
    fn served(&self) -> Result<Vec<PathBuf>> {
        let mut served = files_below(&self.out)?;
        served.retain(|file| !file.ends_with("manifest.json") && !is_pressed(file));
        Ok(served)
    }

    /// The hash over all that is served; pages name it in every address, so that caches never mix two builds.
    fn write_manifest(&self) -> Result<String> {
        let served = self.served()?;
        let hash: String = hash_of_files(&served)?.chars().take(16).collect();
        let names: BTreeMap<String, u64> = served
            .iter()
            .map(|file| (file_name(file), fs::metadata(file).map_or(0, |data| data.len())))
            .collect();
        let text = serde_json::to_string_pretty(&serde_json::json!({ "hash": hash, "files": names }))?;
        let manifest = self.out.join("manifest.json");
        if fs::read_to_string(&manifest).ok().as_ref() != Some(&text) {
            fs::write(manifest, text)?;
        }
        Ok(hash)
    }

    /// Lays `name.br` beside each file that has changed, takes away what is left of files that are gone, and prints
    /// what goes over the wire.
    fn press(&self) -> Result<()> {
        let served = self.served()?;
        for left in files_below(&self.out)?.iter().filter(|file| is_pressed(file)) {
            if !served.contains(&left.with_extension("")) {
                fs::remove_file(left)?;
            }
        }
        for file in &served {
            let name = format!("{}.br", file_name(file));
            let pressed = self.out.join(&name);
            if !pressed.exists() {
                let _ = fs::remove_file(self.work.join(format!("{name}.stamp")));
            }
            self.step(&name, std::slice::from_ref(file), |_| {
                run_tool(Command::new("node").args(["-e", PRESS]).args([file, &pressed]))
            })?;
            let size = |file: &Path| fs::metadata(file).map_or(0, |data| data.len());
            println!("  {:20}{:>9} B  brotli{:>8} B", file_name(file), size(file), size(&pressed));
        }
        Ok(())
    }
}

/// Brotli at its slowest and smallest, from one file to another.
const PRESS: &str = "const z=require('zlib'),f=require('fs'),c=z.constants,[from,to]=process.argv.slice(1);\
    const b=f.readFileSync(from);f.writeFileSync(to,z.brotliCompressSync(b,{params:{\
    [c.BROTLI_PARAM_QUALITY]:11,[c.BROTLI_PARAM_LGWIN]:22,[c.BROTLI_PARAM_SIZE_HINT]:b.length}}));";

fn is_pressed(file: &Path) -> bool {
    file.extension().is_some_and(|ending| ending == "br")
}

/// The build times itself.
#[expect(clippy::disallowed_methods, reason = "a build tool may look at the clock; nothing depends on it")]
fn moment() -> Instant {
    Instant::now()
}

/// Runs a tool to its end; a failure names it.
fn run_tool(command: &mut Command) -> Result<()> {
    let name = command.get_program().to_string_lossy().into_owned();
    let status = command.status().with_context(|| format!("{name} could not be started"))?;
    if !status.success() {
        bail!("{name} ended with {status}");
    }
    Ok(())
}

/// Every file in a folder and below it, in a stable order; none when there is no such folder.
fn files_below(folder: &Path) -> Result<Vec<PathBuf>> {
    let mut found = Vec::new();
    let mut folders = vec![folder.to_path_buf()];
    while let Some(folder) = folders.pop() {
        if !folder.is_dir() {
            continue;
        }
        for entry in fs::read_dir(&folder)? {
            let path = entry?.path();
            let list = if path.is_dir() { &mut folders } else { &mut found };
            list.push(path);
        }
    }
    found.sort();
    Ok(found)
}

/// SHA-256 over names and contents, in hexadecimal.
fn hash_of_files(files: &[PathBuf]) -> Result<String> {
    let mut hasher = Sha256::new();
    for file in files {
        let bytes = fs::read(file).with_context(|| format!("reading {}", file.display()))?;
        hasher.update(file_name(file));
        hasher.update(bytes.len().to_be_bytes());
        hasher.update(bytes);
    }
    Ok(hasher.finalize().iter().map(|byte| format!("{byte:02x}")).collect())
}

fn file_name(file: &Path) -> String {
    file.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_changed_file_changes_the_hash_and_an_unchanged_one_does_not() {
        let folder = std::env::temp_dir().join(format!("samrom-assets-{}", std::process::id()));
        fs::create_dir_all(folder.join("below")).expect("the temporary folder is ours");
        let file = folder.join("below/a.css");
        fs::write(&file, "a{}").expect("the file is ours");
        let files = files_below(&folder).expect("the folder is there");
        assert_eq!(files, vec![file.clone()]);
        let before = hash_of_files(&files).expect("the file is there");
        assert_eq!(before, hash_of_files(&files).expect("the file is there"));
        fs::write(&file, "b{}").expect("the file is ours");
        assert_ne!(before, hash_of_files(&files).expect("the file is there"));
        fs::remove_dir_all(folder).expect("the temporary folder is ours");
    }
}
