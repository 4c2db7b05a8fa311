// The pictures of the manual are those of the program: each that a manual names is taken anew by the story of its
// language, has words for those who do not see it, and lies in docs/manual/pictures in the size that its name says.

import assert from 'node:assert/strict';
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { after, describe, test } from 'node:test';
import { closeAll } from '../lib/browsers.mjs';
import { LANGUAGES, PICTURES, SIZES, named, sizeOf, story } from '../lib/manual.mjs';
import { ROOT } from '../lib/server.mjs';

const MADE = join(ROOT, 'target/e2e/manual');
const HINT = 'write them with: e2e/netns node e2e/manual.mjs';

/** The width that a picture's name says. */
const widthOf = (path) => SIZES[path.match(/-(\w+)\.png$/)?.[1]]?.width;

// All files run in one process: hooks belong inside a suite, or they would run for every file.
describe('the pictures of the manual', () => {
  after(() => closeAll([]));

  test('every picture has words, and a size in its name', () => {
    assert.ok(named().length > 20, 'the manuals are read');
    for (const { file, words, path } of named()) {
      assert.ok(words.trim().length > 10, `${file}: ${path} has no words`);
      assert.ok(widthOf(path), `${file}: ${path} names no size`);
    }
  });

  test('both languages show the same', () => {
    const of = (language) => new Set(named().filter(({ file, path }) => path.startsWith(`${language}/`) && !file.endsWith('README.md')).map(({ path }) => path.slice(3)));
    assert.deepEqual([...of('nb')].sort(), [...of('en')].sort());
  });

  for (const language of LANGUAGES) {
    test(`the story in ${language} takes every picture that is named`, async () => {
      assert.deepEqual(await story(language, MADE), []);
      for (const { path } of named().filter((one) => one.path.startsWith(`${language}/`))) {
        const { width } = sizeOf(join(MADE, path));
        assert.equal(width, widthOf(path), path);
      }
    });
  }

  test('those in the manual are there, and no others', () => {
    const wanted = new Set(named().map(({ path }) => path));
    for (const path of wanted) {
      assert.ok(existsSync(join(PICTURES, path)), `${path} is missing; ${HINT}`);
      assert.equal(sizeOf(join(PICTURES, path)).width, widthOf(path), `${path} has another size; ${HINT}`);
    }
    const there = readdirSync(PICTURES, { recursive: true }).filter((name) => name.endsWith('.png'));
    assert.deepEqual(there.filter((path) => !wanted.has(path)), [], `nobody names these; ${HINT}`);
  });
});
