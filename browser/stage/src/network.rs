//! How much the network carries, from loading what is needed anyway: the largest module, from our own server only.

use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::{JsFuture, spawn_local};
use web_sys::{Request, RequestInit, Response};

use crate::dom::{property, set_property, window};
use crate::inbox::{Event, after, post};

/// Milliseconds after which the call goes on without a figure.
const PATIENCE_MS: i32 = 8_000;
/// Kilobits a second that a picture needs.
pub(crate) const ENOUGH_KBIT: u32 = 2_000;

/// Loads the file and tells how fast it came; it stays in the browser's cache for its real use.
pub(crate) fn measure(address: String) {
    after(PATIENCE_MS, || post(Event::Speed(None)));
    spawn_local(async move {
        let speed = load(&address).await.ok().flatten();
        post(Event::Speed(speed));
    });
}

async fn load(address: &str) -> Result<Option<u32>, JsValue> {
    let init = RequestInit::new();
    set_property(&init, "cache", &"reload".into());
    let request = Request::new_with_str_and_init(address, &init)?;
    let response: Response = JsFuture::from(window().fetch_with_request(&request)).await?.unchecked_into();
    JsFuture::from(response.array_buffer()?).await?;
    let performance: JsValue = window().performance().ok_or(JsValue::UNDEFINED)?.into();
    let find: js_sys::Function = property(&performance, "getEntriesByName").dyn_into()?;
    let entries: js_sys::Array = find.call1(&performance, &response.url().into())?.dyn_into()?;
    let entry = entries.pop();
    let number = |name| property(&entry, name).as_f64().unwrap_or_default();
    let milliseconds = number("responseEnd") - number("responseStart");
    let bits = number("encodedBodySize") * 8.0;
    Ok((bits > 0.0 && milliseconds > 0.0).then(|| (bits / milliseconds) as u32))
}
