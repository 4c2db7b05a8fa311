// The talk itself: how much is left of it, calmly; what the last five minutes are protected from; what can be said without
// a voice; and where the other's face is.

import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { DESKTOP, PHONE, closeAll } from '../lib/browsers.mjs';
import { owes } from '../lib/looks.mjs';
import { ADMIT, closePanel, guest, pair, sees } from '../lib/meeting.mjs';
import { Server } from '../lib/server.mjs';

/** Runs before the page's own scripts: counts tones and keeps titles and notifications. */
function listen() {
  window.heard = { tones: 0, titles: [], notifications: 0, said: [] };
  const { start } = OscillatorNode.prototype;
  OscillatorNode.prototype.start = function play(...when) {
    window.heard.tones += 1;
    return start.apply(this, when);
  };
  window.Notification = class {
    static permission = 'granted';

    constructor() { window.heard.notifications += 1; }
  };
  new MutationObserver(() => window.heard.titles.push(document.title)).observe(document, { childList: true, subtree: true });
  addEventListener('DOMContentLoaded', () => {
    const announcer = document.querySelector('#announcer');
    new MutationObserver(() => window.heard.said.push(announcer.textContent)).observe(announcer, { childList: true });
  });
}

// All files run in one process: hooks belong inside a suite, or they would run for every file.
describe('during the talk', () => {
  let server;
  let clinician;
  let young;
  before(async () => {
    server = await Server.start();
    ({ clinician, young } = await pair(server, { hostOptions: { script: listen }, guestOptions: { viewport: PHONE, script: listen } }));
  });
  after(() => closeAll([young, clinician], server));

  const heard = (person) => person.page.evaluate(() => window.heard);
  /** Has the hour end in so many minutes, as the page knows it. */
  const endsIn = (minutes) => clinician.page.$eval('#time-left', (line, left) => { line.dataset.ends = String(Date.now() + left * 60_000); }, minutes);
  const says = (text) => clinician.when((wanted) => document.querySelector('#time-left:not([hidden])')?.textContent === wanted, { timeout: 5_000 }, text);

  test('what is left is said in four steps, without seconds; one polite word at five minutes; nothing ends (CARE-01)', async () => {
    assert.equal(await clinician.page.$eval('#time-left', (line) => line.hidden), true, 'before the last quarter there is nothing to say');
    for (const [minutes, text] of [[14, 'Under et kvarter igjen'], [9, 'Under ti minutter igjen'], [4, 'Fem minutter å lande på']]) {
      await endsIn(minutes);
      await says(text);
    }
    await clinician.picture('time-left-desktop');
    await endsIn(-1);
    await says('Tiden er ute. Ingenting stopper av seg selv.');
    const { said } = await heard(clinician);
    assert.deepEqual(said.filter((text) => /minutter|kvarter|Tiden/.test(text)), ['Fem minutter å lande på']);
    for (const viewport of [PHONE, DESKTOP]) {
      await clinician.resize(viewport);
      await owes(clinician, `the hour is over, ${viewport.width}`);
    }
    assert.deepEqual([await clinician.data('phase'), await young.data('phase')], ['inside', 'inside']);
    await sees(clinician);
    assert.equal(await young.page.$('#time-left'), null, 'she sees nothing that hurries');
  });

  test('the other’s face is near the top and in the middle, under the camera, on a phone and at a desk', async () => {
    for (const [name, person, viewport] of [['phone', young, PHONE], ['desktop', young, DESKTOP], ['desktop-host', clinician, DESKTOP]]) {
      await person.resize(viewport);
      await sees(person);
      const { middle, top, width, height } = await person.page.$eval('#tiles video', (video) => {
        const box = video.getBoundingClientRect();
        const { objectFit, objectPosition } = getComputedStyle(video);
        const [, down] = objectPosition.split(' ').map((part) => parseFloat(part) / 100);
        const scale = Math[objectFit === 'cover' ? 'max' : 'min'](box.width / video.videoWidth, box.height / video.videoHeight);
        const tall = video.videoHeight * scale;
        const shown = Math.min(tall, box.height);
        // What is cut off above is not where the picture begins.
        return { middle: (box.left + box.width / 2) / innerWidth, top: (box.top + Math.max(0, (box.height - tall) * down)) / innerHeight, width: Math.min(video.videoWidth * scale, box.width) / innerWidth, height: shown / innerHeight };
      });
      console.log(`    ${name}: middle ${middle.toFixed(2)}, top ${top.toFixed(2)}, ${width.toFixed(2)} wide, ${height.toFixed(2)} tall`);
      assert.ok(Math.abs(middle - 0.5) < 0.03, `${name}: in the middle, not at ${middle}`);
      // A face lies in the upper half of its picture: this is a hand's breadth below the camera.
      assert.ok(top < 0.17, `${name}: it begins near the top, not at ${top}`);
      assert.ok(height > 0.4, `${name}: ${height} of the window is hers`);
      await person.picture(`face-${name}`);
    }
    await young.resize(PHONE);
  });

  test('yes, no and a line that is ready are one tap, without a sound (CARE-05)', async () => {
    for (const sign of ['yes', 'no']) {
      await young.press(`[data-do="react"][data-id="${sign}"]`);
      await clinician.when((name) => document.querySelector('#tiles [data-part="reaction"]').dataset.sign === name, {}, sign);
    }
    await young.press('#open-chat');
    const lines = await young.page.$$eval('.ready-lines button', (buttons) => buttons.map((button) => button.textContent));
    assert.equal(lines.length, 5);
    assert.equal(lines[0], 'Jeg kan ikke snakke nå.');
    for (const viewport of [PHONE, { ...PHONE, width: 320 }, DESKTOP]) {
      await young.resize(viewport);
      await owes(young, `lines that are ready, ${viewport.width}`);
      await young.picture(`ready-lines-${viewport.width}`);
    }
    await young.resize(PHONE);
    await young.press('.ready-lines button');
    await clinician.when((text) => document.querySelector('#chat-list li:last-child [data-part="text"]')?.textContent === text, {}, lines[0]);
    assert.equal(await young.page.$$eval('#chat-list li', (items) => items.length), 1, 'one tap, one line');
    assert.equal(await clinician.page.$('.ready-lines'), null, 'they are hers');
    await closePanel(young, 'chat');
  });

  test('who knocks while she lands stands in the lobby and makes no sound until she has gone', async () => {
    await endsIn(4);
    await says('Fem minutter å lande på');
    const before = await heard(clinician);
    await clinician.page.evaluate(() => Object.defineProperty(document, 'hidden', { configurable: true, get: () => true }));
    const guardian = await guest('chromium', server.links.guardian, {}, 'neither');
    await clinician.see(ADMIT);
    const landing = await heard(clinician);
    assert.deepEqual([landing.tones, landing.notifications], [before.tones, before.notifications]);
    assert.ok(!landing.titles.slice(before.titles.length).some((title) => /venter/i.test(title)), 'nor does the title change');
    await young.press('#leave');
    await young.until('phase', 'ended');
    await clinician.when((tones) => window.heard.tones > tones && window.heard.notifications > 0, { timeout: 10_000 }, before.tones);
    await clinician.page.evaluate(() => delete document.hidden);
    await guardian.close();
  });
});
