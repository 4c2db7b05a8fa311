// Every state of the room, as both people see it: axe, keyboard, size and width, on a phone and at a desk, light and
// dark; what is announced to those who listen instead of looking; and pictures in three languages to look at.

import assert from 'node:assert/strict';
import { after, afterEach, before, describe, test } from 'node:test';
import { DESKTOP, PHONE, closeAll } from '../lib/browsers.mjs';
import { faults, overflowing, tooSmall, unreached } from '../lib/looks.mjs';
import { ADMIT, arrive, closePanel, comeToDoor, leaveAsHost, letIn, members, tileIs, write, writeNote } from '../lib/meeting.mjs';
import { Server } from '../lib/server.mjs';

const NARROW = { width: 320, height: 640, deviceScaleFactor: 1 };
const SIZES = [['phone', PHONE], ['desktop', DESKTOP]];

/** Runs in the pages: announcements are kept, and a test can cut the socket. */
function overhear() {
  window.said = [];
  addEventListener('DOMContentLoaded', () => {
    const line = document.querySelector('#announcer');
    if (line) new MutationObserver(() => window.said.push(line.textContent.trim())).observe(line, { childList: true, characterData: true, subtree: true });
  });
  const Real = window.WebSocket;
  window.sockets = [];
  window.WebSocket = class extends Real {
    constructor(...args) {
      if (window.lineIsCut) throw new DOMException('cut', 'SecurityError');
      super(...args);
      window.sockets.push(this);
    }
  };
}

/** Waits until this was announced. */
async function announced(person, text) {
  try {
    await person.when((wanted) => window.said.some((line) => line.includes(wanted)), { timeout: 10_000 }, text);
  } catch {
    throw new Error(`never announced: ${text}; announced: ${JSON.stringify(await person.page.evaluate(() => window.said))}`);
  }
}

/** What was found wrong in the states looked at since the last test; kept, so that one fault does not hide the next. */
const wrong = [];

async function check(name, find) {
  const found = await find.catch((error) => [error.message]);
  if (found.length > 0) wrong.push(`${name}: ${found.join('; ')}`);
}

/** Pictures in each size and scheme; in Bokmål all that a page owes, elsewhere that nothing overflows or is left over. */
async function look(person, name, language) {
  const whole = language === 'nb';
  for (const [size, viewport] of SIZES) {
    await person.resize(viewport);
    for (const scheme of whole ? ['dark', 'light'] : ['light']) {
      if (whole) await person.inScheme(scheme);
      await person.picture(`${language}/${name}-${size}-${scheme}`);
      // Colours are looked at once in each scheme, sizes once in each size.
      if (whole && (scheme === 'dark') === (size === 'desktop')) await check(`${name} ${size} ${scheme}, axe`, faults(person));
    }
    if (whole) {
      await check(`${name} ${size}, keyboard`, unreached(person));
      await check(`${name} ${size}, too small to hit`, tooSmall(person));
    }
    await check(`${name} ${size}, overflows`, overflowing(person));
  }
  await person.resize(NARROW);
  await check(`${name} at 320, overflows`, overflowing(person));
  const [left] = (await person.text('body')).match(/(meeting|stage|host|crisis)-[a-z-]+/) ?? [];
  if (left) wrong.push(`${name}: a key stands where a text should: ${left}`);
}

// LANGS=nb looks at one language only.
for (const language of (process.env.LANGS ?? 'nb,nn,en').split(',')) {
  describe(`the room in ${language}`, () => {
    let server;
    let clinician;
    let young;

    before(async () => { server = await Server.start(); });
    after(() => closeAll([young, clinician], server));

    afterEach(() => assert.deepEqual(wrong.splice(0), []));

    const come = (link) => comeToDoor('chromium', link, { language, viewport: PHONE, script: overhear });
    const she = (name) => look(young, `${name}-young`, language);
    const clinicianAt = (name) => look(clinician, `${name}-clinician`, language);
    const both = async (name) => {
      await she(name);
      await clinicianAt(name);
    };

    test('device check and waiting', async () => {
      young = await come(server.links.young);
      await she('01-check');
      await young.press('#means-both');
      await young.see('#check-picture');
      await she('02-check-ready');
      await arrive(young);
      await young.until('phase', 'waiting');
      await she('03-waiting-nobody-there');
    });

    test('somebody waits: the lobby, and its word to those who listen', async () => {
      clinician = await come(server.links.clinician);
      await arrive(clinician);
      await clinician.until('phase', 'inside');
      await clinician.see(ADMIT);
      await announced(clinician, await clinician.text('#lobby-heading'));
      await young.see('#waiting-seen');
      await both('04-waiting');
    });

    test('a note to the one who waits', async () => {
      await writeNote(clinician, 'Jeg er klar om to minutter.');
      await young.see('#notes-box');
      await announced(young, 'Jeg er klar om to minutter.');
      await both('05-note');
    });

    test('inside', async () => {
      await letIn(clinician);
      await members([clinician, young]);
      for (const person of [clinician, young]) await tileIs(person, 'flowing');
      await both('06-inside');
    });

    for (const [panel, number] of [['lock', '07'], ['chat', '08'], ['devices', '09'], ['people', '10']]) {
      test(`the panel ${panel}: opened, walked, closed with Escape, and the focus back where it was`, async () => {
        if (panel === 'chat') {
          await write(young, 'Hei, jeg hører deg godt.');
          await closePanel(young, 'chat');
          await clinician.see('#chat-new');
        }
        for (const [who, person] of [['young', young], ['clinician', clinician]]) {
          if (panel === 'people' && person === young) continue;
          await person.press(`#open-${panel}`);
          await person.see(`#panel-${panel}`);
          assert.equal(await person.page.evaluate(() => document.activeElement?.closest('.panel')?.id), `panel-${panel}`, 'the focus goes into the panel');
          await look(person, `${number}-${panel}-${who}`, language);
          await person.page.keyboard.press('Escape');
          await person.when((id) => document.querySelector(id).hidden, {}, `#panel-${panel}`);
          assert.equal(await person.page.evaluate(() => document.activeElement?.id), `open-${panel}`, 'the focus is back where it was');
        }
      });
    }

    test('the crisis panel of the clinician', async () => {
      await clinician.press('#crisis-panel > summary');
      await clinician.see('#crisis-steps');
      await clinician.press('[data-step="rang-adult"]');
      await clinician.see('#crisis-noted > li:nth-child(2)');
      await clinicianAt('10-crisis');
      await clinician.page.keyboard.press('Escape');
      await clinician.when(() => !document.querySelector('#crisis-panel').open);
    });

    test('a pause', async () => {
      await young.press('#pause');
      await tileIs(clinician, 'paused');
      await announced(clinician, await clinician.text('#tiles [data-part="status"]'));
      await both('11-paused');
      await young.press('#pause');
      await tileIs(clinician, 'flowing');
    });

    test('stepped out', async () => {
      await young.press('#step-out');
      await young.until('phase', 'stepped-out');
      await clinician.until('members', '1');
      await both('12-stepped-out');
      await young.press('[data-do="step-in"]');
      await members([clinician, young]);
    });

    test('someone came in', async () => {
      await young.press('#someone-came-in');
      await young.until('phase', 'someone-came-in');
      await clinician.until('members', '1');
      await both('13-someone-came-in');
      await young.press('[data-do="carry-on"]');
      await members([clinician, young]);
    });

    test('the line is lost: said to both, and announced', async () => {
      await young.page.evaluate(() => { window.lineIsCut = true; window.sockets.at(-1).close(); });
      await tileIs(clinician, 'line-lost');
      // Once: the list says it, and the tile shows it.
      await announced(clinician, await clinician.text('#gone [data-reason="line-lost"] [data-part="text"]'));
      assert.equal(await clinician.page.evaluate((status) => window.said.some((line) => line.includes(status)), await clinician.text('#tiles [data-part="status"]')), false);
      await both('14-line-lost');
      await young.page.evaluate(() => { window.lineIsCut = false; dispatchEvent(new Event('online')); });
      await young.until('phase', 'inside');
      await members([clinician, young]);
    });

    test('the dialog before leaving: nothing else can be reached, Escape closes it, the focus comes back', async () => {
      await clinician.press('#leave');
      await clinician.see('#leave-dialog[open]');
      await clinicianAt('15-leaving');
      for (let step = 0; step < 12; step += 1) {
        await clinician.page.keyboard.press('Tab');
        const outside = await clinician.page.evaluate(() => {
          const { activeElement: at } = document;
          return at === document.body || at.closest('#leave-dialog') ? '' : at.outerHTML.slice(0, 120);
        });
        assert.equal(outside, '', 'the dialog keeps the focus');
      }
      await clinician.page.keyboard.press('Escape');
      await clinician.when(() => !document.querySelector('#leave-dialog').open);
      assert.equal(await clinician.page.evaluate(() => document.activeElement?.id), 'leave');
    });

    test('ended for her, then refused', async () => {
      await clinician.press('#open-people');
      await clinician.press('#roster summary');
      await clinician.press('#roster [data-do="end-for"]');
      await young.until('phase', 'ended');
      await both('16-ended-for-her');
      await young.reload();
      await young.until('phase', 'refused');
      await she('17-refused');
    });

    test('ended for all', async () => {
      await leaveAsHost(clinician, 'end-for-all');
      await clinicianAt('18-ended');
    });
  });
}
