// What an ordinary meeting must not do: refuse frames that nobody forged, keep a device running that was turned off,
// tell by the size of its packets who speaks, or alarm anybody while nothing happens.

import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import { closeAll } from '../lib/browsers.mjs';
import { everythingOn, frames, fresh, pair, turn } from '../lib/meeting.mjs';
import { Server } from '../lib/server.mjs';

/** The frames that the lock counts, once more than so many were opened: none refused of none would prove nothing. */
async function framesOnceOpened(person, more = 0) {
  await person.when((least) => Number(document.documentElement.dataset.frames?.split(' ')[1]) > least, {}, more);
  return frames(person);
}

/** `[size, packets]` of sound as it is sent, for so many seconds, the most frequent first; the means where several came at once. */
async function packetSizes(person, seconds) {
  const sizes = new Map();
  let before;
  const end = Date.now() + seconds * 1_000;
  while (Date.now() < end) {
    const [line] = (await person.figures('outbound-rtp')).filter(({ kind }) => kind === 'audio');
    // The first two seconds find the rate.
    const packets = line && before?.packetsSent > 100 ? line.packetsSent - before.packetsSent : 0;
    if (packets > 0) {
      const size = (line.bytesSent - before.bytesSent) / packets;
      sizes.set(size, (sizes.get(size) ?? 0) + packets);
    }
    before = line ?? before;
    await pause(15);
  }
  return [...sizes].sort(([, a], [, b]) => b - a);
}

/** A `script` for a person's pages: `window.timersSet` counts every timer that runs once. */
function countTimers() {
  window.timersSet = 0;
  const set = window.setTimeout;
  window.setTimeout = (...args) => {
    window.timersSet += 1;
    return set(...args);
  };
}

describe('an ordinary meeting', () => {
  let server;
  before(async () => { server = await Server.start(); });
  after(() => closeAll([], server));

  test('no frame is refused: not on coming in, not after a reload and its new keys', async () => {
    const { clinician, young } = await pair(server);
    await Promise.all([fresh(clinician), fresh(young)]);
    for (const person of [clinician, young]) assert.equal((await framesOnceOpened(person)).refused, 0, 'on coming in');
    const epoch = await clinician.data('epoch');
    await young.reload();
    await young.until('phase', 'inside');
    await clinician.when((old) => document.documentElement.dataset.epoch !== old, { timeout: 30_000 }, epoch);
    await everythingOn(young);
    await Promise.all([fresh(clinician), fresh(young)]);
    await framesOnceOpened(clinician, (await frames(clinician)).opened + 50);
    for (const person of [clinician, young]) assert.equal((await framesOnceOpened(person)).refused, 0, 'after a reload');
    await young.close();
    await clinician.close();
  });

  test('what is turned off is let go of, so that the lamp tells the truth', async () => {
    const { clinician, young } = await pair(server);
    await fresh(clinician);
    // Every track that leads to a device: those that the browser gives from now on, and every copy of any.
    await young.page.evaluate(() => {
      window.given = [];
      const ask = navigator.mediaDevices.getUserMedia.bind(navigator.mediaDevices);
      navigator.mediaDevices.getUserMedia = async (wish) => {
        const stream = await ask(wish);
        window.given.push(...stream.getTracks());
        return stream;
      };
      const { clone } = MediaStreamTrack.prototype;
      MediaStreamTrack.prototype.clone = function remembered() {
        const copy = clone.call(this);
        window.given.push(copy);
        return copy;
      };
    });
    const states = () => young.page.evaluate(() => window.given.map(({ kind, readyState }) => `${kind} ${readyState}`).sort());
    for (const [control, kind] of [['#microphone', 'audio'], ['#camera', 'video']]) {
      await turn(young, control, false);
      await turn(young, control);
      await young.when((wanted) => window.given.some((track) => track.kind === wanted && track.readyState === 'live'), { timeout: 10_000 }, kind);
    }
    await fresh(clinician);
    assert.deepEqual(await states(), ['audio live', 'video live']);
    for (const control of ['#microphone', '#camera']) await turn(young, control, false);
    await young.when(() => window.given.every((track) => track.readyState === 'ended'), { timeout: 5_000 }).catch(() => {});
    assert.deepEqual(await states(), ['audio ended', 'video ended']);
    await young.close();
    await clinician.close();
  });

  // Chromium's invented microphone beeps once a second: loud and silent packets are both among them. Firefox's hums.
  for (const kind of ['chromium', 'firefox']) {
    test(`packets of sound from ${kind} are of one size, whether somebody speaks or not`, async () => {
      const { clinician, young } = await pair(server, { guestKind: kind });
      await fresh(clinician, { picture: false });
      const sizes = await packetSizes(young, 8);
      const total = sizes.reduce((sum, [, count]) => sum + count, 0);
      console.log(kind, sizes.slice(0, 6).map(([size, count]) => `${size} bytes: ${count}`).join(', '));
      await young.close();
      await clinician.close();
      assert.ok(total > 200, `${total} packets were seen`);
      // An epoch or a counter that needs one byte more makes a packet one byte longer, as does Opus's own rounding.
      const spread = Math.max(...sizes.map(([size]) => size)) - Math.min(...sizes.map(([size]) => size));
      assert.ok(spread <= 3, `${spread} bytes between the smallest and the largest: ${JSON.stringify(sizes)}`);
    });
  }

  test('half a minute of nothing: nothing is said, nothing is lost, nothing grows, and both go on being seen and heard', async () => {
    const { clinician, young } = await pair(server, { hostOptions: { script: countTimers }, guestOptions: { script: countTimers } });
    await Promise.all([fresh(clinician), fresh(young)]);
    for (const person of [clinician, young]) {
      await person.page.evaluate(() => {
        window.said = [];
        window.timersSet = 0;
        const remember = () => {
          const { alarm, phase } = document.documentElement.dataset;
          const lock = document.querySelector('#open-lock').dataset.state;
          const notice = document.querySelector('#notice-text')?.innerText ?? '';
          const tiles = [...document.querySelectorAll('#tiles .tile')].map(({ dataset }) => dataset.status);
          const elements = document.querySelectorAll('*').length;
          const now = JSON.stringify({ alarm, phase, lock, notice, tiles, elements });
          if (window.said.at(-1) !== now) window.said.push(now);
        };
        remember();
        setInterval(remember, 50);
      });
    }
    await pause(30_000);
    for (const person of [clinician, young]) {
      const [said, timersSet] = await person.page.evaluate(() => [window.said, window.timersSet]);
      // Each look at the state of the group and each question to the server sets the next one. A page that sets one for
      // every event as well, and another for each that comes too late, is busy with nothing else after an hour.
      assert.ok(timersSet > 30 && timersSet < 300, `${timersSet} timers in half a minute`);
      assert.equal(said.length, 1, said.join('\n'));
      assert.equal(JSON.parse(said[0]).lock, 'closed');
      assert.equal((await framesOnceOpened(person)).refused, 0);
    }
    await Promise.all([fresh(clinician), fresh(young)]);
    await young.close();
    await clinician.close();
  });
});
