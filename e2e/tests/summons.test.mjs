// Somebody waits: whoever may let in hears it, sees it in the title and in a notification, on the day's page and in the
// room, and none of these names anybody.

import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { Person, closeAll } from '../lib/browsers.mjs';
import { NAMES } from '../lib/demo.mjs';
import { guest, host } from '../lib/meeting.mjs';
import { Server } from '../lib/server.mjs';

/** Runs in the page: tones are counted, notifications kept, and `away` says that the page is not looked at. */
function overhear() {
  window.tones = 0;
  window.told = [];
  window.away = false;
  const { start } = OscillatorNode.prototype;
  OscillatorNode.prototype.start = function counted(...when) {
    window.tones += 1;
    return start.apply(this, when);
  };
  window.Notification = class {
    static permission = 'granted';

    constructor(title, options) {
      window.told.push(JSON.stringify({ title, ...options }));
    }
  };
  Object.defineProperty(document, 'hidden', { get: () => window.away });
}

const heard = (person) => person.page.evaluate(() => ({ tones: window.tones, told: window.told }));

describe('somebody waits (CARE-12)', () => {
  let server;
  let clinician;
  let young;

  before(async () => { server = await Server.start(); });
  after(() => closeAll([young, clinician], server));

  test('on the day: a soft sound, the title and the list', async () => {
    clinician = await Person.at('chromium', { script: overhear });
    await clinician.open(server.links.clinician);
    await clinician.open(new URL('/day', server.links.clinician).href);
    assert.doesNotMatch(await clinician.page.title(), /venter/i);
    await clinician.page.mouse.click(5, 5);
    young = await guest('chromium', server.links.young, {}, 'neither');
    await clinician.when(() => /venter/i.test(document.title) && window.tones > 0, { timeout: 15_000 });
    assert.doesNotMatch(await clinician.page.title(), NAMES);
    await clinician.see('.waiting a[href^="/meeting/"]');
    await young.close();
    await clinician.when(() => !/venter/i.test(document.title), { timeout: 15_000 });
    await clinician.close();
  });

  test('in the room: a soft sound always, a notification only when the page is not looked at', async () => {
    clinician = await host('chromium', server.links.clinician, { script: overhear }, 'neither');
    const { tones } = await heard(clinician);
    young = await guest('chromium', server.links.young, {}, 'neither');
    await clinician.when((before) => window.tones > before, {}, tones);
    assert.deepEqual((await heard(clinician)).told, [], 'she is looked at');
    await young.close();
    await clinician.when(() => [...document.querySelectorAll('#lobby-list [data-part="known"]')].every((line) => /borte|ikke her/i.test(line.textContent)), { timeout: 20_000 });
    await clinician.page.evaluate(() => { window.away = true; });
    young = await guest('chromium', server.links.young, {}, 'neither');
    await clinician.when(() => window.told.length > 0, { timeout: 15_000 });
    const { told } = await heard(clinician);
    assert.equal(told.length, 1);
    assert.match(told[0], /venter/i);
    assert.doesNotMatch(told[0], NAMES);
    assert.match(await clinician.page.title(), /venter/i);
  });
});
