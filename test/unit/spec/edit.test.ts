import { describe, expect, it } from 'vitest';

import { PgscaleError } from '../../../src/errors/pgscale-error.ts';
import { editHosts } from '../../../src/spec/edit.ts';
import { parseNewHost } from '../../../src/spec/new-host.ts';

const TEXT = `# the orders cluster
cluster: orders

# Three machines in the cellar.
hosts:
  - { name: pg1, address: 10.20.0.11, zone: a } # by the door
  # this one is slow
  - { name: pg2, address: 10.20.0.12, zone: b }
  - name: pg3 # the new one
    address: 10.20.0.13

# Nobody touches this.
postgres:
  parameters: { work_mem: 64MB } # as measured
`;
const PG4 = { name: 'pg4', address: '10.20.0.14', zone: 'a', roles: ['database', 'proxy'] } as const;

function refusal(edit: () => unknown): PgscaleError {
  try {
    edit();
  } catch (error) {
    if (error instanceof PgscaleError) return error;
    throw error;
  }
  throw new Error('nothing was refused');
}

describe('editing the hosts of a spec', () => {
  it('adds a line, and changes no other', () => {
    const { text, spec } = editHosts(TEXT, { add: [PG4] });
    const line = '  - { name: pg4, address: 10.20.0.14, zone: a, roles: [ database, proxy ] }';
    expect(text.split('\n').filter((each) => each !== line)).toEqual(TEXT.split('\n'));
    expect(spec.hosts.at(-1)).toMatchObject({ name: 'pg4', sshAddress: '10.20.0.14', roles: ['database', 'proxy'] });
  });

  it('takes back exactly what it added', () => {
    expect(editHosts(editHosts(TEXT, { add: [PG4] }).text, { remove: ['pg4'] }).text).toBe(TEXT);
  });

  it('keeps the style of a spec without indentation and padding', () => {
    const plain = 'cluster: orders\nhosts:\n- {name: pg1, address: 10.20.0.11} # one\n';
    expect(editHosts(plain, { add: [{ ...PG4, roles: ['database'] }] }).text).toBe(
      'cluster: orders\nhosts:\n- {name: pg1, address: 10.20.0.11} # one\n- {name: pg4, address: 10.20.0.14, zone: a, roles: [database]}\n',
    );
  });

  it('never changes the votes of etcd by the number of hosts: the roles that hosts had are written down', () => {
    const two =
      'cluster: orders\nhosts:\n  - { name: pg1, address: 10.20.0.11 }\n  - { name: pg2, address: 10.20.0.12 }\n';
    const { spec } = editHosts(two, { add: [PG4] });
    expect(spec.hosts.map(({ roles }) => roles.includes('dcs'))).toEqual([true, false, false]);
    const four = editHosts(TEXT, { add: [PG4] });
    const removed = editHosts(four.text, { remove: ['pg4'] });
    expect(removed.spec.hosts.map(({ roles }) => roles.includes('dcs'))).toEqual([true, true, true]);
  });

  it('refuses what would leave etcd with an even number of votes', () => {
    const four = editHosts(TEXT, { add: [PG4] }).text;
    const { code, why } = refusal(() => editHosts(four, { remove: ['pg2'] }));
    expect(code).toBe('PGS_MEMBERSHIP_REFUSED');
    expect(why).toContain('2 hosts have the role dcs (pg1, pg3)');
  });

  it('hands the vote of a host that goes to another one', () => {
    const four = editHosts(TEXT, { add: [PG4] }).text;
    const { spec } = editHosts(four, { remove: ['pg2'], roles: { pg4: ['database', 'proxy', 'dcs'] } });
    expect(spec.hosts.filter(({ roles }) => roles.includes('dcs')).map(({ name }) => name)).toEqual([
      'pg1',
      'pg3',
      'pg4',
    ]);
  });

  it('refuses an address that is taken, and a spec that was wrong before', () => {
    expect(refusal(() => editHosts(TEXT, { add: [{ ...PG4, address: '10.20.0.11' }] })).why).toContain('pg1');
    expect(refusal(() => editHosts('cluster: orders\nhost: []\n', { add: [PG4] })).code).toBe('PGS_SPEC_INVALID');
  });
});

describe('NAME=ADDRESS on the command line', () => {
  it('reads names, addresses of both kinds, zone and SSH address', () => {
    expect(parseNewHost('pg4=10.20.0.14', ['database'])).toEqual({
      name: 'pg4',
      address: '10.20.0.14',
      roles: ['database'],
    });
    expect(parseNewHost('pg4=fd00::14,zone=a,sshAddress=db4.example', [])).toEqual({
      name: 'pg4',
      address: 'fd00::14',
      zone: 'a',
      sshAddress: 'db4.example',
      roles: [],
    });
  });

  it.each(['pg4', 'pg4=', '=10.0.0.1', 'pg4=10.0.0.1,rack=7', 'pg4=10.0.0.1,zone='])('refuses %s', (text) => {
    expect(refusal(() => parseNewHost(text, [])).code).toBe('PGS_USAGE');
  });
});
