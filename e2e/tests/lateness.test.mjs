// The clinician's lateness is never hers (CARE-09): what the waiting page says before the hour, at the hour, when the
// clinician has not come, when she has, and when nobody ever came; in three languages.

import assert from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { after, before, describe, test } from 'node:test';
import { PHONE, closeAll } from '../lib/browsers.mjs';
import { guest, host, leaveAsHost } from '../lib/meeting.mjs';
import { Server } from '../lib/server.mjs';

const MINUTE = 60_000;
const WORDS = {
  nb: {
    early: /litt tidlig\. Du kan bli her/i, notHers: /ikke din feil/i, nothingWrong: /ikke gjort noe galt/i, unseen: /ingen ser eller hører deg/i,
    seen: /ser at du er her/i, blame: /for sen|sein|forsink|glipp|ikke møtt|uteblitt|rakk/i,
  },
  nn: {
    early: /litt tidleg\. Du kan bli her/i, notHers: /ikkje din feil/i, nothingWrong: /ikkje gjort noko gale/i, unseen: /ingen ser eller høyrer deg/i,
    seen: /ser at du er her/i, blame: /for sein|forseink|glipp|ikkje møtt|utebli|rakk/i,
  },
  en: {
    early: /little early\. You can stay/i, notHers: /not your fault/i, nothingWrong: /not done anything wrong|done nothing wrong/i, unseen: /nobody sees or hears you|no one sees or hears you/i,
    seen: /sees? that you are here/i, blame: /\blate\b|missed|overdue|no.show|delay/i,
  },
};

// All files run in one process: hooks belong inside a suite, or they would run for every file.
describe('lateness', () => {
  let server;
  before(async () => { server = await Server.start(); });
  after(() => closeAll([], server));

  /** Moves the consultation on the screen so that it begins this many minutes from now. */
  function beginsIn(minutes) {
    const file = readdirSync(server.data).find((name) => name.endsWith('.db'));
    const database = new DatabaseSync(join(server.data, file));
    database.exec('PRAGMA busy_timeout = 5000');
    const starts = Date.now() + minutes * MINUTE;
    const { changes } = database.prepare("UPDATE appointment SET starts = ?, ends = ? WHERE kind = 'consultation' AND mode = 'video'").run(starts, starts + 60 * MINUTE);
    database.close();
    assert.equal(Number(changes), 1);
  }

  /** She loads the page anew and waits (or is refused); the words that she sees. */
  async function words(young, phase = 'waiting') {
    await young.reload();
    await young.until('phase', phase);
    return young.text('main');
  }

  // Firefox reads its language at its start, and that is Bokmål.
  for (const [language, guestKind, hostKind] of [['nb', 'chromium', 'firefox'], ['nb', 'firefox', 'chromium'], ['nn', 'chromium', 'chromium'], ['en', 'chromium', 'chromium']]) {
    test(`what she reads while she waits, in ${language}, in ${guestKind}`, async () => {
      const its = WORDS[language];
      beginsIn(0);
      const young = await guest(guestKind, server.links.young, { viewport: PHONE, language }, 'neither');

      beginsIn(120);
      const early = await words(young);
      assert.match(early, its.early);
      assert.doesNotMatch(early, its.blame);

      for (const minutes of [10, 0, -7, -25]) {
        beginsIn(minutes);
        const text = await words(young);
        const when = `the hour is in ${minutes} minutes and nobody is there`;
        assert.match(text, its.notHers, when);
        assert.match(text, its.unseen, when);
        assert.doesNotMatch(text, its.blame, when);
        const [clock] = text.match(/\d+:\d\d/);
        assert.ok(Number.parseInt(clock, 10) < 2, `${when}: the clock counts her own waiting, not the hour's: ${clock}`);
      }

      const clinician = await host(hostKind, server.links.clinician, {}, 'neither');
      await young.see('#waiting-seen');
      const seen = await young.text('main');
      assert.match(seen, its.seen);
      assert.doesNotMatch(seen, its.blame);
      await leaveAsHost(clinician);
      await clinician.close();

      beginsIn(-180);
      const over = await words(young, 'refused');
      assert.match(over, its.nothingWrong);
      assert.doesNotMatch(over, its.blame);
      await young.close();
    });
  }
});
