// A whole meeting by the keyboard alone, for both: arrive, let in, mute, write, look at the lock, leave.

import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { PHONE, Person, closeAll } from '../lib/browsers.mjs';
import { key, tabTo } from '../lib/keyboard.mjs';
import { ADMIT, findMeeting, isOn, members } from '../lib/meeting.mjs';
import { Server } from '../lib/server.mjs';

// All files run in one process: hooks belong inside a suite, or they would run for every file.
describe('by keyboard alone', () => {
  let server;
  let clinician;
  let young;
  before(async () => { server = await Server.start(); });
  after(() => closeAll([young, clinician], server));

  /** From the link to the waiting room or the empty room. */
  async function arrive(link, phase) {
    const person = await Person.at('chromium', { viewport: PHONE });
    await person.open(link);
    await findMeeting(person, (way) => key(person, way, 'Enter'));
    await person.until('phase', 'checking');
    await key(person, '#means-both', 'Space');
    await person.see('#check-picture');
    await key(person, '#arrive', 'Enter');
    await person.until('phase', phase);
    return person;
  }

  test('arrive and let in', async () => {
    young = await arrive(server.links.young, 'waiting');
    clinician = await arrive(server.links.clinician, 'inside');
    await key(clinician, ADMIT, 'Enter');
    await members([clinician, young]);
  });

  test('mute and speak again', async () => {
    await key(young, '#microphone', 'Space');
    await isOn(young, '#microphone', false);
    assert.match(await young.text('#microphone'), /av/i, 'said in words, not by colour alone');
    await young.page.keyboard.press('Enter');
    await isOn(young, '#microphone');
    assert.match(await young.text('#microphone'), /på/i);
  });

  test('write, and be answered with a sign', async () => {
    await key(young, '#open-chat', 'Enter');
    await young.see('#panel-chat');
    await tabTo(young, '#chat-text');
    await young.page.keyboard.type('Hei.');
    await young.page.keyboard.press('Enter');
    await young.page.keyboard.press('Escape');
    assert.equal(await young.page.evaluate(() => document.activeElement.id), 'open-chat');
    await key(clinician, '#open-chat', 'Enter');
    await clinician.when(() => document.querySelector('#chat-list').innerText.includes('Hei.'));
    await clinician.page.keyboard.press('Escape');
    await key(clinician, '[data-do="react"][data-id="thumb"]', 'Space');
    await young.when(() => document.querySelector('#tiles [data-part="reaction"]').dataset.sign === 'thumb');
  });

  test('look at the lock', async () => {
    await key(young, '#open-lock', 'Enter');
    await young.see('#panel-lock');
    await key(young, '#panel-lock [data-do="close-panel"]', 'Enter');
    assert.equal(await young.page.evaluate(() => document.activeElement.id), 'open-lock');
  });

  test('leave: she at once, the clinician after the question', async () => {
    await key(young, '#leave', 'Enter');
    await young.until('phase', 'ended');
    await key(clinician, '#leave', 'Enter');
    await key(clinician, '#leave-dialog [data-do="end-for-all"]', 'Enter');
    await clinician.until('phase', 'ended');
  });
});
