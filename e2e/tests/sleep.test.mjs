// A phone that sleeps and wakes, turns, changes its headset or rings: the same seat, muted, and said honestly on both
// sides. Hidden as a phone hides a page; Chromium's is frozen as well, clocks and all.

import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import { PHONE, closeAll } from '../lib/browsers.mjs';
import { phone } from '../lib/machine.mjs';
import { everythingOn, fresh, guest, hears, host, isOn, letIn, members, saysOn, tileIs, turn } from '../lib/meeting.mjs';
import { Gate } from '../lib/network.mjs';
import { Server } from '../lib/server.mjs';

/** Milliseconds from waking to being here again: by states, and never longer than this on a line that is alive. */
const HERE_MS = 3_000;

// All files run in one process: hooks belong inside a suite, or they would run for every file.
describe('sleep and wake', () => {
  let server;
  let clinician;
  let young;
  let gate;
  before(async () => {
    server = await Server.start();
    clinician = await host('chromium', server.links.clinician);
    gate = await Gate.start(server);
  });
  after(() => closeAll([young, clinician], gate, server));

  const setHidden = (person, hidden) => person.page.evaluate((value) => {
    Object.defineProperty(document, 'hidden', { configurable: true, get: () => value });
    document.dispatchEvent(new Event('visibilitychange'));
  }, hidden);
  const seat = () => clinician.page.$eval('#tiles .tile', (tile) => tile.dataset.id);
  const live = () => young.page.evaluate(() => ['audio', 'video'].filter((kind) => window.machine.inUse(kind)));
  /** What the first tile says, with the moment of the page at which it said it first. */
  const watch = () => clinician.page.evaluate(() => {
    window.statuses = [];
    const look = () => {
      const status = document.querySelector('#tiles .tile')?.dataset.status;
      if (status !== window.statuses.at(-1)?.status) window.statuses.push({ status, at: Date.now() });
    };
    window.watching?.disconnect();
    window.watching = new MutationObserver(look);
    window.watching.observe(document.querySelector('#tiles'), { subtree: true, childList: true, attributes: true });
    look();
  });

  async function wakes() {
    const at = await young.page.evaluate(() => {
      Object.defineProperty(document, 'hidden', { configurable: true, get: () => false });
      const now = Date.now();
      document.dispatchEvent(new Event('visibilitychange'));
      return now;
    });
    await tileIs(clinician, 'off');
    const here = await clinician.page.evaluate(() => window.statuses.findLast(({ status }) => status === 'off').at);
    return here - at;
  }

  /** Muted, told so, and hers to turn on. */
  async function backMuted(before) {
    await members([clinician, young]);
    await young.see('#muted-word');
    assert.match(await young.text('#muted-word'), /Lyd og bilde fra deg er av/);
    assert.deepEqual(await live(), [], 'nothing hears or sees her');
    assert.equal(await seat(), before, 'the same seat');
    assert.equal(await clinician.page.$$eval('#tiles .tile', (tiles) => tiles.length), 1);
  }

  for (const kind of ['chromium', 'firefox']) {
    test(`another app in front and back again: asleep meanwhile, then here within three seconds, muted (${kind})`, async () => {
      young = await guest(kind, gate.link(server.links.young), { viewport: PHONE, script: phone() });
      await letIn(clinician);
      await members([clinician, young]);
      await tileIs(clinician, 'flowing');
      const before = await seat();
      await setHidden(young, true);
      await tileIs(clinician, 'asleep', 5_000);
      assert.match(await clinician.text('#tiles [data-part="status"]'), /^Enheten til Nora.* er i dvale\.$/);
      assert.deepEqual(await live(), [], 'a device that sleeps hears and sees nobody');
      await watch();
      const took = await wakes();
      console.log(`    ${kind}: here again after ${took} ms`);
      assert.ok(took < HERE_MS, `${took} ms`);
      await backMuted(before);
      await everythingOn(young);
      await tileIs(clinician, 'flowing');
      await fresh(clinician);
    });

    test(`asleep on a line that dies: the seat is kept, and she is back by herself, muted (${kind})`, async () => {
      const before = await seat();
      await setHidden(young, true);
      await tileIs(clinician, 'asleep', 5_000);
      gate.cut();
      await young.until('online', 'false', 20_000);
      await gate.open();
      await watch();
      const took = await wakes();
      console.log(`    ${kind}: here again on a new line after ${took} ms`);
      await backMuted(before);
      await turn(young, '#microphone');
      await hears(clinician);
      await turn(young, '#microphone', false);
    });

    test(`a telephone that rings takes the microphone: said to both, and hers to turn on again (${kind})`, async () => {
      await turn(young, '#microphone');
      await young.when(() => window.machine.inUse('audio'));
      await young.page.evaluate(() => window.machine.take('audio'));
      const notice = () => young.page.$eval('#notice', (line) => (line.hidden ? '' : line.innerText));
      await isOn(young, '#microphone', false);
      assert.match(await notice(), /tatt mikrofonen, kanskje en telefon som ringer\. Lyden din er av/);
      assert.deepEqual(await live(), []);
      await tileIs(clinician, 'off');
      await young.press('#notice [data-do="close-notice"]');
      // While the other call lasts, a press is answered in words.
      await young.press('#microphone');
      await young.see('#notice');
      await isOn(young, '#microphone', false);
      await young.page.evaluate(() => window.machine.giveBack('audio'));
      await young.press('#notice [data-do="close-notice"]');
      await isOn(young, '#microphone', false);
      assert.deepEqual(await live(), [], 'given back is not turned on');
      await turn(young, '#microphone');
      await fresh(clinician, { picture: false });
    });

    test(`turned, and the headset pulled out: off and told so, and heard again when she wants to be (${kind})`, async () => {
      const before = await seat();
      await young.resize({ ...PHONE, width: PHONE.height, height: PHONE.width });
      if (await saysOn(young, '#microphone') !== 'true') await turn(young, '#microphone');
      await young.page.evaluate(() => window.machine.unplug('audio'));
      await isOn(young, '#microphone', false);
      await young.see('#notice');
      await young.press('#notice [data-do="close-notice"]');
      await young.page.evaluate(() => window.machine.plugIn());
      await turn(young, '#microphone');
      await fresh(clinician, { picture: false });
      assert.equal(await seat(), before);
      await young.close();
    });
  }

  test('frozen as a phone freezes a page, clocks and all, and thawed: here again', async () => {
    young = await guest('chromium', server.links.young, { viewport: PHONE, script: phone() });
    await letIn(clinician);
    await members([clinician, young]);
    await tileIs(clinician, 'flowing');
    const before = await seat();
    const client = await young.page.createCDPSession();
    await setHidden(young, true);
    await tileIs(clinician, 'asleep', 5_000);
    await client.send('Page.setWebLifecycleState', { state: 'frozen' });
    // Longer than either side keeps a silent line for alive.
    await pause(9_000);
    await client.send('Page.setWebLifecycleState', { state: 'active' });
    await watch();
    const took = await wakes();
    console.log(`    thawed: here again after ${took} ms`);
    await backMuted(before);
    await everythingOn(young);
    await fresh(clinician);
  });
});
