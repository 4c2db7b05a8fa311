// Our agreement: made on one page, it says what is missing before a first hour on the screen, and what her clinician does
// when she is gone (CARE-01, CARE-02, CARE-03, CARE-08). Without it nothing is suggested.

import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { PHONE, Person, closeAll } from '../lib/browsers.mjs';
import { DEMO } from '../lib/demo.mjs';
import { ADMIT, guest, host, letIn, members } from '../lib/meeting.mjs';
import { Server } from '../lib/server.mjs';

const PAGE = `/people/${DEMO.nora}/agreement`;

// All files run in one process: hooks belong inside a suite, or they would run for every file.
describe('our agreement', () => {
  let server;
  let kari;
  before(async () => {
    server = await Server.start();
    kari = await Person.at('chromium', { viewport: PHONE });
    await kari.open(server.links.clinician);
  });
  after(() => closeAll([kari], server));

  const at = (path) => kari.open(new URL(path, server.links.clinician).href);
  const press = (selector) => Promise.all([kari.page.waitForNavigation({ waitUntil: 'domcontentloaded' }), kari.press(selector)]);
  const missing = async () => {
    await at('/day');
    return kari.page.$$eval('.hour-row a[href$="/agreement#ready"]', (links) => links.map((link) => link.firstChild.textContent));
  };

  /** She waits and closes fast; what her clinician reads. */
  async function closesFast() {
    const clinician = await host('chromium', server.links.clinician);
    const young = await guest('chromium', server.links.young, { viewport: PHONE }, 'neither');
    await clinician.see(ADMIT);
    await young.press('#view-waiting [data-do="close-fast"]');
    await clinician.see('#gone [data-reason="closed-fast"]');
    const read = await clinician.text('#gone [data-reason="closed-fast"]');
    await young.close();
    await clinician.close();
    return read;
  }

  test('the day says the one thing that is missing, and each answer brings the next', async () => {
    assert.ok((await missing()).every((text) => /^Mangler: møte i samme rom$/.test(text)));
    const before = await missing();
    assert.ok(before.length > 0);
    await at(PAGE);
    for (let point = 1; point <= 4; point += 1) await press('button[value="tick"]');
    assert.ok((await missing()).every((text) => /^Mangler: avtalen$/.test(text)));
  });

  test('without an agreement nothing is suggested when she closes fast', async () => {
    assert.doesNotMatch(await closesFast(), /vent til|ring så|send så/i);
  });

  test('what cannot stand comes back as it was written, with the field that it is about', async () => {
    await at(PAGE);
    await kari.press('#fast input[value="call-adult"]');
    await kari.page.type('#hard', 'gå en tur');
    await press('#save');
    assert.equal(await kari.page.$eval('#hard', (field) => field.value), 'gå en tur');
    assert.equal(await kari.page.$eval('#problem a', (link) => link.getAttribute('href')), '#fast');
  });

  test('made with the keyboard alone, it says until when her clinician waits, and what comes then', async () => {
    await at(PAGE);
    for (const [name, then] of [['lost', 'message'], ['came-in', 'next-time'], ['fast', 'call']]) {
      await kari.page.focus(`#${name} select`);
      await kari.page.select(`#${name} select`, '10');
      await kari.page.focus(`#${name} input[value="${then}"]`);
      await kari.page.keyboard.press('Space');
    }
    await kari.page.focus('#reach input[value="message"]');
    await kari.page.keyboard.press('Space');
    await Promise.all([kari.page.waitForNavigation({ waitUntil: 'domcontentloaded' }), kari.page.keyboard.press('Enter')]);
    assert.deepEqual(await missing(), [], 'nothing is missing any more');
    // In the clinic's zone, wherever this machine believes that it is.
    const inTenMinutes = new Intl.DateTimeFormat('en-GB', { hour: '2-digit', minute: '2-digit', timeZone: 'Europe/Oslo' }).format(Date.now() + 10 * 60_000);
    const until = inTenMinutes.split(':').map(Number);
    const read = await closesFast();
    const [, hours, minutes] = read.match(/vent til (\d\d)\.(\d\d), ikke ring før\. Ring så\./) ?? assert.fail(read);
    const late = Math.abs((Number(hours) * 60 + Number(minutes)) - (until[0] * 60 + until[1]));
    assert.ok(late <= 2 || late >= 24 * 60 - 2, `${hours}.${minutes} is ten minutes from now`);
  });

  test('her signal is a heart to everybody, and more to her clinician alone, until it is put away (CARE-05)', async () => {
    await at(PAGE);
    await kari.press('#signal label:has([value="heart"])');
    await kari.page.type('#signal-meaning', 'jeg vil ha pause');
    await press('#save');
    const clinician = await host('chromium', server.links.clinician);
    const people = [];
    for (const link of [server.links.young, server.links.guardian, server.links.colleague]) {
      people.push(await guest('chromium', link, { viewport: PHONE }, 'neither'));
      await letIn(clinician);
      // Her mother comes in by her yes.
      if (link === server.links.guardian) await people[0].press('[data-do="answer-yes"]');
      await members([clinician, ...people]);
    }
    const [young, guardian, colleague] = people;
    const react = async (person, sign) => {
      await person.press(`[data-do="react"][data-id="${sign}"]`);
      for (const other of [clinician, ...people].filter((one) => one !== person)) {
        await other.when((name) => [...document.querySelectorAll('#tiles .reaction')].some((mark) => mark.dataset.sign === name), {}, sign);
      }
    };
    const isShown = () => clinician.page.$eval('#signal', (line) => line.checkVisibility());
    await react(guardian, 'heart');
    await react(young, 'thumb');
    assert.equal(await isShown(), false, 'neither another person’s heart nor another sign of hers');
    await clinician.page.evaluate(() => {
      window.said = [];
      const announcer = document.querySelector('#announcer');
      new MutationObserver(() => window.said.push(announcer.textContent)).observe(announcer, { childList: true });
    });
    await react(young, 'heart');
    await clinician.see('#signal');
    assert.match(await clinician.text('#signal [data-part="text"]'), /^Signalet dere har avtalt, kom klokka \d\d\.\d\d\. Det betyr: jeg vil ha pause$/);
    await clinician.when(() => !document.querySelector('#tiles .reaction[data-sign="heart"]'), { timeout: 10_000 });
    assert.equal(await isShown(), true, 'it outlasts the reaction');
    const said = (await clinician.page.evaluate(() => window.said)).filter((text) => text.includes('Signalet'));
    assert.equal(said.length, 1, 'and is announced once');
    for (const person of [young, guardian, colleague]) {
      assert.doesNotMatch(await person.page.content(), /id="signal"|jeg vil ha pause|Signalet/, 'nobody else has anything of it');
    }
    await clinician.press('#signal [data-do="hide"]');
    await react(young, 'yes');
    assert.equal(await isShown(), false, 'put away is put away');
    await react(young, 'heart');
    await clinician.see('#signal');
    await closeAll([clinician, ...people]);
  });
});
