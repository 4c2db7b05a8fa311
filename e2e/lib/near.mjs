// Near sound: a made-up voice as a microphone's file, and what of it comes out at the other end.
//
// What is told apart is what a gate, a suppressor or a discontinuous transmission would take first: breath and a low *mm*,
// between talk and silence. Levels are in dBFS, in steps of 20 ms.

import { writeFileSync } from 'node:fs';
import { join } from 'node:path';

const RATE = 48_000;
const STEP = RATE / 50;
/** Seconds of each part, in order; together they are played again and again. */
const PARTS = [['talk', 4], ['silence', 2], ['breath', 4], ['silence', 2], ['mm', 4], ['silence', 2]];
/** How loud each is. */
export const SENT = { talk: -22, breath: -44, mm: -40 };
/** Steps left out at each end of a part: nobody knows to the hundredth where it begins. */
const EDGE = 20;
/** What counts as silence when levels are laid over each other. */
const FLOOR = -70;

const decibels = (power) => 10 * Math.log10(Math.max(power, 1e-12));
const mean = (numbers) => numbers.reduce((sum, one) => sum + one, 0) / numbers.length;
/** The level of several steps together. */
export const together = (levels) => decibels(mean(levels.map((level) => 10 ** (level / 10))));

/** The same noise in every run. */
function noise() {
  let state = 1;
  return () => {
    state = (Math.imul(state, 1_103_515_245) + 12_345) & 0x7fffffff;
    return state / 0x40000000 - 1;
  };
}

/** A buzzing voice of so many hertz, whose pitch moves a little and whose mouth opens four times a second. */
function voice(pitch, syllables) {
  let phase = 0;
  return (at) => {
    phase += (2 * Math.PI * pitch * (1 + 0.08 * Math.sin(2 * Math.PI * 0.7 * at))) / RATE;
    let sum = 0;
    for (let harmonic = 1; harmonic <= 12; harmonic += 1) sum += Math.sin(harmonic * phase) / harmonic;
    return sum * (syllables ? 0.25 + 0.75 * Math.sin(Math.PI * 4 * at) ** 2 : 1);
  };
}

/** Air: noise without its lowest and highest. */
function air() {
  const random = noise();
  let [low, lower] = [0, 0];
  return () => {
    low += 0.35 * (random() - low);
    lower += 0.05 * (low - lower);
    return low - lower;
  };
}

/** So many seconds of a source, as loud as asked. */
function made(source, seconds, level) {
  const samples = Float64Array.from({ length: seconds * RATE }, (_, index) => source(index / RATE));
  const power = mean(Array.from(samples, (sample) => sample * sample));
  const gain = Math.sqrt(10 ** (level / 10) / power);
  return samples.map((sample) => sample * gain);
}

/** Writes a sound file of one channel, 16 bits. */
function writeSound(path, parts) {
  const samples = parts.flatMap((part) => Array.from(part));
  const bytes = Buffer.alloc(44 + samples.length * 2);
  bytes.write('RIFF', 0);
  bytes.writeUInt32LE(36 + samples.length * 2, 4);
  bytes.write('WAVEfmt ', 8);
  bytes.writeUInt32LE(16, 16);
  bytes.writeUInt16LE(1, 20);
  bytes.writeUInt16LE(1, 22);
  bytes.writeUInt32LE(RATE, 24);
  bytes.writeUInt32LE(RATE * 2, 28);
  bytes.writeUInt16LE(2, 32);
  bytes.writeUInt16LE(16, 34);
  bytes.write('data', 36);
  bytes.writeUInt32LE(samples.length * 2, 40);
  samples.forEach((sample, index) => bytes.writeInt16LE(Math.round(Math.max(-1, Math.min(1, sample)) * 32_767), 44 + index * 2));
  writeFileSync(path, bytes);
}

/** Her sound: talk, breath and a low *mm* with silence between; where the file lies. */
export function herSound(folder) {
  const source = { talk: () => voice(210, true), breath: air, mm: () => voice(150, false), silence: () => () => 0 };
  const path = join(folder, 'her.wav');
  writeSound(path, PARTS.map(([what, seconds]) => (what === 'silence' ? new Float64Array(seconds * RATE) : made(source[what](), seconds, SENT[what]))));
  return path;
}

/** Another voice, which talks all the time; where the file lies. */
export function otherSound(folder) {
  const path = join(folder, 'other.wav');
  writeSound(path, [made(voice(120, true), 8, SENT.talk)]);
  return path;
}

/** Which part each step of the sound belongs to. */
const SCORE = PARTS.flatMap(([what, seconds]) => Array(seconds * 50).fill(what));
/** Seconds after which it begins again. */
export const ROUND = SCORE.length / 50;

/** What comes out of the first tile for so many seconds, as the levels of its steps. */
export function levelsAt(person, seconds) {
  return person.page.evaluate(async (wanted, step, rate) => {
    const context = new AudioContext({ sampleRate: rate });
    await context.resume();
    const source = context.createMediaStreamSource(document.querySelector('#tiles audio').srcObject);
    const tap = context.createScriptProcessor(4_096, 1, 1);
    const levels = [];
    let [power, count] = [0, 0];
    return new Promise((resolve) => {
      tap.onaudioprocess = ({ inputBuffer }) => {
        for (const sample of inputBuffer.getChannelData(0)) {
          power += sample * sample;
          count += 1;
          if (count < step) continue;
          levels.push(10 * Math.log10(Math.max(power / step, 1e-12)));
          [power, count] = [0, 0];
        }
        if (levels.length < wanted * 50) return;
        tap.onaudioprocess = null;
        source.disconnect();
        context.close();
        resolve(levels.slice(0, wanted * 50));
      };
      source.connect(tap).connect(context.destination);
    });
  }, seconds, STEP, RATE);
}

/** The steps that belong to each part, found by laying the score over what was heard where it fits best. */
export function partsOf(levels) {
  const expected = SCORE.map((what) => SENT[what] ?? FLOOR);
  const fit = (shift) => levels.reduce((sum, level, index) => sum + Math.abs(Math.max(level, FLOOR) - expected[(index + shift) % SCORE.length]), 0);
  const shift = SCORE.map((_, one) => one).reduce((best, one) => (fit(one) < fit(best) ? one : best), 0);
  const parts = {};
  levels.forEach((level, index) => {
    const at = (index + shift) % SCORE.length;
    const what = SCORE[at];
    const isInside = [-EDGE, EDGE].every((by) => SCORE[(at + by + SCORE.length) % SCORE.length] === what);
    if (isInside) (parts[what] ??= []).push(level);
  });
  return parts;
}

/** How far breath and *mm* lie under talk, how much more than they were sent, and the share of holes in the breath. */
export function nearness(levels) {
  const parts = partsOf(levels);
  const talk = together(parts.talk);
  const off = (what) => together(parts[what]) - talk - (SENT[what] - SENT.talk);
  const breath = together(parts.breath);
  const holes = parts.breath.filter((level) => level < breath - 15).length / parts.breath.length;
  return { talk, breath: off('breath'), mm: off('mm'), holes, silence: together(parts.silence) };
}

/** The fewest sound packets that came within one second of so many. */
export async function fewestPackets(person, seconds) {
  return person.page.evaluate(async (wanted) => {
    const looks = [];
    const end = performance.now() + wanted * 1_000;
    while (performance.now() < end) {
      const stats = [...(await window.connections.at(-1).getStats()).values()];
      const packets = stats.filter(({ type, kind }) => type === 'inbound-rtp' && kind === 'audio').reduce((sum, { packetsReceived = 0 }) => sum + packetsReceived, 0);
      looks.push({ at: performance.now(), packets });
      await new Promise((resolve) => { setTimeout(resolve, 100); });
    }
    const rates = looks.flatMap((look, index) => {
      const later = looks.slice(index).find(({ at }) => at >= look.at + 1_000);
      return later ? [((later.packets - look.packets) * 1_000) / (later.at - look.at)] : [];
    });
    return Math.min(...rates);
  }, seconds);
}
