//! The WebSocket to the server: binary messages in and out, each socket with a number so that a late word of an old
//! one is not taken for the new one's.

use js_sys::{ArrayBuffer, Uint8Array};
use wasm_bindgen::JsCast;
use web_sys::{BinaryType, MessageEvent, WebSocket};

use crate::dom;
use crate::inbox::{Event, SocketEvent, listen, post};

/// One socket.
pub(crate) struct Socket {
    number: u32,
    socket: WebSocket,
}

impl Socket {
    /// Opens a socket to a path of this very server.
    pub(crate) fn open(path: &str, number: u32) -> Option<Self> {
        let location = dom::window().location();
        let scheme = if location.protocol().ok()? == "https:" { "wss://" } else { "ws://" };
        let socket = WebSocket::new(&[scheme, &location.host().ok()?, path].concat()).ok()?;
        socket.set_binary_type(BinaryType::Arraybuffer);
        listen(&socket, "open", move |_: web_sys::Event| post(Event::Socket(number, SocketEvent::Open)));
        listen(&socket, "close", move |_: web_sys::Event| post(Event::Socket(number, SocketEvent::Closed)));
        listen(&socket, "message", move |event: MessageEvent| {
            if let Ok(buffer) = event.data().dyn_into::<ArrayBuffer>() {
                post(Event::Socket(number, SocketEvent::Message(Uint8Array::new(&buffer).to_vec())));
            }
        });
        Some(Self { number, socket })
    }

    /// Which socket this is, counted from the page's start.
    pub(crate) const fn number(&self) -> u32 {
        self.number
    }

    /// Sends bytes; a socket that is not open loses them, and its closing is told by itself.
    pub(crate) fn send(&self, bytes: &[u8]) {
        let _ = self.socket.send_with_u8_array(bytes);
    }

    /// Closes it after what was sent has gone.
    pub(crate) fn close(&self) {
        let _ = self.socket.close();
    }
}
