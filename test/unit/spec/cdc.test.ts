import { describe, expect, it } from 'vitest';

import { accessLines } from '../../../src/components/postgres/access.ts';
import { localSections } from '../../../src/components/postgres/settings.ts';
import { decidingLine } from '../../../src/spec/access-rules.ts';
import { addStream, removeStream } from '../../../src/spec/edit-cdc.ts';
import { parseSpec } from '../../../src/spec/load.ts';
import { scopeOf, secretNeeds } from '../../../src/spec/secret/needs.ts';
import { sharedParameters } from '../../../src/spec/shared-parameters.ts';
import { specText } from '../../support/spec-text.ts';
import { specOf, targetOf } from '../../support/target.ts';

const BASE = specText('databases: [{ name: app, owner: app }]\nroles: [{ name: app }] # and no other\n');
const problems = (text: string): string[] => parseSpec(text).problems.map(({ path, message }) => `${path}: ${message}`);
const SPEC = specOf(3, { cdc: [{ name: 'feed', tables: ['orders'] }] });

describe('cdc in the spec', () => {
  it.each([
    ['two of a name', 'cdc: [{ name: a, tables: [t] }, { name: a, tables: [t] }]', /stream a already/u],
    ['the slot of a member', 'cdc: [{ name: pg2, tables: [t] }]', /slot pg2 is that of the member/u],
    ['no table', 'cdc: [{ name: a, tables: [] }]', /cdc\[0\]\.tables/u],
    ['an unknown database', 'cdc: [{ name: a, database: ap, tables: [t] }]', /did you mean app/u],
    ['a name with a dash', 'cdc: [{ name: a-b, tables: [t] }]', /expected a name/u],
  ])('refuses %s', (_what, line, expected) => {
    expect(problems(`${BASE}${line}\n`).join('\n')).toMatch(expected);
  });

  it('is added and taken out again, and comments stay', () => {
    const { text, spec } = addStream(BASE, { name: 'feed', tables: ['orders', 'shop.items'] });
    expect(spec.cdc).toEqual([{ name: 'feed', plugin: 'pgoutput', tables: ['public.orders', 'shop.items'] }]);
    expect(text).toContain('# and no other');
    expect(addStream(text, { name: 'feed', plugin: 'wal2json', tables: ['a'] }).spec.cdc).toHaveLength(1);
    expect(removeStream(text, 'feed').spec.cdc).toEqual([]);
  });

  it('needs a password for its role, wal_level and copies of slots; without it nothing changes', () => {
    expect(secretNeeds(scopeOf(SPEC)).map(({ path }) => path.join('.'))).toContain('roles.cdc_feed');
    expect(sharedParameters(SPEC)).toMatchObject({ wal_level: 'logical' });
    const parameters = (spec: typeof SPEC): string[] =>
      localSections(targetOf(spec, 'pg1')).flatMap((section) => Object.keys(section.parameters));
    expect(parameters(SPEC)).toContain('sync_replication_slots');
    expect(sharedParameters(specOf(3))).toMatchObject({ wal_level: 'replica' });
    expect(parameters(specOf(3))).not.toContain('sync_replication_slots');
    expect(parameters(SPEC)).not.toContain('output_plugin_libraries');
    const json = specOf(3, { cdc: [{ name: 'lines', plugin: 'wal2json', tables: ['orders'] }] });
    expect(parameters(json)).toContain('output_plugin_libraries');
  });

  it.each([
    ['its own database', 'app', 'scram-sha-256'],
    ['another database', 'other', 'reject'],
    ['physical replication', undefined, 'reject'],
  ])('lets its role into %s: %s → %s', (_what, database, method) => {
    const login = { user: 'cdc_feed', groups: [], database, address: '192.0.2.9' };
    expect(decidingLine(accessLines(SPEC), login)?.method).toBe(method);
  });
});
