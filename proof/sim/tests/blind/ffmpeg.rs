//! ffmpeg, which knows nothing of us: it makes what people send and looks at what a server got to see.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// Seconds of computing after which ffmpeg gives up; what it did until then counts.
const SECONDS_MAX: &str = "60";
/// Frames of one decoded file; a spoilt file may claim any length.
const FRAMES_MAX: &str = "2000";

/// A folder of one story, where everything can be looked at afterwards by hand.
pub(crate) struct Bench {
    folder: PathBuf,
}

impl Bench {
    /// An empty folder under `target/tmp`.
    pub(crate) fn new(story: &str) -> Self {
        let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("blind").join(story);
        if folder.exists() {
            std::fs::remove_dir_all(&folder).expect("the folder is ours");
        }
        std::fs::create_dir_all(&folder).expect("target/tmp can be written");
        Self { folder }
    }

    /// Encodes pictures (RGB, all of this size) as VP8 in IVF.
    pub(crate) fn encode_pictures(
        &self,
        name: &str,
        size: (u16, u16),
        per_second: u32,
        rgb: &[u8],
    ) -> Vec<u8> {
        let (raw, made) = (self.put(&format!("{name}.rgb"), rgb), self.folder.join(format!("{name}.ivf")));
        let (size, rate) = (format!("{}x{}", size.0, size.1), per_second.to_string());
        let read = ["-f", "rawvideo", "-pix_fmt", "rgb24", "-s", &size, "-r", &rate, "-i"];
        let write =
            ["-c:v", "libvpx", "-b:v", "600k", "-g", "30", "-deadline", "realtime", "-auto-alt-ref", "0"];
        let made_well = run(Command::new("ffmpeg").args(read).arg(&raw).args(write).arg(&made));
        assert!(made_well, "ffmpeg makes VP8: is it there, with libvpx?");
        std::fs::remove_file(raw).expect("it is ours");
        std::fs::read(made).expect("ffmpeg wrote it")
    }

    /// Encodes two seconds of one tone as Opus in Ogg, 20 ms a packet.
    pub(crate) fn encode_tone(&self, name: &str, hertz: u32) -> Vec<u8> {
        let made = self.folder.join(format!("{name}.ogg"));
        let source = format!("sine=frequency={hertz}:sample_rate=48000:duration=2");
        let write = ["-ac", "1", "-c:a", "libopus", "-b:a", "32k", "-frame_duration", "20"];
        let made_well =
            run(Command::new("ffmpeg").args(["-f", "lavfi", "-i", &source]).args(write).arg(&made));
        assert!(made_well, "ffmpeg makes Opus: is it there, with libopus?");
        std::fs::read(made).expect("ffmpeg wrote it")
    }

    /// Every picture that ffmpeg can make of an IVF file, scaled to this size, as RGB. Nothing is the answer to what
    /// cannot be decoded.
    pub(crate) fn decode_pictures(&self, name: &str, ivf: &[u8], size: (u16, u16)) -> Vec<u8> {
        let (file, made) = (self.put(&format!("{name}.ivf"), ivf), self.folder.join(format!("{name}.rgb")));
        let scale = format!("scale={}:{}", size.0, size.1);
        let write = ["-fps_mode", "passthrough", "-vf", &scale, "-frames:v", FRAMES_MAX];
        let form = ["-f", "rawvideo", "-pix_fmt", "rgb24"];
        run(Command::new("ffmpeg").args(LENIENT).arg("-i").arg(&file).args(write).args(form).arg(&made));
        taken(&made)
    }

    /// Every sample that ffmpeg can make of an Ogg file, 48,000 a second. Nothing is the answer to what cannot be
    /// decoded.
    pub(crate) fn decode_sound(&self, name: &str, ogg: &[u8]) -> Vec<i16> {
        let (file, made) = (self.put(&format!("{name}.ogg"), ogg), self.folder.join(format!("{name}.pcm")));
        let form = ["-f", "s16le", "-ar", "48000", "-ac", "1", "-t", "60"];
        run(Command::new("ffmpeg").args(LENIENT).arg("-i").arg(&file).args(form).arg(&made));
        taken(&made).chunks_exact(2).map(|pair| i16::from_le_bytes([pair[0], pair[1]])).collect()
    }

    fn put(&self, name: &str, bytes: &[u8]) -> PathBuf {
        let path = self.folder.join(name);
        std::fs::write(&path, bytes).expect("target/tmp can be written");
        path
    }
}

/// Reads a large file and takes it away; nothing when there is none. What it was decoded from stays to be
/// looked at.
fn taken(made: &Path) -> Vec<u8> {
    let bytes = std::fs::read(made).unwrap_or_default();
    // Where nothing was decoded there is nothing to take away.
    drop(std::fs::remove_file(made));
    bytes
}

/// Takes everything for a frame that can in any way be taken for one.
const LENIENT: [&str; 4] = ["-err_detect", "ignore_err", "-flags", "+output_corrupt"];

/// Runs ffmpeg; says whether it was content.
fn run(command: &mut Command) -> bool {
    command.args(["-y", "-nostdin", "-loglevel", "quiet", "-timelimit", SECONDS_MAX]);
    let command = command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    command.status().expect("ffmpeg must be installed: this test feeds it what a server sees").success()
}
