import { existsSync, readFileSync, readdirSync } from 'node:fs';
import path from 'node:path';
import { byText } from '../../src/tree.ts';

interface PackageFacts {
  readonly name: string;
  readonly version: string;
  readonly license?: string;
}

/** Packages that carry the code of others in a file of their own. */
const within: Readonly<Record<string, string>> = { '@ts-morph/common': 'typescript' };

/**
 * The licences of every package that the given modules come from.
 * @throws Error for a package that says neither in a file nor in its package.json what its licence is.
 */
export const licences = (modules: readonly string[]): string => {
  const own = modules.flatMap((id) => packageDirectory(id.replaceAll('\0', '')) ?? []);
  const carried = Object.entries(within).flatMap(([name, inner]) => own.filter((directory) => directory.replaceAll('\\', '/').endsWith(`/${name}`)).map((directory) => path.join(directory.slice(0, -name.length), inner)));
  const directories = new Set([...own, ...carried]);
  const entries = [...directories].map((directory): [string, string] => {
    const { name, version, license }: PackageFacts = JSON.parse(readFileSync(path.join(directory, 'package.json'), 'utf8'));
    const file = readdirSync(directory).find((entry) => /^(?:licen[cs]e|copying)(?:[.-]|$)/i.test(entry));
    if (file === undefined && license === undefined) throw new Error(`${name}@${version} has no licence.`);
    const text = file === undefined ? '' : `\n${readFileSync(path.join(directory, file), 'utf8').trim()}\n`;
    return [`${name}@${version}`, `${name}@${version} (${license ?? 'see below'})\n${text}`];
  });
  const sorted = entries.toSorted(([a], [b]) => byText(a, b)).map(([, text]) => text);
  return `The bundled code of these packages is part of this one.\n\n${sorted.join(`\n${'-'.repeat(80)}\n\n`)}`;
};

const packageDirectory = (id: string): string | undefined => {
  const match = /^(.*[\\/]node_modules[\\/](?:@[^\\/]+[\\/])?[^\\/]+)[\\/]/.exec(id.replace(/\?.*$/, ''));
  const directory = match?.[1];
  return directory !== undefined && existsSync(path.join(directory, 'package.json')) ? directory : undefined;
};
