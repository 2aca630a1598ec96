import type { RotationSettings } from '../../agent/rotation/settings.ts';
import { hostPort } from '../../spec/address.ts';
import { PARTITIONS, PKI, POSTGRES } from '../../spec/layout.ts';
import { policiesByDatabase, policyOf } from '../../spec/partitions.ts';
import type { Target } from '../component.ts';

/** What the rotation of this host is told. Pure. */
export function rotationSettings({ spec, host }: Target): RotationSettings {
  return {
    patroni: {
      url: `https://${hostPort(host.address, spec.failover.restPort)}`,
      ca: PKI.ca,
      certificate: PKI.certificate,
      key: PKI.key,
    },
    psql: {
      program: `${POSTGRES.binDirectory}/psql`,
      socketDirectory: POSTGRES.socketDirectory,
      port: spec.postgres.port,
    },
    databases: policiesByDatabase(spec).map(({ database, policies }) => ({
      database,
      policies: policies.map(policyOf),
    })),
    outcomeFile: PARTITIONS.outcomeFile,
  };
}
