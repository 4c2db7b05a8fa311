// Nobody is let in behind her back (CARE-04): her mother waits, the clinician's press asks her, and what she says is done.
// Her mother sees "not yet" and nothing else, whatever is said inside. Played with the young person in both browsers.

import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { PHONE, closeAll } from '../lib/browsers.mjs';
import { ADMIT, answers, arrive, closePanel, guest, letIn, members, pair } from '../lib/meeting.mjs';
import { Server } from '../lib/server.mjs';

for (const kind of ['chromium', 'firefox']) {
  // All files run in one process: hooks belong inside a suite, or they would run for every file.
  describe(`a mother waits in her hour, and she is in ${kind}`, () => {
    let server;
    let clinician;
    let young;
    let mother;

    before(async () => {
      server = await Server.start();
      ({ clinician, young } = await pair(server, { guestKind: kind, guestOptions: { viewport: PHONE } }));
      mother = await guest('chromium', server.links.guardian, {}, 'sound');
    });
    after(() => closeAll([mother, young, clinician], server));

    const says = (person, selector, wanted) => person.when((where, text) => {
      const element = document.querySelector(where);
      return element?.checkVisibility() && element.innerText.includes(text);
    }, { timeout: 15_000 }, selector, wanted);
    const hers = '#lobby-list [data-part="her"]';
    const asked = (person) => person.page.$eval('#asked', (box) => box.checkVisibility());
    const waitingRoom = () => mother.page.$eval('#view-waiting', (view) => view.innerText.replace(/\d+:\d\d/, ''));
    let plain;

    test('the button says beforehand that she is asked first', async () => {
      await clinician.see(ADMIT);
      assert.match(await clinician.text(ADMIT), /^Spør Nora$/);
      assert.match(await clinician.text(hers), /Nora blir spurt først/);
      assert.equal(await asked(young), false);
      plain = await waitingRoom();
      assert.match(plain, /slipper deg inn når dere kan starte/);
    });

    test('the press asks her: who waits, three answers with a name, and nothing in the way of her own buttons', async () => {
      await letIn(clinician);
      await says(young, '#asked', 'Mona');
      const names = await young.page.$$eval('#asked-list button:not([hidden])', (all) => all.map((button) => button.ariaLabel ?? button.getAttribute('aria-label')));
      assert.equal(names.length, 3);
      assert.match(names[0], /^Ja, Mona.* kan komme inn$/);
      assert.ok(names.every((name) => name.includes('Mona')));
      assert.match(await young.text('#announcer'), /Mona/);
      for (const control of ['#pause', '#step-out', '#someone-came-in', '#close-fast', '#leave']) {
        const hit = await young.page.$eval(control, (button) => {
          const { x, y, width, height } = button.getBoundingClientRect();
          const there = document.elementFromPoint(x + width / 2, y + height / 2);
          return button.contains(there);
        });
        assert.ok(hit, `${control} is covered`);
      }
      await young.picture(`asking-${kind}-question`);
      await says(clinician, hers, 'Nora er spurt');
      assert.equal(await waitingRoom(), plain, 'her mother is told nothing');
    });

    test('not today: her clinician sees it, her mother sees "not yet", also after coming again, and no press asks again', async () => {
      await answers(young, 'not-today');
      await says(clinician, hers, 'ikke i dag');
      assert.equal(await clinician.page.$eval('#lobby-list [data-part="admit"]', (button) => button.disabled), true);
      await clinician.picture(`asking-${kind}-not-today`);
      await mother.reload();
      await mother.until('phase', ['waiting', 'checking'], 15_000);
      if (await mother.data('phase') === 'checking') await arrive(mother, 'sound');
      await mother.until('phase', 'waiting');
      await says(clinician, hers, 'ikke i dag');
      assert.equal(await waitingRoom(), plain);
      await members([clinician, young]);
    });

    test('after all is her button: then the clinician lets in', async () => {
      await says(young, '#asked', 'kan komme inn likevel');
      await answers(young, 'after-all');
      await says(clinician, hers, 'Nora sier ja');
      assert.equal(await mother.data('phase'), 'waiting', 'the press was taken back by her no');
      await letIn(clinician);
      await mother.until('phase', 'inside');
      await members([clinician, young, mother]);
      assert.equal(await asked(young), false);
    });

    test('she steps out and her mother waits again; coming back asks anew', async () => {
      await young.press('#step-out');
      await young.until('phase', 'stepped-out');
      await mother.until('phase', 'waiting');
      await members([clinician], 1);
      assert.equal(await waitingRoom(), plain);
      // Out by her own step she is asked on the page where she is; her yes lets in nobody behind her back.
      await letIn(clinician);
      await says(young, '#view-out #asked', 'Mona');
      await young.picture(`asking-${kind}-out`);
      await answers(young, 'yes');
      await says(clinician, hers, 'ute av rommet');
      assert.equal(await mother.data('phase'), 'waiting');
      await young.press('#view-out [data-do="step-in"]');
      await young.until('phase', 'inside');
      await letIn(clinician);
      await mother.until('phase', 'inside');
      await members([clinician, young, mother]);
    });

    test('minutes without her, with her yes: her mother stays meanwhile, and hosts see why', async () => {
      await clinician.press('#open-people');
      await clinician.press('#roster [data-part="ask-without"]:not([hidden])');
      await says(young, '#asked-without', 'uten deg');
      await young.press('#asked-without [data-do="without-me"]');
      await young.until('phase', 'stepped-out');
      await says(clinician, '#roster', 'gått ut med et ja');
      await members([clinician, mother]);
      assert.equal(await mother.data('phase'), 'inside');
      await clinician.picture(`asking-${kind}-without`);
      await young.press('#view-out [data-do="step-in"]');
      await young.until('phase', 'inside');
      await members([clinician, young, mother]);
      await closePanel(clinician, 'people');
    });

    test('someone came in: her mother waits again, and her own screen is neutral and asks nothing (CARE-03)', async () => {
      await young.press('#someone-came-in');
      await young.until('phase', 'someone-came-in');
      await mother.until('phase', 'waiting');
      await says(clinician, hers, 'kan ikke spørres');
      assert.equal(await clinician.page.$eval('#lobby-list [data-part="admit"]', (button) => button.disabled), true);
      assert.equal(await asked(young), false);
      assert.equal(await young.page.$eval('#asked-list', (list) => list.children.length), 0);
      assert.equal(await waitingRoom(), plain);
    });
  });
}
