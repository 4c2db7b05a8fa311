// What somebody does who has a keyboard and nothing else.

/** More stops than any page has. */
const STOPS_MAX = 60;

/** Tabs until this has the focus, backwards when it lies behind: the end of a page leads out of it in Firefox. */
export async function tabTo(person, selector) {
  await person.see(selector);
  await person.page.bringToFront();
  const isBehind = await person.page.evaluate((wanted) => {
    const { activeElement: at } = document;
    const target = [...document.querySelectorAll(wanted)].find((one) => one.checkVisibility());
    return at !== document.body && Boolean(at.compareDocumentPosition(target) & Node.DOCUMENT_POSITION_PRECEDING);
  }, selector);
  const { keyboard } = person.page;
  for (let step = 0; step < STOPS_MAX; step += 1) {
    if (await person.page.evaluate((wanted) => document.activeElement?.matches(wanted), selector)) return;
    if (isBehind) await keyboard.down('Shift');
    await keyboard.press('Tab');
    if (isBehind) await keyboard.up('Shift');
  }
  throw new Error(`the keyboard never came to ${selector}`);
}

/** Tabs to this and presses a key there. */
export async function key(person, selector, name) {
  await tabTo(person, selector);
  // Both browsers' drivers know the space bar by what it writes.
  await person.page.keyboard.press(name === 'Space' ? ' ' : name);
}
