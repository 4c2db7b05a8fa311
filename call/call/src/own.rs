//! One's own microphone, camera and screen: what is wished, what is sent, and what the others are told about it.

use ids::{Timestamp, TrackKind};
use protocol::content::{Content, Heartbeat, Lead, Picture, SelfState};
use protocol::group::GroupCommand;
use protocol::wire::ClientMessage;

use crate::output::{MediaCommand, Output};
use crate::view::OwnScreen;
use crate::{Call, Changes};

/// What was done about one's own media; what is wished stands in the view.
#[derive(Debug, Default)]
pub(crate) struct Own {
    /// What the media engine was told to send.
    published: SelfState,
    /// What the server was told, if anything.
    told: Option<SelfState>,
    /// What the group was told.
    said: Option<SelfState>,
    number: u64,
    pub(crate) blanked: bool,
    /// Whether the camera was on before it was turned to show something.
    pub(crate) camera_before: bool,
}

impl Own {
    /// The next heartbeat goes at once: there is a new epoch to agree on.
    pub(crate) const fn speak_up(&mut self) {
        self.said = None;
    }
}

impl Call {
    /// Whether anything may be sent or shown: inside, in the group, and the lock unbroken.
    pub(crate) const fn may_send(&self) -> bool {
        self.is_inside() && self.view.lock.epoch.is_some() && !self.view.lock.stopped
    }

    /// Brings everything that follows from the state into line with it; the end of every input and command.
    pub(crate) fn settle(&mut self, now: Timestamp) {
        if self.is_over() {
            return;
        }
        self.follow_lead();
        self.publish();
        self.rebind();
        if self.may_send() && self.own.blanked {
            self.own.blanked = false;
            self.push(Output::Media(MediaCommand::Unblank));
        }
        self.state_oneself();
        self.say_confided();
        self.tell_who_is_here();
        self.draw_people(now);
        self.draw_lobby(now);
        self.draw_asked();
    }

    /// Stops and lets go of every local track, first of all things; whatever waited to be sent is withdrawn.
    pub(crate) fn stop_media(&mut self) {
        self.outputs.retain(|output| !output.is_media_on());
        self.push(Output::Media(MediaCommand::StopAllTracks));
        let own = &mut self.view.own;
        own.muted_for_you |= own.microphone || own.camera || own.screen == OwnScreen::On;
        own.microphone = false;
        own.camera = false;
        own.paused = false;
        (own.showing, own.lead, own.picture) = (false, Lead::NOTHING, Picture::NONE);
        if own.screen != OwnScreen::Off {
            own.screen = OwnScreen::Off;
            if self.is_inside() && self.view.online {
                self.push(Output::Send(ClientMessage::DropScreen));
            }
        }
        self.own.published = SelfState::default();
        self.changed(Changes::OWN);
    }

    /// The tracks are to be handed to a new peer connection.
    pub(crate) fn republish(&mut self) {
        self.own.published = SelfState::default();
    }

    /// What is to be sent at this moment.
    fn wanted(&self) -> SelfState {
        let own = &self.view.own;
        let capabilities = self.view.you.as_ref().and_then(|you| you.capabilities);
        let around = own.around;
        let Some(can) = capabilities.filter(|_| self.may_send()) else {
            return SelfState { around, ..SelfState::default() };
        };
        let sends = !own.paused;
        let camera = sends && own.camera && can.camera;
        SelfState {
            microphone: sends && own.microphone && can.microphone,
            camera,
            screen: sends && own.screen == OwnScreen::On && can.screen,
            paused: own.paused,
            around,
            showing: camera && own.showing,
            lead: if can.host { own.lead } else { Lead::NOTHING },
            picture: own.picture,
        }
    }

    /// Off before on, and the server told of what there is.
    fn publish(&mut self) {
        let wanted = self.wanted();
        for on in [false, true] {
            for track in TrackKind::ALL {
                if of(wanted, track) == on && of(self.own.published, track) != on {
                    self.push(Output::Media(MediaCommand::Publish { track, on }));
                }
            }
        }
        self.own.published = wanted;
        if self.view.own.sending != wanted {
            self.view.own.sending = wanted;
            self.changed(Changes::OWN);
        }
        if !self.is_inside() {
            self.own.told = None;
        } else if self.view.lock.epoch.is_some()
            && self.own.told.is_none_or(|told| tracks(told) != tracks(wanted))
        {
            self.own.told = Some(wanted);
            self.push(Output::Send(ClientMessage::Sending { tracks: tracks(wanted) }));
        }
    }

    /// The sealed statement about oneself, at each change; the worker repeats it twice a second.
    fn state_oneself(&mut self) {
        if !self.is_inside() || self.view.lock.epoch.is_none() {
            self.own.said = None;
            return;
        }
        let state = self.view.own.sending;
        if self.own.said == Some(state) {
            return;
        }
        self.own.said = Some(state);
        self.own.number = self.own.number.saturating_add(1);
        let heartbeat = Heartbeat {
            number: self.own.number,
            authenticator: Vec::new(),
            heard: Vec::new(),
            asks: false,
            state,
        };
        self.push(Output::Group(GroupCommand::Seal(Content::Heartbeat(heartbeat))));
    }

    /// What is led is what the first host in the room leads; an answer to a step that is over is no answer.
    fn follow_lead(&mut self) {
        let lead = if self.may_send() { self.led() } else { Lead::NOTHING };
        if self.view.lead != lead {
            self.view.lead = lead;
            self.view.own.picture = Picture::NONE;
            self.changed(Changes::PEOPLE.and(Changes::OWN));
        }
    }

    fn led(&self) -> Lead {
        if self.is_host() && self.view.own.lead != Lead::NOTHING {
            return self.view.own.lead;
        }
        let members = self.view.lock.epoch.as_ref().map(|epoch| epoch.members.as_slice()).unwrap_or_default();
        let mut hosts = members.iter().filter(|member| member.role.is_host());
        hosts.find_map(|host| self.people.lead_of(host.participant)).unwrap_or_default()
    }

    pub(crate) fn track_lost(&mut self, track: TrackKind) {
        let own = &mut self.view.own;
        own.lost = Some(track);
        match track {
            TrackKind::Microphone => own.microphone = false,
            TrackKind::Camera => (own.camera, own.showing) = (false, false),
            TrackKind::Screen => return self.drop_screen(),
        }
        self.changed(Changes::OWN);
    }

    /// The server says who holds the screen share.
    pub(crate) fn screen_is(&mut self, yours: bool) {
        let screen = match (self.view.own.screen, yours) {
            (OwnScreen::Asked | OwnScreen::On, true) => OwnScreen::On,
            (OwnScreen::On, false) | (OwnScreen::Off, _) => OwnScreen::Off,
            (OwnScreen::Asked, false) => OwnScreen::Asked,
        };
        if self.view.own.screen != screen {
            self.view.own.screen = screen;
            self.changed(Changes::OWN);
        }
    }

    /// Gives the screen share back, or the wish for it; the engine lets go of the picture even if it was never sent.
    pub(crate) fn drop_screen(&mut self) {
        if self.view.own.screen == OwnScreen::Off {
            return;
        }
        self.view.own.screen = OwnScreen::Off;
        self.own.published.screen = false;
        self.push(Output::Media(MediaCommand::Publish { track: TrackKind::Screen, on: false }));
        if self.is_inside() {
            self.push(Output::Send(ClientMessage::DropScreen));
        }
        self.changed(Changes::OWN);
    }

    /// The server gave the screen to nobody or somebody else; the wish ends.
    pub(crate) fn screen_refused(&mut self) {
        if self.view.own.screen == OwnScreen::Asked {
            self.view.own.screen = OwnScreen::Off;
            self.push(Output::Media(MediaCommand::Publish { track: TrackKind::Screen, on: false }));
            self.changed(Changes::OWN);
        }
    }
}

const fn of(state: SelfState, track: TrackKind) -> bool {
    match track {
        TrackKind::Microphone => state.microphone,
        TrackKind::Camera => state.camera,
        TrackKind::Screen => state.screen,
    }
}

fn tracks(state: SelfState) -> Vec<TrackKind> {
    TrackKind::ALL.into_iter().filter(|&track| of(state, track)).collect()
}
