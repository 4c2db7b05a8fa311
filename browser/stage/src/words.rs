//! The texts of this page, as the server wrote them into it; no text for people stands in this module.

use wasm_bindgen::JsValue;

use crate::dom;

/// Texts by key, in the reader's language.
pub(crate) struct Words(JsValue);

impl Words {
    /// Reads the block of texts in the page.
    pub(crate) fn of_page() -> Self {
        let json = dom::by_id("words").text_content().unwrap_or_default();
        Self(js_sys::JSON::parse(&json).unwrap_or(JsValue::UNDEFINED))
    }

    /// The text under `key`; the key itself, marked, when there is none, so that the gap is seen in a test.
    pub(crate) fn get(&self, key: &str) -> String {
        dom::property(&self.0, key).as_string().unwrap_or_else(|| ["stage-", key].concat())
    }

    /// The text with one gap filled.
    pub(crate) fn with(&self, key: &str, gap: &str, value: &str) -> String {
        self.get(key).replace(&["{", gap, "}"].concat(), value)
    }
}
