// What people do in a meeting, in words: sign in, arrive, let in, see and hear, leave.

import { Person } from './browsers.mjs';

/** Opens the demo link and the meeting behind it, and stands at the device check. */
export async function comeToDoor(kind, link, options) {
  const person = await Person.at(kind, options);
  await person.open(link);
  await walkToMeeting(person);
  return person;
}

/** From wherever a link leads (the day, the arrival page) to the meeting's own page. */
export async function walkToMeeting(person) {
  for (let step = 0; step < 3; step += 1) {
    const path = new URL(person.page.url()).pathname;
    if (path.startsWith('/meeting/')) break;
    const way = path.startsWith('/j/') ? 'form[action^="/j/"] button' : 'a[href^="/meeting/"]';
    await person.see(way);
    await Promise.all([person.page.waitForNavigation({ waitUntil: 'domcontentloaded' }), person.page.$eval(way, (e) => e.click())]);
  }
  await person.until('phase', 'checking');
}

/** Chooses picture and sound (or `sound`, `neither`) and goes to wait. */
export async function arrive(person, means = 'both') {
  await person.press(`#means-${means}`);
  await person.press('#arrive');
}

/** A host arrives at an empty room and is inside. */
export async function host(kind, link, options) {
  const person = await comeToDoor(kind, link, options);
  await arrive(person);
  await person.until('phase', 'inside');
  return person;
}

/** A guest arrives and waits. */
export async function guest(kind, link, options, means) {
  const person = await comeToDoor(kind, link, options);
  await arrive(person, means);
  await person.until('phase', 'waiting');
  return person;
}

/** The host lets in the one who has waited longest. */
export async function letIn(host) {
  await host.press('#lobby-list [data-do="admit"]:not([disabled])');
}

/** Two people, inside, sealed. */
export async function pair(server, { hostKind = 'chromium', guestKind = 'chromium', hostOptions, guestOptions } = {}) {
  const clinician = await host(hostKind, server.links.clinician, hostOptions);
  const young = await guest(guestKind, server.links.young, guestOptions);
  await letIn(clinician);
  await Promise.all([clinician.until('phase', 'inside'), young.until('phase', 'inside')]);
  await Promise.all([clinician.until('members', '2'), young.until('members', '2')]);
  return { clinician, young };
}

/** Waits until pictures with something in them have been decoded from somebody else. */
export async function sees(person, timeout = 20_000) {
  await person.page.waitForFunction(() => [...document.querySelectorAll('#tiles video, #shared video')].some((video) => {
    if (video.videoWidth === 0 || video.paused) return false;
    const canvas = document.createElement('canvas');
    [canvas.width, canvas.height] = [32, 24];
    const context = canvas.getContext('2d', { willReadFrequently: true });
    context.drawImage(video, 0, 0, 32, 24);
    const pixels = context.getImageData(0, 0, 32, 24).data;
    let low = 255;
    let high = 0;
    for (let i = 0; i < pixels.length; i += 4) {
      const light = pixels[i] + pixels[i + 1] + pixels[i + 2];
      low = Math.min(low, light);
      high = Math.max(high, light);
    }
    return high - low > 60;
  }), { timeout, polling: 250 });
}

/** Waits until sound that is not silence comes from somebody else; returns the loudest level seen (0 to 1). */
export async function hears(person, timeout = 20_000) {
  return person.page.evaluate(async (limit) => {
    const streams = [...document.querySelectorAll('#tiles audio')].map((audio) => audio.srcObject).filter(Boolean);
    const context = new AudioContext();
    await context.resume();
    const meters = streams.map((stream) => {
      const meter = context.createAnalyser();
      meter.fftSize = 2048;
      context.createMediaStreamSource(stream).connect(meter);
      return meter;
    });
    const samples = new Float32Array(2048);
    const end = performance.now() + limit;
    let loudest = 0;
    while (performance.now() < end && loudest < 0.02) {
      for (const meter of meters) {
        meter.getFloatTimeDomainData(samples);
        for (const sample of samples) loudest = Math.max(loudest, Math.abs(sample));
      }
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
    await context.close();
    if (loudest < 0.02) throw new Error(`silence (${streams.length} streams, loudest ${loudest})`);
    return loudest;
  }, timeout);
}
