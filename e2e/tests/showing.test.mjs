// Show me, show her the room, and pictures for a small child: asked by whoever leads, answered or not, kept nowhere.

import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { closeAll } from '../lib/browsers.mjs';
import { PAIRS, isOn, pair, saysOn, turn } from '../lib/meeting.mjs';
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
