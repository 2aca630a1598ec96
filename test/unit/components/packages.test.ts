import { describe, expect, it } from 'vitest';

import { packageNeeds } from '../../../src/components/index.ts';
import { specOf, targetOf } from '../../support/target.ts';

/** What pgscale runs on a host beside what every Debian has, by the role for which it does. */
const RUN_ON = {
  // Facts, ports and addresses; kernel settings and ages of processes; certificates; the network cut of a drill.
  every: ['iproute2', 'procps', 'openssl', 'ca-certificates', 'nftables'],
  // The state of etcd, and its members.
  dcs: ['curl', 'etcd-client'],
  // Statistics and the runtime API of HAProxy.
  proxy: ['curl', 'haproxy'],
  // Patroni's REST API, SQL, the agent.
  database: ['curl', 'postgresql-client-18', 'nodejs'],
};

const apart = specOf(7, {
  hosts: [
    ...['pg1', 'pg2'].map((name, index) => ({ name, address: `10.20.0.${index + 11}`, roles: ['database'] })),
    ...['dcs1', 'dcs2', 'dcs3'].map((name, index) => ({ name, address: `10.20.0.${index + 21}`, roles: ['dcs'] })),
    ...['px1', 'px2'].map((name, index) => ({ name, address: `10.20.0.${index + 31}`, roles: ['proxy'] })),
  ],
});

describe('packages of a host with one role', () => {
  it.each([
    ['pg1', RUN_ON.database],
    ['dcs1', RUN_ON.dcs],
    ['px1', RUN_ON.proxy],
  ])('%s has every program that is run there', (name, programs) => {
    const packages = packageNeeds(targetOf(apart, name)).map((need) => need.name);
    expect(packages).toEqual(expect.arrayContaining([...RUN_ON.every, ...programs]));
    expect(new Set(packages).size).toBe(packages.length);
  });
});
