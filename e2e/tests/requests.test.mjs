// She asks for something and a care worker answers to an hour, as people do it: by keyboard at phone width, in both
// browsers, with a second tab and the back button; then every page looked at by axe, at both sizes, light and dark.

import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { PHONE, Person, closeAll } from '../lib/browsers.mjs';
import { NAMES } from '../lib/demo.mjs';
import { key, tabTo } from '../lib/keyboard.mjs';
import { everySize } from '../lib/looks.mjs';
import { findMeeting } from '../lib/meeting.mjs';
import { Server } from '../lib/server.mjs';

const WORDS = 'Kan vi snakke om bursdagen';
const at = (server, path) => new URL(path, server.links.clinician).href;

/** Presses a key on this and stands on the page that it leads to. */
async function go(person, selector, name = 'Enter') {
  await tabTo(person, selector);
  await Promise.all([person.page.waitForNavigation({ waitUntil: 'domcontentloaded' }), person.page.keyboard.press(name)]);
}

/** Follows a link to the meeting's page, which is not what these tests are about. */
async function comeByLink(kind, link, options) {
  const person = await Person.at(kind, options);
  await person.open(link);
  await findMeeting(person);
  return person;
}

async function clinicianAt(kind, server, options) {
  const person = await Person.at(kind, options);
  await person.open(server.links.clinician);
  await person.open(at(server, '/day'));
  return person;
}

// All files run in one process: hooks belong inside a suite, or they would run for every file.
for (const kind of ['chromium', 'firefox']) {
  describe(`requests and answers by keyboard in ${kind}`, () => {
    let server;
    let young;
    let clinician;
    let worker;
    before(async () => {
      server = await Server.start();
      young = await comeByLink(kind, server.links.young, { viewport: PHONE });
      worker = await comeByLink(kind, server.links.careWorker, { viewport: PHONE });
      clinician = await clinicianAt(kind, server, { viewport: PHONE });
    });
    after(() => closeAll([young, worker, clinician], server));

    test('she reads first, writes, sends, and her words do not stand there again (CARE-07)', async () => {
      await young.open(new URL('/ask?wish=meet', young.page.url()).href);
      assert.match(await young.text('main'), /leses på hverdager mellom 08\.00 og 15\.30\. Kari leser det\./);
      await tabTo(young, '#line');
      await young.page.keyboard.type(WORDS);
      await key(young, 'input[name="may-ring"]', 'Space');
      await go(young, 'form[action="/ask"] button');
      assert.match(await young.text('main'), /Sendt, ikke lest ennå/);
      assert.doesNotMatch(await young.page.content(), new RegExp(WORDS));
      await young.page.goBack({ waitUntil: 'domcontentloaded' });
      assert.equal(await young.page.$eval('#line', ({ value }) => value), '', 'the way back shows nothing of it');
      await young.page.goForward({ waitUntil: 'domcontentloaded' });
    });

    test('it comes to her clinician\'s open day by itself, and is said to those who listen', async () => {
      await clinician.page.evaluate(() => { window.neverReloaded = true; });
      await clinician.see('section[aria-labelledby="requests"]');
      assert.equal(await clinician.page.evaluate(() => window.neverReloaded), true);
      assert.equal(await clinician.text('#announcer'), 'Ingen venter nå. Ett ønske er ikke lest.');
      assert.doesNotMatch(await clinician.page.title(), NAMES);
    });

    test('her clinician reads it and says what comes; a second tab finds it done', async () => {
      assert.match(await clinician.text('section[aria-labelledby="requests"]'), /NE?D?.*Heller møtes/s);
      assert.doesNotMatch(await clinician.page.content(), new RegExp(WORDS));
      await go(clinician, 'a[href^="/request/"]');
      assert.match(await clinician.text('main'), new RegExp(WORDS));
      assert.doesNotMatch(await clinician.page.title(), NAMES);
      const path = clinician.page.url();
      await go(clinician, 'button[value="ring"]');
      assert.match(await clinician.text('main'), /Sett av Kari: ringer/);
      await young.reload();
      assert.match(await young.text('main'), /Sett av Kari, som ringer deg/);
      await go(young, 'form[action="/ask/withdraw"] button');
      await clinician.open(path);
      assert.equal(await clinician.page.$('button[value="answered"]'), null, 'there is nothing to answer any more');
    });

    test('a care worker answers with her knowledge, and the hour becomes guidance (CARE-04)', async () => {
      const hour = await worker.page.$eval('a[href^="/not-today/"]', ({ href }) => href);
      await worker.open(hour);
      await key(worker, 'input[name="cause"]', 'Space');
      await key(worker, 'input[name="she-knows"]', 'Space');
      await key(worker, 'input[name="offer"]', 'Space');
      await go(worker, 'form.stack button');
      assert.match(await worker.text('main'), /ser svaret på dagen sin og bestemmer/);
      await clinician.open(at(server, '/day'));
      await go(clinician, 'a[href$="/response"]');
      const path = clinician.page.url();
      await key(clinician, 'details > summary', 'Enter');
      await key(clinician, 'input[name="ground"]', 'Space');
      await go(clinician, 'button[value="talk"]');
      assert.match(await clinician.text('main'), /Veiledning/);
      // The way back and a second press: nothing is made twice.
      const talk = clinician.page.url();
      await clinician.open(path);
      await clinician.press('.row a[href^="/appointment/"]');
      await clinician.when((wanted) => location.href === wanted, {}, talk);
      await young.reload();
      assert.match(await young.text('main'), /Kari snakker da med voksne rundt deg/);
      await worker.reload();
      assert.match(await worker.text('main'), /Det blir veiledning for dere på samme tid/);
      assert.doesNotMatch(server.log(), new RegExp(`Nora|Kari|Amir|${WORDS}|panicked|ERROR`));
    });
  });
}

describe('the pages of requests', () => {
  let server;
  before(async () => { server = await Server.start(); });
  after(() => closeAll([], server));

  for (const dark of [false, true]) {
    test(`axe, keyboard and width, ${dark ? 'dark' : 'light'}`, async () => {
      const clinician = await clinicianAt('chromium', server, { viewport: PHONE, dark });
      const young = await comeByLink('chromium', server.links.young, { viewport: PHONE, dark });
      const worker = await comeByLink('chromium', server.links.careWorker, { viewport: PHONE, dark });
      const look = (person, what) => everySize(person, what, { dark, picture: 'request' });
      const press = (person, selector) => Promise.all([person.page.waitForNavigation({ waitUntil: 'domcontentloaded' }), person.press(selector)]);
      const open = (person, path) => person.open(new URL(path, person.page.url()).href);
      await open(young, '/not-now');
      await look(young, 'not-now');
      await open(young, '/ask');
      await look(young, 'ask');
      await young.press('input[value="extra"]');
      await young.page.type('#line', 'x'.repeat(301));
      await press(young, 'form[action="/ask"] button');
      await look(young, 'ask-refused');
      await young.page.$eval('#line', (field) => { field.value = 'Kan vi snakkes på fredag i stedet?'; });
      await press(young, 'form[action="/ask"] button');
      await look(young, 'ask-sent');
      await open(clinician, '/day');
      await look(clinician, 'day');
      await press(clinician, 'a[href^="/request/"]');
      await look(clinician, 'read');
      await press(clinician, 'button[value="book"]');
      await look(clinician, 'seen');
      await open(clinician, '/away');
      await look(clinician, 'away');
      await press(clinician, 'form[action="/away"] button');
      await look(clinician, 'away-stands');
      await press(clinician, 'form[action="/away/end"] button');
      const hour = await worker.page.$eval('a[href^="/not-today/"]', ({ href }) => href);
      await worker.open(hour);
      await look(worker, 'hour');
      await worker.press('input[name="cause"]');
      await worker.press('input[name="she-knows"]');
      await worker.press('input[name="offer"]');
      await press(worker, 'form.stack button');
      await look(worker, 'hour-answered');
      await open(clinician, '/day');
      await look(clinician, 'day-answered');
      await press(clinician, 'a[href$="/response"]');
      await clinician.press('details > summary');
      await look(clinician, 'decide');
      // The hour stays, so that the next visit finds it.
      await press(clinician, 'button[value="keep"]');
      await Promise.all([clinician.close(), young.close(), worker.close()]);
    });
  }
});
