//! The few sounds that the page makes itself: a test of the speaker, and a soft knock when somebody waits.

use web_sys::{AnalyserNode, AudioContext, MediaStream, MediaStreamAudioSourceNode, MediaStreamTrack};

/// Makes sounds and measures the level of a microphone; the context is made at the first press, as browsers demand.
#[derive(Default)]
pub(crate) struct Sound {
    context: Option<AudioContext>,
    analyser: Option<(MediaStreamAudioSourceNode, AnalyserNode)>,
}

impl Sound {
    fn context(&mut self) -> Option<AudioContext> {
        if self.context.is_none() {
            self.context = AudioContext::new().ok();
        }
        let context = self.context.clone()?;
        let _ = context.resume();
        Some(context)
    }

    /// Three rising tones, to hear whether the speaker works.
    pub(crate) fn test(&mut self) {
        self.tones(&[(392.0, 0.0), (494.0, 0.3), (587.0, 0.6)]);
    }

    /// Two soft tones: somebody waits.
    pub(crate) fn knock(&mut self) {
        self.tones(&[(523.0, 0.0), (440.0, 0.18)]);
    }

    fn tones(&mut self, tones: &[(f32, f64)]) {
        let Some(context) = self.context() else { return };
        for (pitch, delay) in tones {
            let start = context.current_time() + delay;
            let made = context.create_oscillator().ok().zip(context.create_gain().ok());
            let Some((tone, loudness)) = made else { return };
            tone.frequency().set_value(*pitch);
            let gain = loudness.gain();
            let _ = gain.set_value_at_time(0.0001, start);
            let _ = gain.exponential_ramp_to_value_at_time(0.15, start + 0.03);
            let _ = gain.exponential_ramp_to_value_at_time(0.0001, start + 0.28);
            let _ = tone.connect_with_audio_node(&loudness);
            let _ = loudness.connect_with_audio_node(&context.destination());
            let _ = tone.start_with_when(start);
            let _ = tone.stop_with_when(start + 0.3);
        }
    }

    /// Measures this microphone from now on, or none. A source that nobody disconnects lives as long as the context.
    pub(crate) fn measure(&mut self, track: Option<&MediaStreamTrack>) {
        if let Some((source, _)) = self.analyser.take() {
            let _ = source.disconnect();
        }
        self.analyser = track.and_then(|track| {
            let context = self.context()?;
            let stream = MediaStream::new().ok()?;
            stream.add_track(track);
            let source = context.create_media_stream_source(&stream).ok()?;
            let analyser = context.create_analyser().ok()?;
            analyser.set_fft_size(512);
            source.connect_with_audio_node(&analyser).ok()?;
            Some((source, analyser))
        });
    }

    /// The present level, from 0 to 1.
    pub(crate) fn level(&self) -> f64 {
        let Some((_, analyser)) = &self.analyser else { return 0.0 };
        let mut samples = [0_u8; 256];
        analyser.get_byte_time_domain_data(&mut samples);
        let loudest = samples.iter().map(|sample| sample.abs_diff(128)).max().unwrap_or(0);
        (f64::from(loudest) / 96.0).min(1.0)
    }
}
