// Why somebody is gone is told apart at once (CARE-02): a closed tab, a quick exit, a browser that was killed.

import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { PHONE, browser, closeAll } from '../lib/browsers.mjs';
import { ADMIT, comeToDoor, guest, host, letIn, members, tileIs } from '../lib/meeting.mjs';
import { Gate } from '../lib/network.mjs';
import { Server } from '../lib/server.mjs';

// All files run in one process: hooks belong inside a suite, or they would run for every file.
describe('gone', () => {
  let server;
  let clinician;
  before(async () => {
    server = await Server.start();
    clinician = await host('chromium', server.links.clinician);
  });
  const gates = [];
  after(async () => {
    for (const gate of gates) await gate.stop();
    await closeAll([clinician], server);
  });
  const newGate = async () => {
    gates.push(await Gate.start(server));
    return gates.at(-1);
  };

  async function inside(kind, link = server.links.young, means = 'neither') {
    const young = await guest(kind, link, { viewport: PHONE }, means);
    await letIn(clinician);
    await members([clinician, young]);
    // Her tile may still say that the line of a test before was lost.
    await tileIs(clinician, means === 'both' ? 'flowing' : 'off', 15_000);
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
    assert.match(await clinician.text('#gone'), /lukket fort\.$/i, 'and nothing is suggested that these two did not agree');
    assert.equal(await clinician.page.$$eval('#lobby-list li', (lines) => lines.length), 0);
    await young.press('[data-do="carry-on"]');
    await young.when(() => location.pathname === '/goodbye');
    await young.close();
  });

  /** When the clinician's page first says that she closed fast, as a promise of the time by the clock. */
  const saidAt = () => clinician.page.evaluate(() => new Promise((resolve) => {
    const look = () => document.querySelector('#gone:not([hidden]) [data-reason="closed-fast"]') && resolve(Date.now());
    new MutationObserver(look).observe(document.body, { subtree: true, childList: true, attributes: true });
    look();
  }));
  /** Presses, and what a person beside her sees in the very next frame. */
  const nextFrame = (young, button) => young.page.evaluate((id) => new Promise((resolve) => {
    requestAnimationFrame(() => {
      const at = Date.now();
      document.getElementById(id).click();
      requestAnimationFrame(() => resolve({
        at,
        took: Date.now() - at,
        view: [...document.querySelectorAll('#stage > section')].filter((one) => one.checkVisibility()).map((one) => one.id).join(),
        title: document.title,
        announced: document.getElementById('announcer').textContent,
        playing: [...document.querySelectorAll('video, audio')].filter((player) => player.srcObject?.active).length,
      }));
    });
  }), button);

  for (const kind of ['chromium', 'firefox']) {
    test(`a quick exit in the room is dark in the next frame and told within two seconds, ${kind} (CARE-02)`, async () => {
      const young = await inside(kind, server.links.young, 'both');
      const said = saidAt();
      const { at, took, ...seen } = await nextFrame(young, 'close-fast');
      assert.deepEqual(seen, { view: 'view-neutral', title: 'Ny side', announced: '', playing: 0 });
      console.log(`    dark after ${took} ms, told after ${(await said) - at} ms`);
      assert.match(await clinician.text('#gone'), /Nora.* lukket fort\.$/);
      await young.when(() => document.documentElement.dataset.phase === 'ended');
      assert.equal(await young.page.$eval('#view-neutral', (view) => view.checkVisibility()), true, 'it stays neutral');
      await young.press('[data-do="carry-on"]');
      await young.when(() => location.pathname === '/goodbye');
      await young.close();
    });

    test(`someone came in, with a dead line: both ways dark in the next frame, told when the line is back, ${kind} (CARE-03)`, async () => {
      const gate = await newGate();
      const young = await inside(kind, gate.link(server.links.young), 'both');
      gate.cut();
      const { took, at, ...seen } = await nextFrame(young, 'someone-came-in');
      assert.deepEqual(seen, { view: 'view-neutral', title: 'Ny side', announced: '', playing: 0 });
      console.log(`    dark after ${took} ms`);
      await gate.open();
      await clinician.see('#gone [data-reason="someone-came-in"]', 20_000);
      await young.press('[data-do="carry-on"]');
      await young.until('phase', 'inside');
      await young.press('#leave');
      await young.close();
    });
  }

  test('closing fast on a dead line is told as what it is when the line is back (CARE-02)', async () => {
    const gate = await newGate();
    const young = await inside('chromium', gate.link(server.links.young));
    gate.cut();
    await young.press('#close-fast');
    await young.see('#view-neutral', 2_000);
    await tileIs(clinician, 'line-lost', 15_000);
    await gate.open();
    await clinician.see('#gone [data-reason="closed-fast"]', 30_000);
    await young.when(() => document.documentElement.dataset.phase === 'ended');
    await young.close();
  });

  test('a clinician who reloads is told again who closed fast', async () => {
    await clinician.see('#gone [data-reason="closed-fast"]');
    await clinician.reload();
    await clinician.until('phase', 'inside');
    await clinician.see('#gone [data-reason="closed-fast"]', 10_000);
  });

  test('a quick exit at the device check tells nobody anything: she had not arrived', async () => {
    const young = await comeToDoor('chromium', server.links.young, { viewport: PHONE });
    await young.press('#view-check [data-do="close-fast"]');
    await young.see('#view-neutral', 2_000);
    await young.close();
  });

  for (const kind of ['chromium', 'firefox']) {
    test(`a closed tab is a lost line with the place kept, not a quick exit, ${kind}`, async () => {
      const young = await inside(kind);
      await young.page.close({ runBeforeUnload: false });
      await lineIsLost();
      await young.close();
    });
  }

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
