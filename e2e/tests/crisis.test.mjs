// The crisis panel (CARE-14): one tap, for who leads the hour alone, in every phase, without a line and when the page's own
// module has stopped. What is noted has its time, arrives when the line is back, and stands on the closing page.

import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { DESKTOP, PHONE, Person, closeAll } from '../lib/browsers.mjs';
import { DEMO, NAMES } from '../lib/demo.mjs';
import { key } from '../lib/keyboard.mjs';
import { owes } from '../lib/looks.mjs';
import { ADMIT, comeToDoor, guest, host, isOn, leaveAsHost, letIn, members, tileIs } from '../lib/meeting.mjs';
import { Gate } from '../lib/network.mjs';
import { Server } from '../lib/server.mjs';

const SUMMARY = '#crisis-panel > summary';
const AGREED = { adult: 'Tante Gjertrud', phone: '99887766', hard: 'å gå en tur med hunden' };

/** Runs in the page: which of these lie over which of those, both as they are seen. */
function overlaps([panel, others]) {
  const seen = (selector) => [...document.querySelectorAll(selector)].filter((e) => e.checkVisibility({ visibilityProperty: true }));
  const over = (a, b) => a.left < b.right - 1 && b.left < a.right - 1 && a.top < b.bottom - 1 && b.top < a.bottom - 1;
  const boxes = seen(panel).map((e) => e.getBoundingClientRect());
  return seen(others).filter((e) => boxes.some((box) => over(box, e.getBoundingClientRect()))).map((e) => e.outerHTML.slice(0, 100));
}

/** The lines in the panel: the time, what was done, and how far it has come where that is said. */
const noted = (person) => person.page.$$eval('#crisis-noted > li', (lines) => lines.map((line) => {
  const text = (name) => line.querySelector(`[data-part="${name}"]:not([hidden])`)?.textContent ?? '';
  return { time: text('time'), what: text('what'), state: text('state') };
}));
const hasNoted = (person, what, timeout = 5_000) => person.when((wanted) => [...document.querySelectorAll('#crisis-noted > li')].some((line) => line.innerText.includes(wanted)), { timeout }, what);
/** Waits until the server has everything that was noted here. */
const hasArrived = (person, timeout = 30_000) => person.when(() => !Object.keys(sessionStorage).some((name) => name.startsWith('samrom-crisis-')), { timeout });

describe('the crisis panel', () => {
  let server;
  let kari;
  let clinician;
  let young;
  before(async () => {
    server = await Server.start();
    kari = await Person.at('chromium', { viewport: PHONE });
    await kari.open(server.links.clinician);
    await at(`/people/${DEMO.nora}/agreement`);
    await kari.press('input[name="has-adult"]');
    await kari.page.type('#adult-name', AGREED.adult);
    await kari.page.type('#adult-phone', AGREED.phone);
    await kari.press('input[name="adult-may"]');
    await kari.page.type('#hard', AGREED.hard);
    await Promise.all([kari.page.waitForNavigation({ waitUntil: 'domcontentloaded' }), kari.press('#save')]);
  });
  after(() => closeAll([young, clinician, kari], server));

  const at = (path) => kari.open(new URL(path, server.links.clinician).href);

  /** The page of the hour in which these people meet. */
  async function hourOf(person) {
    const { pathname } = new URL(person.page.url());
    await at('/day');
    return kari.page.$eval(`.hour-row:has(a[href="${pathname}"]) a.change`, (link) => link.getAttribute('href'));
  }

  async function meet({ hostLink = server.links.clinician, hostOptions } = {}) {
    clinician = await host('chromium', hostLink, hostOptions);
    young = await guest('chromium', server.links.young, { viewport: PHONE }, 'sound');
    await letIn(clinician);
    await members([clinician, young]);
  }

  async function part() {
    await young.close();
    await clinician.close();
  }

  test('before anybody is in: one tap, whom to ring and what was agreed', async () => {
    const person = await comeToDoor('chromium', server.links.clinician, { viewport: PHONE });
    assert.equal(await person.page.$eval('#crisis-panel', ({ open }) => open), false);
    await owes(person, 'the check with the panel folded');
    await person.press(SUMMARY);
    await person.see('#crisis-adult');
    const numbers = await person.page.$$eval('#crisis a[href^="tel:"]', (links) => links.map(({ href }) => href));
    assert.deepEqual(numbers, [`tel:+47${AGREED.phone}`, 'tel:113', 'tel:112', 'tel:116117']);
    const text = await person.text('#crisis');
    for (const words of [AGREED.adult, AGREED.hard, /Jeg må si fra/, /Si det til ungdommen først/, /§ 33/, /§ 196/]) assert.match(text, new RegExp(words));
    assert.equal(await person.page.$eval('#crisis-mute', ({ hidden }) => hidden), true, 'nobody hears anything yet');
    for (const viewport of [PHONE, { ...PHONE, width: 320 }, DESKTOP]) {
      await person.resize(viewport);
      await owes(person, `the panel at the check, ${viewport.width}`);
    }
    assert.doesNotMatch(await person.page.title(), NAMES);
    await person.close();
  });

  test('in the room, folded and unfolded, it covers neither the other’s face nor a control, on a phone and at a desk', async () => {
    await meet();
    const waiting = await guest('chromium', server.links.guardian, {}, 'sound');
    await clinician.see(ADMIT);
    for (const viewport of [PHONE, { ...PHONE, width: 320 }, { width: 900, height: 700, deviceScaleFactor: 1 }, DESKTOP]) {
      await clinician.resize(viewport);
      const size = `${viewport.width} x ${viewport.height}`;
      await clinician.see(SUMMARY);
      assert.deepEqual(await clinician.page.evaluate(overlaps, [SUMMARY, '.room-top > *, .room-words > *, #tiles .tile, .controls button']), [], `folded, ${size}`);
      await clinician.press(SUMMARY);
      await clinician.see('#crisis-adult');
      assert.deepEqual(await clinician.page.evaluate(overlaps, ['#crisis-panel', '#tiles .tile, .controls button, #open-lock']), [], `unfolded, ${size}`);
      const { height } = await clinician.page.$eval('#tiles .tile', (tile) => tile.getBoundingClientRect().toJSON());
      assert.ok(height > 60 || viewport.width === 320, `a face of ${height} pixels can be seen, ${size}`);
      await owes(clinician, `the panel in the room, ${size}`);
      await clinician.picture(`crisis-${viewport.width}`);
      await clinician.press(SUMMARY);
    }
    await waiting.close();
    await part();
  });

  test('the clinician’s sound is off and on again from the panel, and the talk goes on', async () => {
    await meet();
    await clinician.press(SUMMARY);
    await isOn(clinician, '#microphone');
    await clinician.press('#crisis-mute');
    await isOn(clinician, '#microphone', false);
    await young.when(() => !document.querySelector('#tiles [data-part="muted"]').hidden);
    await clinician.when(() => /Slå på mikrofonen din igjen/.test(document.querySelector('#crisis-mute').textContent));
    await clinician.press('#crisis-mute');
    await isOn(clinician, '#microphone');
    assert.equal(await young.data('phase'), 'inside');
    await part();
  });

  test('her page has nothing of it: no panel, no script, no style, no word', async () => {
    const people = await Promise.all([server.links.young, server.links.guardian, server.links.careWorker].map((link) => comeToDoor('chromium', link, { viewport: PHONE })));
    for (const person of people) {
      assert.equal(await person.page.$('#crisis'), null);
      assert.doesNotMatch(await person.page.content(), /crisis|Hvis det haster/);
      assert.ok(!person.requests.some((url) => url.includes('crisis')), 'nothing of it is asked for');
      await person.close();
    }
  });

  test('without a line it opens, notes what was done, and tells it when the line is back; the closing page has it', async () => {
    const gate = await Gate.start(server);
    try {
      await meet({ hostLink: gate.link(server.links.clinician) });
      const hour = await hourOf(clinician);
      gate.cut();
      await tileIs(young, 'line-lost', 20_000);
      await clinician.press(SUMMARY);
      await clinician.press('[data-step="rang-emergency"]');
      await clinician.press('[data-step="rang-police"]');
      await clinician.press('[data-step="rang-adult"]');
      await hasNoted(clinician, 'Ringte den voksne');
      assert.match(await clinician.text('#crisis-said'), /^Notert: Ringte den voksne, kl\. \d\d\.\d\d\.$/);
      await clinician.when(() => /venter på linja/.test(document.querySelector('#crisis-noted').innerText), { timeout: 20_000 });
      assert.match((await noted(clinician))[0].time, /^\d\d\.\d\d$/);
      const kept = await clinician.page.evaluate(() => JSON.stringify({ ...sessionStorage }));
      assert.match(kept, /rang-emergency/);
      assert.doesNotMatch(kept, /Gjertrud|99887766|hunden|Nora/, 'codes and times only (SEC-099)');
      // Taken back while there is no line, and never told.
      await clinician.press('#crisis-noted > li:nth-child(3) [data-part="undo"]');
      await clinician.when(() => !/politiet/.test(document.querySelector('#crisis-noted').innerText));
      await at(`${hour}/close`);
      assert.doesNotMatch(await kari.text('main'), /Ringte/, 'nothing has arrived');

      await gate.open();
      await hasArrived(clinician);
      assert.deepEqual((await noted(clinician)).map(({ what, state }) => [what, state]), [['Åpnet «Hvis det haster»', ''], ['Ringte 113', ''], ['Ringte den voksne', '']]);
      await clinician.reload();
      await clinician.press(SUMMARY);
      await hasNoted(clinician, 'Ringte 113');
      const times = (await noted(clinician)).map(({ time, what }) => `${time} ${what}`);
      assert.equal(times.length, 3, 'told once each, and unfolding it again so soon is no other opening');

      await at(`${hour}/close`);
      const open = await kari.text('main');
      for (const line of times) assert.ok(open.includes(line), `${line} in ${open}`);
      assert.doesNotMatch(open, /politiet/);
      await kari.press('input[value="held"]');
      await Promise.all([kari.page.waitForNavigation({ waitUntil: 'domcontentloaded' }), kari.press('form[action$="/close"] > .actions button')]);
      const record = await kari.page.$eval('textarea[readonly]', ({ value }) => value);
      assert.match(record, /^Kl\. \d\d\.\d\d: Ringte 113\.$/m);
      assert.match(record, /^Kl\. \d\d\.\d\d: Ringte den voksne\.$/m);
      assert.doesNotMatch(record, /Åpnet|politiet/);
      await part();
    } finally {
      await gate.stop();
    }
  });

  test('what waits survives a reload, and leaves from whichever page comes next', async () => {
    const gate = await Gate.start(server);
    try {
      clinician = await host('chromium', gate.link(server.links.clinician));
      await clinician.press(SUMMARY);
      await hasNoted(clinician, 'Åpnet');
      await hasArrived(clinician);
      // The server hears nothing of steps, and everything else.
      await clinician.page.setRequestInterception(true);
      const stop = (request) => (request.url().endsWith('/crisis') ? request.abort('internetdisconnected') : request.continue());
      clinician.page.on('request', stop);
      await clinician.press('[data-step="told-clinic"]');
      await hasNoted(clinician, 'venter på linja', 20_000);
      await clinician.reload();
      await clinician.press(SUMMARY);
      await hasNoted(clinician, 'Sa fra i klinikken');
      assert.ok(clinician.questions.includes('beforeunload'), 'leaving was asked about');
      clinician.page.off('request', stop);
      await clinician.page.setRequestInterception(false);
      await clinician.open(new URL('/day', clinician.page.url()).href);
      await hasArrived(clinician);
      await clinician.close();
    } finally {
      await gate.stop();
    }
  });

  test('by keyboard alone: reached first, a step noted and taken back, Escape folds it', async () => {
    await meet();
    await key(clinician, SUMMARY, 'Enter');
    await clinician.see('#crisis-adult');
    await key(clinician, '[data-step="told-her"]', 'Enter');
    await hasNoted(clinician, 'Sa det til ungdommen først');
    await key(clinician, '#crisis-noted > li:last-child [data-part="undo"]', 'Enter');
    await clinician.when(() => !/Sa det til/.test(document.querySelector('#crisis-noted').innerText));
    assert.equal(await clinician.page.evaluate(() => document.activeElement.dataset.step), 'told-her', 'the focus is not lost');
    await clinician.page.keyboard.press('Escape');
    assert.equal(await clinician.page.$eval('#crisis-panel', ({ open }) => open), false);
    assert.ok(await clinician.page.evaluate((summary) => document.activeElement.matches(summary), SUMMARY));
    assert.equal(await clinician.data('phase'), 'inside', 'nothing else was pressed by it');
    await part();
  });

  test('somebody comes in at the clinician’s: the panel folds with everything else (CARE-03)', async () => {
    await meet();
    await clinician.press(SUMMARY);
    await clinician.see('#crisis-adult');
    await clinician.press('#someone-came-in');
    await clinician.see('#view-neutral');
    await clinician.when(() => !document.querySelector('#crisis-panel').open);
    assert.doesNotMatch(await clinician.page.evaluate(() => document.body.innerText), /Gjertrud|hunden|Nora/);
    await part();
  });

  test('the page’s own module has stopped: it opens, notes and tells', async () => {
    await meet();
    await clinician.page.evaluate(() => document.querySelector('#grace').remove());
    await clinician.until('phase', 'stopped', 10_000);
    await owes(clinician, 'stopped, with the panel folded');
    await clinician.press(SUMMARY);
    await clinician.see('#crisis-adult');
    assert.equal(await clinician.page.$eval('#crisis-mute', ({ hidden }) => hidden), true);
    await clinician.press('[data-step="stayed"]');
    await hasNoted(clinician, 'Ble i samtalen');
    await hasArrived(clinician);
    await owes(clinician, 'stopped, with the panel unfolded');
    await part();
  });

  test('after the hour it still stands, and no log names anybody or what was done (SEC-099)', async () => {
    clinician = await host('chromium', server.links.clinician);
    await leaveAsHost(clinician);
    await clinician.press(SUMMARY);
    await clinician.see('#crisis-adult');
    await clinician.press('[data-step="told-child-welfare"]');
    await hasArrived(clinician);
    await clinician.close();
    assert.doesNotMatch(server.log(), /Gjertrud|99887766|hunden|rang-|told-child|panicked|ERROR/);
    assert.match(server.verifyAudit(), /the audit chain is whole/);
  });
});
