import { existsSync } from 'node:fs';
import { type Browser, chromium } from 'playwright-core';

const usual = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'];

/** The browser to test with: the one that TEST_CHROMIUM names, or one that is installed. */
export const chromiumPath: string | undefined = process.env['TEST_CHROMIUM'] ?? usual.find((path) => existsSync(path));

/** Starts it without a window. */
export const openChromium = (): Promise<Browser> => chromium.launch(chromiumPath === undefined ? {} : { executablePath: chromiumPath });
