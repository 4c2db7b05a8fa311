//! Getting into the room: device key, welcome, key package, knock, the offer, and stepping out and in.

use ids::{LeaveReason, SDP_BYTES_MAX, Timestamp};
use protocol::group::GroupCommand;
use protocol::wire::{ClientMessage, DeviceKey, KeyPackageHash, Welcome};

use crate::output::{MediaCommand, MediaEvent, Output};
use crate::view::{OwnScreen, Transport, You};
use crate::{Call, Changes, Phase, is_due, later, sdp};

/// How often *stepped out* is told until the server has heard it.
const RETELL_MS: u64 = 2_000;
/// The pause before another peer connection is tried.
const MEDIA_AGAIN_MS: u64 = 1_000;
/// Peer connections in a row that may fail before it is said that media is impossible.
const MEDIA_FAILURES_MAX: u32 = 8;

/// What the next key package is for.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) enum Errand {
    /// Arriving, or answering the server's wish for a fresh one.
    #[default]
    Knock,
    /// Coming back after stepping out.
    StepIn,
}

/// The state of getting in.
#[derive(Debug, Default)]
pub(crate) struct Join {
    pub(crate) device: Option<DeviceKey>,
    pub(crate) returning: bool,
    /// The person has arrived; after a lost line the knock is repeated without asking.
    pub(crate) arrived: bool,
    pub(crate) welcome: Option<Welcome>,
    /// The worker holds a credential for the present join.
    attested: bool,
    /// Key packages asked for and not yet made; only the last is used.
    packages: u32,
    pub(crate) errand: Errand,
    /// A key package was wanted while still inside: the server's word that we wait may come after it.
    pub(crate) wanted_inside: bool,
    /// A step back in was sent; should the server not know the seat any more, one arrives anew.
    pub(crate) steps_in: bool,
    /// Stepped out so that the others may have some minutes without.
    pub(crate) agreed: bool,
    knocked: bool,
    offer: Option<String>,
    offered: bool,
    media_failures: u32,
    pub(crate) media_again_at: Option<Timestamp>,
    pub(crate) retell_at: Option<Timestamp>,
    /// The page is in the background.
    pub(crate) asleep: bool,
}

impl Join {
    pub(crate) fn new(returning: bool) -> Self {
        Self { returning, ..Self::default() }
    }

    /// The line is lost: what the server knew of us must be told again.
    pub(crate) fn lost(&mut self) {
        self.welcome = None;
        self.knocked = false;
        self.attested = false;
        self.returning |= self.arrived;
        self.errand = Errand::Knock;
        self.retell_at = None;
        self.offer = None;
    }
}

impl Call {
    pub(crate) fn welcomed(&mut self, welcome: Welcome, now: Timestamp) {
        // One welcome for each hello: a second would move us out of the room without stopping anything.
        if welcome.session != self.session || self.join.welcome.is_some() || !self.line.is_open() {
            return;
        }
        self.line.welcomed();
        self.set_clock(welcome.at, now);
        self.set_online(true);
        self.view.you = Some(You {
            participant: welcome.you,
            role: welcome.role,
            name: welcome.name.clone(),
            capabilities: None,
            until: None,
        });
        self.changed(Changes::PHASE);
        self.join.welcome = Some(welcome);
        self.join.attested = false;
        // Another line, perhaps another network.
        self.join.media_failures = 0;
        self.make_media();
        if self.is_away() {
            self.join.retell_at = Some(now);
        } else if self.join.arrived {
            self.set_phase(Phase::Entering);
            self.ask_key_package(Errand::Knock);
        } else {
            self.set_phase(Phase::Checking);
        }
    }

    /// Asks the worker for a key package; the credential goes first when this join has none yet.
    pub(crate) fn ask_key_package(&mut self, errand: Errand) {
        let Some(welcome) = &self.join.welcome else { return };
        if !self.join.attested {
            self.join.attested = true;
            let attested = GroupCommand::Attested {
                you: welcome.you,
                attestation: welcome.attestation.clone(),
                organization_key: welcome.organization_key,
            };
            self.push(Output::Group(attested));
        }
        self.join.errand = errand;
        self.join.packages = self.join.packages.saturating_add(1);
        self.push(Output::Group(GroupCommand::MakeKeyPackage));
    }

    pub(crate) fn key_package_made(&mut self, key_package: Vec<u8>, hash: KeyPackageHash) {
        self.join.packages = self.join.packages.saturating_sub(1);
        let wanted = self.join.packages == 0 && self.join.welcome.is_some() && self.join.arrived;
        if !wanted || self.is_away() {
            return;
        }
        let message = match core::mem::take(&mut self.join.errand) {
            Errand::Knock => ClientMessage::Knock { key_package, hash },
            Errand::StepIn => {
                self.join.steps_in = true;
                ClientMessage::StepIn { key_package, hash }
            }
        };
        self.push(Output::Send(message));
        self.join.knocked = true;
        self.send_offer();
        if self.join.asleep {
            // A new line knows nothing of it.
            self.push(Output::Send(ClientMessage::Asleep { asleep: true }));
        }
    }

    /// Leaves the group, so that the next join is a new leaf.
    pub(crate) fn leave_group(&mut self) {
        self.join.attested = false;
        self.group.id = None;
        self.push(Output::Group(GroupCommand::Leave));
    }

    /// Stopped, told or not: stepped out, closed fast, or somebody came in.
    pub(crate) const fn is_away(&self) -> bool {
        matches!(self.view.phase, Phase::SteppedOut { .. } | Phase::SomeoneCameIn { .. } | Phase::ClosedFast)
    }

    /// The server has heard that we are away.
    pub(crate) fn away_is_told(&mut self) {
        let told = match self.view.phase {
            Phase::SteppedOut { .. } => Phase::SteppedOut { told: true },
            Phase::SomeoneCameIn { .. } => Phase::SomeoneCameIn { told: true },
            // Only the end shows that this was heard.
            _ => return,
        };
        self.join.retell_at = None;
        self.set_phase(told);
    }

    /// Tells the server that we are away, again and again until it has heard it.
    pub(crate) fn tell_away(&mut self, now: Timestamp) {
        let message = match self.view.phase {
            Phase::SteppedOut { .. } if self.join.agreed => ClientMessage::WithoutMe { agreed: true },
            Phase::SteppedOut { .. } => ClientMessage::StepOut { someone_came_in: false },
            Phase::SomeoneCameIn { .. } => ClientMessage::StepOut { someone_came_in: true },
            Phase::ClosedFast => ClientMessage::Leave { reason: LeaveReason::ClosedFast },
            _ => return,
        };
        if self.join.welcome.is_some() {
            self.push(Output::Send(message));
            self.join.retell_at = Some(later(now, RETELL_MS));
        }
    }

    pub(crate) fn join_timeout(&mut self, now: Timestamp) {
        if is_due(self.join.retell_at, now) {
            self.join.retell_at = None;
            self.tell_away(now);
        }
        if is_due(self.join.media_again_at, now) {
            self.join.media_again_at = None;
            if self.view.online {
                self.make_media();
            }
        }
    }

    /// Makes the peer connection, anew if there was one.
    fn make_media(&mut self) {
        if self.join.offered {
            self.push(Output::Media(MediaCommand::Reconnect));
            self.media_is_new();
        }
        self.join.offered = true;
        self.join.offer = None;
        self.join.media_again_at = None;
        self.push(Output::Media(MediaCommand::CreateOffer));
        self.set_transport(Transport::Connecting);
    }

    /// Sends the offer once there is one and the server knows our seat.
    fn send_offer(&mut self) {
        if self.join.knocked
            && let Some(sdp) = self.join.offer.take()
        {
            self.push(Output::Send(ClientMessage::Offer { sdp }));
        }
    }

    pub(crate) fn answered(&mut self, sdp: String) {
        if self.join.offered {
            self.push(Output::Media(MediaCommand::ApplyAnswer { sdp }));
        }
    }

    pub(crate) fn media_event(&mut self, event: MediaEvent, now: Timestamp) {
        match event {
            MediaEvent::OfferReady { sdp } => {
                let sdp = sdp::without_addresses(&sdp);
                if sdp.len() <= SDP_BYTES_MAX {
                    self.join.offer = Some(sdp);
                    self.send_offer();
                }
            }
            MediaEvent::Connected => {
                self.join.media_failures = 0;
                // What was troubled has come back by itself.
                self.join.media_again_at = None;
                self.set_transport(Transport::Connected);
            }
            MediaEvent::Failed => self.media_failed(now),
            MediaEvent::TrackLost { track } => self.track_lost(track),
        }
    }

    /// The transport or the offer failed: another try after a pause, a bounded number of times.
    pub(crate) fn media_failed(&mut self, now: Timestamp) {
        self.join.media_failures = self.join.media_failures.saturating_add(1);
        if self.join.media_failures >= MEDIA_FAILURES_MAX {
            self.set_transport(Transport::Impossible);
        } else {
            self.set_transport(Transport::Connecting);
            self.join.media_again_at = Some(later(now, MEDIA_AGAIN_MS));
        }
    }

    fn set_transport(&mut self, transport: Transport) {
        if self.view.transport != transport {
            self.view.transport = transport;
            self.changed(Changes::PHASE);
        }
    }

    pub(crate) fn set_clock(&mut self, server: Timestamp, now: Timestamp) {
        self.view.clock_offset_ms = server.as_millis().saturating_sub(now.as_millis());
    }

    /// The room is behind us, for whatever reason: tracks stop first, then keys and everything seen are dropped.
    pub(crate) fn forget_room(&mut self) {
        self.stop_media();
        self.outputs.retain(|output| !output.needs_inside());
        if self.group.id.is_some() || self.join.attested {
            self.leave_group();
        }
        self.forget_group();
        self.forget_people();
        self.view.own.screen = OwnScreen::Off;
        if let Some(you) = &mut self.view.you {
            you.capabilities = None;
            you.until = None;
        }
        self.changed(Changes::PHASE);
    }
}
