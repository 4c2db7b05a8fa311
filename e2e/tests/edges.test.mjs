// Two hands at one door: two clinicians at once, a double click, the back button, one person's end, and hosts who go
// while a young person is inside.

import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { closeBrowsers } from '../lib/browsers.mjs';
import { arrive, everythingOn, fresh, guest, host, comeToDoor } from '../lib/meeting.mjs';
import { Server } from '../lib/server.mjs';

// All files run in one process: hooks belong inside a suite, or they would run for every file.
describe('at the edges of the door', () => {
  let server;
  let clinician;
  let colleague;
  let young;

  before(async () => { server = await Server.start(); });
  after(async () => {
    for (const person of [young, colleague, clinician]) await person?.close();
    await server?.stop();
    await closeBrowsers();
  });

  const members = (count) => Promise.all([clinician, colleague, young].filter(Boolean).map((person) => person.until('members', String(count))));
  const ADMIT = '#lobby-list [data-do="admit"]:not([disabled])';

  test('two hosts let in the same person at once, each with a double click: she is in once, nothing alarms', async () => {
    clinician = await host('chromium', server.links.clinician);
    colleague = await comeToDoor('chromium', server.links.colleague);
    await arrive(colleague, 'sound');
    await clinician.see(ADMIT);
    await clinician.press(ADMIT);
    await members(2);
    young = await guest('chromium', server.links.young);
    await Promise.all([clinician, colleague].map((person) => person.see(ADMIT)));
    const twice = (person) => person.page.$eval(ADMIT, (button) => { button.click(); button.click(); });
    await Promise.all([clinician, colleague].map(twice));
    await young.until('phase', 'inside');
    await members(3);
    assert.equal(await clinician.page.evaluate(() => document.documentElement.dataset.epoch), '2', 'one commit let her in');
    for (const person of [clinician, colleague]) {
      await person.until('alarm', '');
      assert.equal(await person.page.$$eval('#tiles .tile', (tiles) => tiles.length), 2);
    }
    await Promise.all([fresh(clinician), fresh(young)]);
  });

  test('back and forward again: the same seat, without a click, muted', async () => {
    await young.page.goBack({ waitUntil: 'domcontentloaded' });
    await young.page.goForward({ waitUntil: 'domcontentloaded' });
    await young.until('phase', 'inside');
    await members(3);
    assert.equal(await young.page.$eval('#microphone', (button) => button.dataset.on), 'false');
    await everythingOn(young);
    await fresh(clinician);
  });

  test('end for one: she alone is out, is told so kindly, and cannot knock again; the others go on', async () => {
    const guardian = await guest('chromium', server.links.guardian, {}, 'sound');
    await clinician.press(ADMIT);
    await members(4);
    await guardian.until('phase', 'inside');
    await clinician.press('#open-people');
    const seat = await clinician.page.$$eval('#roster [data-id]', (lines) => lines.find((line) => line.innerText.includes('Mona')).dataset.id);
    await endFor(seat);
    await guardian.until('phase', 'ended');
    assert.match(await guardian.text('#ended-text'), /slutt for deg i dag/);
    await members(3);
    await Promise.all([fresh(clinician), fresh(young)]);
    await guardian.page.reload({ waitUntil: 'domcontentloaded' });
    await guardian.page.waitForFunction(() => ['refused', 'checking'].includes(document.documentElement.dataset.phase), { polling: 100, timeout: 15_000 });
    if (await guardian.page.evaluate(() => document.documentElement.dataset.phase) === 'checking') await arrive(guardian, 'neither');
    await guardian.until('phase', 'refused');
    assert.match(await guardian.text('#refused-text'), /slutt for deg i dag/);
    await clinician.press('#panel-people [data-do="close-panel"]');
    await guardian.close();
  });

  /** Ends it for one person, which takes a second look. */
  async function endFor(seat) {
    const line = `#roster [data-id="${seat}"]`;
    await clinician.page.$eval(`${line} details:has([data-do="end-for"])`, (details) => { details.open = true; });
    await clinician.press(`${line} [data-do="end-for"]`);
  }

  test('both hosts go: she is told at once and how long the room waits; a host who is back ends it', async () => {
    for (const person of [colleague, clinician]) {
      await person.press('#leave');
      await person.press('#leave-dialog [data-do="leave-now"]');
      await person.until('phase', 'ended');
      await person.close();
    }
    [clinician, colleague] = [undefined, undefined];
    await young.see('#grace', 10_000);
    console.log(`    ${(await young.text('#grace')).replaceAll('\n', ' ')}`);
    await young.until('phase', 'inside');
    clinician = await host('chromium', server.links.clinician);
    await young.page.waitForFunction(() => document.querySelector('#grace').hidden, { polling: 100, timeout: 15_000 });
  });

  test('the records are whole after all of it', () => {
    assert.doesNotMatch(server.log(), /panicked|ERROR/);
    server.verifyAudit();
  });
});
