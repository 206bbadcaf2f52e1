import { fstatSync, writeSync } from 'node:fs';
import { errorCode } from './disk.ts';

/** Where the tool speaks. `out` is for what was asked for, `err` for everything else. */
export interface Terminal {
  out(text: string): void;
  err(text: string): void;
  /** Emphasis for stderr; plain when colours are off. */
  strong(text: string): string;
}

/** Whether a person is there. Asked of the descriptor: the streams, and `node:tty`, take milliseconds to load. */
export const isTerminal = (descriptor: 0 | 1 | 2): boolean => {
  try {
    if (!fstatSync(descriptor).isCharacterDevice()) return false;
  } catch {
    return false;
  }
  const stream = descriptor === 0 ? process.stdin : descriptor === 1 ? process.stdout : process.stderr;
  return stream.isTTY;
};

/** Writes to the descriptors themselves: quicker to start than the streams, and complete when the process ends. */
const write = (descriptor: number, text: string): void => {
  for (let bytes = Buffer.from(text); bytes.length > 0; ) {
    try {
      bytes = bytes.subarray(writeSync(descriptor, bytes));
    } catch (error) {
      if (errorCode(error) === 'EPIPE') return;
      if (errorCode(error) !== 'EAGAIN') throw error;
    }
  }
};

export const terminalOf = ({ colours }: { readonly colours: boolean }): Terminal => ({
  out: (text) => write(1, text),
  err: (text) => write(2, text),
  strong: (text) => (colours ? `\u001B[1m${text}\u001B[22m` : text),
});
