import { describe, expect, it } from 'vitest';

import { parseAddresses } from '../../../src/cluster/addresses.ts';
import { expiryOf } from '../../../src/cluster/host-report.ts';
import { parseUnits } from '../../../src/cluster/units.ts';
import { parseProxyStatus } from '../../../src/components/haproxy/client.ts';
import { parsePoolers } from '../../../src/components/pgbouncer/client.ts';

const POOLS = `database,user,cl_active,cl_waiting,cl_active_cancel_req,cl_waiting_cancel_req,sv_active,sv_active_cancel,sv_being_canceled,sv_idle,sv_used,sv_tested,sv_login,maxwait,maxwait_us,pool_mode,load_balance_hosts
app,app,7,2,0,0,3,0,0,1,0,0,0,4,100,transaction,
app_ro,app,1,0,0,0,0,0,0,1,1,0,0,0,0,transaction,
pgbouncer,pgbouncer,1,0,0,0,0,0,0,0,0,0,0,0,0,statement,`;

describe('PgBouncer', () => {
  it('sums the pools of each process, without the console itself', () => {
    expect(parsePoolers(`process 1\n${POOLS}\nprocess 2\nprocess 11\npsql: error: no socket`)).toEqual([
      {
        process: 1,
        status: { clientsActive: 8, clientsWaiting: 2, serversActive: 3, serversIdle: 3, maxWaitSeconds: 4 },
      },
      { process: 2, status: undefined },
      { process: 11, status: undefined },
    ]);
  });

  it('no process, no report', () => {
    expect(parsePoolers('')).toEqual([]);
  });
});

describe('HAProxy', () => {
  const csv = `# pxname,svname,qcur,qmax,scur,smax,slim,stot,bin,bout,dreq,dresp,ereq,econ,eresp,wretr,wredis,status,weight,
primary,FRONTEND,,,3,3,4000,1,0,0,0,0,0,,,,,OPEN,,
local_any,FRONTEND,,,1,1,4000,1,0,0,0,0,0,,,,,OPEN,,
stats,FRONTEND,,,1,1,4000,1,0,0,0,0,0,,,,,OPEN,,
postgres_primary,pg1,0,0,0,0,,0,0,0,,0,,0,0,0,0,UP,1,
postgres_primary,pg2,0,0,0,0,,0,0,0,,0,,0,0,0,0,DOWN,1,
postgres_primary,BACKEND,0,0,0,0,2000,0,0,0,0,0,,0,0,0,0,UP,1,
postgres_replica,pg1,0,0,0,0,,0,0,0,,0,,0,0,0,0,DOWN 1/2,1,
postgres_replica,pg2,0,0,0,0,,0,0,0,,0,,0,0,0,0,UP 1/2,1,
postgres_replica,pg3,0,0,0,0,,0,0,0,,0,,0,0,0,0,MAINT,1,
postgres_replica_same_zone,pg2,0,0,0,0,,0,0,0,,0,,0,0,0,0,MAINT (via postgres_replica/pg3),1,
postgres_replica,BACKEND,0,0,0,0,1200,0,0,0,0,0,,0,0,0,0,UP,1,`;

  it('says who is up behind which endpoint', () => {
    expect(parseProxyStatus(csv)).toEqual({ primary: ['pg1'], replicas: ['pg2'], drained: ['pg3'], sessions: 4 });
  });

  it('anything else is no answer', () => {
    expect(parseProxyStatus('<html>')).toBeUndefined();
  });
});

describe('the host', () => {
  it('unit states', () => {
    const states = parseUnits('ActiveState=active\nId=patroni.service\n\nId=etcd.service\nActiveState=failed');
    expect([...states]).toEqual([
      ['patroni.service', 'active'],
      ['etcd.service', 'failed'],
    ]);
  });

  it('addresses, and none in an answer that is no JSON', () => {
    expect(parseAddresses('[{"addr_info":[{"local":"127.0.0.1"},{}]},{},{"addr_info":[{"local":"fd00::1"}]}]')).toEqual(
      ['127.0.0.1', 'fd00::1'],
    );
    expect(parseAddresses('Object "-json" is unknown')).toEqual([]);
  });

  it('a text that is no certificate has no end', () => {
    expect(expiryOf('nonsense')).toBeUndefined();
  });
});
