import { type Document, isMap, isSeq, parseDocument, type YAMLSeq } from 'yaml';

import { PgscaleError } from '../errors/pgscale-error.ts';
import type { EditedSpec } from './edit.ts';
import { parseSpec } from './load.ts';

/** A stream as it is written into a spec. */
export interface NewStream {
  readonly name: string;
  readonly plugin?: string | undefined;
  readonly database?: string | undefined;
  readonly tables: readonly string[];
}

/** Puts a stream into the spec, in place of one of the same name; comments and everything else stay. Pure. @throws PgscaleError PGS_CDC_REFUSED */
export function addStream(text: string, stream: NewStream): EditedSpec {
  const document = parseDocument(text, { version: '1.2' });
  const list = listOf(document);
  const index = list.items.findIndex((item) => isMap(item) && item.get('name') === stream.name);
  const { name, plugin, database, tables } = stream;
  const written = {
    name,
    ...(plugin === undefined ? {} : { plugin }),
    ...(database === undefined ? {} : { database }),
    tables: [...tables],
  };
  const node = document.createNode(written);
  if (index === -1) list.add(node);
  else list.items[index] = node;
  return edited(document);
}

/** Takes a stream out of the spec. Pure. */
export function removeStream(text: string, name: string): EditedSpec {
  const document = parseDocument(text, { version: '1.2' });
  const list = listOf(document);
  list.items = list.items.filter((item) => !(isMap(item) && item.get('name') === name));
  if (list.items.length === 0) document.delete('cdc');
  return edited(document);
}

function listOf(document: Document.Parsed): YAMLSeq {
  const found: unknown = document.get('cdc');
  if (isSeq(found)) return found;
  const made = document.createNode([]);
  document.set('cdc', made);
  return made;
}

function edited(document: Document.Parsed): EditedSpec {
  const text = document.toString({ lineWidth: 0 });
  const { spec, problems } = parseSpec(text);
  if (spec !== undefined) return { text, spec };
  throw new PgscaleError('PGS_CDC_REFUSED', {
    what: 'the spec would not be valid any more; it was not changed',
    why: problems.map(({ message }) => message).join('\n'),
    details: { problems },
  });
}
