import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { rm, stat } from 'node:fs/promises';
import { type Server, connect, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** Another process works in the directory. */
export class DirectoryInUseError extends Error {
  constructor(directory: string) {
    super(`${directory} is in use by another process: two at once would lose each other's writes. Stop it, or set DATABASE_URL.`);
    this.name = 'DirectoryInUseError';
  }
}

/** The longest name of a unix socket, in bytes, on every system. */
const longestSocketName = 103;

/**
 * Locks a directory by a socket that listens in it: the kernel lets go of it when the process dies, however it dies.
 * (A file with a process id would not: ids come back, and in a container every process is number 1.)
 * @returns what unlocks it.
 * @throws DirectoryInUseError
 */
export const lockDirectory = async (directory: string): Promise<() => Promise<void>> => {
  const inside = join(directory, 'lock.sock');
  const hashed = `lock-${createHash('sha256').update(directory).digest('hex').slice(0, 32)}.sock`;
  const path = Buffer.byteLength(inside) > longestSocketName ? join(tmpdir(), hashed) : inside;
  const server = createServer((socket) => socket.destroy());
  if (!(await listen(server, path))) {
    if (await answers(path)) throw new DirectoryInUseError(directory);
    await rm(path, { force: true });
    if (!(await listen(server, path))) throw new DirectoryInUseError(directory);
  }
  const mine = (await stat(path)).ino;
  server.unref();
  return async () => {
    const current = await stat(path).catch(() => undefined);
    if (current?.ino !== mine) return;
    server.close();
    await once(server, 'close');
  };
};

/** False when the name is taken. */
const listen = async (server: Server, path: string): Promise<boolean> => {
  try {
    await once(server.listen(path), 'listening');
    return true;
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'EADDRINUSE') return false;
    throw error;
  }
};

/** False when the socket is what a dead process left behind. */
const answers = async (path: string): Promise<boolean> => {
  const socket = connect(path);
  try {
    await once(socket, 'connect');
    return true;
  } catch {
    return false;
  } finally {
    socket.destroy();
  }
};
