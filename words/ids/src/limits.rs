//! Every limit that more than one room must agree on, named with its unit.

/// People inside one session at a time; each has a camera, a microphone and perhaps the screen share.
pub const PEERS_MAX: usize = 8;
/// People who wait for one session at a time; the next is told that the waiting room is full.
pub const WAITING_MAX: usize = 32;
/// Bytes in one message between page and server, either way.
pub const MESSAGE_BYTES_MAX: usize = 64 * 1024;
/// Characters in one chat line or one note to someone who waits.
pub const TEXT_CHARS_MAX: usize = 2_000;
/// Characters in one thing that is said to the hosts alone.
pub const ASIDE_CHARS_MAX: usize = 300;
/// Characters in a name shown on a tile.
pub const NAME_CHARS_MAX: usize = 80;
/// Bytes in one MLS key package.
pub const KEY_PACKAGE_BYTES_MAX: usize = 8 * 1024;
/// Bytes in one SDP offer.
pub const SDP_BYTES_MAX: usize = 48 * 1024;
/// Milliseconds that the last host may be gone before everybody waits again.
pub const HOST_GRACE_MS: u64 = 60_000;
/// Milliseconds of silence on a socket before its line counts as lost.
pub const LINE_LOST_MS: u64 = 10_000;
/// Milliseconds that a lost line keeps its seat before the person counts as gone.
pub const SEAT_KEPT_MS: u64 = 120_000;
/// Milliseconds between a client's pings on its socket.
pub const PING_INTERVAL_MS: u64 = 3_000;
/// Milliseconds between sealed heartbeats of a member; a little under a tick of the worker, so that each tick finds one
/// due.
pub const HEARTBEAT_INTERVAL_MS: u64 = 450;
/// Milliseconds without a sealed heartbeat after which the others are told that a member's line is lost: soon enough
/// that nobody's lock takes a tunnel for a fork, late enough that one late heartbeat is none.
pub const HEARTBEAT_MISSED_MS: u64 = 2_800;
/// Milliseconds of silence of one whose line is up after which the page asks whether its own line is what is silent,
/// and says so.
pub const SILENCE_DOUBTED_MS: u64 = 3_000;
/// Milliseconds that the others have to be heard once the server has answered that question.
pub const OWN_LINE_ASKED_MS: u64 = 1_000;
/// Milliseconds after which withheld or forked commits must have been noticed, on a line that answers.
pub const DIVERGENCE_NOTICED_MS: u64 = 5_000;
/// Milliseconds that a receiver opens frames of the epoch before the newest.
pub const OLD_EPOCH_KEPT_MS: u64 = 3_000;
/// Milliseconds after a commit when a sender switches even if not all have acknowledged.
pub const SENDER_SWITCH_MS: u64 = 300;
/// Milliseconds between two reloads of the door's facts for everyone inside, as a net under change events.
pub const FACTS_RELOAD_MS: u64 = 15_000;
