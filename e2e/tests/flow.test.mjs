// One meeting from knock to goodbye, as both people live it: she on a phone, the clinician at a desk; in each of the
// browsers that either may use.

import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { PHONE, closeAll } from '../lib/browsers.mjs';
import { NAMES } from '../lib/demo.mjs';
import { owes } from '../lib/looks.mjs';
import {
  ADMIT, PAIRS, arrive, closePanel, everythingOn, fresh, guest, hears, host, letIn, members, safetyWords, saysOn, sees, tileIs, write, writeNote,
} from '../lib/meeting.mjs';
import { Server } from '../lib/server.mjs';

// All files run in one process: hooks belong inside a suite, or they would run for every file.
for (const { hostKind, guestKind } of PAIRS) describe(`one meeting, the clinician in ${hostKind}, the young person in ${guestKind}`, () => {
  let server;
  let clinician;
  let young;

  before(async () => { server = await Server.start(); });
  after(() => closeAll([young, clinician], server));

  async function both(name) {
    await clinician.picture(`flow-${hostKind}-${guestKind}-${name}-clinician`);
    await young.picture(`flow-${hostKind}-${guestKind}-${name}-young`);
  }

  test('arriving is waiting: she waits, the clinician sees and hears of it, no title names anybody (CARE-12)', async () => {
    clinician = await host(hostKind, server.links.clinician);
    await clinician.picture(`flow-${hostKind}-${guestKind}-alone-clinician`);
    young = await guest(guestKind, server.links.young, { viewport: PHONE });
    await clinician.see(ADMIT);
    assert.match(await clinician.page.title(), /venter/i);
    for (const person of [clinician, young]) assert.doesNotMatch(await person.page.title(), NAMES);
    assert.match(await young.text('#view-waiting'), /Ingen ser eller hører deg/);
    assert.doesNotMatch(await young.text('#view-waiting'), /du er (for )?sen/i, 'lateness is never hers (CARE-09)');
    await both('waiting');
  });

  test('the clinician writes to her while she waits, and the page says that this is not sealed', async () => {
    await writeNote(clinician, 'Jeg er klar om to minutter.');
    await young.when(() => document.querySelector('#notes')?.innerText.includes('Jeg er klar om to minutter.'));
    assert.match(await young.text('#notes-box'), /ikke (forseglet|låst)/i);
    await both('note');
  });

  test('nothing of hers is received before she is let in (SEC-001)', async () => {
    assert.equal(await clinician.page.$$eval('#tiles .tile', (tiles) => tiles.length), 0);
    assert.equal(await clinician.data('members'), '1');
    for (const person of [clinician, young]) {
      const received = (await person.figures('inbound-rtp')).reduce((sum, { bytesReceived = 0 }) => sum + bytesReceived, 0);
      assert.equal(received, 0, `${person.kind}: bytes of sound and picture`);
    }
  });

  test('let in, they see and hear each other; her own picture is hidden until she asks for it', async () => {
    await letIn(clinician);
    await members([clinician, young]);
    await Promise.all([sees(clinician), sees(young)]);
    await Promise.all([hears(clinician), hears(young)]);
    assert.equal(await young.page.$eval('#own', (own) => own.dataset.shown), 'false');
    await both('talking');
  });

  test('the lock says who is here, how each device is known, and six safety words (SEC-015, SEC-016)', async () => {
    for (const person of [clinician, young]) await person.press('#open-lock');
    const words = await Promise.all([clinician, young].map(safetyWords));
    assert.equal(words[0].length, 6);
    assert.deepEqual(words[0], words[1]);
    assert.match(await young.text('#panel-lock'), /kan ikke stoppe/i, 'no false reassurance (CARE-06)');
    await both('lock');
    for (const person of [clinician, young]) await closePanel(person, 'lock');
  });

  test('chat is sealed, and a yes needs no sound (CARE-05)', async () => {
    await write(young, 'Hei, jeg hører deg godt.');
    await clinician.press('#open-chat');
    await clinician.when(() => document.querySelector('#chat-list').innerText.includes('Hei, jeg hører deg godt.'));
    await both('chat');
    for (const person of [clinician, young]) await closePanel(person, 'chat');
    await young.press('[data-do="react"][data-id="yes"]');
    await clinician.when(() => document.querySelector('#tiles [data-part="reaction"]').dataset.sign === 'yes');
  });

  // A Firefox without a screen has none to share.
  if (hostKind !== 'firefox') test('a screen is shared and seen', async () => {
    await clinician.press('#share');
    await young.when(() => document.querySelector('#shared video')?.videoWidth > 0, { timeout: 20_000 });
    await both('share');
    await clinician.press('#share');
    await young.when(() => document.querySelector('#shared').hidden);
  });

  test('a pause is told as a pause by the one who pauses', async () => {
    await young.press('#pause');
    await tileIs(clinician, 'paused');
    await both('pause');
    await young.press('#pause');
    await tileIs(clinician, 'flowing');
  });

  test('stepping out keeps the seat, and one tap brings her back, muted (CARE-02)', async () => {
    await young.press('#step-out');
    await young.until('phase', 'stepped-out');
    await clinician.until('members', '1');
    await both('stepped-out');
    await young.press('[data-do="step-in"]');
    await young.until('phase', 'inside');
    await members([clinician, young]);
    assert.equal(await saysOn(young, '#microphone'), 'false');
    assert.equal(await saysOn(young, '#camera'), 'false');
    await everythingOn(young);
    await fresh(clinician);
    await sees(clinician);
  });

  test('someone came in: her screen is neutral at once, the other side is told which it is, only she undoes it (CARE-03)', async () => {
    await young.press('#someone-came-in');
    await young.see('#view-neutral', 2_000);
    assert.doesNotMatch(await young.page.title(), /samtale|møte|rom|venter/i);
    assert.equal(await young.page.$$eval('#tiles video, #tiles audio, #shared video', (players) => players.filter((player) => player.srcObject).length), 0);
    await clinician.when(() => document.querySelector('#view-room').innerText.includes('oen kom inn'));
    await both('someone-came-in');
    await young.press('[data-do="carry-on"]');
    await young.until('phase', 'inside');
    await members([clinician, young]);
  });

  test('a reload brings her back to the same seat without a click, muted, within seconds', async () => {
    const from = Date.now();
    await young.reload();
    await young.until('phase', 'inside');
    await members([clinician, young]);
    const took = Date.now() - from;
    console.log(`    back after ${took} ms`);
    assert.ok(took < 10_000, 'within seconds');
    assert.equal(await saysOn(young, '#microphone'), 'false');
    await everythingOn(young);
    await Promise.all([fresh(clinician), fresh(young)]);
    await Promise.all([sees(clinician), sees(young)]);
    await both('reloaded');
  });

  test('a second tab takes the seat; the older one says so and stops', async () => {
    const older = young.page;
    await young.newPage();
    await young.open(older.url());
    await young.until('phase', ['checking', 'inside']);
    if (await young.data('phase') === 'checking') await arrive(young);
    await young.until('phase', 'inside');
    await older.bringToFront();
    await older.waitForFunction(() => document.documentElement.dataset.phase === 'ended', { polling: 100, timeout: 15_000 });
    if (guestKind === 'chromium') {
      const newer = young.page;
      young.page = older;
      await owes(young, 'the older tab');
      await young.picture(`flow-${hostKind}-${guestKind}-older-tab`);
      young.page = newer;
    }
    await older.close();
    await young.page.bringToFront();
    await members([clinician, young]);
  });

  test('sent back to waiting and let in again', async () => {
    await clinician.press('#open-people');
    await clinician.press('#roster [data-do="send-back"]');
    await young.until('phase', 'waiting');
    await clinician.until('members', '1');
    await both('sent-back');
    await letIn(clinician);
    await young.until('phase', 'inside');
    await members([clinician, young]);
  });

  test('the clinician reloads while she is inside: a new group, the same people, no click', async () => {
    await clinician.reload();
    if (hostKind === 'chromium') assert.deepEqual(clinician.questions, ['beforeunload'], 'the chat would be gone (CARE-06)');
    await clinician.until('phase', 'inside');
    await members([clinician, young]);
    await everythingOn(clinician);
    await fresh(young);
    await sees(young);
  });

  test('who is put out of the room without having been asked is asked then what must be noted (CARE-06)', async () => {
    await write(young, 'Lege i morgen klokka ti');
    await clinician.when(() => document.querySelector('#chat-list').children.length > 0);
    const [older, asked] = [clinician.page, clinician.questions.length];
    await clinician.newPage();
    await clinician.open(older.url());
    await clinician.until('phase', ['checking', 'inside']);
    if (await clinician.data('phase') === 'checking') await arrive(clinician);
    await clinician.until('phase', 'inside');
    const newer = clinician.page;
    clinician.page = older;
    await older.bringToFront();
    await clinician.until('phase', 'ended');
    assert.match(await clinician.text('#ended-note'), /må noteres.*Lege i morgen klokka ti/s);
    if (hostKind === 'chromium') {
      await owes(clinician, 'what must be noted, in the older tab');
      await clinician.picture(`flow-${hostKind}-${guestKind}-noted`);
    }
    await older.close({ runBeforeUnload: false });
    assert.equal(clinician.questions.length, asked, 'asked once, not twice');
    clinician.page = newer;
    await newer.bringToFront();
    await members([clinician, young]);
    await fresh(young);
  });

  test('before it is over the clinician is asked what must be noted; then it ends for all (CARE-06)', async () => {
    await clinician.press('#leave');
    await clinician.see('#leave-dialog');
    await both('leaving');
    await clinician.press('#leave-dialog [data-do="end-for-all"]');
    await Promise.all([clinician.until('phase', 'ended'), young.until('phase', 'ended')]);
    assert.equal(await clinician.page.$eval('#ended-note', (note) => note.hidden), true, 'she was asked before');
    await both('ended');
  });

  test('all the while nobody else was asked for anything (SEC-011), and nothing went wrong in the pages', () => {
    for (const person of [clinician, young]) {
      assert.deepEqual(person.strangers(), []);
      assert.deepEqual(person.console.filter((line) => /^(error|pageerror)/.test(line)), []);
    }
    assert.doesNotMatch(server.log(), /Nora|Kari|panicked|ERROR/);
  });
});
