import { ts } from 'ts-morph';
import { type Edit, applied, mergeCode } from './code.ts';
import { hunksOf } from './sequences.ts';
import type { Sides } from './sides.ts';
import { type Restyler, restyler } from './style.ts';
import { isSameCode, tokensOf } from './tokens.ts';

/**
 * Merges TypeScript by its structure: what theirs added to a list, took from it or changed in it (imports, entries of a
 * registry, members, statements) is done to the same list of ours, as minimal edits of its text. Where ours put things in
 * another order, or stands next to what is new, is no conflict.
 * @returns nothing where one of the texts does not parse.
 */
export const mergeStructure = (base: string, ours: string, theirs: string): Sides | undefined => {
  const [b, o, t] = [parsed(base), parsed(ours), parsed(theirs)];
  if (b === undefined || o === undefined || t === undefined) return undefined;
  const merge = merger(o, { restyle: restyler(base, ours), mine: [], theirs: [] });
  merge.node({ source: b, node: b }, { source: o, node: o }, { source: t, node: t });
  const sides: Sides = { mine: applied(ours, merge.edits.mine), theirs: applied(ours, merge.edits.theirs) };
  return parsed(sides.mine) === undefined || parsed(sides.theirs) === undefined ? undefined : sides;
};

/** Whether a text is one of TypeScript, of any types. */
export const parses = (text: string): boolean => parsed(text) !== undefined;

const parsed = (text: string): ts.SourceFile | undefined => {
  const { diagnostics = [] } = ts.transpileModule(text, { reportDiagnostics: true, compilerOptions: { target: ts.ScriptTarget.ESNext, module: ts.ModuleKind.ESNext, noCheck: true } });
  return diagnostics.length > 0 ? undefined : ts.createSourceFile('file.ts', text, ts.ScriptTarget.ESNext, true);
};

interface Place {
  readonly source: ts.SourceFile;
  readonly node: ts.Node;
}

type ListKind = 'statements' | 'block' | 'members' | 'commas' | 'types';
type Slot = { readonly one: ts.Node } | { readonly list: readonly ts.Node[]; readonly kind: ListKind | undefined };

interface Edits {
  readonly restyle: Restyler;
  /** To ours, where only clean changes are made. */
  readonly mine: Edit[];
  /** To ours, where theirs wins each conflict. */
  readonly theirs: Edit[];
}

/** One of a list: its text begins at the comment above it. */
interface Entry extends Place {
  readonly key: string;
  readonly start: number;
  readonly end: number;
}

/** Of a file all, with the comment at its top. */
const textOf = ({ source, node }: Place): string => source.text.slice(ts.isSourceFile(node) ? 0 : node.getStart(source), node.end);
const entryText = ({ source, start, end }: Entry): string => source.text.slice(start, end);

const slotsOf = (node: ts.Node): Slot[] => {
  // A type may become several, joined.
  if (ts.isTypeAliasDeclaration(node)) return [{ one: node.name }, { list: ts.isIntersectionTypeNode(node.type) ? node.type.types : [node.type], kind: 'types' }];
  const slots: Slot[] = [];
  ts.forEachChild(
    node,
    (child) => {
      slots.push({ one: child });
    },
    (list) => {
      slots.push({ list, kind: listKind(node, list) });
    },
  );
  return slots;
};

const listKind = (parent: ts.Node, list: readonly ts.Node[]): ListKind | undefined => {
  if (ts.isSourceFile(parent)) return parent.statements === list ? 'statements' : undefined;
  if (ts.isBlock(parent) || ts.isModuleBlock(parent)) return 'block';
  if (ts.isArrayLiteralExpression(parent) || ts.isNamedImports(parent) || ts.isNamedExports(parent) || ts.isObjectLiteralExpression(parent)) return 'commas';
  if (ts.isEnumDeclaration(parent)) return parent.members === list ? 'commas' : undefined;
  if (ts.isInterfaceDeclaration(parent) || ts.isClassDeclaration(parent) || ts.isTypeLiteralNode(parent)) return parent.members === list ? 'members' : undefined;
  if (ts.isIntersectionTypeNode(parent) || ts.isUnionTypeNode(parent)) return 'types';
  return undefined;
};

/** What an entry is known by, on all sides. */
const keyOf = (source: ts.SourceFile, node: ts.Node): string => {
  const code = (part: ts.Node): string => tokensOf(source.text.slice(part.getStart(source), part.end)).map(({ key }) => key).join(' ');
  if (ts.isImportDeclaration(node)) return `import ${node.importClause?.isTypeOnly === true ? 'type ' : ''}${code(node.moduleSpecifier)}`;
  if (ts.isVariableStatement(node)) return `var ${node.declarationList.declarations.map(({ name }) => code(name)).join(',')}`;
  if (ts.isFunctionDeclaration(node) || ts.isClassDeclaration(node) || ts.isInterfaceDeclaration(node) || ts.isTypeAliasDeclaration(node) || ts.isEnumDeclaration(node)) return `declaration ${node.name?.text ?? 'default'}`;
  if (ts.isReturnStatement(node)) return 'return';
  if (ts.isPropertyAssignment(node) || ts.isShorthandPropertyAssignment(node) || ts.isMethodDeclaration(node) || ts.isPropertySignature(node) || ts.isPropertyDeclaration(node)) return `name ${ts.isStringLiteral(node.name) ? node.name.text : code(node.name)}`;
  if (ts.isCallExpression(node)) return `call ${code(node.expression)}`;
  return code(node);
};

const entriesOf = (source: ts.SourceFile, nodes: readonly ts.Node[]): Entry[] => {
  const seen = new Map<string, number>();
  return nodes.map((node) => {
    const name = keyOf(source, node);
    const count = seen.get(name) ?? 0;
    seen.set(name, count + 1);
    return { source, node, key: count === 0 ? name : `${name} #${count}`, start: startOf(source, node), end: node.end };
  });
};

/** Of the comment that stands right above it, else of itself. */
const startOf = (source: ts.SourceFile, node: ts.Node): number => {
  let start = node.getStart(source);
  for (const { pos, end } of (ts.getLeadingCommentRanges(source.text, node.pos) ?? []).toReversed()) {
    if (/\n\s*\n/.test(source.text.slice(end, start))) break;
    start = pos;
  }
  return start;
};

/** Behind an entry: its comma, and a comment on the same line. */
const tailOf = ({ source: { text }, end }: Pick<Entry, 'source' | 'end'>): { readonly end: number; readonly hasComma: boolean } => {
  const [comma = ''] = /^\s*,/.exec(text.slice(end)) ?? [];
  const at = end + comma.length;
  const [comment = ''] = /^[ \t]*(?:\/\/[^\n]*|\/\*(?:[^*\n]|\*(?!\/))*\*\/(?=[ \t]*\n))/.exec(text.slice(at)) ?? [];
  return { end: at + comment.length, hasComma: comma !== '' };
};

const lineStart = (text: string, at: number): number => text.lastIndexOf('\n', at - 1) + 1;
const indentAt = (text: string, at: number): string => /^[ \t]*/.exec(text.slice(lineStart(text, at)))?.[0] ?? '';

/** Whether nothing else stands on the lines of an entry. */
const hasOwnLines = (entry: Entry): boolean => {
  const { text } = entry.source;
  return /^[ \t]*$/.test(text.slice(lineStart(text, entry.start), entry.start)) && /^[ \t]*(?:\n|$)/.test(text.slice(tailOf(entry).end));
};

const merger = (source: ts.SourceFile, edits: Edits) => {
  const { text } = source;
  const both = (edit: Edit): void => {
    edits.mine.push(edit);
    edits.theirs.push(edit);
  };
  /** Theirs, in the format and at the depth of ours. */
  const adapted = (code: string, from: string, to: string): string => {
    const styled = edits.restyle(`${from}${code}`).slice(edits.restyle(from).length);
    const was = edits.restyle(`\n${from}`).slice(1);
    return was === to ? styled : styled.split('\n').map((line, index) => (index > 0 && line.startsWith(was) ? `${to}${line.slice(was.length)}` : line)).join('\n');
  };
  const written = (place: { readonly source: ts.SourceFile }, start: number, end: number, to: string): string => adapted(place.source.text.slice(start, end), indentAt(place.source.text, start), to);

  const replace = (ours: Place, theirs: Place, push: (edit: Edit) => void): void => {
    const start = ours.node.end - textOf(ours).length;
    push({ start, end: ours.node.end, text: written(theirs, theirs.node.end - textOf(theirs).length, theirs.node.end, indentAt(text, start)) });
  };

  const leaf = (base: Place, ours: Place, theirs: Place): void => {
    const merged = mergeCode(textOf(base), textOf(ours), textOf(theirs));
    const start = ours.node.end - textOf(ours).length;
    if (merged === undefined) {
      replace(ours, theirs, (edit) => edits.theirs.push(edit));
      return;
    }
    edits.mine.push({ start, end: ours.node.end, text: merged.mine });
    edits.theirs.push({ start, end: ours.node.end, text: merged.theirs });
  };

  const node = (base: Place, ours: Place, theirs: Place): void => {
    if (isSameCode(textOf(base), textOf(theirs)) || isSameCode(textOf(ours), textOf(theirs))) return;
    if (isSameCode(textOf(base), textOf(ours)) && !ts.isSourceFile(ours.node)) {
      replace(ours, theirs, both);
      return;
    }
    const [b, o, t] = [slotsOf(base.node), slotsOf(ours.node), slotsOf(theirs.node)];
    const isAlike = base.node.kind === ours.node.kind && ours.node.kind === theirs.node.kind && shapeOf(b) === shapeOf(o) && shapeOf(o) === shapeOf(t);
    if (!isAlike || frameOf(base, b) !== frameOf(theirs, t) || b.length === 0) {
      leaf(base, ours, theirs);
      return;
    }
    const plan = b.map((slot, index) => pairOf(slot, o[index], t[index]));
    // A list without names is merged place by place, or not at all.
    if (plan.some((pair) => pair === undefined)) {
      leaf(base, ours, theirs);
      return;
    }
    for (const pair of plan) {
      if (pair === undefined) continue;
      if (pair.kind !== undefined) list(pair.kind, entriesOf(base.source, pair.b), entriesOf(source, pair.o), entriesOf(theirs.source, pair.t), { ours, theirs });
      else pair.b.forEach((child, index) => {
        const [mine, other] = [pair.o[index], pair.t[index]];
        if (mine !== undefined && other !== undefined) node({ source: base.source, node: child }, { source, node: mine }, { source: theirs.source, node: other });
      });
    }
  };

  const entry = (base: Entry, ours: Entry, theirs: Entry): void => {
    const comment = (of: Entry): string => of.source.text.slice(of.start, of.node.getStart(of.source));
    if (!isSameCode(comment(base), comment(theirs)) && !isSameCode(comment(ours), comment(theirs))) {
      const edit: Edit = { start: ours.start, end: ours.node.getStart(source), text: written(theirs, theirs.start, theirs.node.getStart(theirs.source), indentAt(text, ours.start)) };
      if (isSameCode(comment(base), comment(ours))) both(edit);
      else edits.theirs.push(edit);
    }
    node(base, ours, theirs);
  };

  const removal = (gone: Entry, kind: ListKind, all: readonly Entry[]): Edit => {
    const index = all.indexOf(gone);
    const [previous, next] = [all[index - 1], all[index + 1]];
    if (kind !== 'types' && hasOwnLines(gone)) {
      const start = lineStart(text, gone.start);
      const end = Math.min(text.length, tailOf(gone).end + (/^[ \t]*\n?/.exec(text.slice(tailOf(gone).end))?.[0].length ?? 0));
      const isApart = /\n[ \t]*\n$/.test(text.slice(0, start)) && /^[ \t]*(?:\n|\}|$)/.test(text.slice(end));
      return { start: isApart ? start - 1 : start, end, text: '' };
    }
    if (next !== undefined) return { start: gone.start, end: next.start, text: '' };
    return previous === undefined ? { start: gone.start, end: kind === 'commas' ? tailOf(gone).end : gone.end, text: '' } : { start: previous.end, end: gone.end, text: '' };
  };

  const insertion = (kind: ListKind, added: readonly Entry[], before: Entry | undefined, after: Entry | undefined, inTheirs: readonly Entry[], places: { ours: Place; theirs: Place }): Edit[] => {
    const anchor = before ?? after;
    if (anchor === undefined) return emptied(places);
    const indent = indentAt(text, anchor.start);
    const texts = added.map((one) => written(one, one.start, one.end, indent));
    if (kind === 'types') return [before === undefined ? { start: anchor.start, end: anchor.start, text: texts.map((one) => `${one} ${typeSign(places.ours)} `).join('') } : { start: before.end, end: before.end, text: texts.map((one) => ` ${typeSign(places.ours)} ${one}`).join('') }];
    const isList = kind === 'commas';
    if (isList && !hasOwnLines(anchor)) {
      return [before === undefined ? { start: anchor.start, end: anchor.start, text: texts.map((one) => `${one}, `).join('') } : { start: before.end, end: before.end, text: texts.map((one) => `, ${one}`).join('') }];
    }
    const isApart = (one: Entry): boolean => {
      const previous = inTheirs[inTheirs.indexOf(one) - 1];
      return !isList && previous !== undefined && /\n[ \t]*\n/.test(one.source.text.slice(tailOf(previous).end, one.start));
    };
    if (before === undefined) {
      const start = lineStart(text, anchor.start);
      return [{ start, end: start, text: texts.map((one) => `${indent}${one}${isList ? ',' : ''}\n`).join('') }];
    }
    const tail = tailOf(before);
    if (isList && !tail.hasComma) {
      return [{ start: before.end, end: before.end, text: ',' }, { start: tail.end, end: tail.end, text: `\n${indent}${texts.join(`,\n${indent}`)}` }];
    }
    return [{ start: tail.end, end: tail.end, text: added.map((one, index) => `${isApart(one) ? '\n' : ''}\n${indent}${texts[index] ?? ''}${isList ? ',' : ''}`).join('') }];
  };

  /** A list that ours left empty takes all that theirs has. */
  const emptied = ({ ours, theirs }: { ours: Place; theirs: Place }): Edit[] => {
    const edit: Edit[] = [];
    replace(ours, theirs, (one) => edit.push(one));
    return edit;
  };

  const list = (kind: ListKind, b: readonly Entry[], o: readonly Entry[], t: readonly Entry[], places: { ours: Place; theirs: Place }): void => {
    const [inBase, inOurs, inTheirs] = [b, o, t].map((entries) => new Map(entries.map((one) => [one.key, one])));
    if (inBase === undefined || inOurs === undefined || inTheirs === undefined) return;
    // Where the order means something, a new order of theirs is not for us to guess.
    const common = [b, t].map((entries) => entries.map(({ key }) => key).filter((key) => inBase.has(key) && inTheirs.has(key)).join('\n'));
    if (common[0] !== common[1] && (kind === 'block' || ts.isArrayLiteralExpression(places.ours.node))) {
      replace(places.ours, places.theirs, (edit) => edits.theirs.push(edit));
      return;
    }
    for (const theirs of t) {
      const [base, ours] = [inBase.get(theirs.key), inOurs.get(theirs.key)];
      if (base !== undefined && ours !== undefined) entry(base, ours, theirs);
    }
    const standing = (entries: readonly Entry[]): (Entry | undefined)[] => entries.map(({ key }) => inOurs.get(key));
    // What ours took out stays out, unless theirs changed it: then somebody has to look.
    t.forEach((theirs, index) => {
      const base = inBase.get(theirs.key);
      if (base === undefined || inOurs.has(theirs.key) || isSameCode(entryText(base), entryText(theirs))) return;
      const [before, after] = [standing(t.slice(0, index)).findLast((one) => one !== undefined), standing(t.slice(index)).find((one) => one !== undefined)];
      edits.theirs.push(...insertion(kind, [theirs], before ?? (after === undefined ? o.at(-1) : undefined), after, t, places));
    });
    const goes = new Set<Entry>();
    const hunks = hunksOf(b.map(({ key }) => key), t.map(({ key }) => key)).map(({ aStart, aEnd, bStart, bEnd }) => {
      const removed = b.slice(aStart, aEnd).filter(({ key }) => !inTheirs.has(key));
      const added = t.slice(bStart, bEnd).filter(({ key }) => !inBase.has(key));
      const present = removed.flatMap(({ key }) => inOurs.get(key) ?? []);
      const isEdited = removed.some((one) => {
        const ours = inOurs.get(one.key);
        return ours === undefined ? added.length > 0 : !isSameCode(entryText(one), entryText(ours));
      });
      if (!isEdited) for (const one of present) goes.add(one);
      return { removed, added, present, isEdited, at: bStart };
    });
    for (const { added, present, isEdited, at } of hunks) {
      for (const one of added) {
        const ours = inOurs.get(one.key);
        if (ours !== undefined && !isSameCode(entryText(ours), entryText(one))) replace(ours, one, (edit) => edits.theirs.push(edit));
      }
      const fresh = added.filter(({ key }) => !inOurs.has(key));
      const before = t.slice(0, at).map(({ key }) => inOurs.get(key)).findLast((one) => one !== undefined && !goes.has(one));
      const after = t.slice(at).map(({ key }) => inOurs.get(key)).find((one) => one !== undefined && !goes.has(one));
      const isCrowded = kind === 'block' && fresh.length > 0 && isTaken(o, before, inBase, goes) && !fresh.every(({ node: one }) => ts.isVariableStatement(one));
      const push = isEdited || isCrowded ? (edit: Edit) => edits.theirs.push(edit) : both;
      for (const one of present) push(removal(one, kind, o));
      // Where ours has nothing of the base left, what is new stands behind what ours has instead.
      const emptyAnchor = before === undefined && after === undefined ? (o.findLast((one) => !goes.has(one)) ?? present.at(-1)) : undefined;
      if (fresh.length > 0) for (const edit of insertion(kind, fresh, before ?? emptyAnchor, after, t, places)) push(edit);
    }
  };

  return { edits, node };
};

/** Whether ours put something of its own right behind `before`. */
const isTaken = (o: readonly Entry[], before: Entry | undefined, inBase: ReadonlyMap<string, Entry>, goes: ReadonlySet<Entry>): boolean => {
  const next = o.slice(before === undefined ? 0 : o.indexOf(before) + 1).find((one) => !goes.has(one));
  return next !== undefined && !inBase.has(next.key);
};

const typeSign = ({ node }: Pick<Place, 'node'>): string => (ts.isUnionTypeNode(node) ? '|' : '&');

const shapeOf = (slots: readonly Slot[]): string => slots.map((slot) => ('one' in slot ? 'o' : `l${slot.kind ?? ''}`)).join(' ');

/** What a node says besides its children. */
const frameOf = ({ source, node }: Place, slots: readonly Slot[]): string => {
  let done = node.getStart(source);
  const gaps: string[] = [];
  for (const child of slots.flatMap((slot) => ('one' in slot ? [slot.one] : [...slot.list]))) {
    gaps.push(source.text.slice(done, Math.max(done, startOf(source, child))));
    done = Math.max(done, child.end);
  }
  gaps.push(ts.isSourceFile(node) ? '' : source.text.slice(done, node.end));
  return gaps.flatMap((gap) => tokensOf(gap).map(({ key }) => key)).filter((key) => key !== ',' && key !== '&' && key !== '|').join(' ');
};

interface Pair {
  readonly kind: ListKind | undefined;
  readonly b: readonly ts.Node[];
  readonly o: readonly ts.Node[];
  readonly t: readonly ts.Node[];
}

const pairOf = (b: Slot, o: Slot | undefined, t: Slot | undefined): Pair | undefined => {
  if (o === undefined || t === undefined) return undefined;
  if ('one' in b && 'one' in o && 'one' in t) return { kind: undefined, b: [b.one], o: [o.one], t: [t.one] };
  if (!('list' in b) || !('list' in o) || !('list' in t)) return undefined;
  const isPlaced = b.list.length === o.list.length && o.list.length === t.list.length;
  return b.kind === undefined && !isPlaced ? undefined : { kind: b.kind, b: b.list, o: o.list, t: t.list };
};
