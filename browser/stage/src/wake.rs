//! Keeps the screen awake while somebody is in the room; the browser lets go of it whenever the page is hidden.

use std::cell::{Cell, RefCell};

use js_sys::{Function, Promise};
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::{JsFuture, spawn_local};

use crate::dom;

thread_local! {
    static HELD: RefCell<Option<JsValue>> = const { RefCell::new(None) };
    static WANTED: Cell<bool> = const { Cell::new(false) };
}

/// Stay awake, or not.
pub(crate) fn keep_awake(awake: bool) {
    WANTED.set(awake);
    let held = HELD.take();
    if let Some(held) = held {
        if awake && !dom::property(&held, "released").is_truthy() {
            HELD.set(Some(held));
            return;
        }
        release(&held);
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
        let Ok(lock) = JsFuture::from(asked).await else { return };
        // Asked for twice, or no longer wanted when it came.
        if let Some(other) = HELD.take() {
            release(&other);
        }
        if WANTED.get() {
            HELD.set(Some(lock));
        } else {
            release(&lock);
        }
    });
}

fn release(lock: &JsValue) {
    let _ = call(lock, "release", &JsValue::UNDEFINED);
}

fn call(object: &JsValue, method: &str, argument: &JsValue) -> Option<Promise> {
    let method: Function = dom::property(object, method).dyn_into().ok()?;
    method.call1(object, argument).ok()?.dyn_into().ok()
}
