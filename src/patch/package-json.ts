import { type Outcome, already, applied, cannot, insertAll } from './outcome.ts';

const member = /"((?:[^"\\]|\\.)*)"\s*:\s*"(?:[^"\\]|\\.)*"/g;

/** Where the object that is the value of `field` begins and ends, behind the brace and before it. */
const bodyOf = (text: string, field: string): { readonly from: number; readonly to: number } | undefined => {
  const open = new RegExp(`^([\\t ]*)"${field}"\\s*:\\s*\\{`, 'm').exec(text);
  if (open === null) return undefined;
  const from = open.index + open[0].length;
  const to = text.indexOf('}', from);
  return to < 0 ? undefined : { from, to };
};

/**
 * Puts dependencies into package.json, each where the alphabet wants it. Every other byte stays.
 * @param versions name -> version, for what is not there yet.
 */
export const addDependencies = (text: string, field: 'dependencies' | 'devDependencies', versions: ReadonlyMap<string, string>, file = 'package.json'): Outcome => {
  const wanted = [...versions].filter(([name]) => !text.includes(`"${name}"`));
  if (wanted.length === 0) return already(text);
  const byHand = [{ file, where: `in "${field}"`, text: wanted.map(([name, version]) => `"${name}": "${version}"`).join(',\n') }];
  const eol = text.includes('\r\n') ? '\r\n' : '\n';
  const indent = /^([\t ]+)"/m.exec(text)?.[1] ?? '  ';
  const body = bodyOf(text, field);
  if (body === undefined) {
    const end = text.lastIndexOf('}');
    const last = text.slice(0, end).trimEnd();
    if (!/["\]}\dle]$/.test(last)) return cannot(`${file} has no place for "${field}"`, byHand);
    const lines = wanted.map(([name, version]) => `${indent}${indent}"${name}": "${version}"`).join(`,${eol}`);
    return applied(insertAll(text, [{ at: last.length, text: `,${eol}${indent}"${field}": {${eol}${lines}${eol}${indent}}` }]));
  }
  const entries = [...text.slice(body.from, body.to).matchAll(member)].map((match) => ({ name: match[1] ?? '', from: body.from + match.index, to: body.from + match.index + match[0].length }));
  const first = entries[0];
  const isOneLine = first !== undefined && !text.slice(body.from, first.from).includes('\n');
  const separator = isOneLine ? ' ' : `${eol}${indent}${indent}`;
  if (first === undefined) {
    const lines = wanted.map(([name, version]) => `${eol}${indent}${indent}"${name}": "${version}"`).join(',');
    return applied(insertAll(text, [{ at: body.from, text: `${lines}${text.slice(body.from, body.to).includes('\n') ? '' : `${eol}${indent}`}` }]));
  }
  return applied(
    insertAll(
      text,
      wanted.toSorted(([a], [b]) => (a < b ? -1 : 1)).map(([name, version]) => {
        const before = entries.findLast((entry) => entry.name < name);
        const line = `"${name}": "${version}"`;
        return before === undefined ? { at: first.from, text: `${line},${separator}` } : { at: before.to, text: `,${separator}${line}` };
      }),
    ),
  );
};
