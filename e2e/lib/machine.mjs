// A machine whose camera and microphone can be unplugged, taken by another program or refused, in the page's own view:
// it stands between the page and the browser, passes everything on, and keeps count of what was asked for.

/** The same as a phone: whoever holds it touches it. */
export const phone = () => `(${machine})();
  const match = window.matchMedia.bind(window);
  window.matchMedia = (query) => (query === '(pointer: coarse)' ? { matches: true } : match(query));`;

/** A `script` for a person's pages. `window.machine`: `asked`, `facing` (where each camera was to look), `refuse`, `unplug(kind)`, `plugIn()`, `take(kind)`, `giveBack(kind)`, `inUse(kind)`. */
export function machine() {
  const { mediaDevices } = navigator;
  const real = { get: mediaDevices.getUserMedia.bind(mediaDevices), list: mediaDevices.enumerateDevices.bind(mediaDevices) };
  const gone = new Set();
  const refuse = {};
  const asked = [];
  const facing = [];
  const taken = new Set();
  const tracks = [];
  window.machine = { asked, facing, refuse, gone };
  const kindOf = { audio: 'audioinput', video: 'videoinput' };
  const there = async (kind) => (await real.list()).filter((device) => device.kind === kindOf[kind] && !gone.has(device.deviceId));

  mediaDevices.enumerateDevices = async () => (await real.list()).filter((device) => !gone.has(device.deviceId));
  mediaDevices.getUserMedia = async (constraints) => {
    const wishes = { ...constraints };
    for (const kind of ['audio', 'video']) {
      if (!wishes[kind]) continue;
      asked.push(kind);
      if (kind === 'video') facing.push(wishes.video.facingMode ?? 'as chosen');
      if (refuse[kind]) throw new DOMException('no', refuse[kind]);
      const wanted = wishes[kind].deviceId?.exact;
      if (gone.has(wanted)) throw new OverconstrainedError('deviceId');
      if (wanted || gone.size === 0) continue;
      const [next] = await there(kind);
      if (!next) throw new DOMException('none', 'NotFoundError');
      wishes[kind] = { ...wishes[kind], deviceId: { exact: next.deviceId } };
    }
    const stream = await real.get(wishes);
    for (const track of stream.getTracks()) {
      tracks.push(track);
      Object.defineProperty(track, 'muted', { get: () => taken.has(track.kind) });
      // Firefox lets those who listen to a track hear a test's events only when they say that they want them: the last
      // argument, of its own making.
      const { addEventListener } = track;
      track.addEventListener = (name, listener, options) => addEventListener.call(track, name, listener, options, true);
    }
    return stream;
  };
  /** Pulls out the device in use, as a browser tells it: the track ends, then the set of devices changes. */
  window.machine.unplug = (kind, every = false) => {
    const track = tracks.findLast((one) => one.kind === kind && one.readyState === 'live');
    const { deviceId } = track.getSettings();
    const out = every ? real.list().then((all) => all.filter((one) => one.kind === kindOf[kind]).map((one) => one.deviceId)) : Promise.resolve([deviceId]);
    return out.then((ids) => {
      ids.forEach((id) => gone.add(id));
      track.stop();
      track.dispatchEvent(new Event('ended'));
      mediaDevices.dispatchEvent(new Event('devicechange'));
      return deviceId;
    });
  };
  window.machine.plugIn = () => {
    gone.clear();
    mediaDevices.dispatchEvent(new Event('devicechange'));
  };
  /** The system takes every such device, as for a telephone call: tracks live on and are muted. */
  const tell = (kind, name) => tracks.filter((one) => one.kind === kind && one.readyState === 'live').forEach((one) => one.dispatchEvent(new Event(name)));
  window.machine.take = (kind) => {
    taken.add(kind);
    tell(kind, 'mute');
  };
  window.machine.giveBack = (kind) => {
    taken.delete(kind);
    tell(kind, 'unmute');
  };
  /** The device in use, if any. */
  window.machine.inUse = (kind) => tracks.findLast((one) => one.kind === kind && one.readyState === 'live')?.getSettings().deviceId;
}
