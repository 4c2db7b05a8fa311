// What an ordinary meeting must not do: refuse frames that nobody forged, keep a device running that was turned off,
// or tell by the size of its packets who speaks.

import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { closeBrowsers } from '../lib/browsers.mjs';
import { hears, pair, sees } from '../lib/meeting.mjs';
import { Server } from '../lib/server.mjs';

/** `{ sealed, opened, noKey, refused }` as the lock counts them, once more than so many were opened. */
async function frames(person, more = 0) {
  await person.page.waitForFunction((least) => Number((document.documentElement.dataset.frames ?? '').split(' ')[1]) > least, { timeout: 30_000 }, more);
  const [sealed, opened, noKey, refused] = (await person.page.evaluate(() => document.documentElement.dataset.frames)).split(' ').map(Number);
  return { sealed, opened, noKey, refused };
}

/** Sizes of sealed frames of sound as they leave the frame worker. */
async function packetSizes(person, seconds) {
  const sizes = new Map();
  let before;
  const end = Date.now() + seconds * 1_000;
  while (Date.now() < end) {
    const [line] = (await person.figures('outbound-rtp')).filter(({ kind }) => kind === 'audio');
    if (before && line && line.packetsSent > before.packetsSent) {
      const size = (line.bytesSent - before.bytesSent) / (line.packetsSent - before.packetsSent);
      sizes.set(size, (sizes.get(size) ?? 0) + line.packetsSent - before.packetsSent);
    }
    before = line ?? before;
    await new Promise((resolve) => setTimeout(resolve, 40));
  }
  return sizes;
}

describe('an ordinary meeting', () => {
  let server;
  before(async () => { server = await Server.start(); });
  after(async () => {
    await server?.stop();
    await closeBrowsers();
  });

  test('no frame is refused: not on coming in, not after a reload and its new keys', async () => {
    const { clinician, young } = await pair(server);
    await Promise.all([sees(clinician), sees(young), hears(clinician), hears(young)]);
    for (const person of [clinician, young]) assert.equal((await frames(person)).refused, 0, 'on coming in');
    const epoch = await clinician.page.evaluate(() => document.documentElement.dataset.epoch);
    await young.page.reload({ waitUntil: 'domcontentloaded' });
    await young.until('phase', 'inside');
    await clinician.page.waitForFunction((old) => document.documentElement.dataset.epoch !== old, { timeout: 30_000 }, epoch);
    await young.press('#microphone');
    await young.press('#camera');
    await Promise.all([sees(clinician), sees(young)]);
    await frames(clinician, (await frames(clinician)).opened + 50);
    for (const person of [clinician, young]) assert.equal((await frames(person)).refused, 0, 'after a reload');
    await young.close();
    await clinician.close();
  });

  test('what is turned off is let go of, so that the lamp tells the truth', async () => {
    const { clinician, young } = await pair(server);
    await sees(clinician);
    await young.page.evaluate(() => {
      window.stopped = [];
      const stop = MediaStreamTrack.prototype.stop;
      MediaStreamTrack.prototype.stop = function remember() {
        window.stopped.push(this);
        return stop.call(this);
      };
      window.given = [];
      const ask = navigator.mediaDevices.getUserMedia.bind(navigator.mediaDevices);
      navigator.mediaDevices.getUserMedia = async (wish) => {
        const stream = await ask(wish);
        window.given.push(...stream.getTracks());
        return stream;
      };
    });
    const state = async (id, on) => {
      await young.press(id);
      await young.page.waitForFunction((button, wanted) => document.querySelector(button).dataset.on === wanted, { timeout: 10_000 }, id, on);
    };
    for (const id of ['#microphone', '#camera']) {
      await state(id, 'false');
      await state(id, 'true');
      await young.page.waitForFunction(() => window.given.some((track) => track.readyState === 'live'), { timeout: 10_000 });
      await state(id, 'false');
    }
    const given = await young.page.evaluate(() => window.given.map(({ kind, readyState }) => `${kind} ${readyState}`));
    assert.deepEqual(given.sort(), ['audio ended', 'video ended']);
    await young.close();
    await clinician.close();
  });

  // Chromium's invented microphone beeps once a second: loud and silent packets are both among them.
  for (const kind of ['chromium', 'firefox']) {
    test(`packets of sound from ${kind} are all of one size`, async () => {
      const { clinician, young } = await pair(server, { guestKind: kind });
      await hears(clinician);
      const sizes = await packetSizes(young, 6);
      await young.close();
      await clinician.close();
      const total = [...sizes.values()].reduce((sum, count) => sum + count, 0);
      console.log(kind, [...sizes].sort((a, b) => b[1] - a[1]).slice(0, 8));
      assert.ok(total > 200, `${total} packets were seen`);
      assert.equal(sizes.size, 1, JSON.stringify([...sizes]));
    });
  }
});
