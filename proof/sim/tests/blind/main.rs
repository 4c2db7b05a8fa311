//! The blind server (SEC-002): a clinician and a young person talk, and a server that keeps everything that it holds
//! tries hard to see, hear and read them. It finds nothing; with sealing off, the same server by the same means finds
//! everything, so the test can fail.
//!
//! Built only with the feature `unsealed`, which no other test and no shipped program has. ffmpeg makes what is sent
//! and judges what was kept; files stay in `target/tmp/blind` to be looked at by hand.

mod ffmpeg;
mod marker;
mod spy;
mod words;

use std::time::Duration;

use ids::{ParticipantId, Role, TrackKind};
use peer::{Clip, Clips, Frame, Manners};
use room::Deed;
use sfu::Overheard;
use sim::World;

use crate::ffmpeg::Bench;
use crate::marker::{Marker, PICTURES_PER_SECOND, SIZE};
use crate::spy::Attempt;

const LINE: &str = "delay=15 jitter=3";
const SECOND: Duration = Duration::from_secs(1);
/// A clip of two seconds goes round twice.
const TALK: Duration = Duration::from_secs(5);
/// What a line of waiting room's note carries; the page says of it that it is not sealed.
const NOTE: &str = "Venteromslappen4Aapen";
/// Above this a picture or a sound has been recognised; what decodes at all is far above it.
const RECOGNISED: f64 = 0.9;
/// Below this there is nothing of it; noise is far below it.
const NOTHING: f64 = 0.5;

/// Two people and what they send.
struct Talk {
    world: World,
    people: [(ParticipantId, Marker); 2],
    bench: Bench,
}

/// What was recognised of one person by one way of looking.
#[derive(Debug, Clone, Copy, Default)]
struct Likeness {
    /// How many pictures or tenths of a second came out of the decoder.
    decoded: usize,
    /// The likest.
    best: f64,
    /// The share of what came out that is recognised.
    recognised: f64,
}

impl Likeness {
    fn of(likenesses: &[f64]) -> Self {
        let recognised = likenesses.iter().filter(|likeness| **likeness >= RECOGNISED).count();
        Self {
            decoded: likenesses.len(),
            best: likenesses.iter().copied().fold(0.0, f64::max),
            recognised: recognised as f64 / likenesses.len().max(1) as f64,
        }
    }
}

impl Talk {
    /// The host writes a note to her who waits, lets her in, they talk and write; the server keeps everything.
    fn held(story: &str, seals: bool) -> Self {
        let bench = Bench::new(story);
        let mut world = World::new(71);
        world.room().evil(Deed::Listen);
        let host = world.invite(1, Role::Host, LINE);
        let young = world.invite(2, Role::YoungPerson, LINE);
        let people = [(host, Marker::new(1)), (young, Marker::new(2))];
        for (who, marker) in &people {
            world.give_clips(*who, clips_of(&bench, marker));
            world.keep_frames(*who);
            if !seals {
                world.leave_unsealed(*who);
            }
            world.open_page_with(*who, Manners { arrive: Some((true, true)), admit_everyone: false });
        }
        let asks =
            |w: &World| w.view(host).lobby.iter().any(|guest| guest.here && guest.participant == young);
        assert!(world.run_until(SECOND * 10, asks).is_some(), "{}", world.log());
        world.act(host, |call, now| call.note(young, NOTE, now)).expect("she waits");
        let let_in = Manners { arrive: None, admit_everyone: true };
        world.set_manners(host, let_in);
        let met = |w: &World| {
            let sees = |at, of| w.tally(at, of, TrackKind::Camera).count > 0;
            sees(host, young) && sees(young, host)
        };
        assert!(world.run_until(SECOND * 10, met).is_some(), "{}", world.log());
        for (who, marker) in &people {
            world.act(*who, |call, now| call.chat(&marker.word, now)).expect("inside");
        }
        world.run_for(TALK);
        Self { world, people, bench }
    }

    fn packets(&mut self, of: ParticipantId, track: TrackKind) -> Vec<Overheard> {
        let all = self.world.room().evil_packets().iter();
        all.filter(|packet| packet.sender == of && packet.track == track).cloned().collect()
    }

    /// The frames of somebody's camera or microphone as the server holds them.
    fn frames(&mut self, of: ParticipantId, track: TrackKind) -> Vec<Vec<u8>> {
        let packets = self.packets(of, track);
        let packets = spy::in_order(packets.iter());
        if track.is_audio() { spy::frames_of_sound(&packets) } else { spy::frames_of_pictures(&packets) }
    }

    fn look(&self, name: &str, frames: &[Vec<u8>], marker: &Marker) -> Likeness {
        let ivf = spy::ivf(frames, SIZE, PICTURES_PER_SECOND);
        Likeness::of(&marker.likeness_of_pictures(&self.bench.decode_pictures(name, &ivf, SIZE)))
    }

    fn listen(&self, name: &str, frames: &[Vec<u8>], marker: &Marker) -> Likeness {
        Likeness::of(&marker.likeness_of_sound(&self.bench.decode_sound(name, &spy::ogg(frames))))
    }

    /// Everything that the server tries on one track of one person, and what came of it.
    fn attempts(&mut self, person: usize, track: TrackKind) -> Vec<(Attempt, Likeness)> {
        let frames = self.frames(self.people[person].0, track);
        let marker = &self.people[person].1;
        let attempts = if track.is_audio() { Attempt::on_sound() } else { Attempt::on_pictures() };
        let tried = attempts.into_iter().enumerate().map(|(number, attempt)| {
            let hoped: Vec<Vec<u8>> = frames.iter().map(|frame| attempt.on(frame)).collect();
            let name = format!("seen-{person}-{}-{number:02}", track.number());
            let likeness = if track.is_audio() {
                self.listen(&name, &hoped, marker)
            } else {
                self.look(&name, &hoped, marker)
            };
            (attempt, likeness)
        });
        tried.collect()
    }

    /// What the other one got and opened: of this person's camera or microphone.
    fn given_out(&self, person: usize, track: TrackKind) -> Likeness {
        let ((of, marker), (at, _)) = (&self.people[person], &self.people[1 - person]);
        let theirs = |frame: &&Frame| frame.participant == *of && frame.track == track;
        let kept = self.world.person(*at).kept().iter().filter(theirs);
        let frames: Vec<Vec<u8>> = kept.map(|frame| frame.bytes.clone()).collect();
        let name = format!("opened-{person}-{}", track.number());
        if track.is_audio() { self.listen(&name, &frames, marker) } else { self.look(&name, &frames, marker) }
    }

    /// Everything that went over the sockets, and every packet of media besides.
    fn everything(&mut self) -> Vec<Vec<u8>> {
        let packets = self.world.room().evil_packets().iter().map(|packet| packet.payload.to_vec());
        let packets: Vec<Vec<u8>> = packets.collect();
        self.world.room().evil_messages().iter().cloned().chain(packets).collect()
    }

    /// Whether talking went well: each one sees, hears and reads the other.
    fn assert_they_met(&self) {
        for person in [0, 1] {
            for track in [TrackKind::Camera, TrackKind::Microphone] {
                let given_out = self.given_out(person, track);
                assert!(given_out.recognised > RECOGNISED, "{track:?} of {person}: {given_out:?}");
                assert!(given_out.decoded > 40, "{track:?} of {person}: {given_out:?}");
            }
        }
        for (at, _) in &self.people {
            let lines = self.world.view(*at).chat.iter();
            let texts: Vec<&String> = lines.map(|line| line.text.reveal()).collect();
            assert_eq!(texts.len(), 2, "both see both lines");
            assert!(self.people.iter().all(|(_, marker)| texts.contains(&&marker.word)));
        }
    }
}

fn clips_of(bench: &Bench, marker: &Marker) -> Clips {
    let name = format!("made-{}", marker.hertz);
    let ivf = bench.encode_pictures(&name, SIZE, PICTURES_PER_SECOND, &marker.pictures());
    let ogg = bench.encode_tone(&name, marker.hertz);
    Clips {
        microphone: Some(Clip::from_ogg(&ogg).expect("ffmpeg wrote Opus in Ogg")),
        camera: Some(Clip::from_ivf(&ivf).expect("ffmpeg wrote VP8 in IVF")),
        screen: None,
    }
}

/// SEC-002: those in the room see, hear and read each other; the server holds every byte of it and finds no picture, no
/// tone and no word, whatever it tries. What is not sealed and says so (the note to her who waits) it does find.
#[test]
fn sec_002_a_server_sees_hears_and_reads_nothing() {
    let mut talk = Talk::held("sealed", true);
    talk.assert_they_met();
    for (person, track) in
        [0, 1].into_iter().flat_map(|p| [(p, TrackKind::Camera), (p, TrackKind::Microphone)])
    {
        let attempts = talk.attempts(person, track);
        for (attempt, likeness) in &attempts {
            println!("{track:?} of {person}, {attempt:?}: {likeness:?}");
            assert!(likeness.best < NOTHING, "{track:?} of {person}, {attempt:?}: {likeness:?}");
        }
        // Some attempts do make a decoder give out something, and it is noise.
        assert!(attempts.iter().any(|(_, likeness)| likeness.decoded > 20), "{track:?} of {person}");
        let frames = talk.frames(talk.people[person].0, track);
        assert!(frames.len() > 60, "the server holds {} frames", frames.len());
        let clear = usize::from(!track.is_audio());
        assert_eq!(spy::repeated(&frames, clear), 0, "the same frame sealed twice looks different each time");
    }
    let everything = talk.everything();
    for (_, marker) in &talk.people {
        assert_eq!(words::forms_found(&marker.word, &everything), [""; 0]);
    }
    assert_eq!(words::forms_found(NOTE, &everything), ["UTF-8"], "what is not sealed is found");
}

/// The counter-proof: nothing is changed but that the two do not seal, and the same server finds all of it.
#[test]
fn without_the_seal_the_same_server_sees_hears_and_reads_everything() {
    let mut talk = Talk::held("unsealed", false);
    talk.assert_they_met();
    for (person, track) in
        [0, 1].into_iter().flat_map(|p| [(p, TrackKind::Camera), (p, TrackKind::Microphone)])
    {
        let attempts = talk.attempts(person, track);
        let (_, plain) = attempts.first().expect("as it is");
        println!("{track:?} of {person}: {plain:?}");
        assert!(plain.decoded > 40 && plain.recognised > RECOGNISED, "{track:?} of {person}: {plain:?}");
        let frames = talk.frames(talk.people[person].0, track);
        assert!(
            spy::repeated(&frames, usize::from(!track.is_audio())) > 20,
            "a clip that starts again is seen"
        );
    }
    let everything = talk.everything();
    for (_, marker) in &talk.people {
        assert_eq!(words::forms_found(&marker.word, &everything), ["UTF-8"]);
    }
    assert_eq!(words::forms_found(NOTE, &everything), ["UTF-8"]);
}
