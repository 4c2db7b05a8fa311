// The page's own module breaks in the middle of a talk: nobody is left to draw or to obey a press, so everything ends by
// itself and the page says so (SEC-018), and loading it again brings her back.

import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { closeAll } from '../lib/browsers.mjs';
import { owes } from '../lib/looks.mjs';
import { everythingOn, fresh, members, pair, tileIs } from '../lib/meeting.mjs';
import { Server } from '../lib/server.mjs';

const WAYS = {
  // What every second is drawn into is gone: a real error inside the module.
  'it throws': { guestKind: 'chromium', break: () => document.querySelector('#grace').remove() },
  'it throws, in Firefox': { guestKind: 'firefox', break: () => document.querySelector('#grace').remove() },
  'it traps': { guestKind: 'chromium', break: () => dispatchEvent(new ErrorEvent('error', { error: new WebAssembly.RuntimeError('unreachable') })) },
  'it traps in a promise': {
    guestKind: 'chromium',
    break: () => dispatchEvent(new PromiseRejectionEvent('unhandledrejection', { promise: Promise.resolve(), reason: new WebAssembly.RuntimeError('unreachable') })),
  },
};

describe('a page whose module breaks', () => {
  let server;
  before(async () => { server = await Server.start(); });
  after(() => closeAll([], server));

  for (const [way, { guestKind, break: breakIt }] of Object.entries(WAYS)) {
    test(`${way}: nothing is sent or played any more, the page says so and names nothing, and a reload brings her back`, async () => {
      const { clinician, young } = await pair(server, { guestKind });
      await Promise.all([fresh(clinician), fresh(young)]);
      await young.page.evaluate(() => { window.sent = window.connections.at(-1).getSenders().flatMap(({ track }) => track ?? []); });
      const states = () => young.page.evaluate(() => window.sent.map(({ kind, readyState }) => `${kind} ${readyState}`));
      assert.deepEqual(await states(), ['audio live', 'video live']);
      await young.page.evaluate(breakIt);
      await young.until('phase', 'stopped', 10_000);
      assert.deepEqual(await states(), ['audio ended', 'video ended']);
      assert.deepEqual(await young.page.evaluate(() => window.connections.map(({ connectionState }) => connectionState)), ['closed']);
      assert.equal((await young.text('#main')).trim(), 'Noe stoppet, og alt er slått av. Last siden på nytt.');
      assert.equal(await young.page.title(), 'Ny side');
      if (guestKind === 'chromium') await owes(young, 'stopped');
      await tileIs(clinician, 'line-lost', 15_000);
      assert.equal(await young.data('phase'), 'stopped', 'it does not begin again by itself');
      await young.reload();
      await young.until('phase', 'inside');
      await members([clinician, young]);
      await everythingOn(young);
      await fresh(clinician);
      await young.close();
      await clinician.close();
    });
  }
});
