import { type Document, isCollection, isMap, isNode, isScalar, LineCounter, parseDocument, type Pair } from 'yaml';

import { type Path, pathText, type Problem } from './problem.ts';
import { messageOf } from '../errors/message.ts';

/** A YAML file that was read, with the means to say where in it something stands. */
export interface Source {
  readonly document: Document.Parsed;
  /** The content as plain values; undefined when the syntax is wrong. */
  readonly value: unknown;
  /** What is wrong with the syntax, duplicate keys included. */
  readonly problems: readonly Problem[];
  /** A problem at a place: at the key itself, or (by default) at its value; at the nearest thing there is, if absent. */
  problemAt(path: Path, message: string, at?: 'key' | 'value'): Problem;
}

/** Reads YAML 1.2 text. */
export function readSource(text: string): Source {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false, version: '1.2' });
  const place = (offset: number) => {
    const { line, col } = lines.linePos(offset);
    return { line: Math.max(line, 1), column: Math.max(col, 1) };
  };
  const problems = document.errors.map(({ code, pos, message }) => ({
    path: '',
    ...place(pos[0]),
    message: code === 'DUPLICATE_KEY' ? `the key ${wordAt(text, pos[0])} is there twice` : message,
  }));
  let value: unknown;
  if (problems.length === 0) {
    try {
      value = document.toJS({ maxAliasCount: 100 });
    } catch (error) {
      problems.push({ path: '', line: 1, column: 1, message: messageOf(error) });
    }
  }
  const problemAt: Source['problemAt'] = (path, message, at = 'value') => ({
    path: pathText(path),
    ...place(offsetOf(document, path, at)),
    message,
  });
  return { document, value, problems, problemAt };
}

function wordAt(text: string, offset: number): string {
  return /^[^\s:]*/u.exec(text.slice(offset))?.[0] ?? '';
}

function offsetOf(document: Document.Parsed, path: Path, at: 'key' | 'value'): number {
  const parent = path.slice(0, -1);
  const last = path.at(-1);
  if (last === undefined) return startOf(document.contents) ?? 0;
  const container: unknown = parent.length === 0 ? document.contents : document.getIn(parent, true);
  const found = isMap(container) ? container.items.find((item) => keyOf(item) === String(last)) : undefined;
  const key = startOf(found?.key);
  const value = found === undefined ? elementOf(container, last) : startOf(found.value);
  const [first, second] = at === 'key' ? [key, value] : [value, key];
  return first ?? second ?? offsetOf(document, parent, 'key');
}

function elementOf(container: unknown, part: string | number): number | undefined {
  return isCollection(container) && typeof part === 'number' ? startOf(container.get(part, true)) : undefined;
}

function keyOf(pair: Pair): string {
  return String(isScalar(pair.key) ? pair.key.value : pair.key);
}

function startOf(node: unknown): number | undefined {
  return isNode(node) ? (node.range?.[0] ?? undefined) : undefined;
}
