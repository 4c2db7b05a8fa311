//! What [`crate::Call`] asks of its surroundings, and what the media engine tells it.

use ids::{Timestamp, TrackKind};
use protocol::frame::FrameCommand;
use protocol::group::GroupCommand;
use protocol::wire::ClientMessage;

/// One thing to do, in order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Output {
    /// Send over the WebSocket (`protocol::encode`).
    Send(ClientMessage),
    /// Open or close the WebSocket.
    Socket(SocketCommand),
    /// Give to the MLS worker.
    Group(GroupCommand),
    /// Give to the frame worker.
    Frame(FrameCommand),
    /// Give to the media engine.
    Media(MediaCommand),
    /// The view has changed; [`crate::Call::take_changes`] says in what.
    View,
    /// Nothing more to do before this moment; then call [`crate::Call::handle_timeout`].
    Timeout(Timestamp),
}

impl Output {
    /// Whether this may happen only while inside; such outputs are withdrawn from the queue on the way out.
    pub(crate) const fn needs_inside(&self) -> bool {
        matches!(
            self,
            Self::Send(ClientMessage::Sealed(_) | ClientMessage::Commit(_) | ClientMessage::Sending { .. })
                | Self::Group(GroupCommand::Seal(_) | GroupCommand::Confide(_))
        )
    }

    /// Whether this would start something that a stop must not leave behind it in the queue.
    pub(crate) const fn is_media_on(&self) -> bool {
        matches!(self, Self::Media(MediaCommand::Publish { .. } | MediaCommand::Unblank))
    }
}

/// To the owner of the WebSocket.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SocketCommand {
    /// Open a new one, then [`crate::Call::handle_socket_open`].
    Open,
    /// Close the present one, if any, after what was sent has gone. Nothing more is to be reported about it.
    Close,
}

/// To the media engine: a browser's peer connection or a native one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum MediaCommand {
    /// Make the peer connection with the m-lines of `protocol::media`, sealing transforms attached, and answer with
    /// [`MediaEvent::OfferReady`].
    CreateOffer,
    /// The server's answer to the last offer.
    ApplyAnswer {
        /// SDP.
        sdp: String,
    },
    /// Send this track or stop sending it. Off means that the device is let go of, so that its lamp goes out.
    Publish {
        /// Which.
        track: TrackKind,
        /// On or off.
        on: bool,
    },
    /// Stop and let go of every local track at once, previews too.
    StopAllTracks,
    /// Throw the peer connection away; `CreateOffer` follows.
    Reconnect,
    /// Show no picture and play no sound of anybody, from the next frame on.
    BlankAll,
    /// Show and play again.
    Unblank,
}

/// From the media engine.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum MediaEvent {
    /// The offer that was asked for; addresses in it are struck out by [`crate::Call`] before it goes.
    OfferReady {
        /// SDP.
        sdp: String,
    },
    /// The transport stands.
    Connected,
    /// The transport is lost; a new peer connection is made.
    Failed,
    /// A local track ended by itself or could not be had: unplugged, blocked, or sharing stopped in the browser.
    TrackLost {
        /// Which.
        track: TrackKind,
    },
}
