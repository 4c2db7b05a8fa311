// A walk through every page of the program and every state that a press leads to, with demo people and with names and
// lists longer than anybody's. Whoever starts it says what is done at each stop: a test asks what the page owes
// (`tests/walk.test.mjs`), `album.mjs` takes pictures.

import { Person } from './browsers.mjs';
import { DEMO } from './demo.mjs';
import { findMeeting } from './meeting.mjs';
import { Server } from './server.mjs';

/** The narrow phone that people really have. */
export const PHONE = { width: 360, height: 740, deviceScaleFactor: 1 };
const LONG = { given: 'Åse-Charlotte Wilhelmina Guðrún', family: 'Bjørgum-Thorvaldsdóttir van der Østerhus-Nakken' };
const ODD = [{ given: 'Bo', family: '' }, { given: 'Ægir', family: "O'Brien-Ó Súilleabháin" }, { given: 'Kjærsti-Mathilde-Konstanse', family: 'Å' }];

/** One walk in one language, on a server of its own; `stop(person, name)` is called on every page. */
export class Walk {
  /** The parts in their order; each leans on what those before it left. */
  static PARTS = ['outside', 'day', 'list', 'booking', 'hours', 'young', 'careWorker', 'administrator', 'elsewhere'];

  constructor(language, stop) {
    this.language = language;
    this.stop = stop;
    this.people = [];
  }

  async start() {
    this.server = await Server.start();
  }

  async end() {
    await Promise.all(this.people.map((person) => person.close()));
    await this.server?.stop();
  }

  async who(link) {
    const person = await Person.at('chromium', { viewport: PHONE, language: this.language });
    await person.open(link);
    this.people.push(person);
    return person;
  }

  async open(person, path) {
    await person.open(new URL(path, person.page.url()).href);
  }

  /** Presses, and stands on the page that it leads to. */
  async press(person, selector) {
    await Promise.all([person.page.waitForNavigation({ waitUntil: 'domcontentloaded' }), person.press(selector)]);
  }

  /** Stops at a page; with `folds`, once more with everything unfolded. */
  async look(person, name, { folds = false } = {}) {
    // A page without a script is there before its styles are.
    await person.when(() => document.readyState === 'complete');
    await this.stop(person, name);
    if (!folds) return;
    await person.page.$$eval('main details', (all) => all.forEach((one) => { one.open = true; }));
    await this.stop(person, `${name}-unfolded`);
  }

  async outside() {
    const nobody = await this.who(new URL('/', this.server.links.clinician).href);
    await this.look(nobody, 'front');
    for (const path of ['/lock', '/lock/how', '/who-sees', '/practice', '/help', '/unsupported', '/goodbye', '/not-now', '/nothing-here', '/day', '/sign-in', '/j/abcdefghijklmnop', '/first/abcdefghijklmnop']) {
      await this.open(nobody, path);
      await this.look(nobody, path.startsWith('/lock') ? path.slice(1).replace('/', '-') : path.split('/')[1]);
    }
    await this.practice(nobody);
  }

  /** The practice room up to its room, which is looked at like the meeting's own (tests/trust.test.mjs). */
  async practice(nobody) {
    await this.open(nobody, '/practice');
    await nobody.press('#begin');
    await nobody.press('#means-both');
    await nobody.see('#check-picture');
    await this.look(nobody, 'practice-check');
    await nobody.press('#arrive');
    await this.look(nobody, 'practice-waiting');
    await nobody.press('#view-waiting [data-do="leave-now"]');
    await this.look(nobody, 'practice-left');
  }

  async day() {
    const kari = await this.who(this.server.links.clinician);
    await this.open(kari, '/day');
    await this.look(kari, 'day', { folds: true });
    await this.open(kari, '/');
    await this.look(kari, 'front-signed-in');
    await this.open(kari, '/day/ill');
    await this.look(kari, 'ill');
    await this.open(kari, '/account');
    await this.look(kari, 'account', { folds: true });
    await this.open(kari, '/away');
    await this.look(kari, 'away');
    await this.press(kari, 'form[action="/away"] button');
    await this.look(kari, 'away-stands');
    await kari.page.$eval('input[name="to"]', (field) => { field.value = '2020-01-01'; });
    await this.press(kari, 'form[action="/away"] button');
    await this.look(kari, 'away-refused');
    await this.open(kari, '/away');
    await this.press(kari, 'form[action="/away/end"] button');
    await this.open(kari, '/day');
    await findMeeting(kari);
    await kari.until('phase', 'checking');
    await this.look(kari, 'check-host');
    await kari.press('#crisis-panel > summary');
    await kari.press('[data-step="rang-adult"]');
    await this.look(kari, 'crisis');
    this.kari = kari;
  }

  async enter(kari, { given, family }, protection) {
    await this.open(kari, '/people/new');
    await kari.page.type('#given', given);
    await kari.page.type('#family', family);
    if (protection) {
      await kari.press('.fold > summary');
      await kari.press(`input[value="${protection}"]`);
    }
    await this.press(kari, 'form[action="/people/new"] button');
    return kari.page.url().split('/').at(-1);
  }

  async list() {
    const { kari } = this;
    await this.open(kari, '/people');
    await this.look(kari, 'people-one');
    await this.open(kari, '/people/new');
    await this.look(kari, 'people-new', { folds: true });
    await kari.page.type('#given', LONG.given);
    await kari.press('input[value="sms"]');
    await this.press(kari, 'form[action="/people/new"] button');
    await this.look(kari, 'people-new-refused');
    await this.open(kari, `/people/${DEMO.nora}`);
    await this.look(kari, 'person', { folds: true });
    await this.press(kari, 'button[value="leave"]');
    await this.look(kari, 'person-refused');
    await this.open(kari, `/people/${DEMO.nora}/agreement`);
    await this.look(kari, 'agreement', { folds: true });
    await this.press(kari, 'button[value="tick"]');
    await kari.page.$eval('#reason-consent', (field) => { field.closest('details').open = true; field.value = 'Hun sa ja på telefon'; });
    await this.press(kari, 'form:has(#reason-consent) button');
    await this.look(kari, 'agreement-opened');
    await kari.press('#fast input[value="call-adult"]');
    await this.press(kari, '#save');
    await this.look(kari, 'agreement-refused');
    await this.open(kari, `/people/${DEMO.nora}`);
    await kari.press('#add-around > summary');
    await kari.press('#new-role input');
    await kari.page.type('#new-given', '<b>');
    await this.press(kari, '#add-around button');
    await this.look(kari, 'person-around-refused');
    this.strict = await this.enter(kari, LONG, 'strict');
    await this.look(kari, 'person-strict', { folds: true });
    for (const odd of ODD) await this.enter(kari, odd, 'client');
    for (let more = 1; more <= 9; more += 1) await this.enter(kari, { given: `Prøve ${more}`, family: LONG.family }, more === 2 ? 'confidential' : undefined);
    await this.open(kari, '/people');
    await this.look(kari, 'people-many', { folds: true });
    await this.open(kari, '/book');
    await this.look(kari, 'book-who');
  }

  async booking() {
    const { kari } = this;
    await this.open(kari, `/book/${this.strict}`);
    await this.look(kari, 'book-strict', { folds: true });
    await this.open(kari, `/book/${DEMO.nora}`);
    await this.look(kari, 'book', { folds: true });
    await this.press(kari, 'form[action^="/book/"] .actions button');
    await this.look(kari, 'book-refused');
    await this.open(kari, `/book/${DEMO.nora}`);
    await kari.page.$eval('#date', (field) => { field.valueAsDate = new Date(Date.now() + 3 * 86_400_000); });
    await kari.page.$$eval('details', (all) => all.forEach((one) => { one.open = true; }));
    await kari.press('input[name="repeats"]');
    await kari.press('input[name="days"][value="1"]');
    await kari.page.$eval('#until', (field) => { field.valueAsDate = new Date(Date.now() + 40 * 86_400_000); });
    await this.press(kari, 'form[action^="/book/"] .actions button');
    await this.look(kari, 'book-series');
    await this.press(kari, 'main a[href^="/appointment/"]');
    await this.look(kari, 'appointment-of-series', { folds: true });
    await this.open(kari, `/book/${this.strict}`);
    await kari.page.$eval('#date', (field) => { field.valueAsDate = new Date(Date.now() + 2 * 86_400_000); });
    await this.press(kari, 'form[action^="/book/"] .actions button');
    await this.look(kari, 'appointment-strict', { folds: true });
    this.booked = new URL(kari.page.url()).pathname;
  }

  async hours() {
    const { kari } = this;
    await this.open(kari, '/day');
    await this.press(kari, 'form[action="/day/link"] button');
    await this.look(kari, 'new-link');
    this.link = (await kari.page.$eval('#message', ({ value }) => value)).match(/https?:\S+/)[0];
    await this.open(kari, '/day');
    // Late in the evening the demo's second hour is tomorrow's.
    if (await kari.page.$('.hour-row:nth-child(2)')) await this.press(kari, '.hour-row:nth-child(2) a.change');
    else await this.open(kari, this.booked);
    await this.look(kari, 'appointment', { folds: true });
    const hour = new URL(kari.page.url()).pathname;
    await this.open(kari, `${hour}/messages`);
    await this.look(kari, 'messages', { folds: true });
    await this.open(kari, '/day');
    await this.press(kari, '.hour-row:nth-child(1) a.change');
    await kari.page.$$eval('details', (all) => all.forEach((one) => { one.open = true; }));
    await kari.page.$eval('input[name="date"]', (field) => { field.value = '2020-01-01'; });
    await this.press(kari, 'form[action$="/move"] button');
    await this.look(kari, 'appointment-refused');
    await this.open(kari, hour);
    await kari.page.$$eval('details', (all) => all.forEach((one) => { one.open = true; }));
    await kari.press('form[action$="/cancel"] input[name="by"]');
    await kari.press('form[action$="/cancel"] input[name="cause"]');
    await this.press(kari, 'form[action$="/cancel"] button');
    await this.look(kari, 'appointment-off');
    await this.open(kari, '/day');
    await this.press(kari, 'a[href$="/close"]');
    await this.look(kari, 'close', { folds: true });
    await kari.press('input[value="not-held"]');
    await this.press(kari, 'form[action$="/close"] .actions button');
    await this.look(kari, 'close-refused-or-done');
    const closing = new URL(kari.page.url()).pathname;
    await this.open(kari, closing);
    await kari.page.$$eval('main details', (all) => all.forEach((one) => { one.open = true; }));
    await kari.press('input[value="held"]');
    await this.press(kari, 'form[action$="/close"] > .actions button');
    await this.look(kari, 'closed', { folds: true });
  }

  async young() {
    const stranger = await this.who(this.link);
    await this.look(stranger, 'arrive');
    const nora = await this.who(this.link);
    await findMeeting(nora);
    await nora.until('phase', 'checking');
    await this.look(nora, 'check', { folds: true });
    await this.open(nora, '/');
    await this.look(nora, 'front-young');
    await this.open(nora, '/not-now');
    await this.look(nora, 'not-now-young');
    await this.open(nora, '/ask');
    await this.look(nora, 'ask');
    await nora.press('input[value="meet"]');
    await nora.page.type('#line', 'x'.repeat(301));
    await this.press(nora, 'form[action="/ask"] button');
    await this.look(nora, 'ask-refused');
    await nora.page.$eval('#line', (field) => { field.value = 'Kan vi snakkes på fredag i stedet? Det er vanskelig å få være i fred på rommet på kvelden nå.'; });
    await this.press(nora, 'form[action="/ask"] button');
    await this.look(nora, 'ask-sent');
    await nora.press('input[value="extra"]');
    await this.press(nora, 'form[action="/ask"] button');
    await this.open(this.kari, '/day');
    await this.look(this.kari, 'day-requests');
    await this.press(this.kari, 'a[href^="/request/"]');
    await this.look(this.kari, 'request');
    await this.press(this.kari, 'button[value="book"]');
    await this.look(this.kari, 'request-seen');
    await nora.reload();
    await this.look(nora, 'ask-seen');
    const request = this.kari.page.url();
    await this.press(this.kari, 'button[value="answered"]');
    await this.kari.open(request);
    await this.look(this.kari, 'request-answered');
  }

  async careWorker() {
    const amir = await this.who(this.server.links.careWorker);
    await findMeeting(amir);
    await amir.until('phase', 'checking');
    await this.look(amir, 'check-care-worker');
    await this.open(amir, await amir.page.$eval('a[href^="/not-today/"]', ({ pathname }) => pathname));
    await this.look(amir, 'not-today');
    await amir.press('input[name="cause"]');
    await amir.page.$eval('input[name="she-knows"]', (field) => { field.required = false; });
    await this.press(amir, 'form.stack button');
    await this.look(amir, 'not-today-refused');
    await amir.press('input[name="she-knows"]');
    await amir.press('input[name="offer"]');
    await this.press(amir, 'form.stack button');
    await this.look(amir, 'not-today-answered', { folds: true });
    await this.open(this.kari, '/day');
    await this.look(this.kari, 'day-answered');
    await this.press(this.kari, 'a[href$="/response"]');
    await this.look(this.kari, 'decide', { folds: true });
    await this.press(this.kari, 'button[value="keep"]');
    await this.look(this.kari, 'decided');
    await amir.reload();
    await this.look(amir, 'not-today-kept');
  }

  async administrator() {
    const jonas = await this.who(this.server.links.colleague);
    await this.open(jonas, '/people');
    await this.look(jonas, 'people-none');
    await this.open(jonas, '/book');
    await this.look(jonas, 'book-nobody');
    await this.open(jonas, '/day');
    await this.look(jonas, 'day-colleague');
    await this.open(jonas, '/account');
    await this.look(jonas, 'account-administrator');
    await this.open(jonas, '/admin');
    const office = new URL(jonas.page.url()).pathname;
    await this.look(jonas, 'office', { folds: true });
    await this.open(jonas, `${office}/new`);
    await this.look(jonas, 'staff-new');
    await jonas.page.type('#given', LONG.given);
    await jonas.page.type('#family', LONG.family);
    await jonas.press('input[value="mail"]');
    await this.press(jonas, 'form[action$="/new"] button');
    await this.look(jonas, 'staff-new-refused');
    await jonas.page.type('#mail', 'ase-charlotte-wilhelmina.bjorgum-thorvaldsdottir@eksempelkommune.example.org');
    await this.press(jonas, 'form[action$="/new"] button');
    await this.look(jonas, 'member-long', { folds: true });
    await this.press(jonas, 'form[action$="/link"] button');
    await this.look(jonas, 'staff-link');
    await this.open(jonas, `${office}/staff/${DEMO.kari}`);
    await this.look(jonas, 'member', { folds: true });
    await this.open(jonas, `${office}/staff/${DEMO.jonas}`);
    await jonas.page.$$eval('details', (all) => all.forEach((one) => { one.open = true; }));
    await this.press(jonas, 'form[action$="/end"] button');
    await this.look(jonas, 'member-refused');
    for (const where of ['helplines', 'log']) {
      await this.open(jonas, `${office}/${where}`);
      await this.look(jonas, where);
    }
    await this.open(jonas, `${office}/helplines`);
    await jonas.page.$eval('input[type="tel"]', (field) => { field.value = 'ring oss'; });
    await this.press(jonas, 'form.stack .actions button');
    await this.look(jonas, 'helplines-refused');
    await this.open(jonas, office);
    await jonas.press('#form-other > summary');
    await jonas.page.type('#other-name', 'Bufetats ungdomsinstitusjon for omsorg og behandling, avdeling Øvre Nordmannslågdalen-Sørøya');
    await jonas.press('#form-other input[value="institution"]');
    await this.press(jonas, '#form-other button');
    await this.look(jonas, 'partner-long', { folds: true });
    await this.open(jonas, office);
    await this.press(jonas, '#partners a');
    await this.look(jonas, 'partner', { folds: true });
    await this.open(jonas, `${office}`);
    await this.look(jonas, 'office-long');
  }

  async elsewhere() {
    const other = await this.who(this.server.admin('staff-link', '--person', DEMO.jonas));
    await this.look(other, 'first');
    await this.open(this.kari, '/day/ill');
    await this.press(this.kari, 'form[action="/day/ill"] button');
    await this.look(this.kari, 'ill-done');
    await this.open(this.kari, '/day');
    await this.look(this.kari, 'day-done');
  }
}

