import { type Document, isMap, isSeq, parseDocument, type YAMLSeq } from 'yaml';

import { PgscaleError } from '../errors/pgscale-error.ts';
import { parseSpec } from './load.ts';
import type { HostRole, Spec } from './schema.ts';

/** A host as it is written into a spec; the zone may be left out. */
export interface NewHost {
  readonly name: string;
  readonly address: string;
  readonly sshAddress?: string | undefined;
  readonly zone?: string | undefined;
  readonly roles: readonly HostRole[];
}

/** How the list of hosts changes. */
export interface HostsEdit {
  readonly add?: readonly NewHost[];
  readonly remove?: readonly string[];
  /** Roles of hosts that stay, by name. */
  readonly roles?: Readonly<Record<string, readonly HostRole[]>>;
}

/** A spec after an edit: what the file will say, and what that means. */
export interface EditedSpec {
  readonly text: string;
  readonly spec: Spec;
}

/**
 * Changes the hosts of a spec; comments, order and everything else stay. Roles that hosts have by default may depend on how
 * many hosts there are, so where the edit would change them by itself, they are written down as they were. Pure.
 *
 * @throws PgscaleError PGS_SPEC_INVALID when the text is wrong already, PGS_MEMBERSHIP_REFUSED when it would be afterwards.
 */
export function editHosts(text: string, edit: HostsEdit): EditedSpec {
  const before = parseSpec(text);
  if (before.spec === undefined) {
    const why = before.problems.map(({ line, message }) => `line ${line}: ${message}`).join('\n');
    throw new PgscaleError('PGS_SPEC_INVALID', { what: 'the spec has mistakes already', why });
  }
  const document = parseDocument(text, { version: '1.2' });
  const hosts = document.get('hosts');
  if (!isSeq(hosts)) throw new Error('a spec that passed validation has no list of hosts');
  applyEdit(document, hosts, before.spec, edit);
  const edited = document.toString({
    lineWidth: 0,
    indentSeq: isIndented(text),
    flowCollectionPadding: isPadded(text),
  });
  const { spec, problems } = parseSpec(edited);
  if (spec !== undefined) return { text: edited, spec };
  throw new PgscaleError('PGS_MEMBERSHIP_REFUSED', {
    what: 'the spec would not be valid any more; it was not changed',
    why: problems.map(({ message }) => message).join('\n'),
    details: { problems },
  });
}

function applyEdit(document: Document.Parsed, hosts: YAMLSeq, before: Spec, edit: HostsEdit): void {
  const { add = [], remove = [] } = edit;
  hosts.items = hosts.items.filter((item) => !remove.includes(nameOf(item)));
  for (const host of hosts.items.filter((item) => isMap(item))) {
    const roles = writtenRoles(before, edit, nameOf(host), host.has('roles'));
    if (roles !== undefined) host.set('roles', flow(document.createNode([...roles])));
  }
  for (const host of add) hosts.add(flow(document.createNode(written(host))));
}

/** The roles to write down for a host that stays; undefined where its entry stays as it is. */
function writtenRoles(before: Spec, edit: HostsEdit, name: string, hasRoles: boolean): readonly HostRole[] | undefined {
  const wanted = edit.roles?.[name];
  if (wanted !== undefined || hasRoles || !hasOtherDefault(before, edit, name)) return wanted;
  return before.hosts.find((each) => each.name === name)?.roles;
}

/** Whether the host would have other roles by default among the hosts that are there afterwards. */
function hasOtherDefault(before: Spec, { add = [], remove = [] }: HostsEdit, name: string): boolean {
  const staying = before.hosts.filter((host) => !remove.includes(host.name));
  const index = staying.findIndex((host) => host.name === name);
  const dcsCount = staying.length + add.length >= 3 ? 3 : 1;
  return staying[index]?.roles.includes('dcs') !== index < dcsCount;
}

function written({ name, address, sshAddress, zone, roles }: NewHost): Record<string, unknown> {
  return {
    name,
    address,
    ...(sshAddress === undefined ? {} : { sshAddress }),
    ...(zone === undefined ? {} : { zone }),
    roles: [...roles],
  };
}

function flow<T>(node: T): T {
  if (isMap(node) || isSeq(node)) {
    node.flow = true;
    for (const item of node.items)
      if (!isMap(item) && typeof item === 'object') flow((item as { value?: unknown }).value);
  }
  return node;
}

function nameOf(item: unknown): string {
  return isMap(item) ? String(item.get('name')) : '';
}

function isIndented(text: string): boolean {
  return !/^hosts:[^\n]*\n(?:[ \t]*(?:#[^\n]*)?\n)*- /mu.test(text);
}

function isPadded(text: string): boolean {
  return !/^\s*(?:- |\w+: )\{\w/mu.test(text);
}
