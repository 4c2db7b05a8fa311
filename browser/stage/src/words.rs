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

    /// The text with one gap filled, wherever it stands.
    pub(crate) fn with(&self, key: &str, gap: &str, value: &str) -> String {
        filled(&self.get(key), gap, value)
    }
}

/// `String::replace` would do, and brings a search with it that is longer than all of this file.
pub(crate) fn filled(text: &str, gap: &str, value: &str) -> String {
    let mut pieces = text.split('{');
    let mut filled = pieces.next().unwrap_or_default().to_owned();
    for piece in pieces {
        match piece.strip_prefix(gap).and_then(|rest| rest.strip_prefix('}')) {
            Some(rest) => {
                filled.push_str(value);
                filled.push_str(rest);
            }
            None => {
                filled.push('{');
                filled.push_str(piece);
            }
        }
    }
    filled
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_gap_is_filled_wherever_it_stands_and_no_other_is() {
        assert_eq!(filled("{name} er her", "name", "Nora"), "Nora er her");
        assert_eq!(filled("Til {name}: {name}", "name", "{name}"), "Til {name}: {name}");
        assert_eq!(filled("{names}, {time} {", "name", "Nora"), "{names}, {time} {");
        assert_eq!(filled("uten hull", "name", "Nora"), "uten hull");
    }
}
