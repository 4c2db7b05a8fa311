// A whole meeting by the keyboard alone, from the link to goodbye, in each of the browsers that either may use. After each
// change: where the focus is; what both hear, one sentence for each change that concerns them and none else; what a screen
// reader finds; and that axe finds nothing. The words and trees stand in `e2e/golden`.

import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { DESKTOP, PHONE, Person, closeAll } from '../lib/browsers.mjs';
import { NAMES } from '../lib/demo.mjs';
import { key, tabTo } from '../lib/keyboard.mjs';
import { heard, listening } from '../lib/listen.mjs';
import { faults } from '../lib/looks.mjs';
import { ADMIT, PAIRS, findMeeting, guest, host, isOn, members, saysOn, tileIs } from '../lib/meeting.mjs';
import { Server } from '../lib/server.mjs';
import { golden, tree } from '../lib/tree.mjs';

const HEADING = { check: '#view-check h1', waiting: '#view-waiting h1', room: '#room-heading', out: '#view-out h1', neutral: '#view-neutral h1', ended: '#view-ended h1' };
/** Sentences that somebody may hear by herself about one change. */
const NOTHING = { young: 0, clinician: 0 };

/** Waits until the focus is there. */
const focusIs = (person, selector) => person.when((wanted) => document.activeElement?.matches(wanted), { timeout: 8_000 }, selector);

/** Writes into the field that has the focus, and sends it. */
async function writes(person, text) {
  await person.page.keyboard.type(text);
  await person.page.keyboard.press('Enter');
}

async function escape(person, opener) {
  await person.page.keyboard.press('Escape');
  await focusIs(person, opener);
}

// All files run in one process: hooks belong inside a suite, or they would run for every file.
for (const { hostKind, guestKind } of PAIRS) describe(`a meeting by keyboard, the clinician in ${hostKind}, the young person in ${guestKind}`, () => {
  const kinds = { young: guestKind, clinician: hostKind };
  const isFirst = hostKind === guestKind;
  let server;
  /** Whoever is there, by who it is. */
  const people = {};
  const story = [];
  before(async () => { server = await Server.start(); });
  after(() => closeAll(Object.values(people), server));

  /** Comes by her link to the device check and chooses picture and sound. */
  async function comes(who, link) {
    const person = await Person.at(kinds[who], { viewport: who === 'young' ? PHONE : DESKTOP, script: listening });
    people[who] = person;
    await person.open(link);
    await findMeeting(person, (way) => key(person, way, 'Enter'));
    await person.until('phase', 'checking');
    await focusIs(person, HEADING.check);
    await key(person, '#means-both', 'Space');
    await person.see('#check-picture');
    await person.when(() => document.querySelector('#network').dataset.state);
    await focusIs(person, '#means-both');
  }

  /** One change: does it, and hears what comes of it; so many sentences that each hears by herself. */
  async function change(name, does, sentences) {
    await does();
    const there = Object.keys(people);
    const lists = await heard(Object.values(people));
    story.push(name);
    lists.forEach((list, index) => list.forEach(({ kind, text }) => story.push(`  ${there[index]} ${kind} ${text}`)));
    const told = JSON.stringify(Object.fromEntries(there.map((who, index) => [who, lists[index]])));
    there.forEach((who, index) => {
      const of = (kind) => lists[index].filter((one) => one.kind === kind).length;
      assert.equal(of('says'), sentences[who], `${name}, ${who}: ${told}`);
      assert.equal(of('lost'), 0, `${name}, ${who}: words into a hidden region: ${told}`);
    });
    await Promise.all(Object.values(people).map((person) => person.when(() => document.activeElement !== document.body, { timeout: 2_000 })));
  }

  /** What a screen reader finds in each of these states, `WHO-STATE`, and that axe finds nothing. */
  async function look(...states) {
    for (const state of states) {
      const person = people[state.split('-')[0]];
      if (person.kind === 'chromium') await golden(state, () => tree(person));
      // Each state once in each browser.
      if (isFirst || person.kind === 'firefox') assert.deepEqual(await faults(person), [], state);
    }
  }

  test('the clinician comes to an empty room', async () => {
    await change('the clinician comes', () => comes('clinician', server.links.clinician), { clinician: 0 });
    await look('clinician-check');
    await change('the clinician goes in', async () => {
      await key(people.clinician, '#arrive', 'Enter');
      await people.clinician.until('phase', 'inside');
      await focusIs(people.clinician, HEADING.room);
      await people.clinician.when(() => document.querySelector('#open-lock').dataset.state === 'closed');
    }, { clinician: 0 });
    await look('clinician-alone');
  });

  test('she comes and waits; the clinician is told that somebody does', async () => {
    await change('she comes', () => comes('young', server.links.young), NOTHING);
    await look('young-check');
    await change('she waits', async () => {
      await key(people.young, '#arrive', 'Enter');
      await people.young.until('phase', 'waiting');
      await focusIs(people.young, HEADING.waiting);
      await people.clinician.see(ADMIT);
    }, { young: 0, clinician: 1 });
    await look('young-waiting', 'clinician-lobby');
  });

  test('a note is read to her where she waits', async () => {
    const { young, clinician } = people;
    await change('a note', async () => {
      await key(clinician, '#lobby-list details:first-of-type summary', 'Enter');
      await tabTo(clinician, '#lobby-list details[open] input');
      await writes(clinician, 'Jeg er klar om to minutter.');
      await young.when(() => document.querySelector('#notes')?.innerText.includes('Jeg er klar om to minutter.'));
    }, { young: 1, clinician: 0 });
    await focusIs(clinician, '#lobby-list details[open] input');
    await focusIs(young, HEADING.waiting);
    await look('young-note');
  });

  test('let in: she hears where she is, the clinician that she is there, and the button that is gone takes no focus with it', async () => {
    const { young, clinician } = people;
    await change('let in', async () => {
      await key(clinician, ADMIT, 'Enter');
      await members([clinician, young]);
      for (const person of [clinician, young]) await tileIs(person, 'flowing');
    }, { young: 0, clinician: 1 });
    await focusIs(clinician, HEADING.room);
    await focusIs(young, HEADING.room);
    await look('young-room', 'clinician-room');
  });

  test('mute and speak again: the button says so, and nobody hears a word of it', async () => {
    const { young } = people;
    await change('muted', async () => {
      await key(young, '#microphone', 'Space');
      await isOn(young, '#microphone', false);
    }, NOTHING);
    assert.match(await young.text('#microphone'), /av/i, 'said in words, not by colour alone');
    await change('heard again', async () => {
      await young.page.keyboard.press('Enter');
      await isOn(young, '#microphone');
    }, NOTHING);
    assert.match(await young.text('#microphone'), /på/i);
    await focusIs(young, '#microphone');
  });

  test('a sign is said to the other, and when it goes nothing is', async () => {
    const { young, clinician } = people;
    await change('a sign', async () => {
      await key(young, '[data-do="react"][data-id="yes"]', 'Space');
      await clinician.when(() => document.querySelector('#tiles [data-part="reaction"]').dataset.sign === 'yes');
    }, { young: 0, clinician: 1 });
    await change('the sign goes', () => Promise.all([
      clinician.when(() => document.querySelector('#tiles [data-part="reaction"]').hidden),
      young.when(() => document.querySelector('#own-reaction').hidden),
    ]), NOTHING);
    await focusIs(young, '[data-do="react"][data-id="yes"]');
  });

  test('chat: that somebody wrote where it is closed, the words themselves where it is open', async () => {
    const { young, clinician } = people;
    await change('she writes', async () => {
      await key(young, '#open-chat', 'Enter');
      await focusIs(young, '#panel-chat-heading');
      await tabTo(young, '#chat-text');
      await writes(young, 'Hei.');
      await clinician.see('#chat-new');
    }, { young: 0, clinician: 1 });
    await change('the clinician answers', async () => {
      await key(clinician, '#open-chat', 'Enter');
      await focusIs(clinician, '#panel-chat-heading');
      await tabTo(clinician, '#chat-text');
      await writes(clinician, 'Hei til deg.');
      await young.when(() => document.querySelector('#chat-list').innerText.includes('Hei til deg.'));
    }, { young: 1, clinician: 0 });
    for (const person of [young, clinician]) await focusIs(person, '#chat-text');
    await look('young-chat', 'clinician-chat');
    await change('chat is closed', async () => {
      for (const person of [young, clinician]) await escape(person, '#open-chat');
    }, NOTHING);
  });

  test('the lock is opened and closed', async () => {
    const { young, clinician } = people;
    await change('the lock', async () => {
      for (const person of [young, clinician]) {
        await key(person, '#open-lock', 'Enter');
        await focusIs(person, '#panel-lock-heading');
      }
    }, NOTHING);
    await look('young-lock', 'clinician-lock');
    await change('the lock is closed', async () => {
      await key(young, '#panel-lock [data-do="close-panel"]', 'Enter');
      await focusIs(young, '#open-lock');
      await escape(clinician, '#open-lock');
    }, NOTHING);
  });

  test('a pause and back', async () => {
    const { young, clinician } = people;
    await change('a pause', async () => {
      await key(young, '#pause', 'Enter');
      await tileIs(clinician, 'paused');
    }, { young: 1, clinician: 1 });
    await look('young-paused', 'clinician-paused');
    await change('back from the pause', async () => {
      await key(young, '#pause', 'Enter');
      await tileIs(clinician, 'flowing');
    }, { young: 0, clinician: 1 });
    await focusIs(young, '#pause');
  });

  test('she steps out and comes back muted', async () => {
    const { young, clinician } = people;
    await change('she steps out', async () => {
      await key(young, '#step-out', 'Enter');
      await young.until('phase', 'stepped-out');
      await focusIs(young, HEADING.out);
      await clinician.until('members', '1');
    }, { young: 0, clinician: 1 });
    await look('young-out', 'clinician-out');
    await change('she comes back', async () => {
      await key(young, '[data-do="step-in"]', 'Enter');
      await young.until('phase', 'inside');
      await focusIs(young, HEADING.room);
      await members([clinician, young]);
      await tileIs(clinician, 'off');
    }, { young: 1, clinician: 1 });
    await change('her microphone', async () => {
      await key(young, '#microphone', 'Enter');
      await tileIs(clinician, 'sound-only');
    }, { young: 0, clinician: 1 });
    await change('her camera', async () => {
      await key(young, '#camera', 'Enter');
      await tileIs(clinician, 'flowing');
    }, NOTHING);
  });

  test('someone came in: the neutral page says nothing whatever happens, until she carries on (CARE-03)', async () => {
    const { young, clinician } = people;
    await change('someone came in', async () => {
      await key(young, '#someone-came-in', 'Enter');
      await young.see('#view-neutral', 2_000);
      await focusIs(young, HEADING.neutral);
      await clinician.until('members', '1');
    }, { young: 0, clinician: 1 });
    await look('young-neutral', 'clinician-neutral');
    await change('while it is neutral', async () => {
      await key(clinician, '[data-do="react"][data-id="heart"]', 'Enter');
      await key(clinician, '#microphone', 'Enter');
      await clinician.page.keyboard.press('Enter');
      await isOn(clinician, '#microphone');
      await clinician.when(() => document.querySelector('#own-reaction').hidden);
    }, NOTHING);
    assert.doesNotMatch(`${await young.page.title()} ${await young.text('body')}`, NAMES);
    await change('she carries on', async () => {
      await key(young, '[data-do="carry-on"]', 'Enter');
      await young.until('phase', 'inside');
      await focusIs(young, HEADING.room);
      await members([clinician, young]);
      await tileIs(clinician, 'off');
    }, { young: 1, clinician: 1 });
    assert.equal(await saysOn(young, '#camera'), 'false');
  });

  test('the devices', async () => {
    const { young } = people;
    await change('the devices', async () => {
      await key(young, '#open-devices', 'Enter');
      await focusIs(young, '#panel-devices-heading');
    }, NOTHING);
    await look('young-devices');
    await change('the devices are closed', () => escape(young, '#open-devices'), NOTHING);
  });

  test('she leaves for the page afterwards; the clinician hears that she has', async () => {
    const { young, clinician } = people;
    await change('she leaves', async () => {
      await key(young, '#leave', 'Enter');
      await young.until('phase', 'ended');
      await focusIs(young, HEADING.ended);
      await clinician.see('#gone [data-reason="left"]');
    }, { young: 0, clinician: 1 });
    await look('young-ended', 'clinician-left-alone');
    await tabTo(young, '#view-ended a');
    await Promise.all([young.page.waitForNavigation({ waitUntil: 'load' }), young.page.keyboard.press('Enter')]);
    await look('young-goodbye');
    await young.close();
    delete people.young;
  });

  test('the clinician is asked, stays, is asked again and ends it', async () => {
    const { clinician } = people;
    await change('asked before leaving', async () => {
      await key(clinician, '#leave', 'Enter');
      await focusIs(clinician, '#leave-dialog *');
    }, { clinician: 0 });
    await look('clinician-leaving');
    await change('the clinician stays', () => escape(clinician, '#leave'), { clinician: 0 });
    await change('ended', async () => {
      await key(clinician, '#leave', 'Enter');
      await key(clinician, '#leave-dialog [data-do="end-for-all"]', 'Enter');
      await clinician.until('phase', 'ended');
      await focusIs(clinician, HEADING.ended);
    }, { clinician: 0 });
    await look('clinician-ended');
  });

  test('all of it was heard as written down', () => golden('heard', async () => `${story.join('\n')}\n`));
});

describe('what is heard while waiting', () => {
  let server;
  let clinician;
  let young;
  before(async () => { server = await Server.start(); });
  after(() => closeAll([young, clinician], server));

  test('that her clinician has come is said to her once, wherever she is on the page (CARE-09)', async () => {
    young = await guest('chromium', server.links.young, { viewport: PHONE, script: listening }, 'neither');
    await heard([young]);
    clinician = await host('chromium', server.links.clinician, {}, 'neither');
    await young.see('#waiting-seen');
    const [list] = await heard([young]);
    assert.deepEqual(list.map(({ kind }) => kind), ['says'], JSON.stringify(list));
    assert.equal(list[0].text, 'Den du skal møte, ser at du er her, og slipper deg inn når dere kan starte.');
  });
});
