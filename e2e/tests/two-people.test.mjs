// The main job: two people in two real browsers, sealed, through our own forwarder, both ways.

import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { closeAll } from '../lib/browsers.mjs';
import { PAIRS, hears, pair, protection, safetyWords, sees } from '../lib/meeting.mjs';
import { Server } from '../lib/server.mjs';

// All files run in one process: hooks belong inside a suite, or they would run for every file.
describe('two people', () => {
  let server;
  before(async () => { server = await Server.start(); });
  after(() => closeAll([], server));

  for (const { hostKind, guestKind } of PAIRS) {
    test(`a clinician in ${hostKind} and a young person in ${guestKind} see and hear each other`, async () => {
      const { clinician, young } = await pair(server, { hostKind, guestKind });
      try {
        await Promise.all([sees(clinician), sees(young)]);
        await Promise.all([hears(clinician), hears(young)]);
        for (const person of [clinician, young]) {
          const cipher = await protection(person);
          if (cipher || person.kind === 'chromium') assert.match(cipher, /GCM/, 'AES-GCM was negotiated (SEC-020)');
        }
        const words = await Promise.all([clinician, young].map(safetyWords));
        assert.equal(words[0].length, 6);
        assert.deepEqual(words[0], words[1], 'both locks show the same safety words (SEC-016)');
      } catch (error) {
        console.log(clinician.console.slice(-20), young.console.slice(-20), server.log().slice(-3000));
        await clinician.picture(`failed-${hostKind}-${guestKind}-clinician`);
        await young.picture(`failed-${hostKind}-${guestKind}-young`);
        throw error;
      } finally {
        await young.close();
        await clinician.close();
      }
    });
  }
});
