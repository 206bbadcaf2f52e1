import { parseObject } from '#tests/support/json.ts';

/** Keeps what the app logs, raw and parsed. */
export class LogCapture {
  #text = '';

  write(line: string): void {
    this.#text += line;
  }

  /** Everything written so far, byte for byte. */
  get text(): string {
    return this.#text;
  }

  /** One object a line; throws when a line is not JSON. */
  get lines(): Record<string, unknown>[] {
    return this.#text
      .split('\n')
      .filter((line) => line !== '')
      .map(parseObject);
  }

  clear(): void {
    this.#text = '';
  }
}
