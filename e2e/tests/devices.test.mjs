// Camera and microphone as they behave at home: refused, missing, busy, unplugged, changed; and what she chose not to
// use is never asked for, nor asked about twice (CARE-11).

import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { DESKTOP, PHONE, Person, closeAll } from '../lib/browsers.mjs';
import { owes } from '../lib/looks.mjs';
import { machine } from '../lib/machine.mjs';
import { arrive, closePanel, comeToDoor, follow, fresh, hears, host, isOn, letIn, members, sees, tileIs, turn } from '../lib/meeting.mjs';
import { Server } from '../lib/server.mjs';

// All files run in one process: hooks belong inside a suite, or they would run for every file.
describe('devices', () => {
  let server;
  let clinician;
  let young;

  before(async () => { server = await Server.start(); });
  after(() => closeAll([young, clinician], server));

  /** She, at the device check, with a machine that a test can take apart. */
  const comeWithMachine = (kind = 'chromium') => comeToDoor(kind, server.links.young, { viewport: PHONE, script: machine });

  const asked = (person) => person.page.evaluate(() => window.machine.asked);
  const inUse = (person, kind) => person.page.evaluate((wanted) => window.machine.inUse(wanted) ?? null, kind);
  const refuse = (person, refusals) => person.page.evaluate((wanted) => {
    for (const kind of ['audio', 'video']) delete window.machine.refuse[kind];
    Object.assign(window.machine.refuse, wanted);
  }, refusals);
  /** The last device to choose that is not this one, nor the browser's own word for whichever it likes. */
  const otherThan = (person, control, device) => person.page.$eval(control, (select, now) => [...select.options]
    .map(({ value }) => value).findLast((value) => value !== now && value !== 'default'), device);

  /** Waits until the notice in the room says this. */
  async function noticed(person, text) {
    await person.when((source, flags) => new RegExp(source, flags).test(document.querySelector('#notice:not([hidden])')?.innerText ?? ''), { timeout: 10_000 }, text.source, text.flags)
      .catch(async () => assert.fail(`the notice should say ${text}; its words, shown or not: ${await person.text('#notice')}`));
  }

  /** Waits until the check says that something is missing, and gives its words. */
  async function blocked(person) {
    await person.see('#check-blocked');
    return person.text('#check-blocked');
  }

  async function inTheRoom() {
    await letIn(clinician);
    await members([clinician, young]);
  }

  test('neither camera nor microphone asks for neither', async () => {
    young = await comeWithMachine();
    assert.deepEqual(await asked(young), [], 'nothing is asked for before a choice');
    await arrive(young, 'neither');
    await young.until('phase', 'waiting');
    assert.deepEqual(await asked(young), []);
    await young.close();
  });

  test('sound only asks for the microphone only, and the camera is not asked about again: waiting, inside, out and in, reloaded (CARE-11)', async () => {
    clinician = await host('chromium', server.links.clinician);
    young = await comeWithMachine();
    await arrive(young, 'sound');
    await young.until('phase', 'waiting');
    await inTheRoom();
    await tileIs(clinician, 'sound-only');
    await hears(clinician);
    await young.press('#step-out');
    await young.until('phase', 'stepped-out');
    await young.press('[data-do="step-in"]');
    await young.until('members', '2');
    const before = await asked(young);
    assert.ok(before.length > 0 && before.every((kind) => kind === 'audio'), `asked for ${before}`);
    await young.reload();
    await young.until('members', '2');
    await turn(young, '#microphone');
    assert.deepEqual(await asked(young), ['audio']);
    assert.equal(await young.page.$eval('#notice', (notice) => notice.hidden), true, 'nothing is suggested to her');
    assert.doesNotMatch(await young.text('#view-room'), /slå på kamera|vil du vise|mangler bilde/i);
    await turn(young, '#camera');
    assert.deepEqual(await asked(young), ['audio', 'video'], 'her own press does ask');
    await sees(clinician);
  });

  test('her own picture is hidden until one tap, which is remembered; the clinician sees her own', async () => {
    assert.equal(await clinician.page.$eval('#own', (own) => own.dataset.shown), 'true');
    assert.equal(await young.page.$eval('#own', (own) => own.dataset.shown), 'false');
    assert.equal(await young.page.$eval('#own-picture', (picture) => picture.checkVisibility()), false);
    assert.match(await young.text('#own-mark'), /kameraet er på/i, 'hidden, yet never in doubt');
    await young.press('#self-view');
    await young.see('#own-picture');
    await young.reload();
    await young.until('members', '2');
    await young.press('#camera');
    await young.see('#own-picture');
    await young.press('#self-view');
    await young.when(() => document.querySelector('#own').dataset.shown === 'false');
  });

  test('another microphone and another camera are chosen in the room, and go on being heard and seen', async () => {
    await turn(young, '#microphone');
    await young.press('#open-devices');
    for (const [kind, control] of [['audio', '#room-microphone'], ['video', '#room-camera']]) {
      await young.see(control);
      const before = await inUse(young, kind);
      const other = await otherThan(young, control, before);
      assert.ok(other, `${kind}: there is another one to choose`);
      await young.page.select(control, other);
      await young.when((wanted, device) => window.machine.inUse(wanted) === device, { timeout: 10_000 }, kind, other);
    }
    await closePanel(young, 'devices');
    // Anew: sound and a picture of the devices before would still be there.
    await fresh(clinician);
    await sees(clinician);
    await tileIs(clinician, 'flowing');
  });

  test('changed again before the first has answered: the last one chosen is in use', async () => {
    await young.press('#open-devices');
    for (const [kind, control] of [['audio', '#room-microphone'], ['video', '#room-camera']]) {
      const before = await inUse(young, kind);
      const other = await otherThan(young, control, before);
      const asked = await young.page.evaluate(() => window.machine.asked.length);
      await young.page.$eval(control, (select, devices) => {
        for (const device of devices) {
          select.value = device;
          select.dispatchEvent(new Event('input', { bubbles: true }));
        }
      }, [other, before]);
      await young.when((count) => window.machine.asked.length === count, { timeout: 10_000 }, asked + 2);
      await young.when((wanted, device) => window.machine.inUse(wanted) === device, { timeout: 10_000 }, kind, before);
    }
    await closePanel(young, 'devices');
    await fresh(clinician);
    await tileIs(clinician, 'flowing');
  });

  test('an unplugged headset: she is muted and told so; another microphone is hers to turn on', async () => {
    const gone = await young.page.evaluate(() => window.machine.unplug('audio'));
    await noticed(young, /mikrofonen ble koblet fra.*er av/i);
    await isOn(young, '#microphone', false);
    await clinician.when(() => !document.querySelector('#tiles [data-part="muted"]').hidden);
    assert.equal(await young.page.evaluate(() => window.machine.inUse('audio')), undefined, 'nothing hears her');
    await turn(young, '#microphone');
    await young.when((old) => ![undefined, old].includes(window.machine.inUse('audio')), { timeout: 10_000 }, gone);
    await isOn(young, '#microphone');
    await fresh(clinician, { picture: false });
  });

  test('the last camera unplugged is said in words to both, each time anew; plugged in again it can be turned on', async () => {
    await young.page.evaluate(() => window.machine.unplug('video', true));
    await noticed(young, /kameraet ble koblet fra.*er av/i);
    await isOn(young, '#camera', false);
    await tileIs(clinician, 'sound-only');
    await young.press('#notice [data-do="close-notice"]');
    await young.press('#camera');
    await noticed(young, /finner ikke noe kamera/i);
    await young.page.evaluate(() => window.machine.plugIn());
    await turn(young, '#camera');
    await tileIs(clinician, 'flowing');
  });

  test('refused or taken in the room: which it was, and what helps', async () => {
    await turn(young, '#camera', false);
    await refuse(young, { video: 'NotAllowedError' });
    await young.press('#camera');
    await noticed(young, /slipper ikke til kameraet.*ser deg ikke.*trykk på ikonet/is);
    await refuse(young, { video: 'NotReadableError' });
    await young.press('#camera');
    await noticed(young, /annet program bruker kameraet.*lukk det andre/is);
    await isOn(young, '#camera', false);
    await isOn(young, '#microphone');
    await young.close();
  });

  for (const kind of ['chromium', 'firefox']) {
    test(`the picture fails, then the sound: each is told on both sides, and both come back (${kind})`, async () => {
      young = await comeWithMachine(kind);
      await arrive(young);
      await young.until('phase', 'waiting');
      await inTheRoom();
      await tileIs(clinician, 'flowing');
      await young.page.evaluate(() => window.machine.unplug('video', true));
      await noticed(young, /kameraet ble koblet fra.*er av/i);
      await tileIs(clinician, 'sound-only');
      await young.page.evaluate(() => window.machine.unplug('audio', true));
      await noticed(young, /mikrofonen ble koblet fra.*er av/i);
      await tileIs(clinician, 'off');
      await young.page.evaluate(() => window.machine.plugIn());
      for (const control of ['#microphone', '#camera']) await turn(young, control);
      await tileIs(clinician, 'flowing');
      await fresh(clinician);
      await young.close();
    });
  }

  test('busy and missing devices at the check: words that fit, another attempt, and in without them', async () => {
    young = await comeWithMachine();
    await refuse(young, { video: 'NotReadableError' });
    await young.press('#means-both');
    assert.match(await blocked(young), /annet program bruker kameraet\..*lukk det andre/is);
    for (const [size, viewport] of [['desktop', DESKTOP], ['phone', PHONE]]) {
      await young.resize(viewport);
      await owes(young, `a blocked device, ${size}`);
      await young.picture(`check-blocked-${size}`);
    }
    await refuse(young, {});
    await young.press('[data-do="try-again"]');
    await young.see('#check-picture');
    assert.equal(await young.page.$eval('#check-blocked', (box) => box.hidden), true);
    await young.page.evaluate(() => { window.machine.unplug('video', true); window.machine.unplug('audio', true); });
    assert.match(await blocked(young), /koblet til/i);
    await young.when(() => document.querySelector('#blocked-text').textContent.includes('verken kamera eller mikrofon'));
    await arrive(young, 'neither');
    await young.until('phase', 'waiting');
    await young.close();
  });

  test('a camera alone that is refused does not keep her out: she comes with sound', async () => {
    young = await comeWithMachine();
    await refuse(young, { video: 'NotAllowedError' });
    await young.press('#means-both');
    assert.match(await blocked(young), /slipper ikke til kameraet\./i);
    await young.press('#arrive');
    await young.until('phase', 'waiting');
    await inTheRoom();
    await isOn(young, '#microphone');
    await isOn(young, '#camera', false);
    await young.close();
  });

  test('the guidance is for the system that she has', async () => {
    young = await comeWithMachine();
    const wanted = {
      iPhone: /Åpne Innstillinger, finn nettleseren/,
      'Android 14': /velg Tillatelser/,
      'Mac OS X': /Systeminnstillinger, Personvern og sikkerhet/,
      'Windows NT 10.0': /Innstillinger, Personvern, Kamera/,
      'X11; Linux': /ikonet foran adressen/,
    };
    for (const [agent, steps] of Object.entries(wanted)) {
      await young.page.setUserAgent({ userAgent: `Mozilla/5.0 (${agent})` });
      await young.reload();
      await young.until('phase', 'checking');
      await refuse(young, { audio: 'NotAllowedError' });
      await young.press('#means-sound');
      await blocked(young);
      assert.match(await young.text('#blocked-steps'), steps, agent);
    }
    await young.close();
  });

  test('as last time: one press, the same means and the same microphone', async () => {
    young = await comeWithMachine();
    await young.press('#means-sound');
    await young.see('#check-microphone');
    const other = await otherThan(young, '#check-microphone', await young.page.$eval('#check-microphone', ({ value }) => value));
    assert.ok(other, 'there is another one to choose');
    await young.page.select('#check-microphone', other);
    await young.when((device) => window.machine.inUse('audio') === device, {}, other);
    await young.press('#arrive');
    await young.until('phase', 'waiting');
    await young.press('[data-do="leave-now"]');
    await young.until('phase', 'ended');
    await follow(young, server.links.young);
    assert.match(await young.text('#as-last-time'), /bare lyd/i);
    await young.press('#as-last-time');
    await young.until('phase', 'waiting');
    assert.equal(await inUse(young, 'audio'), other);
    assert.deepEqual([...new Set(await asked(young))], ['audio']);
    await young.close();
  });

  test('a weak network is said before the talk, with what helps; a good one as well', async () => {
    young = await Person.at('chromium', { viewport: DESKTOP });
    await young.page.emulateNetworkConditions({ download: 120_000, upload: 120_000, latency: 20 });
    await follow(young, server.links.young);
    await young.when(() => document.querySelector('#network').dataset.state === 'network-weak', { timeout: 15_000 });
    assert.match(await young.text('#network'), /kabel/i);
    await young.page.emulateNetworkConditions(null);
    await young.reload();
    await young.when(() => document.querySelector('#network').dataset.state === 'network-good', { timeout: 15_000 });
    await young.close();
  });

  for (const kind of ['chromium-asks', 'firefox-refuses']) {
    test(`really refused by the browser (${kind}): guidance in words, and in without`, async () => {
      young = await comeWithMachine(kind);
      if (kind === 'chromium-asks') await young.context.overridePermissions(new URL(server.links.young).origin, []);
      await young.press('#means-both');
      await blocked(young);
      // The two answers come one after the other.
      await young.when(() => document.querySelector('#blocked-text').textContent.includes('slipper ikke til kamera og mikrofon'));
      assert.match(await young.text('#blocked-steps'), /trykk på ikonet foran adressen/i);
      await arrive(young, 'neither');
      await young.until('phase', 'waiting');
      await young.close();
    });
  }
});
