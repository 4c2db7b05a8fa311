// A picture of every page and every state, for eyes: target/e2e/album/{language}/{size}-{scheme}. What the tests owe (axe,
// keyboard, width) is looked at in tests/walk.test.mjs; here are listed controls that a thumb may miss.
//   e2e/netns node e2e/album.mjs [nb|nn|en …]     Bokmål on phone and desk, light and dark; the others on a phone

import { mkdirSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { DESKTOP, closeBrowsers } from './lib/browsers.mjs';
import { narrow } from './lib/looks.mjs';
import { ROOT } from './lib/server.mjs';
import { PHONE, Walk } from './lib/walk.mjs';

const FOLDER = join(ROOT, 'target/e2e/album');
const LOOKS = [['phone', PHONE, 'light'], ['phone', PHONE, 'dark'], ['desk', DESKTOP, 'light'], ['desk', DESKTOP, 'dark']];

async function album(language) {
  rmSync(join(FOLDER, language), { recursive: true, force: true });
  const looks = language === 'nb' ? LOOKS : LOOKS.slice(0, 1);
  let number = 0;
  const walk = new Walk(language, async (person, name) => {
    number += 1;
    for (const [size, viewport, scheme] of looks) {
      await person.inScheme(scheme);
      await person.resize(viewport);
      await person.page.evaluate(() => scrollTo(0, 0));
      const path = join(FOLDER, language, `${size}-${scheme}`, `${String(number).padStart(3, '0')}-${name}.png`);
      mkdirSync(dirname(path), { recursive: true });
      await person.page.screenshot({ path, fullPage: true });
    }
    await person.resize(PHONE);
    await person.inScheme('light');
    for (const control of await narrow(person)) console.log(`${language} ${name}: ${control}`);
  });
  try {
    await walk.start();
    for (const part of Walk.PARTS) await walk[part]();
  } finally {
    await walk.end();
  }
  console.log(`${language}: ${number} stops`);
}

const wanted = process.argv.slice(2);
for (const language of wanted.length > 0 ? wanted : ['nb', 'nn', 'en']) await album(language);
await closeBrowsers();
