// Devices that meet: one shows its code on its screen, the other reads it with its camera (SEC-015). The reading
// browser's camera is a canvas that shows what the other's screen shows; everything behind the camera is real.

import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { closeAll } from '../lib/browsers.mjs';
import { host, isOn, pair } from '../lib/meeting.mjs';
import { Server } from '../lib/server.mjs';

const MATCHED = /Koden stemmer\. /;
const WRONG = /Koden stemmer ikke/;

/** The own code: the path of its drawing, squares a side, and its text. */
async function shownCode(person) {
  await openLock(person);
  await person.page.$eval('[data-do="pair-code"]', (button) => { button.closest('details').open = true; button.click(); });
  await person.when(() => !document.querySelector('#pairing-drawing').hasAttribute('hidden')
    && document.querySelector('#pairing-code').textContent.length > 40, { timeout: 15_000 });
  return person.page.$eval('#pairing-drawing', (drawing) => ({
    path: drawing.querySelector('path').getAttribute('d'),
    side: Number(drawing.querySelector('svg').getAttribute('viewBox').split(' ')[2]),
    role: drawing.getAttribute('role'), label: drawing.getAttribute('aria-label'),
    text: document.querySelector('#pairing-code').textContent,
  }));
}

async function openLock(person) {
  const open = await person.page.$eval('#panel-lock', (panel) => !panel.hidden);
  if (!open) await person.page.$eval('#open-lock', (opener) => opener.click());
}

/**
 * From now on the camera that looks away from the person shows this picture, a little askew and never still, as a hand
 * holds it: of pictures of one and the same pose about one code in two hundred is never read.
 */
async function pointCameraAt(person, { path, side }) {
  await person.page.evaluate((squares, width) => {
    const canvas = Object.assign(document.createElement('canvas'), { width: 1280, height: 720 });
    const context = canvas.getContext('2d');
    let drawn = 0;
    const draw = () => {
      context.fillStyle = '#8a7f70';
      context.fillRect(0, 0, 1280, 720);
      const sway = Math.sin(drawn / 3);
      drawn += 1;
      const [angle, size] = [0.1 + 0.04 * sway, 555 - 20 * sway];
      context.setTransform(Math.cos(angle), Math.sin(angle), -Math.sin(angle), Math.cos(angle), 430 + 6 * sway, 40 + 4 * sway);
      context.scale(size / width, size / width);
      context.fillStyle = '#e8e6e0';
      context.fillRect(0, 0, width, width);
      context.fillStyle = '#222';
      context.fill(new Path2D(squares));
      context.setTransform(1, 0, 0, 1, 0, 0);
    };
    draw();
    clearInterval(window.camera);
    window.camera = setInterval(draw, 100);
    const real = window.realGetUserMedia ??= navigator.mediaDevices.getUserMedia.bind(navigator.mediaDevices);
    window.scanTracks ??= [];
    navigator.mediaDevices.getUserMedia = async (wish) => {
      if (!wish.video?.facingMode) return real(wish);
      const stream = canvas.captureStream(10);
      window.scanTracks.push(...stream.getTracks());
      return stream;
    };
  }, path, side);
}

async function scan(person) {
  await openLock(person);
  await person.page.evaluate(() => { document.querySelector('#paired').textContent = ''; });
  await person.page.$eval('#members [data-part="pair"]:not([hidden])', (details) => {
    details.open = true;
    details.querySelector('[data-do="pair-scan"]').click();
  });
}

async function told(person, pattern) {
  try {
    await person.when((source) => new RegExp(source).test(document.querySelector('#paired').textContent), { timeout: 30_000 }, pattern.source);
  } catch (error) {
    // What was there to be read, and what the page says of it.
    await person.picture('pairing-unread');
    const scanner = await person.page.evaluate(() => ({
      scanning: !document.querySelector('#scanner').hidden, failed: document.querySelector('#scan-failed').textContent,
      told: document.querySelector('#paired').textContent, camera: document.querySelector('#scan-picture').videoWidth,
      code: document.querySelector('#pairing-code').textContent,
    }));
    throw new Error(`not told ${pattern}: ${JSON.stringify(scanner)}`, { cause: error });
  }
}

/** A wall without any code on it. */
const WALL = { path: '', side: 29 };

/** Whether the scanner's cameras so far are all let go of; `live` waits for one that is on. */
const camerasAre = (person, state) => person.when((wanted) => (wanted === 'live'
  ? window.scanTracks.some((track) => track.readyState === 'live')
  : window.scanTracks.every((track) => track.readyState === 'ended')), { timeout: 15_000 }, state);

/** The next reader of pictures says only after a second that it runs; `window.reader` lists what went to and fro. */
const slowReader = (person) => person.page.evaluate(() => {
  window.reader = [];
  const Real = window.Worker;
  window.Worker = class extends Real {
    constructor(address, options) {
      super(address, options);
      this.reads = String(address).endsWith('/code-worker.js');
      if (this.reads) window.Worker = Real;
    }

    postMessage(...what) {
      if (this.reads) window.reader.push('picture');
      super.postMessage(...what);
    }

    addEventListener(kind, then) {
      if (!this.reads || kind !== 'message') super.addEventListener(kind, then);
      else {
        super.addEventListener(kind, (event) => setTimeout(() => {
          window.reader.push(event.data === 'ready' ? 'ready' : 'answer');
          then(event);
        }, event.data === 'ready' ? 1_000 : 0));
      }
    }
  };
});

const known = (person) => person.page.$$eval('#members [data-part="known"]', (lines) => lines.map((line) => line.textContent));

describe('devices that meet', () => {
  let server;
  let other;
  let clinician;
  let young;
  before(async () => {
    server = await Server.start();
    ({ clinician, young } = await pair(server));
  });
  after(() => closeAll([young, clinician], server, other));

  test('a code of somebody else is refused in words', async () => {
    const own = await shownCode(clinician);
    assert.equal(own.role, 'img');
    assert.ok(own.label.length > 10, 'the drawing has words for those who do not see it');
    // Her own code in place of the young person's: a right code of this session, and somebody else's device.
    await pointCameraAt(clinician, own);
    await scan(clinician);
    await told(clinician, WRONG);
    assert.ok(!(await known(clinician)).some((line) => /møttes/.test(line)), 'nobody was met');
  });

  test('a code of another session is refused in words', async () => {
    other = await Server.start({ options: ['--media-port', '5443'] });
    const stranger = await host('chromium', other.links.clinician);
    await stranger.until('members', '1');
    const code = await shownCode(stranger);
    await stranger.close();
    await pointCameraAt(clinician, code);
    await scan(clinician);
    await told(clinician, WRONG);
  });

  test('a blocked camera leads to typing, in words', async () => {
    await clinician.page.evaluate(() => {
      const real = window.realGetUserMedia;
      navigator.mediaDevices.getUserMedia = async (wish) => {
        if (!wish.video?.facingMode) return real(wish);
        throw new DOMException('no', 'NotAllowedError');
      };
      // Nor is the call's own camera there to be lent.
      if (document.querySelector('#camera').dataset.on === 'true') document.querySelector('#camera').click();
    });
    await isOn(clinician, '#camera', false);
    await scan(clinician);
    await clinician.when(() => /skrive inn koden/.test(document.querySelector('#scan-failed').textContent), { timeout: 15_000 });
    assert.ok(await clinician.page.$eval('#members [data-part="pair"]:not([hidden]) input', (field) => field.offsetParent !== null), 'the field is there');
  });

  test('a reader that is slow to start gets no picture before it runs, and then one at a time', async () => {
    await pointCameraAt(clinician, WALL);
    await slowReader(clinician);
    await scan(clinician);
    await clinician.when(() => window.reader.length > 8, { timeout: 15_000 });
    await clinician.page.$eval('[data-do="scan-stop"]', (button) => button.click());
    await camerasAre(clinician, 'ended');
    const [first, ...rest] = await clinician.page.evaluate(() => window.reader);
    assert.equal(first, 'ready');
    rest.forEach((what, at) => assert.equal(what, at % 2 === 0 ? 'picture' : 'answer', rest.join(' ')));
  });

  test('however the lock is closed, the camera that only its scanner showed is let go of', async () => {
    const ways = {
      'the Escape key': (page) => page.keyboard.press('Escape'),
      'the lock pressed again': (page) => page.$eval('#open-lock', (opener) => opener.click()),
      'another panel': (page) => page.$eval('#open-chat', (opener) => opener.click()),
    };
    await pointCameraAt(clinician, WALL);
    await clinician.page.bringToFront();
    for (const [way, close] of Object.entries(ways)) {
      await scan(clinician);
      await camerasAre(clinician, 'live');
      await clinician.when(() => document.querySelector('#scan-picture').srcObject?.active, { timeout: 15_000 });
      await close(clinician.page);
      await camerasAre(clinician, 'ended').catch(() => assert.fail(`${way}: the camera is still on`));
    }
  });

  test('the code on the other screen is read, and the lock says met in person, on the side that scanned', async () => {
    const code = await shownCode(young);
    assert.match(code.text, /^[\w-]+$/);
    await pointCameraAt(clinician, code);
    await scan(clinician);
    await told(clinician, MATCHED);
    assert.ok((await known(clinician)).some((line) => /møttes/.test(line)), (await known(clinician)).join('|'));
    assert.ok(!(await known(young)).some((line) => /møttes/.test(line)), 'each scan proves one direction');
    const ended = await clinician.page.evaluate(() => window.scanTracks.every((track) => track.readyState === 'ended'));
    assert.ok(ended, 'the camera was let go of');
    assert.ok(await clinician.page.$eval('#scanner', (scanner) => scanner.hidden));
  });
});
