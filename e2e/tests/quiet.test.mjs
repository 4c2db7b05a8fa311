// What an ordinary meeting must not do: refuse frames that nobody forged.

import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { closeBrowsers } from '../lib/browsers.mjs';
import { hears, pair, sees } from '../lib/meeting.mjs';
import { Server } from '../lib/server.mjs';

/** `{ sealed, opened, noKey, refused }` as the lock counts them, once more than so many were opened. */
async function frames(person, more = 0) {
  await person.page.waitForFunction((least) => Number((document.documentElement.dataset.frames ?? '').split(' ')[1]) > least, { timeout: 30_000 }, more);
  const [sealed, opened, noKey, refused] = (await person.page.evaluate(() => document.documentElement.dataset.frames)).split(' ').map(Number);
  return { sealed, opened, noKey, refused };
}

describe('an ordinary meeting', () => {
  let server;
  before(async () => { server = await Server.start(); });
  after(async () => {
    await server?.stop();
    await closeBrowsers();
  });

  test('no frame is refused: not on coming in, not after a reload and its new keys', async () => {
    const { clinician, young } = await pair(server);
    await Promise.all([sees(clinician), sees(young), hears(clinician), hears(young)]);
    for (const person of [clinician, young]) assert.equal((await frames(person)).refused, 0, 'on coming in');
    const epoch = await clinician.page.evaluate(() => document.documentElement.dataset.epoch);
    await young.page.reload({ waitUntil: 'domcontentloaded' });
    await young.until('phase', 'inside');
    await clinician.page.waitForFunction((old) => document.documentElement.dataset.epoch !== old, { timeout: 30_000 }, epoch);
    await young.press('#microphone');
    await young.press('#camera');
    await Promise.all([sees(clinician), sees(young)]);
    await frames(clinician, (await frames(clinician)).opened + 50);
    for (const person of [clinician, young]) assert.equal((await frames(person)).refused, 0, 'after a reload');
    await young.close();
    await clinician.close();
  });
});
