import { afterAll, beforeAll } from 'vitest';

import { OutageLab } from '../support/outage-lab.ts';
import { consensusOutages } from './outages/consensus.ts';
import { diskOutages } from './outages/disk.ts';
import { networkOutages } from './outages/network.ts';
import { operatorOutages } from './outages/operators.ts';
import { processOutages } from './outages/processes.ts';
import { replicationOutages } from './outages/replication.ts';

/**
 * What goes wrong in a cluster that works, one fault after the other on one lab. Each begins and ends with a whole cluster;
 * no row that a client of the pool endpoint was told of is missing at the end.
 */
let lab: OutageLab;

beforeAll(async () => {
  lab = await OutageLab.start('e2e-outages');
});

afterAll(async () => {
  await lab[Symbol.asyncDispose]();
});

const outageLab = (): OutageLab => lab;
processOutages(outageLab);
networkOutages(outageLab);
consensusOutages(outageLab);
operatorOutages(outageLab);
replicationOutages(outageLab);
diskOutages(outageLab);
