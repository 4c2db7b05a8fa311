// Runs every browser test in this one process, with one count at the end. Each suite closes its browsers.
//   e2e/netns node e2e/run.mjs [FILE-NAME | PART-OF-ONE …]      `trust` is trust.test.mjs alone; `tru`, all that have it in their name

import { readdirSync } from 'node:fs';
import { spec } from 'node:test/reporters';
import { run } from 'node:test';
import { join } from 'node:path';

const folder = new URL('./tests/', import.meta.url).pathname;
const wanted = process.argv.slice(2);
const names = readdirSync(folder).filter((name) => name.endsWith('.test.mjs')).sort();
// A whole name is that file alone, also where it is a part of others.
const isMeant = (name) => (part) => (names.includes(`${part}.test.mjs`) ? name === `${part}.test.mjs` : name.includes(part));
const files = names.filter((name) => wanted.length === 0 || wanted.some(isMeant(name))).map((name) => join(folder, name));

let passed = 0;
let failed = 0;
const stream = run({ files, isolation: 'none', concurrency: 1 });
stream.on('test:pass', ({ details }) => { if (details.type !== 'suite') passed += 1; });
// A suite that fails because a test in it did has been counted; one whose hooks or own lines fail counts by itself.
stream.on('test:fail', ({ details }) => { if (details.type !== 'suite' || details.error?.failureType !== 'subtestsFailed') failed += 1; });
stream.compose(spec).pipe(process.stdout);
stream.on('end', () => {
  // The reporter still writes its closing lines; the count comes after them.
  setTimeout(() => {
    console.log(`${passed} passed, ${failed} failed`);
    process.exit(failed === 0 && passed > 0 ? 0 : 1);
  }, 200);
});
