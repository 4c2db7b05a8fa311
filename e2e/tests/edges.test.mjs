// Two hands at one door: two clinicians at once, a double click, the back button, one person's end, and hosts who go
// while a young person is inside.

import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { closeAll } from '../lib/browsers.mjs';
import { owes } from '../lib/looks.mjs';
import { ADMIT, arrive, closePanel, everythingOn, fresh, guest, host, leaveAsHost, letIn, letInByHerYes, members, saysOn } from '../lib/meeting.mjs';
import { Server } from '../lib/server.mjs';

// All files run in one process: hooks belong inside a suite, or they would run for every file.
describe('at the edges of the door', () => {
  let server;
  let clinician;
  let colleague;
  let young;

  before(async () => { server = await Server.start(); });
  after(() => closeAll([young, colleague, clinician], server));

  test('two hosts let in the same person at once, each with a double click: she is in once, nothing alarms', async () => {
    clinician = await host('chromium', server.links.clinician);
    colleague = await guest('chromium', server.links.colleague, {}, 'sound');
    await letIn(clinician);
    await members([clinician, colleague]);
    young = await guest('chromium', server.links.young);
    await Promise.all([clinician, colleague].map((person) => person.see(ADMIT)));
    // At one moment by the clock: the first press takes the button away from the other host.
    const moment = Date.now() + 1_000;
    const twice = (person) => person.page.$eval(ADMIT, (button, at) => new Promise((done) => {
      setTimeout(() => { button.click(); button.click(); done(); }, at - Date.now());
    }), moment);
    await Promise.all([clinician, colleague].map(twice));
    await young.until('phase', 'inside');
    await members([clinician, colleague, young]);
    assert.equal(await clinician.data('epoch'), '2', 'one commit let her in');
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
    await members([clinician, colleague, young]);
    assert.equal(await saysOn(young, '#microphone'), 'false');
    await everythingOn(young);
    await fresh(clinician);
  });

  test('end for one: she alone is out, is told so kindly, and cannot knock again; the others go on', async () => {
    const guardian = await guest('chromium', server.links.guardian, {}, 'sound');
    await letInByHerYes(clinician, young);
    await members([clinician, colleague, young, guardian]);
    await guardian.until('phase', 'inside');
    await clinician.press('#open-people');
    const seat = await clinician.page.$$eval('#roster [data-id]', (lines) => lines.find((line) => line.innerText.includes('Mona')).dataset.id);
    await endFor(seat);
    await guardian.until('phase', 'ended');
    assert.match(await guardian.text('#ended-text'), /slutt for deg i dag/);
    await members([clinician, colleague, young]);
    await Promise.all([fresh(clinician), fresh(young)]);
    await guardian.reload();
    await guardian.until('phase', ['refused', 'checking'], 15_000);
    if (await guardian.data('phase') === 'checking') await arrive(guardian, 'neither');
    await guardian.until('phase', 'refused');
    assert.match(await guardian.text('#refused-text'), /slutt for deg i dag/);
    await closePanel(clinician, 'people');
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
      await leaveAsHost(person);
      await person.close();
    }
    [clinician, colleague] = [undefined, undefined];
    await young.see('#grace', 10_000);
    console.log(`    ${(await young.text('#grace')).replaceAll('\n', ' ')}`);
    await young.until('phase', 'inside');
    await owes(young, 'without a host');
    await young.picture('grace');
    clinician = await host('chromium', server.links.clinician);
    await young.when(() => document.querySelector('#grace').hidden, { timeout: 15_000 });
  });

  test('the records are whole after all of it', () => {
    assert.doesNotMatch(server.log(), /panicked|ERROR/);
    server.verifyAudit();
  });
});
