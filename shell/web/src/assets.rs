//! Scripts, styles and WASM modules, served under a folder named by the hash of the whole build.
//!
//! `cargo xtask assets` fills `target/site`; a release binary carries that folder, a development binary reads it anew
//! at each request. Because the hash stands in the address, browsers may keep what they got for ever, and a page can
//! never be mixed with the script of another build.

use std::borrow::Cow;
use std::fs;
use std::path::{Path, PathBuf};

use axum::body::Body;
use axum::extract;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use rust_embed::RustEmbed;
use serde::Deserialize;

use crate::state::AppState;

/// The asset folder as it was when this binary was built; empty when the assets were not.
#[derive(RustEmbed)]
#[folder = "../../target/site/"]
#[allow_missing = true]
struct Embedded;

/// Where assets come from.
#[derive(Debug, Clone)]
pub struct Assets(Source);

#[derive(Debug, Clone)]
enum Source {
    Embedded,
    Folder(PathBuf),
}

#[derive(Deserialize)]
struct Manifest {
    hash: String,
}

/// The hash in addresses while there is no build at all.
const NO_BUILD: &str = "none";

impl Assets {
    /// What the binary carries (in a development build: `target/site`).
    #[must_use]
    pub const fn embedded() -> Self {
        Self(Source::Embedded)
    }

    /// A folder on disk, read anew at each request.
    #[must_use]
    pub fn folder(path: &Path) -> Self {
        Self(Source::Folder(path.to_path_buf()))
    }

    /// The hash of the build, which is the folder's name in addresses.
    #[must_use]
    pub fn hash(&self) -> String {
        let manifest =
            self.read("manifest.json").and_then(|bytes| serde_json::from_slice::<Manifest>(&bytes).ok());
        match manifest {
            Some(Manifest { hash }) if is_plain(&hash) => hash,
            _ => NO_BUILD.to_owned(),
        }
    }

    fn read(&self, name: &str) -> Option<Cow<'static, [u8]>> {
        match &self.0 {
            Source::Embedded => Embedded::get(name).map(|file| file.data),
            Source::Folder(folder) => fs::read(folder.join(name)).ok().map(Cow::Owned),
        }
    }
}

/// `GET /assets/{hash}/{name}`.
///
/// When the build has laid `name.br` beside a file (Brotli at its slowest and smallest), that is what is sent to
/// those who can read it; otherwise the answer is compressed on its way like any other.
pub(crate) async fn serve(
    extract::State(state): extract::State<AppState>,
    extract::Path((hash, name)): extract::Path<(String, String)>,
    asked: HeaderMap,
) -> Response {
    if !is_plain(&name) || hash != state.assets.hash() {
        return StatusCode::NOT_FOUND.into_response();
    }
    let small = reads_brotli(&asked).then(|| state.assets.read(&format!("{name}.br"))).flatten();
    let is_small = small.is_some();
    let Some(bytes) = small.or_else(|| state.assets.read(&name)) else {
        return StatusCode::NOT_FOUND.into_response();
    };
    let mut response = Response::new(Body::from(bytes.into_owned()));
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(content_type(&name)));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("public, max-age=31536000, immutable"));
    if is_small {
        headers.insert(header::CONTENT_ENCODING, HeaderValue::from_static("br"));
        headers.insert(header::VARY, HeaderValue::from_static("accept-encoding"));
    }
    response
}

/// Whether Brotli is among what the browser accepts, and not by way of a refusal.
fn reads_brotli(headers: &HeaderMap) -> bool {
    let accepted =
        headers.get(header::ACCEPT_ENCODING).and_then(|value| value.to_str().ok()).unwrap_or_default();
    accepted.split(',').any(|coding| {
        let (name, weight) = coding.split_once(';').unwrap_or((coding, ""));
        name.trim() == "br" && !matches!(weight.trim(), "q=0" | "q=0.0" | "q=0.00" | "q=0.000")
    })
}

/// One file name without a way out of the folder.
fn is_plain(name: &str) -> bool {
    !name.is_empty()
        && !name.starts_with('.')
        && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-' | b'_'))
}

fn content_type(name: &str) -> &'static str {
    match name.rsplit_once('.').map(|(_, ending)| ending) {
        Some("js") => "text/javascript; charset=utf-8",
        Some("css") => "text/css; charset=utf-8",
        Some("wasm") => "application/wasm",
        Some("json") => "application/json",
        Some("svg") => "image/svg+xml",
        _ => "application/octet-stream",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_plain_names_are_read() {
        assert!(is_plain("stage_bg.wasm"));
        for bad in ["", "../Cargo.toml", "a/b", ".hidden", "..", "a\\b", "å.css"] {
            assert!(!is_plain(bad), "{bad}");
        }
    }

    #[test]
    fn a_folder_without_a_manifest_has_no_build() {
        assert_eq!(Assets::folder(Path::new("/nowhere")).hash(), NO_BUILD);
    }
}
