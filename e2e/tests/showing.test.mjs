// Show me, show her the room, and pictures for a small child: asked by whoever leads, answered or not, kept nowhere.

import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { PHONE, Person, closeAll } from '../lib/browsers.mjs';
import { DEMO } from '../lib/demo.mjs';
import { owes } from '../lib/looks.mjs';
import { phone } from '../lib/machine.mjs';
import { PAIRS, guest, isOn, letIn, members, pair, saysOn, turn } from '../lib/meeting.mjs';
import { Server } from '../lib/server.mjs';

/** The first tile says that its person shows something, or not. */
const shows = (person, wanted = true) => person.when(
  (on) => document.querySelector('#tiles .tile')?.hasAttribute('data-showing') === on, { timeout: 10_000 }, wanted,
);
const hidden = (person, what) => person.when((id) => document.querySelector(id).hidden, { timeout: 10_000 }, what);
const QUESTION = '.led[data-led="1"]';

describe('showing', () => {
  let server;
  before(async () => { server = await Server.start(); });
  after(() => closeAll([], server));

  for (const { hostKind, guestKind } of PAIRS) {
    test(`the clinician in ${hostKind} asks to see something, and she in ${guestKind} says no, then yes`, async () => {
      const { clinician, young } = await pair(server, { hostKind, guestKind });
      try {
        await turn(young, '#camera', false);
        assert.equal(await young.page.$eval(QUESTION, (question) => question.hidden), true);
        await clinician.press('#open-lead');
        await clinician.press('#panel-lead [data-do="lead"][data-id="1"]');
        await young.see(QUESTION);
        await young.press(`${QUESTION} [data-do="show-not"]`);
        await clinician.when(() => document.querySelector('#tiles [data-part="reaction"]').dataset.sign === 'no');
        assert.equal(await saysOn(young, '#camera'), 'false', 'a no turns nothing on (CARE-11)');
        await young.press(`${QUESTION} [data-do="show"]`);
        await isOn(young, '#camera');
        await shows(clinician);
        const fit = await clinician.page.$eval('#tiles video', (video) => getComputedStyle(video).objectFit);
        assert.equal(fit, 'contain', 'what is shown is seen whole');
        await young.see('#own-picture');
        await clinician.press('#panel-lead [data-do="lead"][data-id="0"]');
        await hidden(young, QUESTION);
        await young.press('#showing-word [data-do="show"]');
        await shows(clinician, false);
        await isOn(young, '#camera', false);
        await clinician.press('#panel-lead [data-do="show"]');
        await shows(young);
        await clinician.press('#showing-word [data-do="show"]');
        await shows(young, false);
        await isOn(clinician, '#camera');
        assert.equal(await young.page.$('[data-do="lead"]'), null, 'she leads nobody');
        assert.equal(await young.page.$('[data-pictures]'), null, 'pictures belong to hours of small children');
      } finally {
        await young.close();
        await clinician.close();
      }
    });
  }
});

describe('showing with a phone', () => {
  let server;
  let clinician;
  let young;
  before(async () => {
    server = await Server.start();
    ({ clinician, young } = await pair(server, { guestOptions: { viewport: PHONE, script: phone() } }));
  });
  after(() => closeAll([young, clinician], server));

  const looks = (where) => young.when((wanted) => window.machine.facing.at(-1) === wanted, { timeout: 10_000 }, where);
  const ask = async () => {
    await clinician.press('#panel-lead [data-do="lead"][data-id="1"]');
    await young.press(`${QUESTION} [data-do="show"]`);
    await looks('environment');
  };

  test('however showing ends, the next picture is of her and not of her room', async () => {
    await clinician.press('#open-lead');
    await ask();
    await young.press('#showing-word [data-do="show"]');
    await looks('as chosen');
    await ask();
    await turn(young, '#camera', false);
    await turn(young, '#camera');
    await looks('as chosen');
    await shows(clinician, false);
    await ask();
    await young.press('#someone-came-in');
    await young.press('[data-do="carry-on"]');
    await young.until('phase', 'inside', 30_000);
    await turn(young, '#camera');
    await looks('as chosen');
    await shows(clinician, false);
  });
});

describe('pictures for a small child', () => {
  let server;
  let kari;
  let clinician;
  let child;
  let mother;
  before(async () => {
    server = await Server.start();
    kari = await Person.at('chromium');
    await kari.open(server.links.clinician);
    await kari.open(new URL(`/people/${DEMO.nora}`, server.links.clinician).href);
    await kari.press('#with-parents > summary');
    await Promise.all([kari.page.waitForNavigation({ waitUntil: 'domcontentloaded' }), kari.press('#with-parents button')]);
    ({ clinician, young: child } = await pair(server, { guestOptions: { viewport: PHONE } }));
  });
  after(() => closeAll([mother, child, clinician, kari], server));

  const step = (number) => clinician.press(`#panel-lead [data-do="lead"][data-id="${number}"]`);
  const said = (person) => person.page.$eval('#tiles [data-part="chosen"]', (line) => (line.hidden ? '' : line.textContent));

  test('an adult leads, one step at a time; a child answers with a picture, takes it back, or does not answer', async () => {
    await clinician.press('#open-lead');
    await step(3);
    await child.see('.led[data-led="3"]');
    assert.equal(await child.page.$$eval('.led:not([hidden])', (all) => all.length), 1);
    await child.when(() => [...document.querySelectorAll('.led[data-led="3"] .led-picture img')].every((image) => image.complete && image.naturalWidth > 0));
    for (const viewport of [PHONE, { ...PHONE, width: 320 }]) {
      await child.resize(viewport);
      await child.picture(`pictures-${viewport.width}`);
      await owes(child, `how are you, ${viewport.width}`);
    }
    await child.resize(PHONE);
    await child.press('.led[data-led="3"] [data-id="3"]');
    await clinician.when(() => document.querySelector('#tiles [data-part="chosen"]').textContent.endsWith(': Lei meg'));
    await clinician.picture('pictures-led');
    await child.press('.led[data-led="3"] [data-id="3"]');
    await clinician.when(() => document.querySelector('#tiles [data-part="chosen"]').hidden);
    await child.press('.led[data-led="3"] [data-id="1"]');
    await clinician.when(() => document.querySelector('#tiles [data-part="chosen"]').textContent.endsWith(': Glad'));
    await step(5);
    await child.see('.led[data-led="5"]');
    await clinician.when(() => document.querySelector('#tiles [data-part="chosen"]').hidden, { timeout: 10_000 });
    assert.equal(await said(clinician), '', 'an answer to what is over is none');
    await step(0);
    await child.when(() => !document.querySelector('.led:not([hidden])'));
  });

  test('her mother comes in without a question, because a small child comes with her parents (SEC-114)', async () => {
    mother = await guest('chromium', server.links.guardian, { viewport: PHONE }, 'neither');
    await letIn(clinician);
    await members([clinician, child, mother]);
  });
});
