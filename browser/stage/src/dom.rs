//! The few things that the stage does with the document; the document itself is written by the server's templates.

use wasm_bindgen::{JsCast, JsValue, UnwrapThrowExt};
use web_sys::{Document, DocumentFragment, Element, HtmlElement, HtmlTemplateElement, Window};

/// The window.
pub(crate) fn window() -> Window {
    web_sys::window().expect_throw("the stage runs in a page")
}

/// The document.
pub(crate) fn document() -> Document {
    window().document().expect_throw("the stage runs in a page")
}

/// The element with this id; the template of this page has it.
pub(crate) fn by_id(id: &str) -> HtmlElement {
    find(id).unwrap_or_else(|| wasm_bindgen::throw_str(id))
}

/// The element with this id, if the page has it (some belong to hosts only).
pub(crate) fn find(id: &str) -> Option<HtmlElement> {
    document().get_element_by_id(id).and_then(|element| element.dyn_into().ok())
}

/// What has the focus, if anything on the page has it.
pub(crate) fn focused() -> Option<Element> {
    document().active_element().filter(|element| element.tag_name() != "BODY")
}

/// Whether the device was lent for this hour, so that nothing may be kept on it (SEC-088).
pub(crate) fn is_shared() -> bool {
    find("stage").is_some_and(|stage| stage.has_attribute("data-shared"))
}

/// The element with this id, as what it is.
pub(crate) fn by_id_as<T: JsCast>(id: &str) -> T {
    by_id(id).unchecked_into()
}

/// The first element below `root` whose `data-part` is this.
pub(crate) fn part(root: &Element, name: &str) -> HtmlElement {
    let selector = ["[data-part=", name, "]"].concat();
    match root.query_selector(&selector) {
        Ok(Some(element)) => element.unchecked_into(),
        _ => wasm_bindgen::throw_str(name),
    }
}

/// A copy of the only element inside the template with this id.
pub(crate) fn copy(template: &str) -> HtmlElement {
    let template: HtmlTemplateElement = by_id_as(template);
    let content: DocumentFragment = template.content();
    let copy =
        content.first_element_child().expect_throw("a template holds one element").clone_node_with_deep(true);
    copy.expect_throw("an element can be copied").unchecked_into()
}

/// Sets a text if it is another one, so that nothing is announced or selected away twice.
pub(crate) fn set_text(element: &Element, text: &str) {
    if element.text_content().as_deref() != Some(text) {
        element.set_text_content(Some(text));
    }
}

/// Shows or hides.
pub(crate) fn show(element: &HtmlElement, shown: bool) {
    if element.hidden() == shown {
        element.set_hidden(!shown);
    }
}

/// Scrolls no further than it takes to see the element.
pub(crate) fn bring_into_view(element: &HtmlElement) {
    let options = web_sys::ScrollIntoViewOptions::new();
    options.set_block(web_sys::ScrollLogicalPosition::Nearest);
    element.scroll_into_view_with_scroll_into_view_options(&options);
}

/// Shows an element with a text, or hides it when there is none.
pub(crate) fn show_text(element: &HtmlElement, text: Option<&str>) {
    set_text(element, text.unwrap_or_default());
    show(element, text.is_some());
}

/// Sets an attribute if it has another value.
pub(crate) fn set(element: &Element, name: &str, value: &str) {
    if element.get_attribute(name).as_deref() != Some(value) {
        let _ = element.set_attribute(name, value);
    }
}

/// Sets or removes an attribute without a value.
pub(crate) fn mark(element: &Element, name: &str, on: bool) {
    if element.has_attribute(name) != on {
        let _ = if on { element.set_attribute(name, "") } else { element.remove_attribute(name) };
    }
}

/// `true` or `false`, for ARIA states.
pub(crate) const fn truth(value: bool) -> &'static str {
    if value { "true" } else { "false" }
}

/// The value of a property, or `undefined`.
pub(crate) fn property(object: &JsValue, name: &str) -> JsValue {
    js_sys::Reflect::get(object, &name.into()).unwrap_or(JsValue::UNDEFINED)
}

/// Sets a property of a plain object.
pub(crate) fn set_property(object: &JsValue, name: &str, value: &JsValue) {
    let _ = js_sys::Reflect::set(object, &name.into(), value);
}

/// What is written in the field with this id; nothing where the page has no such field.
pub(crate) fn value(id: &str) -> String {
    find(id).and_then(|field| property(&field, "value").as_string()).unwrap_or_default()
}

/// Writes into the field with this id, if the page has it.
pub(crate) fn set_value(id: &str, value: &str) {
    if let Some(field) = find(id) {
        set_property(&field, "value", &value.into());
    }
}

/// A number in digits, without the machinery of formatting.
pub(crate) fn digits(number: u64) -> String {
    let mut text = if number < 10 { String::new() } else { digits(number / 10) };
    text.extend(char::from_digit((number % 10) as u32, 10));
    text
}

/// Whether a short text stands somewhere in a text; the library's own search is made for long ones, and long itself.
pub(crate) fn has(text: &str, part: &str) -> bool {
    text.as_bytes().windows(part.len()).any(|window| window == part.as_bytes())
}

/// Takes away every child.
pub(crate) fn empty(element: &Element) {
    element.replace_children_with_node_0();
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_written_as_everywhere() {
        for number in [0, 9, 10, 907, 1_000, u64::MAX] {
            assert_eq!(digits(number), number.to_string());
        }
    }

    #[test]
    fn a_part_is_found_wherever_it_stands() {
        for part in ["a=extmap", "audio", "level"] {
            assert!(has("a=extmap:1 ssrc-audio-level", part), "{part}");
        }
        assert!(!has("level", "a longer part than the text") && !has("level", "lever"));
    }
}
