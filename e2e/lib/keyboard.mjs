// What somebody does who has a keyboard and nothing else.

/** More stops than any page has. */
const STOPS_MAX = 60;

/** Tabs until this has the focus. */
export async function tabTo(person, selector) {
  await person.see(selector);
  await person.page.bringToFront();
  for (let step = 0; step < STOPS_MAX; step += 1) {
    if (await person.page.evaluate((wanted) => document.activeElement?.matches(wanted), selector)) return;
    await person.page.keyboard.press('Tab');
  }
  throw new Error(`the keyboard never came to ${selector}`);
}

/** Tabs to this and presses a key there. */
export async function key(person, selector, name) {
  await tabTo(person, selector);
  // Both browsers' drivers know the space bar by what it writes.
  await person.page.keyboard.press(name === 'Space' ? ' ' : name);
}
