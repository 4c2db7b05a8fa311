// What people do in a meeting, in words: sign in, arrive, let in, see and hear, write, leave.

import { setTimeout as pause } from 'node:timers/promises';
import { Person } from './browsers.mjs';

/** Who sits in front of which browser when two people meet. */
export const PAIRS = [
  { hostKind: 'chromium', guestKind: 'chromium' },
  { hostKind: 'chromium', guestKind: 'firefox' },
  { hostKind: 'firefox', guestKind: 'chromium' },
];

/** The host's button for the one who has waited longest, once it can be pressed. */
export const ADMIT = '#lobby-list [data-do="admit"]:not([disabled])';

/** Opens the demo link and the meeting behind it, and stands at the device check. */
export async function comeToDoor(kind, link, options) {
  const person = await Person.at(kind, options);
  await follow(person, link);
  return person;
}

/** Opens a link and walks to the meeting behind it. */
export async function follow(person, link) {
  await person.open(link);
  await walkToMeeting(person);
}

/** From wherever a link leads (the day, the arrival page) to the meeting's own page, ready for an arrival. */
export async function walkToMeeting(person) {
  await findMeeting(person);
  await person.until('phase', 'checking');
}

/** The same, however far that page has come; `take` is how a link or a button is used, with the mouse unless told. */
export async function findMeeting(person, take = (way) => person.press(way)) {
  for (let step = 0; step < 3; step += 1) {
    const path = new URL(person.page.url()).pathname;
    if (path.startsWith('/meeting/')) break;
    const way = path.startsWith('/j/') ? 'form[action^="/j/"] button' : 'a[href^="/meeting/"]';
    await Promise.all([person.page.waitForNavigation({ waitUntil: 'domcontentloaded' }), take(way)]);
  }
}

/** Chooses picture and sound (or `sound`, `neither`) and goes to wait. */
export async function arrive(person, means = 'both') {
  await person.press(`#means-${means}`);
  await person.press('#arrive');
}

/** A host arrives at an empty room and is inside. */
export async function host(kind, link, options, means) {
  const person = await comeToDoor(kind, link, options);
  await arrive(person, means);
  await person.until('phase', 'inside');
  return person;
}

/** A guest arrives and waits. */
export async function guest(kind, link, options, means) {
  const person = await comeToDoor(kind, link, options);
  await arrive(person, means);
  await person.until('phase', 'waiting');
  return person;
}

/** The host lets in the one who has waited longest. */
export async function letIn(host) {
  await host.press(ADMIT);
}

/** Her answer to a question, by the button that she sees: `yes`, `not-today`, `say-first`; `after-all` undoes a no. */
export async function answers(young, answer) {
  await young.press(`#asked-list [data-part="${answer}"]`);
}

/** A parent in her hour: the host's press asks her, and her yes lets in (SEC-114). */
export async function letInByHerYes(host, young) {
  await letIn(host);
  await answers(young, 'yes');
}

/** Waits until the group has so many members in the eyes of each of these people: as many as they are, unless told. */
export async function members(people, count = people.length, timeout = 30_000) {
  await Promise.all(people.map((person) => person.until('members', String(count), timeout)));
}

/** Waits until a control of the room says that it is on, or off. */
export async function isOn(person, control, on = true) {
  await person.when((id, wanted) => document.querySelector(id)?.dataset.on === wanted, { timeout: 15_000 }, control, String(on));
}

/** What it says at this moment, where a moment later would prove less: `true` or `false`, in letters. */
export async function saysOn(person, control) {
  return person.page.$eval(control, (button) => button.dataset.on);
}

/** Turns a control of the room on, or off, waiting until it says so. */
export async function turn(person, control, on = true) {
  await isOn(person, control, !on);
  await person.press(control);
  await isOn(person, control, on);
}

/** Heard and seen again, after coming back muted. */
export async function everythingOn(person) {
  await turn(person, '#microphone');
  await turn(person, '#camera');
}

/** Waits until the first tile says this of whom it shows: `flowing`, `sound-only`, `paused`, `line-lost`. */
export async function tileIs(person, status, timeout = 20_000) {
  await person.when((wanted) => document.querySelector('#tiles .tile')?.dataset.status === wanted, { timeout }, status);
}

/** The words that everybody's lock shows alike. */
export async function safetyWords(person) {
  return person.page.$$eval('#safety-words li', (items) => items.map((item) => item.textContent));
}

/** How many frames the lock has counted: `{ sealed, opened, noKey, refused }`. */
export async function frames(person) {
  const [sealed, opened, noKey, refused] = (await person.data('frames')).split(' ').map(Number);
  return { sealed, opened, noKey, refused };
}

/** Writes to everybody in the room; the panel stays open. */
export async function write(person, text) {
  await person.press('#open-chat');
  // What is typed before there is a field goes nowhere.
  await person.see('#chat-text');
  await person.page.type('#chat-text', text);
  await person.press('#panel-chat form button');
}

/** A host writes to the one who has waited longest. */
export async function writeNote(host, text) {
  await host.press('#lobby-list summary');
  await host.see('#lobby-list details input');
  await host.page.type('#lobby-list details input', text);
  await host.press('#lobby-list details button');
}

/** Closes the lock, the chat, the devices or the people. */
export async function closePanel(person, panel) {
  await person.press(`#panel-${panel} [data-do="close-panel"]`);
}

/** A host is asked before leaving; `end-for-all` is the other answer. */
export async function leaveAsHost(person, answer = 'leave-now') {
  await person.press('#leave');
  await person.press(`#leave-dialog [data-do="${answer}"]`);
  await person.until('phase', 'ended');
}

/** Two people, inside, sealed. */
export async function pair(server, { hostKind = 'chromium', guestKind = 'chromium', hostOptions, guestOptions } = {}) {
  const clinician = await host(hostKind, server.links.clinician, hostOptions);
  const young = await guest(guestKind, server.links.young, guestOptions);
  await letIn(clinician);
  await young.until('phase', 'inside');
  await members([clinician, young]);
  return { clinician, young };
}

/** Waits until pictures with something in them have been decoded from somebody else. */
export async function sees(person, timeout = 20_000) {
  await person.when(() => [...document.querySelectorAll('#tiles video, #shared video')].some((video) => {
    if (video.videoWidth === 0 || video.paused) return false;
    const canvas = document.createElement('canvas');
    [canvas.width, canvas.height] = [32, 24];
    const context = canvas.getContext('2d', { willReadFrequently: true });
    context.drawImage(video, 0, 0, 32, 24);
    const pixels = context.getImageData(0, 0, 32, 24).data;
    let low = 255;
    let high = 0;
    for (let i = 0; i < pixels.length; i += 4) {
      const light = pixels[i] + pixels[i + 1] + pixels[i + 2];
      low = Math.min(low, light);
      high = Math.max(high, light);
    }
    return high - low > 60;
  }), { timeout, polling: 250 });
}

/**
 * Waits until sound that is not silence has been decoded from somebody else; returns its energy (the sum of squared
 * levels over time, W3C webrtc-stats).
 */
export async function hears(person, timeout = 20_000) {
  const end = Date.now() + timeout;
  let energy = 0;
  while (Date.now() < end) {
    const sounds = (await person.figures('inbound-rtp')).filter(({ kind }) => kind === 'audio');
    energy = sounds.reduce((sum, { totalAudioEnergy = 0 }) => sum + totalAudioEnergy, 0);
    if (energy > 1e-4) return energy;
    await pause(100);
  }
  throw new Error(`${person.kind}: silence (energy ${energy})`);
}

/** The negotiated SRTP protection, where the browser tells (SEC-020). */
export async function protection(person) {
  return (await person.figures('transport')).map(({ srtpCipher }) => srtpCipher).find(Boolean);
}

/**
 * Waits until more pictures and more sound have come from somebody else than had come when this was called: what
 * stands still or is left from before does not count; without `picture`, sound alone. Returns the milliseconds.
 */
export async function fresh(person, { timeout = 30_000, picture = true } = {}) {
  const count = async () => {
    const connections = await person.page.evaluate(() => window.connections.length);
    const lines = await person.figures('inbound-rtp');
    const sum = (kind, what) => lines.filter((line) => line.kind === kind).reduce((all, line) => all + (line[what] ?? 0), 0);
    const sent = (await person.figures('outbound-rtp')).reduce((all, { packetsSent = 0 }) => all + packetsSent, 0);
    return {
      connections, pictures: sum('video', 'framesDecoded'), sound: sum('audio', 'totalAudioEnergy'),
      // Told when nothing comes: whether it is the network or what comes after it.
      packets: sum('video', 'packetsReceived') + sum('audio', 'packetsReceived'), sent, frames: await person.data('frames'),
    };
  };
  const start = Date.now();
  let first = await count();
  let now = first;
  while (Date.now() < start + timeout) {
    await pause(100);
    now = await count();
    // Another connection counts from nothing, and so does one whose lines were given to somebody else.
    if (now.connections !== first.connections || now.pictures < first.pictures || now.sound < first.sound) first = now;
    if ((!picture || now.pictures > first.pictures + 5) && now.sound > first.sound + 1e-4) return Date.now() - start;
  }
  const data = await person.page.evaluate(() => JSON.stringify({ ...document.documentElement.dataset }));
  throw new Error(`${person.kind}: nothing new from anybody; first ${JSON.stringify(first)}, now ${JSON.stringify(now)}; ${data}`);
}

/** How media goes: `udp` or `tcp`, by the pair of candidates that the browser uses. */
export async function way(person) {
  const figures = await person.figures('transport', 'candidate-pair', 'local-candidate');
  const by = (id) => figures.find((entry) => entry.id === id);
  const chosen = figures.find(({ type }) => type === 'transport')?.selectedCandidatePairId;
  const pair = chosen ? by(chosen) : figures.find(({ type, selected, nominated, state }) => type === 'candidate-pair' && (selected ?? nominated) && state === 'succeeded');
  return by(pair?.localCandidateId)?.protocol;
}
