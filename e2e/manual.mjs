// Writes the pictures that the manuals name into docs/manual/pictures, and takes away those that no manual names.
//   e2e/netns node e2e/manual.mjs [nb|en …]

import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { closeBrowsers } from './lib/browsers.mjs';
import { LANGUAGES, PICTURES, story } from './lib/manual.mjs';

const asked = process.argv.slice(2);
const languages = asked.length > 0 ? asked : LANGUAGES;
// What is made anew goes first; with all languages that is everything.
for (const old of asked.length > 0 ? languages : ['']) rmSync(join(PICTURES, old), { recursive: true, force: true });
let missed = [];
for (const language of languages) missed = [...missed, ...await story(language, PICTURES)];
await closeBrowsers();
for (const path of missed) console.error(`named, and taken by no story: ${path}`);
process.exit(missed.length === 0 ? 0 : 1);
