// The rest of an hour by telephone: beside the crisis panel, in every phase and without a line; told once, proposed when the hour is closed; and no number while a ringing phone can betray her (CARE-03).

import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { DESKTOP, PHONE, Person, closeAll } from '../lib/browsers.mjs';
import { DEMO } from '../lib/demo.mjs';
import { owes } from '../lib/looks.mjs';
import { comeToDoor, guest, host, letIn, members, tileIs } from '../lib/meeting.mjs';
import { Gate } from '../lib/network.mjs';
import { Server } from '../lib/server.mjs';

const SUMMARY = '#telephone-panel > summary';
const NUMBER = '#telephone-ring a[href="tel:+4799112233"]';
const NOTED = '#telephone-noted > li';

/** Runs in the page: which of these lie over which of those, both as they are seen. */
function overlaps([panel, others]) {
  const seen = (selector) => [...document.querySelectorAll(selector)].filter((e) => e.checkVisibility({ visibilityProperty: true }));
  const over = (a, b) => a.left < b.right - 1 && b.left < a.right - 1 && a.top < b.bottom - 1 && b.top < a.bottom - 1;
  const boxes = seen(panel).map((e) => e.getBoundingClientRect());
  return seen(others).filter((e) => boxes.some((box) => over(box, e.getBoundingClientRect()))).map((e) => e.outerHTML.slice(0, 100));
}

const hasArrived = (person, timeout = 30_000) => person.when(() => !Object.keys(sessionStorage).some((name) => name.startsWith('samrom-crisis-')), { timeout });

describe('the rest by telephone', () => {
  let server;
  let kari;
  let clinician;
  let young;
  before(async () => {
    server = await Server.start();
    kari = await Person.at('chromium', { viewport: PHONE });
    await kari.open(server.links.clinician);
    await at(`/people/${DEMO.nora}`);
    await kari.page.evaluate(async (path) => {
      await fetch(path, { method: 'POST', body: new URLSearchParams({ person: path.split('/')[2], way: 'sms', phone: '99112233', mail: '' }) });
    }, `/people/${DEMO.nora}/contact`);
  });
  after(() => closeAll([young, clinician, kari], server));

  const at = (path) => kari.open(new URL(path, server.links.clinician).href);

  async function meet(hostLink = server.links.clinician) {
    clinician = await host('chromium', hostLink);
    young = await guest('chromium', server.links.young, { viewport: PHONE }, 'sound');
    await letIn(clinician);
    await members([clinician, young]);
  }

  async function part() {
    await young.close();
    await clinician.close();
  }

  /** The page of the hour in which these people meet. */
  async function hourOf(person) {
    const { pathname } = new URL(person.page.url());
    await at('/day');
    return kari.page.$eval(`.hour-row:has(a[href="${pathname}"]) a.change`, (link) => link.getAttribute('href'));
  }

  test('one tap, folded and unfolded, over neither face nor control; what is urgent stays one tap away', async () => {
    await meet();
    for (const viewport of [PHONE, { ...PHONE, width: 320 }, { width: 900, height: 700, deviceScaleFactor: 1 }, DESKTOP]) {
      await clinician.resize(viewport);
      const size = `${viewport.width} x ${viewport.height}`;
      await clinician.see(SUMMARY);
      const others = '#crisis-panel > summary, .room-top > *, .room-words > *, #tiles .tile, .controls button';
      assert.deepEqual(await clinician.page.evaluate(overlaps, [SUMMARY, others]), [], `folded, ${size}`);
      await clinician.press(SUMMARY);
      await clinician.see(NUMBER);
      assert.deepEqual(await clinician.page.evaluate(overlaps, ['#telephone-panel', '#tiles .tile, .controls button, #open-lock']), [], `unfolded, ${size}`);
      await owes(clinician, `the telephone in the room, ${size}`);
      await clinician.picture(`telephone-${viewport.width}`);
      await clinician.press('#crisis-panel > summary');
      await clinician.when(() => document.querySelector('#crisis-panel').open && !document.querySelector('#telephone-panel').open);
      await clinician.press('#crisis-panel > summary');
    }
    await part();
  });

  test('someone came in at hers: the number goes away, also after a reload, and is there when she is', async () => {
    await meet();
    await clinician.press(SUMMARY);
    await clinician.see(NUMBER);
    await young.press('#someone-came-in');
    await clinician.see('#telephone-quiet');
    assert.match(await clinician.text('#telephone-quiet'), /^Ikke ring nå\./);
    assert.equal(await clinician.page.$eval(NUMBER, (link) => link.checkVisibility()), false);
    await clinician.reload();
    await clinician.press(SUMMARY);
    await clinician.see('#telephone-quiet');
    await young.press('[data-do="carry-on"]');
    await young.until('phase', 'inside', 30_000);
    await clinician.see(NUMBER, 30_000);
    await part();
  });

  test('closed fast: no number, on no page of her clinician, also on one that never saw her', async () => {
    await meet();
    await young.press('#close-fast');
    await clinician.see('#gone [data-reason="closed-fast"]');
    await part();
    const other = await comeToDoor('chromium', server.links.clinician, { viewport: PHONE });
    await other.press(SUMMARY);
    await other.see('#telephone-quiet');
    assert.equal(await other.page.$eval(NUMBER, (link) => link.checkVisibility()), false);
    await other.close();
    // She comes again, and nothing speaks against ringing.
    await meet();
    await clinician.press(SUMMARY);
    await clinician.see(NUMBER);
    await part();
  });

  test('before anybody is in it opens, notes and takes back', async () => {
    clinician = await comeToDoor('chromium', server.links.clinician, { viewport: PHONE });
    await clinician.press(SUMMARY);
    await clinician.see(NUMBER);
    await clinician.press('#telephone-now');
    await clinician.see(NOTED);
    await clinician.press(`${NOTED} [data-part="undo"]`);
    await clinician.when((line) => !document.querySelector(line), {}, NOTED);
    await hasArrived(clinician);
    await owes(clinician, 'the telephone at the check');
    await clinician.close();
  });

  test('without a line it is noted, told when the line is back, proposed and in the record; she reads who may ring', async () => {
    const gate = await Gate.start(server);
    try {
      await meet(gate.link(server.links.clinician));
      const hour = await hourOf(clinician);
      gate.cut();
      await tileIs(young, 'line-lost', 20_000);
      await young.when(() => document.querySelector('.word.may-ring').checkVisibility(), { timeout: 20_000 });
      assert.match(await young.text('.word.may-ring'), /kan det hende at Kari ringer deg/);
      assert.doesNotMatch(await young.page.content(), /99112233|991 12 233/);
      await clinician.until('phase', 'reconnecting', 20_000);
      await clinician.press(SUMMARY);
      await clinician.press('#telephone-now');
      await clinician.see(NOTED);
      assert.match(await clinician.text('#telephone-said'), /^Notert: resten er på telefon fra kl\. \d\d\.\d\d\.$/);
      assert.equal(await clinician.page.$eval('#telephone-now', (button) => button.hidden), true);
      assert.equal(await clinician.page.evaluate(() => document.activeElement.dataset.part), 'undo', 'the focus is not lost');
      const kept = await clinician.page.evaluate(() => JSON.stringify({ ...sessionStorage }));
      assert.doesNotMatch(kept, /Nora|9911/, 'codes and times only');
      await at(`${hour}/close`);
      assert.equal(await kari.page.$('[name="partly-phone"]'), null, 'nothing has arrived');
      await gate.open();
      await hasArrived(clinician);
      await at(`${hour}/close`);
      assert.equal(await kari.page.$eval('[name="partly-phone"]', (box) => box.checked), true);
      await kari.press('input[value="held"]');
      await Promise.all([kari.page.waitForNavigation({ waitUntil: 'domcontentloaded' }), kari.press('form[action$="/close"] > .actions button')]);
      assert.match(await kari.page.$eval('textarea[readonly]', ({ value }) => value), /^Resten på telefon fra kl\. \d\d\.\d\d\.$/m);
      await part();
    } finally {
      await gate.stop();
    }
  });

  test('agreed on a call: the number comes back at that time, by the server’s clock and not by a wrong one', async () => {
    await at(`/people/${DEMO.nora}/agreement`);
    for (const [name, then] of [['lost', 'call'], ['came-in', 'call'], ['fast', 'next-time']]) {
      await kari.page.select(`#${name} select`, '10');
      await kari.press(`#${name} label:has(input[value="${then}"])`);
    }
    await kari.press('#reach label:has(input[value="message"])');
    await Promise.all([kari.page.waitForNavigation({ waitUntil: 'domcontentloaded' }), kari.press('#save')]);
    const wrong = `{ const now = Date.now; window.ahead = 20 * 60_000; Date.now = () => now() + window.ahead; }`;
    clinician = await host('chromium', server.links.clinician, { script: wrong });
    young = await guest('chromium', server.links.young, { viewport: PHONE }, 'sound');
    await letIn(clinician);
    await members([clinician, young]);
    await clinician.press(SUMMARY);
    await clinician.see(NUMBER);
    await young.press('#someone-came-in');
    await clinician.see('#telephone-quiet');
    assert.match(await clinician.text('#telephone-quiet'), /^Dere har avtalt: vent til \d\d\.\d\d, ikke ring før\.$/);
    assert.equal(await clinician.page.$eval(NUMBER, (link) => link.checkVisibility()), false);
    await clinician.page.evaluate(() => {
      window.ahead += 11 * 60_000;
      document.getElementById('main').append(document.createComment('something changes'));
    });
    await clinician.see(NUMBER);
    assert.equal(await clinician.page.$eval('#telephone-quiet', (line) => line.hidden), true);
    await part();
  });
});
