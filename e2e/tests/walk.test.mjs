// Every page and every state of the program, also with errors, long names and long lists: axe, the keyboard, sizes and
// width in Bokmål, light on a phone and dark at a desk; in Nynorsk and English that nothing overflows.

import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { DESKTOP, closeAll } from '../lib/browsers.mjs';
import { NAMES } from '../lib/demo.mjs';
import { faults, narrow, overflowing, owes } from '../lib/looks.mjs';
import { PHONE, Walk } from '../lib/walk.mjs';

const NARROW = { ...PHONE, width: 320 };

/** What each stop owes. */
const STOPS = {
  nb: async (person, name) => {
    await owes(person, name);
    assert.deepEqual(await narrow(person), [], `${name}: a thumb hits it`);
    await person.resize(NARROW);
    assert.deepEqual(await overflowing(person), [], `${name} at 320`);
    await person.inScheme('dark');
    await person.resize(DESKTOP);
    assert.deepEqual(await faults(person), [], `${name} at a desk, dark`);
    assert.deepEqual(await overflowing(person), [], `${name} at a desk`);
    await person.inScheme('light');
    await person.resize(PHONE);
  },
  nn: inWords,
  en: inWords,
};

async function inWords(person, name) {
  assert.deepEqual(await overflowing(person), [], name);
  assert.doesNotMatch(await person.page.title(), NAMES, `${name}: SEC-012`);
}

// All files run in one process: hooks belong inside a suite, or they would run for every file.
for (const [language, stop] of Object.entries(STOPS)) {
  describe(`a walk through every page in ${language}`, () => {
    const walk = new Walk(language, async (person, name) => {
      assert.match(await person.page.$eval('html', ({ lang }) => lang), new RegExp(`^${language}`), name);
      await stop(person, name);
    });
    before(() => walk.start());
    after(() => closeAll([], { stop: () => walk.end() }));
    for (const part of Walk.PARTS) test(part, () => walk[part]());

    test('nothing of it was written into the log', () => {
      assert.doesNotMatch(walk.server.log(), /Nora|Kari|Charlotte|Østerhus|panicked|ERROR/);
    });
  });
}
