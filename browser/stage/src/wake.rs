//! Keeps the screen awake while somebody is in the room; the browser lets go of it whenever the page is hidden.

use std::cell::RefCell;

use js_sys::{Function, Promise};
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::{JsFuture, spawn_local};

use crate::dom;

thread_local! {
    static HELD: RefCell<Option<JsValue>> = const { RefCell::new(None) };
}

/// Stay awake, or not.
pub(crate) fn keep_awake(awake: bool) {
    let held = HELD.with(|held| held.borrow_mut().take());
    if let Some(held) = held {
        if awake && !dom::property(&held, "released").is_truthy() {
            HELD.with(|place| *place.borrow_mut() = Some(held));
            return;
        }
        let _ = call(&held, "release", &JsValue::UNDEFINED);
    }
    if !awake || dom::document().hidden() {
        return;
    }
    let Some(asked) =
        call(&dom::property(&dom::window().navigator(), "wakeLock"), "request", &"screen".into())
    else {
        return;
    };
    spawn_local(async move {
        // A refusal (low battery) leaves the system's own habit.
        if let Ok(lock) = JsFuture::from(asked).await {
            HELD.with(|place| *place.borrow_mut() = Some(lock));
        }
    });
}

fn call(object: &JsValue, method: &str, argument: &JsValue) -> Option<Promise> {
    let method: Function = dom::property(object, method).dyn_into().ok()?;
    method.call1(object, argument).ok()?.dyn_into().ok()
}
