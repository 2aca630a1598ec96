import { describe, expect, it } from 'vitest';

import { parseSpec } from '../../../src/spec/load.ts';
import { specText } from '../../support/spec-text.ts';

const APP = 'roles: [{ name: app }]\ndatabases: [{ name: app, owner: app }]\n';
const EVENTS = 'table: events, by: range, column: at';

function problems(...policies: string[]): string[] {
  const list = policies.map((each) => `  - { ${each} }\n`).join('');
  return parseSpec(specText(`${APP}partitions:\n${list}`)).problems.map(({ path, message }) => `${path}: ${message}`);
}

describe('partitions in the spec', () => {
  it.each([
    [`${EVENTS}, step: month`],
    [`${EVENTS}, step: day, timeZone: Europe/Berlin, ahead: 14, retention: { keep: 90 days, action: drop }`],
    [`${EVENTS}, step: 1000000, retention: { keep: 10, action: detach }, brin: {}`],
    ['table: tenants, by: list, column: region, partitions: { eu: [de, fr], us: [us] }'],
    ['table: crm.sessions, by: hash, column: id, modulus: 8, indexes: [{ columns: [user_id] }]'],
  ])('accepts { %s }', (policy) => {
    expect(problems(policy)).toEqual([]);
  });

  it('puts a table without a schema into public', () => {
    const { spec } = parseSpec(specText(`${APP}partitions: [{ ${EVENTS}, step: month }]\n`));
    expect(spec?.partitions[0]).toMatchObject({ table: 'public.events', timeZone: 'UTC', ahead: 3 });
  });

  it.each([
    ['a step that is none', [`${EVENTS}, step: fortnight`], /step: expected hour, day/u],
    [
      'a retention of nothing',
      [`${EVENTS}, step: day, retention: { keep: 0, action: drop }`],
      /keep: expected 1 or more/u,
    ],
    ['a retention of no days', [`${EVENTS}, step: day, retention: { keep: 0 days, action: drop }`], /keep: expected/u],
    ['a zone that is none', [`${EVENTS}, step: day, timeZone: Europe/Atlantis`], /timeZone: expected a time zone/u],
    ['local hours', [`${EVENTS}, step: hour, timeZone: Europe/Berlin`], /timeZone: hours are those of UTC/u],
    ['ids with an age', [`${EVENTS}, step: 100, retention: { keep: 1 year, action: drop }`], /keep: ids have no age/u],
    ['a retention of a list', ['table: t, by: list, column: c, partitions: { a: [1] }, retention: {}'], /unknown key/u],
    ['a value in two', ['table: t, by: list, column: c, partitions: { a: [x], b: [x] }'], /x is in another partition/u],
    ['a table twice', [`${EVENTS}, step: day`, `table: public.events, by: hash, column: at, modulus: 4`], /already/u],
    ['a long name', [`table: ${'e'.repeat(60)}, by: range, column: at, step: day`], /would be cut off/u],
    ['another database', [`${EVENTS}, step: day, database: ap`], /no database ap in the spec; did you mean app/u],
  ])('refuses %s', (_, policies, message) => {
    const found = problems(...policies);
    expect(found).toHaveLength(1);
    expect(found[0]).toMatch(message);
  });

  it('wants to know which of two databases', () => {
    const two = 'roles: [{ name: app }]\ndatabases: [{ name: app, owner: app }, { name: crm, owner: app }]\n';
    const { problems: found } = parseSpec(specText(`${two}partitions:\n  - { ${EVENTS}, step: day }\n`));
    expect(found.map(({ message }) => message)).toEqual(['missing: database, as the spec has app, crm']);
  });
});
