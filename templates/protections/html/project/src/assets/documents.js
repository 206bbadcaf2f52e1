/// <reference lib="dom" />
// Narrows the list of documents while somebody types. Without script the whole list stands there.

/**
 * What stands in a document, by its id.
 * @returns {ReadonlyMap<string, string>}
 */
const readWords = () => {
  const block = document.querySelector('script#words');
  /** @type {unknown} */
  const words = JSON.parse(block?.textContent ?? '[]');
  return new Map(words);
};

const words = readWords();
const items = [...document.querySelectorAll('li')];
const search = document.querySelector('input');
const found = document.querySelector('output');

const narrow = () => {
  const wanted = search.value.trim();
  for (const item of items) item.hidden = words.get(item.dataset.document)?.includes(wanted.toLowerCase()) !== true;
  const count = items.filter(({ hidden }) => !hidden).length;
  // As text: what was typed must not become markup.
  found.textContent = wanted === '' ? '' : `${count} with “${wanted}”`;
};

search.addEventListener('input', narrow);
search.form.hidden = false;
