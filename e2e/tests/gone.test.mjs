// Why somebody is gone is told apart at once (CARE-02): a closed tab, a quick exit, a browser that was killed.

import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { PHONE, browser, closeAll } from '../lib/browsers.mjs';
import { ADMIT, comeToDoor, guest, host, letIn, members, tileIs } from '../lib/meeting.mjs';
import { Server } from '../lib/server.mjs';

// All files run in one process: hooks belong inside a suite, or they would run for every file.
describe('gone', () => {
  let server;
  let clinician;
  before(async () => {
    server = await Server.start();
    clinician = await host('chromium', server.links.clinician);
  });
  after(() => closeAll([clinician], server));

  async function inside(kind) {
    const young = await guest(kind, server.links.young, { viewport: PHONE }, 'neither');
    await letIn(clinician);
    await members([clinician, young]);
    // Her tile may still say that the line of a test before was lost.
    await tileIs(clinician, 'off');
    return young;
  }

  async function lineIsLost() {
    await tileIs(clinician, 'line-lost', 15_000);
    assert.match(await clinician.text('#tiles [data-part="status"]'), /linja til Nora.* er borte\. Plassen er holdt av/i);
    const reasons = await clinician.page.$$eval('#gone li', (lines) => lines.map((line) => line.dataset.reason));
    assert.ok(reasons.every((reason) => reason === 'line-lost'), `nothing worse is claimed than ${reasons}`);
  }

  test('a quick exit while she waits: her screen is neutral at once, and the clinician is told that it was one', async () => {
    const young = await guest('chromium', server.links.young, { viewport: PHONE }, 'both');
    await clinician.see(ADMIT);
    await young.press('#view-waiting [data-do="close-fast"]');
    await young.see('#view-neutral', 2_000);
    assert.match(await young.page.title(), /^Ny side$/);
    assert.equal(await young.page.$$eval('video', (players) => players.filter((player) => player.srcObject?.active).length), 0, 'the camera is let go of');
    await clinician.see('#gone [data-reason="closed-fast"]');
    assert.match(await clinician.text('#gone'), /lukket fort.*avtalt/i);
    assert.equal(await clinician.page.$$eval('#lobby-list li', (lines) => lines.length), 0);
    await young.press('[data-do="carry-on"]');
    await young.when(() => location.pathname === '/goodbye');
    await young.close();
  });

  test('a quick exit at the device check tells nobody anything: she had not arrived', async () => {
    const young = await comeToDoor('chromium', server.links.young, { viewport: PHONE });
    await young.press('#view-check [data-do="close-fast"]');
    await young.see('#view-neutral', 2_000);
    await young.close();
  });

  test('a closed tab is a lost line with the place kept, not a quick exit', async () => {
    const young = await inside('chromium');
    await young.page.close({ runBeforeUnload: false });
    await lineIsLost();
    await young.close();
  });

  test('a killed browser is a lost line as well', async () => {
    // In a browser of her own, so that the clinician's goes on; it is another device, so it takes a click.
    await inside('chromium-asks');
    (await browser('chromium-asks')).process().kill('SIGKILL');
    await lineIsLost();
  });

  test('left is told as left', async () => {
    const young = await inside('chromium');
    await young.press('#leave');
    await young.until('phase', 'ended');
    await clinician.see('#gone [data-reason="left"]');
    assert.match(await clinician.text('#gone'), /Nora.* har gått\./);
    await young.close();
  });
});
