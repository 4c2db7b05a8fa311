// The pictures of the manual: one story in each language with the demo's people, who sit before drawn cameras, so that
// one picture is like the last. Which of them are kept, and in which size, the manuals themselves say.

import { mkdirSync, readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { DESKTOP, PHONE, Person } from './browsers.mjs';
import { DEMO } from './demo.mjs';
import { arrive, comeToDoor, findMeeting, host, leaveAsHost, letIn, members, sees, tileIs } from './meeting.mjs';
import { ROOT, Server } from './server.mjs';

const MANUAL = join(ROOT, 'docs/manual');
export const PICTURES = join(MANUAL, 'pictures');
export const LANGUAGES = ['nb', 'en'];
/** The sizes by the end of a picture's name. */
export const SIZES = { phone: PHONE, desk: DESKTOP };

/** Every picture that a manual or the README names: `{ file, words, path }`, the path below the pictures' folder. */
export function named() {
  const manuals = LANGUAGES.flatMap((language) => readdirSync(join(MANUAL, language)).map((name) => join(MANUAL, language, name)));
  return [...manuals, join(ROOT, 'README.md')].flatMap((file) => {
    const found = readFileSync(file, 'utf8').matchAll(/!\[([^\]]*)\]\(\S*pictures\/(\S+)\)/g);
    return [...found].map(([, words, path]) => ({ file, words, path }));
  });
}

/** Width and height of a PNG, from its first chunk (PNG 3.0, 11.2.1). */
export function sizeOf(path) {
  const bytes = readFileSync(path);
  return { width: bytes.readUInt32BE(16), height: bytes.readUInt32BE(20) };
}

/** Runs in the page, before its own scripts: the camera is a drawing of somebody who sits still. */
function sitStill(shirt, hair, wall) {
  const paint = (context) => {
    const shape = (colour, path) => {
      context.fillStyle = colour;
      context.fill(new Path2D(path));
    };
    shape(wall, 'M0 0h640v480H0z');
    shape(shirt, 'M130 480c10-110 80-150 190-150s180 40 190 150z');
    shape('#e8c3a4', 'M275 260c3 45 0 70-15 85 35 35 85 35 120 0-15-15-18-40-15-85z');
    shape('#f1d0b5', 'M320 70c75 0 115 55 112 135-2 85-48 150-112 150s-110-65-112-150C205 125 245 70 320 70z');
    shape(hair, 'M200 210C180 95 240 35 325 38c90 0 138 70 118 175-12-40-28-65-52-82-45 22-100 30-150 20-20 15-34 34-41 59z');
    shape('#3a2a20', 'M270 215h14v18h-14zM356 215h14v18h-14z');
    shape('#a5533f', 'M280 290c25 18 55 18 80 0-10 26-70 26-80 0z');
  };
  const track = () => {
    const canvas = Object.assign(document.createElement('canvas'), { width: 640, height: 480 });
    const context = canvas.getContext('2d');
    paint(context);
    // A canvas on which nothing is drawn sends nothing.
    setInterval(() => paint(context), 100);
    return canvas.captureStream(10).getVideoTracks()[0];
  };
  const { mediaDevices } = navigator;
  if (!mediaDevices) return;
  const ask = mediaDevices.getUserMedia.bind(mediaDevices);
  mediaDevices.getUserMedia = async (wish) => (wish.video ? new MediaStream([track()]) : ask(wish));
}

const still = (...colours) => `(${sitStill})(${colours.map((colour) => JSON.stringify(colour)).join(', ')})`;
const NORA = still('#5c8fb0', '#6b4a2f', '#dfe7e2');
const KARI = still('#7d6a9c', '#3b3b44', '#e9e2d5');

/** Clocks say the same in every picture; the next second puts them right again. */
async function stopClocks(person) {
  await person.page.$$eval('[data-since]:not([data-since="0"]), #waiting-clock', (all) => all.forEach((one) => { one.textContent = '1:20'; }));
}

/** One picture in each size in which it is named, into this folder; a test may take it in others. */
async function take(person, language, name, folder, wanted) {
  const { viewport } = person;
  for (const [size, measure] of Object.entries(SIZES)) {
    const path = `${language}/${name}-${size}.png`;
    if (!wanted.has(path)) continue;
    await person.resize(measure);
    await person.page.evaluate(() => { if (!document.querySelector('.room:not([hidden])')) scrollTo(0, 0); });
    await stopClocks(person);
    await person.page.screenshot({ path: join(folder, path) });
    wanted.delete(path);
  }
  await person.resize(viewport);
}

/** Tells the story in one language and writes its pictures below `folder`; gives those that were named and not taken. */
export async function story(language, folder) {
  mkdirSync(join(folder, language), { recursive: true });
  const wanted = new Set(named().map(({ path }) => path).filter((path) => path.startsWith(`${language}/`)));
  // Where she lives the hour is still to come: that is told on a server of its own, after the first has let go of its ports.
  for (const scenes of [[outside, beforehand, room, afterwards], [whereSheLives]]) {
    const server = await Server.start();
    const cast = new Cast(server, language, (person, name) => take(person, language, name, folder, wanted));
    try {
      for (const scene of scenes) await scene(cast);
    } finally {
      await Promise.all(cast.people.map((person) => person.close()));
      await server.stop();
    }
  }
  return [...wanted];
}

class Cast {
  constructor(server, language, picture) {
    Object.assign(this, { server, language, picture, people: [] });
  }

  options(viewport, script) {
    return { viewport, language: this.language, script };
  }

  keep(person) {
    this.people.push(person);
    return person;
  }

  async open(person, path) {
    await person.open(new URL(path, person.page.url()).href);
    await person.when(() => document.readyState === 'complete');
  }

  async press(person, selector) {
    await Promise.all([person.page.waitForNavigation({ waitUntil: 'domcontentloaded' }), person.press(selector)]);
  }
}

/** What anybody can look at, and the practice room. */
async function outside(cast) {
  const nobody = cast.keep(await Person.at('chromium', cast.options(PHONE, NORA)));
  await nobody.open(new URL('/lock', cast.server.links.clinician).href);
  await cast.picture(nobody, 'lock-page');
  await cast.open(nobody, '/who-sees');
  await cast.picture(nobody, 'who-sees');
  await cast.open(nobody, '/practice');
  await nobody.press('#begin');
  await nobody.press('#means-both');
  await nobody.see('#check-picture');
  await nobody.press('#arrive');
  await nobody.press('#let-in');
  await nobody.press('#pause');
  await cast.picture(nobody, 'practice');
}

/** The clinician's pages before the hour, and the link. */
async function beforehand(cast) {
  const kari = cast.keep(await Person.at('chromium', cast.options(DESKTOP, KARI)));
  await kari.open(cast.server.links.clinician);
  await cast.open(kari, '/day');
  await cast.picture(kari, 'day');
  await cast.open(kari, `/book/${DEMO.nora}`);
  await cast.picture(kari, 'book');
  await cast.open(kari, `/people/${DEMO.nora}/agreement`);
  // What is to happen when she is gone is shown in the room.
  for (const [way, then] of [['lost', 'message'], ['came-in', 'next-time'], ['fast', 'call']]) {
    await kari.page.select(`#${way} select`, '10');
    await kari.press(`#${way} input[value="${then}"]`);
  }
  await cast.press(kari, '#save');
  await cast.picture(kari, 'agreement');
  await cast.open(kari, '/day');
  await cast.press(kari, 'form[action="/day/link"] button');
  cast.link = (await kari.page.$eval('#message', ({ value }) => value)).match(/https?:\S+/)[0];
  const stranger = cast.keep(await Person.at('chromium', cast.options(PHONE)));
  await stranger.open(cast.link);
  await cast.picture(stranger, 'link');
}

/** The hour itself, on both sides. */
async function room(cast) {
  const { links } = cast.server;
  const kari = cast.keep(await host('chromium', links.clinician, cast.options(DESKTOP, KARI)));
  const nora = cast.keep(await comeToDoor('chromium', links.young, cast.options(PHONE, NORA)));
  await nora.press('#means-both');
  await nora.see('#check-picture');
  await cast.picture(nora, 'check');
  await arrive(nora);
  await nora.until('phase', 'waiting');
  await cast.picture(nora, 'waiting');
  await kari.see('#lobby-list .guest');
  await cast.picture(kari, 'lobby');
  await letIn(kari);
  await nora.until('phase', 'inside');
  await members([kari, nora]);
  await Promise.all([sees(kari), sees(nora)]);
  await cast.picture(nora, 'room');
  await cast.picture(kari, 'room-clinician');
  await nora.press('#open-lock');
  await nora.see('#safety-words li');
  await cast.picture(nora, 'lock');
  await nora.press('#panel-lock [data-do="close-panel"]');
  await nora.press('#someone-came-in');
  await nora.see('#view-neutral');
  await cast.picture(nora, 'someone-came-in');
  await tileIs(kari, 'someone-came-in');
  await cast.picture(kari, 'gone');
  await nora.press('#view-neutral [data-do="carry-on"]');
  await nora.until('phase', 'inside');
  await leaveAsHost(kari, 'end-for-all');
  Object.assign(cast, { kari, nora });
}

/** What each of them can do when it is over. */
async function afterwards(cast) {
  const { kari, nora } = cast;
  await cast.open(nora, '/ask');
  await cast.picture(nora, 'ask');
  await cast.open(kari, '/day');
  await cast.press(kari, 'a[href$="/close"]');
  await cast.picture(kari, 'close');
}

/** A device that is lent, and *not today*, where she lives. */
async function whereSheLives(cast) {
  const amir = cast.keep(await Person.at('chromium', cast.options(PHONE)));
  await amir.open(cast.server.links.careWorker);
  await findMeeting(amir);
  await amir.until('phase', 'checking');
  const meeting = new URL(amir.page.url()).pathname;
  await cast.press(amir, 'a[href^="/not-today/"]');
  await cast.picture(amir, 'not-today');
  await cast.open(amir, meeting);
  await amir.until('phase', 'checking');
  await cast.press(amir, 'a[href^="/lend/"]');
  await cast.picture(amir, 'lend');
  await amir.press('input[name="known"]');
  await cast.press(amir, 'form[action^="/lend/"] button');
  await cast.picture(amir, 'here');
}
