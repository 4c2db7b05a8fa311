// Bad networks: no UDP at all, UDP that dies, an address that changes, a line that is cut, a server that is killed.
// In each the page says what is the matter, and everybody is back without a click.

import assert from 'node:assert/strict';
import { after, afterEach, before, describe, test } from 'node:test';
import { closeBrowsers } from '../lib/browsers.mjs';
import { fresh, pair, way } from '../lib/meeting.mjs';
import { Gate, Interface, ONE_PORT, Router, drop, withoutUdp } from '../lib/network.mjs';
import { Server } from '../lib/server.mjs';

// All files run in one process: hooks belong inside a suite, or they would run for every file.
describe('bad networks', () => {
  let server;
  let people;
  let undo = [];

  before(async () => { server = await Server.start(ONE_PORT); });
  afterEach(async () => {
    for (const one of undo.reverse()) await one();
    undo = [];
    for (const person of people ?? []) await person.close();
    people = undefined;
  });
  after(async () => {
    await server?.stop();
    await closeBrowsers();
  });

  async function meet(options) {
    const { clinician, young } = await pair(server, options);
    people = [young, clinician];
    return people;
  }

  for (const guestKind of ['chromium', 'firefox']) {
    test(`where no UDP passes, picture and sound go over TCP both ways (${guestKind})`, async () => {
      undo.push(withoutUdp());
      await meet({ guestKind });
      await Promise.all(people.map((person) => fresh(person)));
      for (const person of people) assert.equal(await way(person), 'tcp', person.kind);
    });
  }
});
