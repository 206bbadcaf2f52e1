import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { payloads } from '../../templates/protections/html/tests/payloads.ts';
import { userHtml } from '../../templates/protections/html/user-html.ts';
import { userMarkdown } from '../../templates/protections/html/user-markdown.ts';
import { chromiumPath, openChromium } from './chromium.ts';

/** Browsers write `>` and quotes in text as they are, or as references; both are read as the same. */
const withoutEscapes = (markup: string): string => markup.replaceAll(/&(?:quot|gt|amp|nbsp);|["&>]/g, '');

/** What a browser does with markup in a page without any policy: what runs, what it asks for, what it makes of it. */
interface Outcome {
  readonly ran: number;
  readonly asked: readonly string[];
  readonly elements: readonly string[];
}

if (chromiumPath === undefined) console.warn('NOT TESTED: sanitised text in a browser. Install Chromium, or name it in TEST_CHROMIUM, as .ci/run does.');

describe.runIf(chromiumPath !== undefined)('text of people in Chromium', () => {
  let browser: Browser;
  beforeAll(async () => {
    browser = await openChromium();
  });
  afterAll(() => browser?.close());

  const opened = async (documents: readonly string[]): Promise<Outcome> => {
    const page = await browser.newPage();
    const asked: string[] = [];
    const elements = new Set<string>();
    let ran = 0;
    page.on('dialog', (dialog) => {
      ran += 1;
      void dialog.dismiss();
    });
    await page.route('**/*', (route) => {
      asked.push(route.request().url());
      return route.abort();
    });
    for (const markup of documents) {
      await page.setContent(`<!doctype html><title>x</title><main>${markup}</main>`);
      const found: unknown = await page.evaluate(`[...document.querySelectorAll('main, main *, main ~ *')].flatMap((e) => [e.localName, ...[...e.attributes].map(({ name }) => e.localName + ' ' + name)])`);
      for (const each of Array.isArray(found) ? found : ['nothing']) elements.add(String(each));
    }
    await page.close();
    return { ran, asked, elements: [...elements].toSorted((a, b) => (a < b ? -1 : 1)) };
  };

  test('as it was written it runs and loads; as it is shown it does neither', async () => {
    // Those that stay on their page: a browser that follows the others shows another one.
    const raw = await opened(payloads.slice(0, 12));
    expect(raw.ran).toBeGreaterThan(3);
    expect(raw.asked.length).toBeGreaterThan(0);
    const safe = await opened(payloads.flatMap((text) => [userHtml(text).toString(), userMarkdown(text).toString()]));
    expect(safe).toMatchObject({ ran: 0, asked: [] });
    expect(safe.elements.filter((each) => !/^(?:main|a|a href|a rel|abbr|abbr title|b|br|code|em|p|pre|blockquote|table|tbody|tr|td)$/.test(each))).toEqual([]);
  });

  test('taken over from one page into another it is still the same', async () => {
    const page = await browser.newPage();
    for (const text of payloads) {
      const once = userHtml(text).toString();
      // Mutation: what a browser writes out again must not become more than it was.
      const again = String(await page.evaluate(`{ const one = document.createElement('div'); const two = document.createElement('div'); one.innerHTML = ${JSON.stringify(once)}; two.innerHTML = one.innerHTML; two.innerHTML }`));
      expect(withoutEscapes(userHtml(again).toString()), text).toBe(withoutEscapes(again));
    }
    await page.close();
  });
});
