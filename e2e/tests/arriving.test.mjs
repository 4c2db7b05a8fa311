// Arriving and waiting: what she wants to say goes with her and is read by her clinician alone when the lock is closed
// (CARE-06, SEC-098); where she is stands in the crisis panel (CARE-14); who is in the room is said on each side and never
// worded as proof (CARE-05); the ways on from the waiting page lead where they say.

import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { PHONE, closeAll } from '../lib/browsers.mjs';
import { owes } from '../lib/looks.mjs';
import { ADMIT, closePanel, comeToDoor, follow, guest, host, letIn, members, turn } from '../lib/meeting.mjs';
import { Server } from '../lib/server.mjs';

const WISH = 'Jeg vil snakke om det som skjedde på lørdag';
const PLACE = 'hos mormor i Storgata';
const NUMBER = '998 87 766';

const box = (view, value) => `${view} [data-do="around"][value="${value}"]`;
const ticked = (person, view) => person.page.$$eval(`${view} [data-do="around"]:checked`, (boxes) => boxes.map(({ value }) => value));
/** Waits until this stands there, or nothing does. */
const says = (person, selector, text) => person.when((where, wanted) => {
  const line = document.querySelector(where);
  return wanted === '' ? line?.hidden !== false || line.textContent === '' : line?.checkVisibility() && line.textContent.includes(wanted);
}, { timeout: 15_000 }, selector, text);
const TILE = '#tiles [data-part="around"]';

// All files run in one process: hooks belong inside a suite, or they would run for every file.
for (const kind of ['chromium', 'firefox']) {
  describe(`arriving in ${kind}`, () => {
    let server;
    let clinician;
    let young;
    before(async () => {
      server = await Server.start();
      clinician = await host('chromium', server.links.clinician, {}, 'neither');
    });
    after(() => closeAll([young, clinician], server));

    test('at the check she writes, and says who is in the room; nothing has left her page', async () => {
      young = await comeToDoor(kind, server.links.young, { viewport: PHONE });
      assert.equal(await young.page.$eval('#tell', ({ open }) => open), false, 'nobody is asked to write');
      await young.press('#tell > summary');
      await young.see('#tell-opening');
      if (kind === 'chromium') await owes(young, 'the check with everything unfolded');
      await young.page.type('#tell-opening', WISH);
      assert.equal(await young.page.$eval('#tell-full', ({ hidden }) => hidden), true);
      await young.page.type('#tell-place', PLACE);
      await young.page.type('#tell-phone', NUMBER);
      await young.press(box('#view-check', 'parent'));
      await young.press(box('#view-check', 'alone'));
      assert.deepEqual(await ticked(young, '#view-check'), ['alone'], 'nobody is alone with somebody');
      assert.deepEqual(await ticked(young, '#panel-lock'), ['alone'], 'both places are one');
      await young.picture(`arriving-check-${kind}`);
    });

    test('it moves to the waiting page with what is written, and can be changed there', async () => {
      await young.press('#means-sound');
      await young.press('#arrive');
      await young.until('phase', 'waiting');
      await young.see('#view-waiting #tell-opening');
      assert.equal(await young.page.$$eval('#tell', (all) => all.length), 1);
      assert.equal(await young.page.$eval('#tell-opening', ({ value }) => value), WISH);
      if (kind === 'chromium') await owes(young, 'waiting with everything unfolded');
      await young.page.type('#tell-opening', '!');
      await clinician.see(ADMIT);
      assert.equal(await clinician.page.$eval('#confided', ({ hidden }) => hidden), true, 'not before she is let in');
      assert.doesNotMatch(await clinician.page.content(), /lørdag|Storgata/);
      assert.doesNotMatch(await young.page.evaluate(() => JSON.stringify([{ ...localStorage }, { ...sessionStorage }])), /lørdag|Storgata|998/, 'and it is stored nowhere');
    });

    test('one tap tells her where the clinician sits', async () => {
      await clinician.press('#lobby-list [data-do="say-door"]');
      await young.see('#notes-box');
      assert.match(await young.text('#notes'), /Jeg er alene her, og døra er lukket\./);
      await says(clinician, '#lobby-list [data-part="sent"]', 'døra er lukket');
      await clinician.picture('arriving-lobby');
    });

    test('something quiet to look at moves when it is open, and for nobody who wants stillness', async () => {
      const moves = () => young.page.$$eval('.quiet-look path', (all) => all.map((one) => getComputedStyle(one).animationName));
      assert.deepEqual(await moves(), ['none', 'none', 'none']);
      await young.press('.quiet-look > summary');
      assert.deepEqual(await moves(), ['drift', 'drift', 'drift']);
      await young.picture(`arriving-waiting-${kind}`);
      if (kind === 'chromium') {
        await young.page.emulateMediaFeatures([{ name: 'prefers-reduced-motion', value: 'reduce' }]);
        assert.deepEqual(await moves(), ['none', 'none', 'none']);
        await young.page.emulateMediaFeatures([]);
      }
      await young.press('.quiet-look > summary');
    });

    test('let in: her clinician reads it and puts it away; where she is stands in the crisis panel', async () => {
      await letIn(clinician);
      await members([clinician, young]);
      await clinician.see('#confided');
      assert.match(await clinician.text('#confided'), new RegExp(`Nora Demolund vil si:\\s+${WISH}!`));
      assert.equal(await young.page.$eval('#tell-opening', ({ value }) => value), '', 'said once');
      await clinician.picture(`arriving-confided-${kind}`);
      await clinician.press('#confided [data-do="put-away"]');
      await clinician.when(() => document.querySelector('#confided').hidden);
      assert.doesNotMatch(await clinician.page.content(), /lørdag/);
      await clinician.press('#crisis-panel > summary');
      await says(clinician, '#crisis-place', `I dag sier Nora Demolund: ${PLACE}, ${NUMBER}`);
      await clinician.press('#crisis-panel > summary');
    });

    test('who is in the room stands on the tile, beside one’s own picture and in the lock, as what they say', async () => {
      await says(clinician, TILE, 'Nora Demolund sier: alene, døra er lukket');
      await says(young, '#own-around', 'Du sier: alene, døra er lukket');
      await clinician.press('#open-lock');
      await says(clinician, '#members li:not(:first-child) [data-part="around"]', 'Sier selv: alene, døra er lukket');
      assert.match(await clinician.text('#panel-lock'), /det de selv sier\. Det kan ikke låsen sjekke/, 'CARE-05');
      assert.match(await clinician.text('#members li:first-child'), /Har ikke sagt hvem som er i rommet/);
      await clinician.press(box('#panel-lock', 'staff'));
      await clinician.press(box('#panel-lock', 'outside'));
      await says(young, TILE, 'Kari Demodal sier: en ansatt er i rommet, noen utenfor kan kanskje høre');
      await clinician.picture(`arriving-lock-${kind}`);
      await closePanel(clinician, 'lock');
      await turn(clinician, '#pause');
      await says(young, TILE, 'Kari Demodal sier: en ansatt er i rommet');
      await turn(clinician, '#pause', false);
      if (kind === 'chromium') {
        await owes(young, 'the room with what both say');
        await young.picture('arriving-room');
      }
    });

    test('each change is read out once', async () => {
      await clinician.page.evaluate(() => {
        window.readOut = [];
        new MutationObserver(() => window.readOut.push(document.querySelector('#announcer').textContent.replace(/\u00a0$/, '')))
          .observe(document.querySelector('#announcer'), { childList: true, characterData: true, subtree: true });
      });
      await young.press('#open-lock');
      await young.press(box('#panel-lock', 'friend'));
      await says(clinician, TILE, 'Nora Demolund sier: en venn eller søsken er i rommet');
      await young.press(box('#panel-lock', 'friend'));
      await says(clinician, TILE, '');
      const said = await clinician.page.evaluate(() => window.readOut.filter((line) => line.includes('Nora')));
      assert.deepEqual(said, ['Nora Demolund sier: en venn eller søsken er i rommet', 'Nora Demolund sier ikke lenger hvem som er i rommet.']);
      await young.press(box('#panel-lock', 'parent'));
      await says(clinician, TILE, 'Nora Demolund sier: en forelder er i rommet');
      await closePanel(young, 'lock');
    });

    test('somebody comes in: nothing is said any more, and nothing is remembered (CARE-03)', async () => {
      await young.press('#someone-came-in');
      await young.see('#view-neutral');
      await says(clinician, TILE, '');
      assert.deepEqual(await young.page.$$eval('#tell textarea, #tell input', (fields) => fields.map(({ value }) => value)), ['', '', '']);
      assert.equal(await young.page.evaluate(() => localStorage.getItem('samrom-around')), '0');
      await young.press('[data-do="carry-on"]');
      await young.until('members', '2');
      await clinician.press('#open-lock');
      await says(clinician, '#members li:not(:first-child) [data-part="around"]', 'Har ikke sagt');
      await closePanel(clinician, 'lock');
      await says(clinician, TILE, '');
      assert.deepEqual(await ticked(young, '#panel-lock'), []);
      assert.equal(await young.page.$eval('#own-around', ({ hidden }) => hidden), true);
      await young.close();
    });

    test('as last time: it stands on the button, and one tap says it again', async () => {
      young = await comeToDoor(kind, server.links.young, { viewport: PHONE });
      await young.press(box('#view-check', 'alone'));
      await young.press('#means-neither');
      await young.press('#arrive');
      await young.until('phase', 'waiting');
      await young.press('#view-waiting [data-do="leave-now"]');
      await young.until('phase', 'ended');
      await follow(young, server.links.young);
      assert.match(await young.text('#as-last-time'), /^Som sist: uten kamera og mikrofon\. Du sier: alene, døra er lukket$/);
      assert.deepEqual(await ticked(young, '#view-check'), [], 'nothing is said by itself');
      await young.press('#as-last-time');
      await young.until('phase', 'waiting');
      await letIn(clinician);
      await members([clinician, young]);
      await says(clinician, TILE, 'Nora Demolund sier: alene, døra er lukket');
      await young.press('#close-fast');
      await young.see('#view-neutral');
      assert.equal(await young.page.evaluate(() => localStorage.getItem('samrom-around')), '0', 'forgotten after close fast too');
      await young.close();
    });

    test('the ways on from the waiting page are filled in, and nothing is sent by them', async () => {
      for (const [words, wish, rings] of [['Jeg vil heller bli ringt opp', 'extra', true], ['Jeg vil heller ha en annen tid', 'time', false], ['Jeg vil heller møtes', 'meet', false]]) {
        young = await guest(kind, server.links.young, { viewport: PHONE }, 'neither');
        const href = await young.page.$$eval('.instead a', (links, wanted) => links.find((link) => link.textContent === wanted)?.getAttribute('href'), words);
        await Promise.all([young.page.waitForNavigation({ waitUntil: 'domcontentloaded' }), young.press(`.instead a[href="${href}"]`)]);
        assert.equal(new URL(young.page.url()).pathname, '/ask');
        const form = await young.page.$eval('form[action="/ask"]', (one) => ({ wish: new FormData(one).get('wish'), rings: new FormData(one).get('may-ring') }));
        assert.deepEqual(form, { wish, rings: rings ? 'yes' : null }, words);
        assert.doesNotMatch(await young.text('main'), /Sendt/);
        await young.close();
      }
    });

    test('help stands on what fails, and leads on (CARE-15)', async () => {
      young = await comeToDoor(kind, server.links.young, { viewport: PHONE });
      for (const place of ['#check-blocked', '#view-refused']) {
        const href = await young.page.$eval(`${place} a[href^="/help"]`, (link) => link.href);
        const answer = await young.page.evaluate(async (url) => (await fetch(url)).text(), href);
        assert.match(answer, /116 ?117|116 ?111|113/, `${place}: whom to ring stands there`);
      }
      await young.close();
    });
  });
}

describe('what is too long', () => {
  let server;
  let young;
  before(async () => { server = await Server.start(); });
  after(() => closeAll([young], server));

  test('is told while she writes, and what stands there is kept', async () => {
    young = await comeToDoor('chromium', server.links.young, { viewport: PHONE });
    await young.press('#tell > summary');
    await young.see('#tell-opening');
    await young.page.$eval('#tell-opening', (field) => { field.value = 'x'.repeat(299); });
    await young.page.type('#tell-opening', 'yz');
    await young.see('#tell-full');
    assert.match(await young.text('#tell-full'), /Resten kan du si når dere snakkes/);
    assert.equal(await young.page.$eval('#tell-opening', ({ value }) => value.length), 300);
    await young.page.keyboard.press('Backspace');
    await young.when(() => document.querySelector('#tell-full').hidden);
  });

  test('only she has something to write, and everybody says who is in the room', async () => {
    const parent = await comeToDoor('chromium', server.links.guardian, { viewport: PHONE });
    assert.equal(await parent.page.$('#tell'), null);
    assert.equal(await parent.page.$('#confided'), null);
    await parent.press(box('#view-check', 'friend'));
    assert.deepEqual(await ticked(parent, '#view-check'), ['friend']);
    await parent.close();
  });
});
