// One long-lived browser of each kind; every person gets a context of their own (own cookies, own storage).

import { mkdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import puppeteer from 'puppeteer-core';
import { ROOT } from './server.mjs';

export const PHONE = { width: 390, height: 844, deviceScaleFactor: 1, isMobile: false, hasTouch: false };
export const DESKTOP = { width: 1280, height: 800, deviceScaleFactor: 1 };

// Three cameras, because no picture of the second that Chromium invents ever reaches anybody. Ten pictures a second are as
// good as twenty or thirty for everything that is asked here, and cost half as much.
const LAUNCH = {
  chromium: {
    browser: 'chrome',
    executablePath: '/usr/bin/chromium',
    headless: true,
    args: [
      '--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking',
      '--disable-component-update', '--disable-sync', '--disable-dev-shm-usage', '--lang=nb',
      '--use-fake-ui-for-media-stream', '--use-fake-device-for-media-stream=device-count=3,fps=10', '--autoplay-policy=no-user-gesture-required',
      '--auto-select-desktop-capture-source=Entire screen', '--disable-background-timer-throttling',
      '--disable-backgrounding-occluded-windows', '--disable-renderer-backgrounding',
    ],
  },
  firefox: {
    browser: 'firefox',
    executablePath: '/usr/bin/firefox-esr',
    headless: true,
    extraPrefsFirefox: {
      'media.navigator.streams.fake': true,
      'media.navigator.video.default_fps': 10,
      'media.navigator.permission.disabled': true,
      'media.autoplay.default': 0,
      'media.autoplay.blocking_policy': 0,
      'media.getdisplaymedia.enabled': true,
      'intl.accept_languages': 'nb,no,en',
      'datareporting.policy.dataSubmissionEnabled': false,
      'network.captive-portal-service.enabled': false,
      'network.connectivity-service.enabled': false,
      'permissions.default.desktop-notification': 1,
    },
  },
};

// Browsers that ask for permission as they do at home; a test answers no (Chromium) or has said no beforehand (Firefox).
LAUNCH['chromium-asks'] = { ...LAUNCH.chromium, args: LAUNCH.chromium.args.filter((arg) => arg !== '--use-fake-ui-for-media-stream') };
LAUNCH['firefox-refuses'] = {
  ...LAUNCH.firefox,
  extraPrefsFirefox: {
    ...LAUNCH.firefox.extraPrefsFirefox,
    'media.navigator.permission.disabled': false,
    'permissions.default.camera': 2,
    'permissions.default.microphone': 2,
  },
};

/**
 * Another kind of browser from now on: one of those above, with these arguments or preferences more. `trusting`: it takes
 * certificates of nobody it knows, and still speaks TLS.
 */
export function addKind(kind, base, { args = [], preferences = {}, trusting = false } = {}) {
  const { args: baseArgs = [], extraPrefsFirefox = {} } = LAUNCH[base];
  LAUNCH[kind] = {
    ...LAUNCH[base],
    ...(LAUNCH[base].args && { args: [...baseArgs, ...args] }),
    ...(LAUNCH[base].extraPrefsFirefox && { extraPrefsFirefox: { ...extraPrefsFirefox, ...preferences } }),
    acceptInsecureCerts: trusting,
  };
}

const running = new Map();

/** The one browser of this kind, started on first use. */
export async function browser(kind) {
  if (!running.has(kind)) running.set(kind, puppeteer.launch({ ...LAUNCH[kind], protocolTimeout: 120_000 }));
  return running.get(kind);
}

/** Closes the browsers, or ends them when they do not close within five seconds; the next use starts new ones. */
export async function closeBrowsers() {
  const closing = [...running.values()];
  running.clear();
  for (const started of closing) {
    // What never started has nothing to close.
    const open = await started.catch(() => undefined);
    if (!open) continue;
    const patience = setTimeout(() => open.process()?.kill('SIGKILL'), 5_000);
    await open.close().catch(() => {});
    clearTimeout(patience);
  }
}

/**
 * The end of a suite, for its `after`: people, whatever else it started, and the browsers, in this order. What was never
 * there is passed over, and what fails to close keeps nothing else open.
 */
export async function closeAll(people, ...started) {
  const steps = [
    ...people.map((person) => () => person?.close()),
    ...started.map((one) => () => one?.stop()),
    closeBrowsers,
  ];
  const errors = [];
  for (const step of steps) {
    try {
      await step();
    } catch (error) {
      errors.push(error);
    }
  }
  if (errors.length > 0) throw new AggregateError(errors, errors.map(({ message }) => message).join('; '));
}

/** Runs in the page: where a hand would press, or why it cannot. */
function placeOf(selector) {
  const element = document.querySelector(selector);
  if (!element) return { why: 'it is not there' };
  if (!element.checkVisibility({ visibilityProperty: true })) return { why: 'it is hidden' };
  if (element.matches(':disabled')) return { why: 'it cannot be used' };
  const inView = ({ x, y }) => x >= 0 && y >= 0 && x < innerWidth && y < innerHeight;
  const middle = () => {
    // A link over two lines has two boxes, and nothing between them.
    const [box = element.getBoundingClientRect()] = element.getClientRects();
    return { x: Math.round(box.x + box.width / 2), y: Math.round(box.y + box.height / 2) };
  };
  // Wholly: what is pressed half hidden is scrolled by the browser itself, away from under the hand.
  element.scrollIntoView({ block: 'nearest', inline: 'nearest', behavior: 'instant' });
  const at = middle();
  if (!inView(at)) return { why: `its middle (${at.x}, ${at.y}) is outside ${innerWidth} x ${innerHeight}` };
  const was = element.pressedAt;
  element.pressedAt = at;
  if (was?.x !== at.x || was?.y !== at.y) return { why: 'it moves' };
  const hit = document.elementFromPoint(at.x, at.y);
  const isIt = hit && (element.contains(hit) || hit.closest('label')?.control === element);
  if (isIt) {
    window.pressLandedOn = 'nothing';
    const landed = ({ target }) => {
      const right = element.contains(target) || target.closest('label')?.control === element;
      // A press during which the page moved ends on what lies around; nothing came of it.
      window.pressLandedOn = right ? 'it' : target.closest('a, button, summary, input, select, label')?.outerHTML.slice(0, 160) ?? 'nothing';
    };
    document.addEventListener('click', landed, { once: true, capture: true });
    return { at };
  }
  // Perhaps it is scrolled away within a list of its own; the next look tells.
  element.scrollIntoView({ block: 'center', inline: 'center', behavior: 'instant' });
  return { why: `${hit?.outerHTML.slice(0, 160)} lies over it` };
}

/** A person at a browser: a page in a context of its own, what the console said, and every address it asked for. */
export class Person {
  /** `[from, to]`: the media address that answers are rewritten to, for measurements and tests through a proxy. */
  static answerAddress = undefined;

  /** `script` runs in each of the pages before their own scripts do. */
  static async at(kind, { viewport = DESKTOP, dark = false, language = 'nb', answerAddress = Person.answerAddress, script } = {}) {
    const person = new Person();
    person.answerAddress = answerAddress;
    person.script = script;
    person.kind = kind;
    person.context = await (await browser(kind)).createBrowserContext();
    person.viewport = viewport;
    person.console = [];
    person.requests = [];
    person.questions = [];
    person.language = language;
    await person.newPage();
    if (dark) await person.inScheme('dark');
    return person;
  }

  async newPage() {
    this.page = await this.context.newPage();
    await this.setSize(this.viewport);
    // Firefox is told at its start.
    if (this.kind.startsWith('chromium')) await this.page.setExtraHTTPHeaders({ 'Accept-Language': this.language });
    // Keeps every peer connection where a test can ask it for its figures.
    await this.page.evaluateOnNewDocument((otherAddress) => {
      window.connections = [];
      const setRemoteDescription = RTCPeerConnection.prototype.setRemoteDescription;
      RTCPeerConnection.prototype.setRemoteDescription = function answer(description) {
        // Measurements through the impairment proxy: the answer names the proxy instead of the server.
        const sdp = otherAddress ? description.sdp.replaceAll(otherAddress[0], otherAddress[1]) : description.sdp;
        return setRemoteDescription.call(this, { type: description.type, sdp });
      };
      const createOffer = RTCPeerConnection.prototype.createOffer;
      RTCPeerConnection.prototype.createOffer = function offer(...args) {
        window.connections.push(this);
        return createOffer.apply(this, args);
      };
    }, this.answerAddress);
    if (this.script) await this.page.evaluateOnNewDocument(this.script);
    this.page.on('console', (line) => this.console.push(`${line.type()}: ${line.text()}`));
    this.page.on('pageerror', (error) => this.console.push(`pageerror: ${error?.message ?? error}`));
    // What the browser itself asks, as before a page with something unsaved is left; the answer is yes.
    this.page.on('dialog', (dialog) => {
      this.questions.push(dialog.type());
      dialog.accept().catch(() => {});
    });
    this.page.on('request', (request) => this.requests.push(request.url()));
    // Workers ask for what they need by themselves.
    if (this.kind.startsWith('chromium')) {
      this.page.on('workercreated', ({ client }) => {
        client.on('Network.requestWillBeSent', ({ request }) => this.requests.push(request.url));
        client.send('Network.enable').catch(() => {});
      });
    }
    return this.page;
  }

  /** Light or dark from now on, where the browser lets us. */
  async inScheme(value) {
    if (this.kind === 'chromium') await this.page.emulateMediaFeatures([{ name: 'prefers-color-scheme', value }]);
  }

  async open(url) {
    await this.page.goto(url, { waitUntil: 'domcontentloaded', timeout: 30_000 });
  }

  async reload() {
    await this.page.reload({ waitUntil: 'domcontentloaded' });
  }

  /**
   * Waits until this holds in the page. It looks by the clock: puppeteer's own way is to look whenever a picture is
   * drawn, and a page that lies behind another draws none.
   */
  async when(condition, { timeout = 30_000, polling = 50 } = {}, ...args) {
    try {
      await this.page.waitForFunction(condition, { timeout, polling }, ...args);
    } catch (error) {
      const found = await this.page.evaluate(() => JSON.stringify({ ...document.documentElement.dataset })).catch(() => '(no page)');
      const wanted = `${condition} ${JSON.stringify(args)}`;
      throw new Error(`${this.kind}: waited ${timeout} ms for ${wanted}; found ${found}\n${this.console.slice(-15).join('\n')}`, { cause: error });
    }
  }

  /** What the page says of itself now: `document.documentElement.dataset[key]`. */
  async data(key) {
    return this.page.evaluate((name) => document.documentElement.dataset[name], key);
  }

  /** Waits until it says one of these. */
  async until(key, values, timeout = 30_000) {
    await this.when((name, wanted) => wanted.includes(document.documentElement.dataset[name]), { timeout, polling: 100 }, key, [values].flat());
  }

  /** Waits until this can be seen. */
  async see(selector, timeout = 15_000) {
    await this.when((wanted) => {
      const element = document.querySelector(wanted);
      const { width = 0, height = 0 } = element?.getBoundingClientRect() ?? {};
      return width > 0 && height > 0 && element.checkVisibility({ visibilityProperty: true });
    }, { timeout }, selector);
  }

  /**
   * Presses with the mouse as a hand would: scrolled into view, at the middle, once it lies still; fails when
   * something else lies over it or it is outside the window.
   */
  async press(selector, timeout = 15_000) {
    await this.see(selector, timeout);
    await this.page.bringToFront();
    const end = Date.now() + Math.min(timeout, 8_000);
    let reason;
    while (Date.now() < end) {
      const { at, why } = await this.page.evaluate(placeOf, selector);
      reason = why;
      if (at) {
        await this.page.mouse.click(at.x, at.y);
        // It was pressed when the page is on its way elsewhere and cannot be asked, or is there already and knows nothing.
        const landedOn = await this.page.evaluate(() => window.pressLandedOn ?? 'it').catch(() => 'it');
        if (landedOn === 'it') return;
        reason = `the press landed on ${landedOn}`;
        if (landedOn !== 'nothing') break;
      }
      await pause(40);
    }
    throw new Error(`${this.kind}: cannot press ${selector}: ${reason}`);
  }

  /** Firefox 140 sets the size but knows no orientation to set with it; nothing here asks for one. */
  async setSize(viewport) {
    await this.page.setViewport(viewport).catch((error) => {
      if (!/unknown command emulation.setScreenOrientationOverride/.test(error.message)) throw error;
    });
  }

  /** Another size from now on; done when the page has been laid out and painted in it. */
  async resize(viewport) {
    await this.page.bringToFront();
    await this.setSize(viewport);
    await this.page.evaluate(() => new Promise((resolve) => { requestAnimationFrame(() => requestAnimationFrame(resolve)); }));
  }

  /** The figures of the newest peer connection, of these types. */
  async figures(...types) {
    return this.page.evaluate(async (wanted) => {
      const newest = window.connections.at(-1);
      return newest ? [...(await newest.getStats()).values()].filter((entry) => wanted.includes(entry.type)) : [];
    }, types);
  }

  async text(selector) {
    return this.page.$eval(selector, (element) => element.innerText);
  }

  /** The addresses that were asked for of anybody but the server (SEC-011). */
  strangers() {
    // What a browser carries with it is asked of nobody: the style sheet that Firefox gives to every page has a font in a
    // `data:` address.
    const asked = this.requests.map((url) => new URL(url)).filter(({ protocol }) => protocol !== 'data:');
    return asked.filter(({ hostname }) => !/(^|\.)localhost$/.test(hostname)).map(({ href }) => href);
  }

  /** Writes a picture of the page into the build output. */
  async picture(name) {
    const path = join(ROOT, 'target/e2e/screens', `${name}.png`);
    mkdirSync(dirname(path), { recursive: true });
    await this.page.screenshot({ path });
  }

  /**
   * Twice is as good as once: a test closes whom it is done with, and its suite closes everybody. A browser that ends by
   * itself when it is asked to close somebody has closed them.
   */
  async close() {
    const { context } = this;
    this.context = undefined;
    await context?.close().catch((error) => {
      if (context.browser().connected) throw error;
      console.log('    a browser ended by itself when it was asked to close somebody');
    });
  }
}
