// What a screen reader finds in a page: roles, names and states, in order; and the goldens that it is held against,
// `e2e/golden/NAME.txt`. `GOLDEN=write` writes them anew; what comes a second time in the same run is compared even then.

import assert from 'node:assert/strict';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { setTimeout as pause } from 'node:timers/promises';

const FOLDER = new URL('../golden/', import.meta.url);
const isWriting = process.env.GOLDEN === 'write';
const written = new Set();
/** Milliseconds that a state may take until it is what its golden says. */
const PATIENCE_MS = 8_000;

/** Roles that say nothing by themselves; what is in them does. */
const SILENT = new Set(['none', 'generic', 'LabelText', 'MenuListPopup', 'LayoutTable']);
/** Roles that are nothing but words. */
const WORDS = new Set(['StaticText', 'InlineTextBox', 'LineBreak', 'ListMarker', 'strong', 'emphasis', 'time', 'mark', 'code', 'superscript', 'subscript']);
/** Roles whose name is all that they hold. */
const NAMED = new Set(['button', 'link', 'heading', 'radio', 'checkbox', 'option', 'DisclosureTriangle', 'combobox', 'textbox', 'meter', 'image', 'Video', 'Audio']);
const STATES = ['level', 'checked', 'pressed', 'expanded', 'disabled', 'required', 'modal', 'focused', 'live', 'describedby'];
const DAYS = 'mandag|tirsdag|onsdag|torsdag|fredag|lørdag|søndag';
const MONTHS = 'januar|februar|mars|april|mai|juni|juli|august|september|oktober|november|desember';

/** The words without what is another at each meeting: the demo's people, times, days, the line's speed. */
export function normal(text) {
  return text.replace(/[\s\u00a0]+/g, ' ').trim()
    .replace(/\bNora( \p{Lu}[\p{L}-]+)*/gu, '{young}')
    .replace(/\bKari( \p{Lu}[\p{L}-]+)*/gu, '{clinician}')
    .replace(/\b\d{1,2}\.\d{1,2}\.\d{4}\b/g, '{day}')
    .replace(new RegExp(`\\b(?:(?:${DAYS}) )?\\d{1,2}\\. (?:${MONTHS})(?: \\d{4})?|\\b(?:${DAYS}|i dag|i morgen)(?= (?:kl\\.|klokka))`, 'gi'), '{day}')
    .replace(/\b\d{1,2}\.\d\d\b/g, '{time}')
    .replace(/\b\d{1,3}:\d\d\b/g, '{clock}')
    .replace(/\b(?:[A-Z]{3} [A-Z]{3})(?=\.)/g, '{code}')
    .replace(/^(?:Nettet er godt nok|Nettet er litt tregt her|Vi fikk ikke målt nettet|Sjekker nettet).*$/, '{network}');
}

/** The tree of a page in Chromium, a line for each thing that is found; `undefined` in a browser that does not tell. */
export async function tree(person) {
  if (!person.kind.startsWith('chromium')) return undefined;
  person.cdp ??= new WeakMap();
  if (!person.cdp.has(person.page)) person.cdp.set(person.page, await person.page.createCDPSession());
  const { nodes } = await person.cdp.get(person.page).send('Accessibility.getFullAXTree');
  // Drawn by lot for each meeting.
  const drawn = new Set(await person.page.$$eval('#safety-words li', (items) => items.map((item) => item.textContent.trim())));
  const byId = new Map(nodes.map((node) => [node.nodeId, node]));
  const childrenOf = (node) => (node.childIds ?? []).map((id) => byId.get(id)).filter(Boolean)
    .flatMap((child) => (child.ignored ? childrenOf(child) : [child]));
  const lines = [];
  print(byId.get(nodes.find(({ parentId }) => parentId === undefined).nodeId), 0, { childrenOf, drawn, lines });
  return `${lines.join('\n')}\n`;
}

function print(node, depth, around) {
  const role = node.role?.value ?? 'none';
  const children = around.childrenOf(node);
  const words = NAMED.has(role) ? '' : wordsOf(node, around.childrenOf);
  const name = node.name?.value ?? '';
  const isShown = !SILENT.has(role) || Boolean(words);
  // What only repeats the words below it says nothing more.
  const said = [name === words ? '' : name, words].map((text) => (around.drawn.has(text.trim()) ? '{word}' : normal(text))).filter(Boolean);
  if (isShown) around.lines.push(`${'  '.repeat(depth)}${[SILENT.has(role) || role === 'StaticText' ? 'text' : role, ...said.map((text) => `"${text}"`), ...statesOf(node, role)].join(' ')}`);
  if (words || NAMED.has(role)) return;
  for (const child of children) print(child, isShown ? depth + 1 : depth, around);
}

/** The words of something that holds nothing else; empty when it holds more. */
function wordsOf(node, childrenOf) {
  if (node.role?.value === 'StaticText') return node.name?.value ?? '';
  const parts = [];
  const gather = (one) => childrenOf(one).every((child) => {
    const role = child.role?.value;
    if (role === 'StaticText') parts.push(child.name?.value ?? '');
    return role === 'StaticText' || ((WORDS.has(role) || SILENT.has(role)) && gather(child));
  });
  return gather(node) ? parts.join(' ').replace(/\s+/g, ' ').trim() : '';
}

function statesOf(node, role) {
  const properties = new Map((node.properties ?? []).map(({ name, value }) => [name, value.value]));
  // The page as a whole has the focus when nothing else has.
  if (role === 'RootWebArea') properties.delete('focused');
  const states = STATES.filter((name) => properties.has(name) && (properties.get(name) !== false || name === 'expanded')).map((name) => {
    const value = properties.get(name);
    if (name === 'expanded') return value ? 'expanded' : 'collapsed';
    return value === true || value === 'true' ? name : `${name}=${value}`;
  });
  const description = node.description?.value ? [`described "${normal(node.description.value)}"`] : [];
  // Nobody but the person herself moves the level of a voice.
  const value = node.value?.value !== undefined && role !== 'meter' ? [`value "${normal(String(node.value.value))}"`] : [];
  return [...states, ...description, ...value];
}

/** Holds what `make` gives against the golden of this name, looking again for a while: a state needs its moment. */
export async function golden(name, make) {
  const file = new URL(`${name}.txt`, FOLDER);
  if (isWriting && !written.has(name)) {
    const text = await still(make);
    mkdirSync(FOLDER, { recursive: true });
    writeFileSync(file, text);
    written.add(name);
    return;
  }
  const wanted = readFileSync(file, 'utf8');
  const end = Date.now() + PATIENCE_MS;
  let found = await make();
  while (found !== wanted && Date.now() < end) {
    await pause(250);
    found = await make();
  }
  assert.equal(found, wanted, `e2e/golden/${name}.txt (GOLDEN=write makes it anew)`);
}

/** What it gives twice in a row. */
async function still(make) {
  const end = Date.now() + PATIENCE_MS;
  let before;
  let now = await make();
  do {
    before = now;
    await pause(1_000);
    now = await make();
  } while (now !== before && Date.now() < end);
  assert.equal(now, before, 'a golden needs something that stands still');
  return now;
}
