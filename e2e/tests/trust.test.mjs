// Trust in words and pictures: how the lock works, who can see what (CARE-06), and the practice room, where every button
// shows both sides, nothing leaves the page and camera and microphone end with it (SEC-105).

import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { DESKTOP, PHONE, Person, closeAll } from '../lib/browsers.mjs';
import { key, tabTo } from '../lib/keyboard.mjs';
import { everySize, faults, overflowing, tooSmall, unreached } from '../lib/looks.mjs';
import { comeToDoor, turn } from '../lib/meeting.mjs';
import { Server } from '../lib/server.mjs';

const NARROW = { width: 320, height: 640, deviceScaleFactor: 1 };
const PAGES = { lock: '/lock', details: '/lock/how', sees: '/who-sees', practice: '/practice' };

/** Runs in the page: every track that a camera, a microphone or a screen gave. */
function keepTracks() {
  window.tracks = [];
  for (const name of ['getUserMedia', 'getDisplayMedia']) {
    const { mediaDevices } = navigator;
    const ask = mediaDevices?.[name]?.bind(mediaDevices);
    if (!ask) continue;
    mediaDevices[name] = async (...wish) => {
      const stream = await ask(...wish);
      window.tracks.push(...stream.getTracks());
      return stream;
    };
  }
}

/** What is on now, as the devices see it: `audio`, `video`. */
const live = (person) => person.page.evaluate(() => window.tracks.filter((track) => track.readyState === 'live').map((track) => track.kind).sort().join());
/** Waits until exactly this is on. */
const isLive = (person, wanted) => person.when((kinds) => window.tracks.filter((track) => track.readyState === 'live').map((track) => track.kind).sort().join() === kinds, { timeout: 10_000 }, wanted);
const told = (person) => person.text('#told');
const view = (person) => person.page.$eval('#main', (main) => main.dataset.view);

/** Presses, and reads what the other would see. */
async function presses(person, selector) {
  await person.press(selector);
  return told(person);
}

/** What moves by itself. */
const moving = (person) => person.page.evaluate(() => [...document.querySelectorAll('*')].filter((element) => {
  const { animationName, transitionDuration, scrollBehavior } = getComputedStyle(element);
  return animationName !== 'none' || !/^0s(, 0s)*$/.test(transitionDuration) || scrollBehavior !== 'auto';
}).map(({ tagName, className }) => `${tagName}.${className}`));

// All files run in one process: hooks belong inside a suite, or they would run for every file.
describe('trust in words and pictures', () => {
  let server;
  const people = [];
  before(async () => { server = await Server.start(); });
  after(() => closeAll(people, server));

  const at = (path) => new URL(path, server.links.young).href;
  async function come(kind, path, options = { viewport: PHONE }) {
    const person = await Person.at(kind, { script: keepTracks, ...options });
    people.push(person);
    await person.open(at(path));
    return person;
  }
  /** In the practice room, with picture and sound. */
  async function practising(kind = 'chromium', options = undefined) {
    const person = await come(kind, '/practice', options);
    await person.press('#begin');
    await person.press('#means-both');
    await isLive(person, 'audio,video');
    await person.press('#arrive');
    await person.press('#let-in');
    await person.see('#view-room');
    return person;
  }

  for (const language of ['nb', 'nn', 'en']) {
    for (const dark of language === 'nb' ? [false, true] : [false]) {
      test(`the pages in ${language}, ${dark ? 'dark' : 'light'}: axe, keyboard, 320 pixels, and nothing moves`, async () => {
        const person = await come('chromium', '/', { viewport: PHONE, language, dark });
        for (const [name, path] of Object.entries(PAGES)) {
          await person.open(at(path));
          await everySize(person, `${name}-${language}`, { dark, picture: 'trust' });
          assert.deepEqual(await moving(person), [], name);
          assert.doesNotMatch(await person.text('body'), /\b(trust|practice|stage|meeting)-[a-z-]+/, `${name}: a key stands where a text should`);
        }
        assert.deepEqual(person.strangers(), [], 'SEC-011');
        await person.close();
      });
    }
  }

  test('the drawings are told to those who do not see them, and are as wide as the window lets them be', async () => {
    const person = await come('chromium', '/lock', { viewport: NARROW });
    const drawings = await person.page.$$eval('svg.drawing', (all) => all.map((one) => ({
      words: one.getAttribute('aria-label'), role: one.getAttribute('role'), width: one.getBoundingClientRect().width, stroke: getComputedStyle(one.querySelector('path')).stroke,
    })));
    assert.equal(drawings.length, 5);
    for (const { words, role, width, stroke } of drawings) {
      assert.ok(words.length > 20 && role === 'img' && width > 200 && width <= 320 && stroke !== 'none', JSON.stringify({ words, role, width, stroke }));
    }
    const light = drawings[0].stroke;
    await person.inScheme('dark');
    assert.notEqual(await person.page.$eval('svg.drawing path', (path) => getComputedStyle(path).stroke), light, 'in the dark they are drawn with light');
    await person.close();
  });

  test('they are found: from the front, the link, the check before waiting, the lent device and help; from the room nothing leads away', async () => {
    const person = await come('chromium', '/');
    for (const path of ['/lock', '/who-sees', '/practice']) assert.ok(await person.page.$(`a[href="${path}"]`), path);
    await person.open(at('/help'));
    assert.ok(await person.page.$('a[href="/practice"]'));
    await person.close();
    const young = await comeToDoor('chromium', server.links.young, { viewport: PHONE });
    people.push(young);
    for (const path of ['/lock', '/who-sees', '/practice']) assert.ok(await young.page.$(`a[href="${path}"]`), path);
    assert.equal(await young.page.$$eval('#view-room a', (links) => links.length), 0, 'a page in the background sleeps on a phone');
    await young.close();
  });

  test('nothing is asked of a device before a press, and what was chosen is let go', async () => {
    const person = await come('chromium', '/practice');
    assert.match(await person.text('#practice'), /Dette er øving\. Ingen er i den andre enden\./);
    await person.press('#begin');
    assert.equal(await live(person), '');
    await person.press('#means-both');
    await isLive(person, 'audio,video');
    await person.see('#check-picture');
    await person.when(() => document.querySelector('#level').value > 0, { timeout: 10_000 });
    assert.match(await told(person), /^ingenting/);
    await person.page.select('#check-camera', await person.page.$eval('#check-camera option:last-child', (option) => option.value));
    await isLive(person, 'audio,video');
    await person.press('#means-sound');
    await isLive(person, 'audio');
    await person.press('#means-neither');
    await isLive(person, '');
    await person.press('a[href="/not-now"]');
    assert.equal(await view(person), 'view-start', 'the ways on of a meeting lead nowhere');
    assert.equal(new URL(person.page.url()).pathname, '/practice');
    await person.close();
  });

  for (const kind of ['chromium', 'firefox']) {
    test(`${kind}: every button shows both sides, nothing leaves the page, and camera and microphone end with it`, async () => {
      const person = await practising(kind);
      const before = person.requests.length;
      assert.match(await told(person), /^deg, og hører deg/);
      await turn(person, '#microphone', false);
      await isLive(person, 'video');
      assert.match(await told(person), /hører deg ikke/);
      await turn(person, '#microphone');
      await turn(person, '#camera', false);
      await isLive(person, 'audio');
      assert.match(await told(person), /på lyd/);
      await turn(person, '#camera');
      await isLive(person, 'audio,video');
      await turn(person, '#pause');
      await isLive(person, '');
      assert.match(await told(person), /tar en pause/);
      await person.see('#paused-word');
      await turn(person, '#pause', false);
      await isLive(person, 'audio,video');
      for (const [sign, words] of [['yes', 'Ja'], ['no', 'Nei'], ['hand', 'Hånd'], ['heart', 'Hjerte'], ['thumb', 'Tommel']]) {
        assert.match(await presses(person, `.react[data-id="${sign}"]`), new RegExp(`^${words}, ved bildet ditt`));
        await person.see('#own-reaction');
      }
      assert.match(await presses(person, '#self-view'), /det samme som før/);
      await person.see('#own-picture');
      await person.press('#open-devices');
      assert.match(await presses(person, '#noise'), /mindre av rommet ditt/);
      await isLive(person, 'audio,video');
      assert.match(await presses(person, '#open-lock'), /^ingenting nytt/);
      await person.see('#panel-lock');
      assert.match(await person.text('#panel-lock'), /ingen lås, for ingenting blir sendt/);
      assert.deepEqual(await person.page.$$eval('#safety-words li', (all) => all.length), 0, 'no words are made up');
      await person.press('#panel-lock [data-do="close-panel"]');
      await person.press('#open-chat');
      await person.see('#chat-text');
      await person.page.type('#chat-text', 'hei');
      assert.match(await presses(person, '#panel-chat form button'), /^det du skrev/);
      assert.deepEqual(await person.page.$$eval('#chat-list li', (lines) => lines.map((line) => line.hasAttribute('data-own'))), [true, false]);
      await person.press('.ready-lines button');
      assert.deepEqual(await person.page.$$eval('#chat-list li', (lines) => lines.length), 4, 'a line that was ready, and its answer');
      await person.page.keyboard.press('Escape');
      assert.match(await presses(person, '#step-out'), /gikk ut litt/);
      await isLive(person, '');
      assert.match(await presses(person, '[data-do="step-in"]'), /tilbake, med kamera og mikrofon av/);
      await person.see('#muted-word');
      await turn(person, '#camera');
      await isLive(person, 'video');
      await person.press('#leave');
      await person.see('#view-ended');
      await isLive(person, '');
      assert.match(await told(person), /du har gått/);
      assert.deepEqual(person.requests.slice(before), [], 'nothing left the page');
      assert.deepEqual(await person.page.evaluate(async () => [localStorage.length, sessionStorage.length, (await indexedDB.databases()).length]), [0, 0, 0], 'and nothing is remembered');
      assert.deepEqual(person.console.filter((line) => /^(error|pageerror)/.test(line)), []);
      await person.close();
    });
  }

  test('someone came in and close fast: the page is as empty as in a meeting, and the other side is told afterwards', async () => {
    const person = await practising();
    await person.press('#someone-came-in');
    await isLive(person, '');
    await person.see('#view-neutral');
    assert.equal(await person.page.title(), 'Ny side');
    for (const gone of ['#practice', '.site-header', '.site-footer']) {
      assert.equal(await person.page.$eval(gone, (element) => element.checkVisibility()), false, gone);
    }
    assert.doesNotMatch(await person.text('body'), /øv|samrom|kom inn/i, 'nothing on it says what it was');
    assert.equal(await person.text('#announcer'), '', 'nor is it said aloud');
    await person.press('[data-do="carry-on"]');
    assert.equal(await view(person), 'view-room');
    assert.match(await told(person), /noen kom inn hos deg\. Den du møter, gjør det dere har avtalt\. Andre så bare at du gikk ut litt/);
    await person.press('#close-fast');
    await person.see('#view-neutral');
    await person.press('[data-do="carry-on"]');
    assert.match(await told(person), /lukket fort/);
    assert.equal(await live(person), '');
    await person.close();
  });

  test('a device that says no is told as in a meeting', async () => {
    const person = await come('firefox-refuses', '/practice');
    await person.press('#begin');
    await person.press('#means-sound');
    await person.see('#check-blocked');
    assert.match(await person.text('#check-blocked'), /slipper ikke til mikrofonen/);
    await person.press('#arrive');
    await person.press('#let-in');
    await person.press('#camera');
    await person.see('#notice');
    assert.match(await person.text('#notice'), /kameraet.*De andre ser deg ikke/);
    await person.close();
  });

  for (const dark of [false, true]) {
    test(`the practice room looks as it should, ${dark ? 'dark' : 'light'}: axe, keyboard, sizes`, async () => {
      const person = await practising('chromium', { viewport: PHONE, dark });
      const look = async (name) => {
        for (const [size, viewport] of [['phone', PHONE], ['desktop', DESKTOP], ['narrow', NARROW]]) {
          await person.resize(viewport);
          await person.picture(`trust-practice-${name}-${size}-${dark ? 'dark' : 'light'}`);
          assert.deepEqual(await faults(person), [], `${name} ${size}: axe`);
          assert.deepEqual(await unreached(person), [], `${name} ${size}: keyboard`);
          assert.deepEqual(await tooSmall(person), [], `${name} ${size}: large enough`);
          assert.deepEqual(await overflowing(person), [], `${name} ${size}: nothing overflows`);
        }
        await person.resize(PHONE);
      };
      await look('room');
      await person.press('#open-lock');
      await look('lock');
      await person.press('#open-chat');
      await look('chat');
      await person.press('#panel-chat [data-do="close-panel"]');
      await person.press('#someone-came-in');
      await look('neutral');
      await person.press('[data-do="carry-on"]');
      await look('came-in');
      await person.press('#step-out');
      await look('out');
      await person.close();
    });
  }

  test('it is done by keyboard alone', async () => {
    const person = await come('chromium', '/practice');
    await key(person, '#begin', 'Enter');
    await key(person, '#means-both', 'Space');
    await isLive(person, 'audio,video');
    await key(person, '#arrive', 'Enter');
    await key(person, '#let-in', 'Enter');
    await key(person, '#someone-came-in', 'Enter');
    assert.equal(await view(person), 'view-neutral');
    await key(person, '[data-do="carry-on"]', 'Enter');
    await tabTo(person, '#leave');
    await person.page.keyboard.press('Enter');
    assert.equal(await view(person), 'view-ended');
    await person.close();
  });

  test('the page of a meeting loads nothing of it', async () => {
    const young = await comeToDoor('chromium', server.links.young, { viewport: PHONE });
    people.push(young);
    assert.deepEqual(young.requests.filter((url) => /practice|trust\.css/.test(url)), []);
    await young.close();
  });
});
