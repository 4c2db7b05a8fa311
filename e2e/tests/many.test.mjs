// A meeting of one's own making, with two hosts and a young person in another browser, by personal link.

import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { PHONE, Person, closeBrowsers } from '../lib/browsers.mjs';
import { arrive, fresh, letIn, walkToMeeting } from '../lib/meeting.mjs';
import { Server } from '../lib/server.mjs';

/** The demo's people, by the last four digits of their ids (`shell/store/src/demo.rs`). */
const DEMO = { kari: 'a001', jonas: 'a002', nora: 'a003' };
const demoId = (digits) => `016f5e66-e800-7000-8000-00000000${digits}`;
const CLINIC = demoId('b001');

// All files run in one process: hooks belong inside a suite, or they would run for every file.
describe('more than two people', () => {
  let server;
  let meeting;
  let clinician;
  let colleague;
  let young;
  let professional;
  const links = {};

  before(async () => {
    server = await Server.start();
    const now = new Intl.DateTimeFormat('sv', { timeZone: 'Europe/Oslo', dateStyle: 'short', timeStyle: 'short' }).format(Date.now() - 60_000);
    const appointment = server.admin('appointment', '--organization', CLINIC, '--kind', 'care-planning', '--responsible', demoId(DEMO.kari), '--starts', now.replace(' ', 'T'));
    const invite = (person, role) => server.admin('invite', '--appointment', appointment, '--person', person, '--role', role);
    const link = (name, person) => { links[name] = server.admin('link', '--appointment', appointment, '--person', person); };
    for (const name of ['kari', 'jonas']) invite(demoId(DEMO[name]), 'host');
    invite(demoId(DEMO.nora), 'young-person');
    link('nora', demoId(DEMO.nora));
    const ida = server.admin('person', '--organization', CLINIC, '--kind', 'related', '--given', 'Ida', '--family', 'Demo');
    invite(ida, 'professional');
    link('ida', ida);
  });

  after(async () => {
    for (const person of [professional, young, colleague, clinician]) await person?.close();
    await server?.stop();
    await closeBrowsers();
  });

  /** Somebody with a demo sign-in goes to this meeting, whatever else the day holds. */
  async function comeAsHost(link) {
    const person = await Person.at('chromium');
    await person.open(link);
    await person.open(new URL(meeting, link).href);
    await person.until('phase', 'checking');
    await arrive(person, 'sound');
    return person;
  }

  async function members(count) {
    for (const person of [clinician, colleague, young]) await person?.until('members', String(count), 60_000);
  }

  /** Everybody at a browser hears somebody, anew. */
  const goesOn = () => Promise.all([clinician, colleague, young].filter(Boolean).map((person) => fresh(person, { picture: false })));

  const tiles = (person) => person.page.$$eval('#tiles .tile', (all) => all.map((tile) => [tile.querySelector('[data-part="name"]').innerText, tile.dataset.status]));

  /** Lets in whoever waits, and waits until the group has grown to this many. */
  async function letInUntil(count) {
    await letIn(clinician);
    await members(count);
  }

  test('three in a room: clinician, colleague and the young person in another browser hear each other', async () => {
    young = await Person.at('firefox', { viewport: PHONE });
    await pressLink(young, links.nora);
    meeting = new URL(young.page.url()).pathname;
    await arrive(young, 'sound');
    await young.until('phase', 'waiting');
    clinician = await comeAsHost(server.links.clinician);
    await clinician.until('phase', 'inside');
    await letInUntil(2);
    colleague = await comeAsHost(server.links.colleague);
    await letIn(clinician);
    await members(3);
    await goesOn();
    for (const person of [clinician, colleague, young]) assert.equal((await tiles(person)).length, 2);
  });

  /** Opens a personal link and presses. */
  async function pressLink(person, link) {
    await person.open(link);
    await walkToMeeting(person);
  }

  test('a personal link is a handle, not the door: hers as often as she likes, nobody else\'s once she has pressed (CARE-13)', async () => {
    const other = await Person.at('chromium');
    await other.open(links.ida);
    await other.see('form[action^="/j/"] button');
    professional = await Person.at('chromium');
    await pressLink(professional, links.ida);
    await pressLink(professional, links.ida);
    // Somebody who only looked before has bound nothing, and comes too late now.
    await Promise.all([other.page.waitForNavigation({ waitUntil: 'domcontentloaded' }), other.press('form[action^="/j/"] button')]);
    assert.match(await other.text('main'), /virker ikke lenger/);
    await other.close();
  });
});
